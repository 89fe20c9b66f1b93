package paint

import (
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// wires is how a block's two ways look: their widths, and whether they are there.
type wires struct {
	x, f       float64 // CSS pixels
	noX, noF   bool
	projection bool
}

// wiresOf makes the ways as wide as what runs on them is long: together they have the width both.
func (v *View) wiresOf(i int, both float64) wires {
	b := &v.trace.Blocks[i]
	w := wires{projection: b.Projection}
	switch v.ablation(i) {
	case proto.AblateResidual:
		w.noF = true
	case proto.AblateShortcut:
		w.noX = true
	}
	share := 0.5
	if sum := float64(b.NormX) + float64(b.NormF); sum > 0 {
		share = float64(b.NormF) / sum
	}
	w.f, w.x = max(both*share, 1), max(both*(1-share), 1)
	return w
}

// paintWays paints the two ways between a block's fork and its sum.
func (v *View) paintWays(c *canvas, p blockPlan, w wires) {
	t, u := v.theme, v.unit()
	fork, sum := v.point(p.fork), v.point(p.sum)

	col := t.x
	if w.noX {
		col = t.lineStrong
	}
	if w.noX {
		v.paintCut(c, p, max(w.x*0.6, 1))
	} else {
		c.stroke(v.arc(p), w.x*u, col)
	}
	if w.projection {
		c.frame(v.box(p.project), v.px(2), v.px(1.5), col, t.xWash)
	}

	col, wash := t.f, t.fWash
	if w.noF {
		col, wash = t.lineStrong, t.well
	}
	into, out := v.point(point{p.f.x, p.wire}), v.point(point{p.f.right(), p.wire})
	if w.noF {
		c.dashes(fork, into, w.f*u, 3*u, col)
		c.dashes(out, sum, w.f*u, 3*u, col)
	} else {
		v.straight(c, fork, into, w.f*u, col)
		v.straight(c, out, sum, w.f*u, col)
	}
	c.frame(v.box(p.f), v.px(4), v.px(1.5), col, wash)
	if w.noF {
		v.paintCross(c, p.f.middle(), 0.34*p.f.h)
	}

	// The signs stand on the ends of both ways.
	c.circle(fork, max(0.42*p.radius, 1)*u, t.ink2)
	c.circle(sum, p.radius*u, t.ink2)
	c.circle(sum, (p.radius-1.25)*u, t.card)
	v.paintPlus(c, sum, p.radius)
}

// arc is the shortcut's line.
func (v *View) arc(p blockPlan) []point {
	up, down := v.point(point{p.fork.x, p.arc}), v.point(point{p.sum.x, p.arc})
	line := append(v.line[:0], v.point(p.fork))
	line = bend(line, up, down, p.bend*v.unit())
	line = bend(line, down, v.point(p.sum), p.bend*v.unit())
	v.line = append(line, v.point(p.sum))
	return v.line
}

// paintCut paints a shortcut that leads nowhere: grey, with a gap between two strokes.
func (v *View) paintCut(c *canvas, p blockPlan, width float64) {
	u, t := v.unit(), v.theme
	corners := [...]point{{p.fork.x, p.arc}, {p.sum.x, p.arc}}
	ends := [...]point{p.fork, p.sum}
	gap := 0.8 * p.radius
	for i, side := range [...]float64{-1, 1} {
		// The gap is beside the middle, where a projection has its box.
		cut := point{p.f.right() + 1.5*gap + side*gap, p.arc}
		v.line = append(v.line[:0], v.point(ends[i]))
		v.line = append(bend(v.line, v.point(corners[i]), v.point(cut), p.bend*u), v.point(cut))
		c.stroke(v.line, width*u, t.lineStrong)
		lean, high := 0.4*gap, p.radius
		v.straight(c, v.point(point{cut.x - lean, cut.y + high}), v.point(point{cut.x + lean, cut.y - high}), 1.75*u, t.alert)
	}
}

func (v *View) paintCross(c *canvas, at point, size float64) {
	mid, d := v.point(at), size*v.unit()
	for _, side := range [...]float64{-1, 1} {
		v.line = append(v.line[:0], point{mid.x - d, mid.y - d*side}, point{mid.x + d, mid.y + d*side})
		c.stroke(v.line, 2*v.unit(), v.theme.alert)
	}
}

func (v *View) paintPlus(c *canvas, mid point, radius float64) {
	v.paintJoin(c, mid, 0.52*radius*v.unit(), max(0.2*radius, 0.8)*v.unit(), v.theme.ink)
}

// paintJoin paints the sign of how x and F meet, with arms of length d: + or, of a product, ×. The others have none; words say what they are.
func (v *View) paintJoin(c *canvas, mid point, d, width float64, ink Color) {
	switch v.state.Join {
	case "", "add":
		v.straight(c, point{mid.x - d, mid.y}, point{mid.x + d, mid.y}, width, ink)
		v.straight(c, point{mid.x, mid.y - d}, point{mid.x, mid.y + d}, width, ink)
	case "product":
		d *= math.Sqrt2 / 2
		v.straight(c, point{mid.x - d, mid.y - d}, point{mid.x + d, mid.y + d}, width, ink)
		v.straight(c, point{mid.x - d, mid.y + d}, point{mid.x + d, mid.y - d}, width, ink)
	}
}

func (v *View) straight(c *canvas, a, b point, width float64, col Color) {
	v.line = append(v.line[:0], a, b)
	c.stroke(v.line, width, col)
}
