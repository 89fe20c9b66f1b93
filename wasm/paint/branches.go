package paint

import (
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// branches is how a block's two branches look: the shortcut with x, and F. Their widths are CSS pixels.
type branches struct {
	x, f       float64
	noX, noF   bool // ablated
	projection bool
	plain      bool // there is only F, no shortcut
}

// branchesOf makes the branches as wide as the norms of what flows through them; both together have the width total.
func (m *model) branchesOf(block int, total float64) branches {
	b := &m.trace.Blocks[block]
	if m.plain() {
		return branches{f: total, plain: true}
	}
	w := branches{projection: b.Projection}
	switch m.ablation(block) {
	case proto.AblateResidual:
		w.noF = true
	case proto.AblateShortcut:
		w.noX = true
	}
	share := 0.5
	if sum := float64(b.NormX) + float64(b.NormF); sum > 0 {
		share = float64(b.NormF) / sum
	}
	w.f, w.x = max(total*share, 1), max(total*(1-share), 1)
	return w
}

// branches paints the two branches between a block's fork and its sum.
func (p *painter) branches(d blockDiagram, b branches) {
	t, u := p.theme, p.unit()
	fork, sum := p.point(d.fork), p.point(d.sum)

	col := t.x
	switch {
	case b.plain:
	case b.noX:
		col = t.lineStrong
		p.cutShortcut(d, max(b.x*0.6, 1))
	default:
		p.stroke(p.shortcut(d), b.x*u, col)
	}
	if b.projection {
		p.frame(p.box(d.project), p.px(2), p.px(1.5), col, t.xWash)
	}

	col, wash := t.f, t.fWash
	if b.noF {
		col, wash = t.lineStrong, t.well
	}
	into, out := p.point(point{d.f.x, d.wire}), p.point(point{d.f.right(), d.wire})
	if b.noF {
		p.dashes(fork, into, b.f*u, 3*u, col)
		p.dashes(out, sum, b.f*u, 3*u, col)
	} else {
		p.straight(fork, into, b.f*u, col)
		p.straight(out, sum, b.f*u, col)
	}
	p.frame(p.box(d.f), p.px(4), p.px(1.5), col, wash)
	if b.noF {
		p.cross(d.f.middle(), 0.34*d.f.h)
	}

	if b.plain {
		return
	}
	// The dot of the fork and the sign of the sum cover the ends of both branches.
	p.circle(fork, max(0.42*d.radius, 1)*u, t.ink2)
	p.sumSign(sum, d.radius)
}

// shortcut is the shortcut's line, in device pixels. It is good until the painter's next line.
func (p *painter) shortcut(d blockDiagram) []point {
	up, down := p.point(point{d.fork.x, d.arc}), p.point(point{d.sum.x, d.arc})
	line := append(p.line[:0], p.point(d.fork))
	line = bend(line, up, down, d.bend*p.unit())
	line = bend(line, down, p.point(d.sum), d.bend*p.unit())
	p.line = append(line, p.point(d.sum))
	return p.line
}

// cutShortcut paints an ablated shortcut: grey, with a gap between two slanted strokes.
func (p *painter) cutShortcut(d blockDiagram, width float64) {
	u, t := p.unit(), p.theme
	corners := [...]point{{d.fork.x, d.arc}, {d.sum.x, d.arc}}
	ends := [...]point{d.fork, d.sum}
	gap := 0.8 * d.radius
	for i, side := range [...]float64{-1, 1} {
		// The gap is beside the middle, where a projection has its box.
		cut := point{d.f.right() + 1.5*gap + side*gap, d.arc}
		p.line = append(p.line[:0], p.point(ends[i]))
		p.line = append(bend(p.line, p.point(corners[i]), p.point(cut), d.bend*u), p.point(cut))
		p.stroke(p.line, width*u, t.lineStrong)
		slant, height := 0.4*gap, d.radius
		lower, upper := point{cut.x - slant, cut.y + height}, point{cut.x + slant, cut.y - height}
		p.straight(p.point(lower), p.point(upper), 1.75*u, t.alert)
	}
}

func (p *painter) cross(at point, size float64) {
	mid, d := p.point(at), size*p.unit()
	for _, side := range [...]float64{-1, 1} {
		p.straight(point{mid.x - d, mid.y - d*side}, point{mid.x + d, mid.y + d*side}, 2*p.unit(), p.theme.alert)
	}
}

// sumSign paints the sign in a circle at which the branches meet, at a point in device pixels.
func (p *painter) sumSign(mid point, radius float64) {
	p.circle(mid, radius*p.unit(), p.theme.ink2)
	p.circle(mid, (radius-1.25)*p.unit(), p.theme.card)
	p.joinSign(mid, 0.52*radius*p.unit(), max(0.2*radius, 0.8)*p.unit(), p.theme.ink)
}

// joinSign paints how x and F are combined, with arms of length d: + for a sum, × for a product. Other joins have no
// sign; a label names them. All arguments are device pixels.
func (p *painter) joinSign(mid point, d, width float64, ink Color) {
	switch p.join {
	case "", "add":
		p.straight(point{mid.x - d, mid.y}, point{mid.x + d, mid.y}, width, ink)
		p.straight(point{mid.x, mid.y - d}, point{mid.x, mid.y + d}, width, ink)
	case "product":
		d *= math.Sqrt2 / 2
		p.straight(point{mid.x - d, mid.y - d}, point{mid.x + d, mid.y + d}, width, ink)
		p.straight(point{mid.x - d, mid.y + d}, point{mid.x + d, mid.y - d}, width, ink)
	}
}
