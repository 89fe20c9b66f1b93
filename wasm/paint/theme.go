package paint

import "github.com/seed8935e608/residua/wasm/proto"

// theme is the colours on a light or a dark page. Those that the page has too are the tokens of style.css.
type theme struct {
	paper, card, well Color // the canvas, a stage's band, an empty place
	line, lineStrong  Color
	ink, ink2         Color
	x, xWash          Color // the shortcut: the page's accent
	f, fWash          Color // the residual function
	alert             Color
	knowledge         Color // what a block knows of a person's classes

	networks [proto.MaxLabNetworks]Color // of the Skip lab: --network-1 … in style.css
	dark     bool
}

var light = theme{
	paper: rgb(0xf7f6f3), card: rgb(0xffffff), well: rgb(0xefede8),
	line: rgb(0xe2dfd8), lineStrong: rgb(0xb9b4aa),
	ink: rgb(0x1b1a18), ink2: rgb(0x5d5a54),
	x: rgb(0x0b6e66), xWash: rgb(0xe0efec),
	f: rgb(0xc8621b), fWash: rgb(0xfbeadd),
	alert: rgb(0xb3261e), knowledge: rgb(0x4545c2),
	networks: [...]Color{rgb(0x039898), rgb(0xc34e08), rgb(0x4545c2), rgb(0x5a2551)},
}

var dark = theme{
	paper: rgb(0x131412), card: rgb(0x1c1d1b), well: rgb(0x232421),
	line: rgb(0x30312e), lineStrong: rgb(0x5b5d57),
	ink: rgb(0xefeeea), ink2: rgb(0xa9a79f),
	x: rgb(0x5cc9bb), xWash: rgb(0x17332f),
	f: rgb(0xf2a05c), fWash: rgb(0x38281a),
	alert: rgb(0xf2a199), knowledge: rgb(0x548cf9),
	networks: [...]Color{rgb(0x80e6ec), rgb(0xf9a971), rgb(0x548cf9), rgb(0xdc5289)},
	dark:     true,
}

func themeOf(isDark bool) *theme {
	if isDark {
		return &dark
	}
	return &light
}
