package paint

import "github.com/seed8935e608/residua/wasm/proto"

// narrowLab is the canvas's width below which the lab's panels stand one below the other.
const narrowLab = 600

// labLayout is what all of the lab's scenes have: a legend that names the networks, and the place below it.
type labLayout struct {
	narrow bool
	names  []rect // of each network: its sign and its name
	body   rect
}

const (
	signWidth  = 30.0 // of a network's sign
	legendRow  = 22.0
	panelTitle = 20.0
	titleGap   = 8.0 // below it: half of a number at the axis
)

// layOut lays the legend out. Without it, the body is the whole canvas but for its margin.
func (l *lab) layOut(w, h float64, legend bool) labLayout {
	margin := 16.0
	if w < narrowLab {
		margin = 10
	}
	to := labLayout{narrow: w < narrowLab, body: rect{margin, margin, w - 2*margin, h - 2*margin}}
	if !legend {
		return to
	}
	at := point{margin, margin - 4}
	for i := range l.networks {
		wide := min(signWidth+textWidth(l.networks[i].Name, 13)+14, w-2*margin)
		if at.x > margin && at.x+wide > w-margin {
			at = point{margin, at.y + legendRow}
		}
		to.names = append(to.names, rect{at.x, at.y, wide, legendRow})
		at.x += wide + 6
	}
	used := at.y + legendRow - margin + 6
	to.body.y += used
	to.body.h -= used
	return to
}

func (l *labLayout) paintNames(c *painter, lab *lab) {
	for i, r := range l.names {
		c.networkSign(r, i)
	}
}

// networkSign paints a network's line with its sign at the left of a box.
func (p *painter) networkSign(r rect, network int) {
	mid := point{r.x + signWidth/2 - 3, r.y + r.h/2}
	p.polyline([]point{{r.x, mid.y}, {r.x + signWidth - 6, mid.y}}, 2.5, p.theme.networks[network])
	p.mark(mid, 4, network, p.theme.paper)
}

// nameBox is where a network's name is, beside its sign.
func nameBox(r rect) rect { return rect{r.x + signWidth + 2, r.y, r.w - signWidth - 2, r.h} }

func (l *labLayout) labelNames(to *labelList, zoom transform, lab *lab) {
	for i, r := range l.names {
		to.add("view.lab.text", zoom.rect(nameBox(r)), 13, Start, Strong, values("text", plain(lab.networks[i].Name)))
	}
}

// panels divides a box into one panel for each network, in equal rows and columns.
func (l *labLayout) panels(n int, gap float64) []rect {
	columns := n
	switch {
	case l.narrow:
		columns = 1
	case n == 4 || n == 3 && l.body.w < 900:
		columns = 2
	}
	rows := (n + columns - 1) / columns
	w := (l.body.w - gap*float64(columns-1)) / float64(columns)
	h := (l.body.h - gap*float64(rows-1)) / float64(rows)
	var all []rect
	for i := range n {
		x, y := float64(i%columns), float64(i/columns)
		all = append(all, rect{l.body.x + x*(w+gap), l.body.y + y*(h+gap), w, h})
	}
	return all
}

// plain is a text that is not looked up among the page's.
func plain(s string) Value { return Value{Text: s, As: Plaintext} }

// science is a number that is written as 1.5 × 10⁻⁷ where it is very large or small.
func science(v float64) Value { return number(v, Science) }

// tip adds words about a box of the content, or about more than it where it is small.
func (l *labelList) tip(key string, r rect, values map[string]Value) {
	const least = 28
	mid, w, h := r.middle(), max(r.w, least), max(r.h, least)
	l.add(key, rect{mid.x - w/2, mid.y - h/2, w, h}, 12, Start, Tip, values)
}

// empty says that there are no numbers yet, in the middle of a box.
func (l *labelList) empty(key string, r rect) {
	l.add(key, rect{r.x, r.y + r.h/2 - 20, r.w, 40}, 13, Middle, Quiet, nil)
}

// bands paints the parts of a plot that are far below and far above where the numbers begin.
func (p *painter) bands(at *plot, lo, hi float64) {
	wash := func(from, to float64, col Color) {
		if to > from {
			top, bottom := at.y(to), at.y(from)
			p.blend(p.box(rect{at.box.x, top, at.box.w, bottom - top}), col, 20)
		}
	}
	wash(at.y0, min(lo, at.y1), p.theme.networks[2])
	wash(max(hi, at.y0), at.y1, p.theme.alert)
}

// labTarget is a target of the lab's with a value, which is known if it is finite.
func labTarget(part proto.ViewPart, network int, value float64) target {
	t := noTarget
	t.part, t.network = part, network
	if value-value == 0 {
		t.known, t.value = true, value
	}
	return t
}

// valueText is a target's value in words or as a number.
func valueText(known bool, value float64) Value {
	if !known {
		return text("bad") // "view.name.bad" says that it is no finite number
	}
	return science(value)
}
