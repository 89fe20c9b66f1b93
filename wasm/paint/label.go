package paint

import (
	"maps"

	"github.com/seed8935e608/residua/wasm/proto"
)

// Label is a text on the canvas. This package paints no text: the page puts real text over the canvas, which can be
// read aloud, translated and enlarged. The label's box is in CSS pixels of the canvas.
type Label struct {
	Key    string           `json:"key"` // of the text, in the page's table
	X      float64          `json:"x"`
	Y      float64          `json:"y"`
	W      float64          `json:"w"`
	H      float64          `json:"h"`
	Size   float64          `json:"size"`  // of the letters
	Align  Align            `json:"align"` // in the box
	Tone   Tone             `json:"tone"`
	Values map[string]Value `json:"values,omitempty"` // of the text's placeholders
}

// sameLabel tells whether two labels look the same.
func sameLabel(a, b Label) bool {
	return a.Key == b.Key && a.X == b.X && a.Y == b.Y && a.W == b.W && a.H == b.H && a.Size == b.Size &&
		a.Align == b.Align && a.Tone == b.Tone && maps.Equal(a.Values, b.Values)
}

// Align is where the text stands in its box.
type Align string

const (
	Start  Align = "start"
	Middle Align = "middle"
	End    Align = "end"
)

// Tone is how a label looks.
type Tone string

const (
	Plain  Tone = "plain"
	Quiet  Tone = "quiet"
	ToneX  Tone = "x" // in the colour of the shortcut
	ToneF  Tone = "f" // in the colour of F(x)
	Strong Tone = "strong"
	Halo   Tone = "halo" // with an edge, for a ground of any colour
	Tip    Tone = "tip"  // beside the box, which is what it is about

	ToneKnowledge Tone = "knowledge" // in the colour of what a block knows
)

// Value is what a placeholder stands for: a text, or a number that is formatted in the page's language.
type Value struct {
	Text   string  `json:"text,omitempty"`
	Number float64 `json:"number"`
	As     As      `json:"as"`
}

// As is how a value is formatted.
type As string

const (
	Text    As = "text"
	Class   As = "class" // the name of the class with that number, or else the text
	Int     As = "int"
	Percent As = "percent" // one decimal
	Short   As = "short"   // three significant digits
	Whole   As = "whole"   // per cent without decimals
	Fixed   As = "fixed"   // two decimals

	Plaintext As = "plain"   // a text as it is
	Science   As = "science" // three significant digits, and a power of ten where the number is very large or small
)

// Keys are the keys of all labels. The page's table has a text for each, for "view.label" and "view.lab.label", the
// canvas's names, and for "view.name.bad", a value that is not finite.
var Keys = []string{
	"view.answer", "view.block", "view.channel", "view.channel.at", "view.class", "view.f", "view.features",
	"view.features.short", "view.filters", "view.filters.short", "view.head.f", "view.head.f.short", "view.head.sum",
	"view.head.sum.short", "view.head.x", "view.head.x.short", "view.head.y", "view.head.y.short", "view.key.cosine",
	"view.key.cosine.short", "view.key.project", "view.key.project.short", "view.key.ratio", "view.key.ratio.short",
	"view.key.residual", "view.key.residual.short", "view.key.shortcut", "view.key.shortcut.short", "view.key.sum",
	"view.key.sum.short", "view.key.sweep", "view.key.sweep.short", "view.knowledge", "view.knowledge.short",
	"view.percent", "view.photo", "view.project", "view.share", "view.side.cosine", "view.side.ratio",
	"view.side.size", "view.stage", "view.stage.short", "view.stem", "view.tip.block", "view.tip.features",
	"view.tip.filter", "view.tip.knowledge", "view.tip.projection", "view.tip.residual", "view.tip.shortcut",
	"view.tip.stem", "view.tip.sweep", "view.tip.tile", "view.value",

	"view.lab.bad", "view.lab.empty.heat", "view.lab.empty.landscape", "view.lab.empty.paths", "view.lab.empty.signal",
	"view.lab.explodes", "view.lab.heat.activation", "view.lab.heat.outputGradient", "view.lab.heat.weightGradient",
	"view.lab.layers", "view.lab.length", "view.lab.loss", "view.lab.paths.count", "view.lab.paths.gradient",
	"view.lab.paths.product", "view.lab.signal.activation", "view.lab.signal.outputGradient",
	"view.lab.signal.weightGradient", "view.lab.step", "view.lab.text", "view.lab.tip.cell", "view.lab.tip.layer",
	"view.lab.tip.path", "view.lab.tip.surface", "view.lab.vanishes",
}

func number(v float64, as As) Value { return Value{Number: v, As: as} }
func whole(v int) Value             { return Value{Number: float64(v), As: Int} }
func text(s string) Value           { return Value{Text: s, As: Text} }

func className(c proto.ViewClass) Value {
	return Value{Text: c.Label, Number: float64(c.Index), As: Class}
}

// values is one named value.
func values(name string, v Value) map[string]Value { return map[string]Value{name: v} }

// labelList collects labels.
type labelList struct {
	list   []Label
	canvas rect
}

func (l *labelList) reset(v *viewport) {
	l.list, l.canvas = l.list[:0], rect{0, 0, v.width(), v.height()}
}

// minSize is the smallest size of letters that can be read, in CSS pixels.
const minSize = 9.5

// add adds a label in a box of the canvas. It is left out if the box is outside of the canvas, or too small for letters
// that can be read.
func (l *labelList) add(key string, r rect, size float64, align Align, tone Tone, values map[string]Value) {
	size = min(size, r.h*0.9)
	outside := r.right() < 0 || r.bottom() < 0 || r.x > l.canvas.w || r.y > l.canvas.h
	if outside || r.w < 2*size || tone != Tip && size < minSize {
		return
	}
	l.list = append(l.list, Label{key, r.x, r.y, r.w, r.h, size, align, tone, values})
}

// scale adds the values at a colour bar's ends, and zero between them where there is room for it.
func (l *labelList) scale(r rect, s proto.ViewScale) {
	const width = 40 // of a number
	y, left, right := r.bottom()+2, r.x+r.w/2, r.x+r.w/2
	if at := r.x + r.w*zeroOf(s); s.Lo < 0 && at-width/2 > r.x+width && at+width/2 < r.right()-width {
		left, right = at-width/2, at+width/2
		l.add("view.value", rect{left, y, width, 14}, 11, Middle, Quiet, values("value", number(0, Short)))
	}
	lo, hi := number(float64(s.Lo), Short), number(float64(s.Hi), Short)
	l.add("view.value", rect{r.x, y, left - r.x, 14}, 11, Start, Quiet, values("value", lo))
	l.add("view.value", rect{right, y, r.right() - right, 14}, 11, End, Quiet, values("value", hi))
}
