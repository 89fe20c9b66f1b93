package paint

import (
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// networkScene is the way through the network.
type networkScene struct {
	*network
	ratioFull float64 // the ratio ‖F‖/‖x‖ that fills its bar
	features  []byte  // as a rectangle
	wide      int     // its columns
	classes   int     // answers that are shown: as many as have room for their words, five at most
}

func (s *networkScene) arrange(v *View) {
	o := v.trace
	s.network = layNetwork(o, v.width(), v.height(), v.sweepFits())
	s.ratioFull = ratioFull(o)
	s.classes = min(max(int(s.cellH/19), 1), 5, len(o.Top))
	// Features fill a rectangle of about the shape of their place; what is too much of its last row is zero.
	n := len(o.Features.Bytes)
	s.wide = max(int(math.Sqrt(float64(n))*1.1), 1)
	for d := s.wide; d <= s.wide*2; d++ {
		if n%d == 0 {
			s.wide = d
			break
		}
	}
	s.features = append(s.features[:0], o.Features.Bytes...)
	for len(s.features)%s.wide > 0 {
		s.features = append(s.features, 0)
	}
}

func (s *networkScene) window(v *View) rect  { return rect{0, 0, v.width(), v.height()} }
func (s *networkScene) content(v *View) rect { return s.window(v) }

func (s *networkScene) local(v *View, p point) (point, bool) { return p, true }

// at is a cell's picture: what is drawn in it, for cells that are no blocks.
func (s *networkScene) picture(c cell) rect {
	r := c.rect.inset(min(0.04*c.h, 0.04*c.w))
	switch c.part {
	case proto.PartPhoto, proto.PartFilter, proto.PartFeatures:
		return r.square()
	case proto.PartClass:
		return rect{r.x + 0.06*r.w, r.y, 0.94 * r.w, r.h}
	}
	return r
}

func (s *networkScene) still(v *View, c *canvas) {
	c.fillRect(c.clip, v.theme.paper)
	for _, b := range s.bands {
		c.frame(v.box(b), v.px(10), v.px(1), v.theme.line, v.theme.card)
	}
	s.paintJoins(v, c)
	for i := range s.cells {
		at := &s.cells[i]
		if !v.box(at.rect).Overlaps(c.clip) {
			continue
		}
		switch at.part {
		case proto.PartBlock:
			s.paintBlock(v, c, at)
		default:
			s.paintEnd(v, c, i)
		}
	}
	if !s.key.empty() {
		s.paintKey(v, c)
	}
}

// wireWidth is of the way between blocks.
func (s *networkScene) wireWidth() float64 { return min(max(0.014*s.cellH, 1.25), 2.5) }

// paintJoins paints the ways from the end of each row to the beginning of the next.
func (s *networkScene) paintJoins(v *View, c *canvas) {
	col, width := v.theme.lineStrong, s.wireWidth()*v.unit()
	for i := range s.cells[1:] {
		a, b := s.cells[i], s.cells[i+1]
		if a.row == b.row {
			continue
		}
		c.stroke(s.join(v, a, b), width, col)
	}
}

// join is the way from a row's last cell to the next row's first.
func (s *networkScene) join(v *View, a, b cell) []point {
	turn := min(s.gap/2, 8)
	between := a.bottom() + (b.head.y-a.bottom())/2
	corners := [...]point{
		{a.right() + turn, a.y + s.wire}, {a.right() + turn, between},
		{b.x - turn, between}, {b.x - turn, b.y + s.wire}, {b.x, b.y + s.wire}}
	line := append(v.line[:0], v.point(point{a.right(), a.y + s.wire}))
	for i, p := range corners[:4] {
		line = bend(line, v.point(p), v.point(corners[i+1]), turn*0.9*v.unit())
	}
	v.line = append(line, v.point(corners[4]))
	return v.line
}

// paintWire paints a level piece of the way, and perhaps the arrow at its end.
func (s *networkScene) paintWire(v *View, c *canvas, x0, x1, y float64, arrow bool) {
	if x1 <= x0 {
		return
	}
	width := s.wireWidth()
	a, b := v.point(point{x0, y}), v.point(point{x1, y})
	if arrow {
		d := 2.6 * width * v.unit()
		if c.begin(box([]point{b}, 4*d)) {
			c.moveTo(b.x, b.y)
			c.lineTo(b.x-1.6*d, b.y-d)
			c.lineTo(b.x-1.6*d, b.y+d)
			c.lineTo(b.x, b.y)
			c.fill(v.theme.lineStrong, 256)
		}
		b.x -= d
	}
	v.line = append(v.line[:0], a, b)
	c.stroke(v.line, width*v.unit(), v.theme.lineStrong)
}

// pictured is what a cell's picture fills of its place.
func (s *networkScene) pictured(v *View, i int) rect {
	r := s.picture(s.cells[i])
	n := 0
	switch s.cells[i].part {
	case proto.PartFilter:
		n = len(v.trace.Filters)
	case proto.PartStem:
		n = len(v.trace.Stem.Tiles)
	}
	if n == 0 {
		return r
	}
	g := layGrid(r, n)
	return rect{g.x, g.y, g.w - (g.pitch - g.side), g.h - (g.pitch - g.side)}
}

// paintEnd paints a cell that is no block: how the way begins and ends.
func (s *networkScene) paintEnd(v *View, c *canvas, i int) {
	at, o := s.cells[i], v.trace
	r := s.picture(at)
	filled := s.pictured(v, i)
	y := at.y + s.wire
	if i > 0 {
		s.paintWire(v, c, at.x, filled.x-3, y, true)
	}
	if i < len(s.cells)-1 {
		s.paintWire(v, c, filled.right(), at.right(), y, false)
	}
	switch at.part {
	case proto.PartPhoto:
		v.paintPhoto(c, r)
	case proto.PartFilter:
		shown := layGrid(r, len(o.Filters))
		for k := range o.Filters {
			c.photo(&v.scaler, v.box(shown.at(k)), &o.Filters[k], false)
		}
	case proto.PartStem:
		s.paintTiles(v, c, &o.Stem, layGrid(r, len(o.Stem.Tiles)))
	case proto.PartFeatures:
		colours(&v.ramp, v.state.Map, o.Features.Scale, v.theme.dark)
		c.gray(&v.scaler, v.box(r), s.features, len(s.features)/s.wide, s.wide, &v.ramp)
	case proto.PartClass:
		for k, class := range o.Top[:s.classes] {
			row := s.classRow(r, k)
			bar := rect{row.x, row.y + row.h*0.66, row.w, row.h * 0.16}
			v.paintBar(c, bar, 0, float64(class.Probability), v.theme.x)
		}
	}
}

// classRow is the place of an answer.
func (s *networkScene) classRow(r rect, k int) rect {
	high := r.h / float64(s.classes)
	return rect{r.x, r.y + float64(k)*high, r.w, high}
}

func (s *networkScene) paintTiles(v *View, c *canvas, t *proto.ViewTiles, g grid) {
	for k := range t.Tiles {
		tile := &t.Tiles[k]
		colours(&v.ramp, v.state.Map, tile.Scale, v.theme.dark)
		c.gray(&v.scaler, v.box(g.at(k)), tile.Map, t.Height, t.Width, &v.ramp)
	}
}

// paintBlock paints a block: where the ways part, F on the straight one, the shortcut round it, and the sum.
func (s *networkScene) paintBlock(v *View, c *canvas, at *cell) {
	b, p := &v.trace.Blocks[at.block], layBlock(at.rect, s.sweep)
	if at.block == v.state.Block {
		c.frame(v.box(at.rect.inset(1)), v.px(8), v.px(2), v.theme.x, v.theme.xWash)
	}
	s.paintWire(v, c, at.x, p.fork.x, p.wire, false)
	s.paintWire(v, c, p.sum.x, at.right(), p.wire, false)
	v.paintWays(c, p, v.wiresOf(at.block, s.bothWays()))

	g := layGrid(p.montage, len(b.Tiles.Tiles))
	s.paintTiles(v, c, &b.Tiles, g)
	v.paintBar(c, p.ratio, 0, min(ratioOf(b)/s.ratioFull, 1), v.theme.f)
	v.tick(c, p.ratio, 1/s.ratioFull)
	v.paintBar(c, p.cosine, 0.5, 0.5+0.5*float64(b.Cosine), v.theme.ink2)
	v.tick(c, p.cosine, 0.5)
	if s.sweep {
		s.paintLeft(v, c, p.sweep, float64(v.sweep.Base), float64(v.sweep.Without[at.block]))
	}
}

// paintLeft paints what is left of a class's probability without a block: the redder, the more is lost. The mark is what it was.
func (s *networkScene) paintLeft(v *View, c *canvas, r rect, base, without float64) {
	lost := 0.0
	if base > 0 {
		lost = min(max((base-without)/base, 0), 1)
	}
	v.paintBar(c, r, 0, min(without, 1), mix(v.theme.lineStrong, v.theme.alert, uint32(lost*256)))
	v.tick(c, r, min(base, 1))
}

// bothWays is the width of a block's two ways together.
func (s *networkScene) bothWays() float64 { return min(max(0.055*s.cellH, 2.5), 10) }

// ratioOf is ‖F‖/‖x‖: how much a block adds. 0, where there is no x to compare with.
func ratioOf(b *proto.ViewBlock) float64 {
	if b.NormX == 0 {
		return 0
	}
	return float64(b.NormF) / float64(b.NormX)
}

// ratioFull is the ratio that fills its bar: that of all blocks, in steps of a half; a few extreme ones may be cut off.
func ratioFull(o *proto.ViewOverview) float64 {
	full := 1.5
	for i := range o.Blocks {
		full = max(full, math.Ceil(min(ratioOf(&o.Blocks[i]), 8)*2)/2)
	}
	return full
}

func (s *networkScene) grips(v *View) []rect { return []rect{s.window(v)} }
