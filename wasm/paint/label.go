package paint

// Label is words that belong on the canvas. Paint draws none: the page lays real text there, which can be read aloud, translated and
// enlarged. Its place is in CSS pixels of the canvas.
type Label struct {
	Key    string           `json:"key"` // of the page's sentence
	X      float64          `json:"x"`
	Y      float64          `json:"y"`
	W      float64          `json:"w"`
	H      float64          `json:"h"`
	Size   float64          `json:"size"`  // of the letters
	Align  Align            `json:"align"` // in the box
	Tone   Tone             `json:"tone"`
	Values map[string]Value `json:"values,omitempty"` // of the sentence's placeholders
}

// Align is where the words stand in their box.
type Align string

const (
	Start  Align = "start"
	Middle Align = "middle"
	End    Align = "end"
)

// Tone is how words look.
type Tone string

const (
	Plain  Tone = "plain"
	Quiet  Tone = "quiet"
	ToneX  Tone = "x" // in the colour of the shortcut
	ToneF  Tone = "f" // in the colour of F(x)
	Strong Tone = "strong"
	Tip    Tone = "tip" // beside the box, which is what they are about
)

// Value is a placeholder's: a text, or a number that each language writes in its own way.
type Value struct {
	Text   string  `json:"text,omitempty"`
	Number float64 `json:"number"`
	As     As      `json:"as"`
}

// As is how a value is written.
type As string

const (
	Text    As = "text"
	Int     As = "int"
	Percent As = "percent" // one digit after the point
	Short   As = "short"   // three digits that matter
	Fixed   As = "fixed"   // two digits after the point
)

// Keys are the keys of all labels; the page's table has a sentence for each, and for "view.label", the canvas's name.
var Keys = []string{
	"view.answer", "view.block", "view.channel", "view.channel.at", "view.class", "view.f", "view.features", "view.features.short", "view.filters",
	"view.filters.short", "view.head.f", "view.head.f.short", "view.head.sum", "view.head.sum.short", "view.head.x",
	"view.head.x.short", "view.head.y", "view.head.y.short", "view.key.cosine", "view.key.cosine.short", "view.key.project",
	"view.key.project.short", "view.key.ratio", "view.key.ratio.short", "view.key.residual", "view.key.residual.short",
	"view.key.shortcut", "view.key.shortcut.short", "view.key.sum", "view.key.sum.short", "view.key.sweep", "view.key.sweep.short", "view.percent", "view.photo",
	"view.project", "view.side.cosine", "view.side.ratio", "view.side.size", "view.stage", "view.stage.short", "view.stem",
	"view.tip.block", "view.tip.features", "view.tip.filter", "view.tip.projection", "view.tip.residual", "view.tip.shortcut",
	"view.tip.stem", "view.tip.sweep", "view.tip.tile", "view.value",
}

func number(v float64, as As) Value { return Value{Number: v, As: as} }
func whole(v int) Value             { return Value{Number: float64(v), As: Int} }
func word(s string) Value           { return Value{Text: s, As: Text} }

// label adds words to a box of the canvas, where the box has room for letters that can be read and lies on the canvas.
func (v *View) label(key string, r rect, size float64, align Align, tone Tone, values map[string]Value) {
	const least = 9.5
	size = min(size, r.h*0.9)
	if tone != Tip && size < least || r.w < 2*size || r.right() < 0 || r.bottom() < 0 || r.x > v.width() || r.y > v.height() {
		return
	}
	*v.writing = append(*v.writing, Label{key, r.x, r.y, r.w, r.h, size, align, tone, values})
}
