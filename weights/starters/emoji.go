package starters

import "github.com/seed8935e608/residua/weights/npm"

// domains lists the sets. The renderings are WebP files of 256×256 pixels and the drawings PNG files of 64×64, all
// transparent round the thing; the page gets the files unchanged. The drawings exist as SVG too, but rendered at
// 256×256 they are no better for testing. A head on ResNet-50's features that was trained on four fifths of the
// renderings was right for about 84 % of the other renderings, 79 % of the small drawings of the others' things, and 76
// % of the fine drawings. One trained on raw pixels was right for about 57 % and 18 %; chance is 17 %.
var domains = []domain{
	{
		pkg: npm.Package{
			Spec: "@lobehub/fluent-emoji-3d@1.1.0",
			File: "lobehub-fluent-emoji-3d-1.1.0.tgz",
			Size: 15792027,
			SHA512: "5a5ab69554ad4e7afc043a48274a449d328ee0bb83c71a931214ef46d0f50cb4" +
				"45d267bba207914232a87a10c75ee549d9069e720979c1106feb4954006de1ee",
		},
		path:   "package/assets/%s.webp",
		sha256: "b3e40e92ad8b2799babd175987585256ff77136a852192aef86e972f64174a21",
		set: Set{
			ID:         "fluent",
			Role:       "train",
			Title:      "Fluent 3D emoji",
			Credit:     "Fluent Emoji, copyright Microsoft Corporation, packed by LobeHub",
			License:    "MIT",
			LicenseURL: "https://github.com/microsoft/fluentui-emoji/blob/main/LICENSE",
			Source:     "https://github.com/microsoft/fluentui-emoji",
		},
	},
	{
		pkg: npm.Package{
			Spec: "emoji-datasource-twitter@16.0.0",
			File: "emoji-datasource-twitter-16.0.0.tgz",
			Size: 61683754,
			SHA512: "ec5fae0ae1c7fbb427adcd793f9b676ef2a483d13ab65ce2e0c9d3dae5b54653" +
				"78a4b613cdae9c3ff76cb487d20ccb698c52d6b997b05a0f2305bb8bd9ec842d",
		},
		path:   "package/img/twitter/64/%s.png",
		sha256: "f6eae01fdc44ad451f020a75827b5e2bb9286afffe9852b67c69948cc8d5840d",
		set: Set{
			ID:         "twemoji",
			Role:       "test",
			Title:      "Twemoji",
			Credit:     "Twemoji, copyright Twitter, Inc and other contributors",
			License:    "CC BY 4.0",
			LicenseURL: "https://creativecommons.org/licenses/by/4.0/",
			Source:     "https://github.com/jdecked/twemoji",
		},
	},
}

// kinds lists the classes, chosen by hand: things that are also in photographs, one of each sort (one cat, not nine),
// and equally many in each class. Things are left out if they might belong to two classes (a cyclist, a rocket), or if
// they look like another thing of their class in at least one set: a second post office, the Christmas tree, and all
// that Teach would call nearly the same (the taxi is the car in yellow).
var kinds = []kind{
	{"animals", []thing{
		{"1f407", "rabbit"}, {"1f408", "cat"}, {"1f415", "dog"}, {"1f40e", "horse"},
		{"1f416", "pig"}, {"1f418", "elephant"}, {"1f412", "monkey"}, {"1f405", "tiger"},
		{"1f43b", "bear"}, {"1f981", "lion"}, {"1f98a", "fox"}, {"1f992", "giraffe"},
		{"1f993", "zebra"}, {"1f413", "rooster"}, {"1f427", "penguin"}, {"1f989", "owl"},
		{"1f986", "duck"}, {"1f422", "turtle"}, {"1f438", "frog"}, {"1f433", "whale"},
		{"1f980", "crab"}, {"1f98b", "butterfly"},
	}},
	{"people", []thing{
		{"1f470", "bride"}, {"1f482", "guard"}, {"1f575-fe0f", "detective"}, {"1f478", "princess"},
		{"1f9d5", "woman-with-headscarf"}, {"1f476", "baby"}, {"1f385", "santa"}, {"1f9d9", "wizard"},
		{"1f6b6", "walker"}, {"1f3c3", "runner"}, {"1f483", "dancer"}, {"1f9d8", "meditator"},
		{"1f938", "gymnast"}, {"1f93a", "fencer"}, {"1f9d7", "climber"}, {"1f3cb-fe0f", "weightlifter"},
		{"1f3cc-fe0f", "golfer"}, {"1f3ca", "swimmer"}, {"1f93d", "water-polo-player"}, {"1f3c4", "surfer"},
		{"1f3c2", "snowboarder"}, {"26f7-fe0f", "skier"},
	}},
	{"food", []thing{
		{"1f32d", "hot-dog"}, {"1f32e", "taco"}, {"1f354", "hamburger"}, {"1f355", "pizza"},
		{"1f35f", "french-fries"}, {"1f373", "fried-egg"}, {"1f37f", "popcorn"}, {"1f950", "croissant"},
		{"1f95e", "pancakes"}, {"1f968", "pretzel"}, {"1f96a", "sandwich"}, {"1f35c", "ramen"},
		{"1f363", "sushi"}, {"1f366", "ice-cream"}, {"1f369", "doughnut"}, {"1f36a", "cookie"},
		{"1f370", "shortcake"}, {"1f349", "watermelon"}, {"1f34c", "banana"}, {"1f34e", "apple"},
		{"1f353", "strawberry"}, {"1f955", "carrot"},
	}},
	{"vehicles", []thing{
		{"1f682", "steam-locomotive"}, {"1f683", "railway-car"}, {"1f685", "bullet-train"}, {"1f68a", "tram"},
		{"1f68c", "bus"}, {"1f691", "ambulance"}, {"1f692", "fire-engine"}, {"1f697", "car"},
		{"1f69c", "tractor"}, {"1f6b2", "bicycle"}, {"1f6f4", "kick-scooter"}, {"1f6f5", "motor-scooter"},
		{"1f6fa", "auto-rickshaw"}, {"1f3cd-fe0f", "motorcycle"}, {"1f3ce-fe0f", "racing-car"}, {"1f681", "helicopter"},
		{"2708-fe0f", "airplane"}, {"1f6a2", "ship"}, {"26f5", "sailboat"}, {"1f6f6", "canoe"},
		{"1f6a4", "speedboat"}, {"26f4-fe0f", "ferry"},
	}},
	{"buildings", []thing{
		{"1f3e0", "house"}, {"1f3da-fe0f", "derelict-house"}, {"1f3db-fe0f", "classical-building"},
		{"1f3df-fe0f", "stadium"},
		{"1f3e2", "office-building"}, {"1f3e4", "post-office"}, {"1f3e5", "hospital"}, {"1f3e8", "hotel"},
		{"1f3ea", "convenience-store"}, {"1f3eb", "school"}, {"1f3ec", "department-store"}, {"1f3ed", "factory"},
		{"1f3ef", "japanese-castle"}, {"1f3f0", "castle"}, {"1f5fc", "tokyo-tower"}, {"1f6d6", "hut"},
		{"1f54c", "mosque"}, {"1f54d", "synagogue"}, {"1f6d5", "hindu-temple"}, {"26e9-fe0f", "shinto-shrine"},
		{"26ea", "church"}, {"1f3d9-fe0f", "cityscape"},
	}},
	{"plants", []thing{
		{"1f331", "seedling"}, {"1f332", "evergreen-tree"}, {"1f333", "deciduous-tree"}, {"1f334", "palm-tree"},
		{"1f335", "cactus"}, {"1f33e", "rice-plant"}, {"1f33f", "herb"}, {"1f340", "four-leaf-clover"},
		{"1f341", "maple-leaf"}, {"1f342", "fallen-leaf"}, {"1f343", "leaves"}, {"1fab4", "potted-plant"},
		{"1f337", "tulip"}, {"1f338", "cherry-blossom"}, {"1f339", "rose"}, {"1f33b", "sunflower"},
		{"1f490", "bouquet"}, {"1f940", "wilted-flower"}, {"1fab7", "lotus"}, {"1fabb", "hyacinth"},
		{"1f38b", "tanabata-tree"}, {"1f38d", "pine-decoration"},
	}},
}
