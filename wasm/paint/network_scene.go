package paint

import (
	"math"
	"slices"

	"github.com/seed8935e608/residua/wasm/proto"
)

// networkScene is the whole network, from the photo to the prediction.
type networkScene struct {
	*model
	*networkLayout
	maxRatio       float64 // the ratio ‖F‖/‖x‖ that fills its bar
	features       []byte  // as a rectangle, filled up with zeros
	featuresPerRow int
	shownClasses   int // as many as have room for their labels, at most maxClasses
	reducedMotion  bool
}

const maxClasses = 5

func (s *networkScene) layout(w, h float64) panes {
	o := s.trace
	s.networkLayout = layOutNetwork(o, w, h, blockBars{sweep: s.hasSweep(), knowledge: s.hasKnowledge()})
	s.maxRatio = maxRatio(o)
	s.shownClasses = min(max(int(s.cellH/19), 1), maxClasses, len(o.Top))
	s.reducedMotion = s.state.ReducedMotion
	// The rectangle is a little wider than high; a divisor of the number of features leaves no gap at its end.
	n := len(o.Features.Bytes)
	s.featuresPerRow = max(int(math.Sqrt(float64(n))*1.1), 1)
	for d := s.featuresPerRow; d <= s.featuresPerRow*2; d++ {
		if n%d == 0 {
			s.featuresPerRow = d
			break
		}
	}
	s.features = append(s.features[:0], o.Features.Bytes...)
	for len(s.features)%s.featuresPerRow > 0 {
		s.features = append(s.features, 0)
	}
	return wholeCanvas(w, h)
}

// picture is the box of what is painted in a cell that is not a block.
func (s *networkScene) picture(c cell) rect {
	r := c.rect.inset(min(0.04*c.h, 0.04*c.w))
	switch c.part {
	case proto.PartPhoto:
		return r.fit(s.photoShape())
	case proto.PartFilter, proto.PartFeatures:
		return r.square()
	case proto.PartClass:
		return rect{r.x + 0.06*r.w, r.y, 0.94 * r.w, r.h}
	}
	return r
}

func (s *networkScene) paintStatic(c *painter) {
	c.fillRect(c.clip, c.theme.paper)
	for _, b := range s.bands {
		c.frame(c.box(b), c.px(10), c.px(1), c.theme.line, c.theme.card)
	}
	s.paintRowWires(c)
	for i := range s.cells {
		at := &s.cells[i]
		if !c.box(at.rect).Overlaps(c.clip) {
			continue
		}
		switch at.part {
		case proto.PartBlock:
			s.paintBlock(c, at)
		default:
			s.paintEnd(c, i)
		}
	}
	if !s.legend.empty() {
		s.paintLegend(c)
	}
	mark, _ := s.layOutCaption()
	s.paintKnowledge(c, mark, 0.6, 0.8)
}

func (s *networkScene) paintDynamic(c *painter, d dynamic) {
	s.paintAnimation(c, d.play)
	if i := s.cellOf(d.hover); i >= 0 {
		at := s.cells[i]
		c.roundLine(c.box(s.frameOf(at)), float64(c.px(8)), 2*c.unit(), c.theme.ink2)
		if at.part == proto.PartBlock {
			p := layOutBlock(at.rect, s.bars)
			switch d.hover.part {
			case proto.PartResidual:
				c.roundLine(c.box(p.f.inset(-2)), float64(c.px(6)), 2*c.unit(), c.theme.ink)
			case proto.PartShortcut:
				c.roundLine(c.box(s.shortcutBox(p).inset(-1)), float64(c.px(6)), 1.5*c.unit(), c.theme.ink)
			}
		}
		if r, ok := s.tileOf(at, d.hover); ok {
			c.highlight(c.box(r))
		}
	}
}

// wireWidth is the width of the wire between cells.
func (s *networkScene) wireWidth() float64 { return min(max(0.014*s.cellH, 1.25), 2.5) }

// paintRowWires paints the wire from the end of each row to the start of the next.
func (s *networkScene) paintRowWires(c *painter) {
	col, width := c.theme.lineStrong, s.wireWidth()*c.unit()
	for i := range s.cells[1:] {
		a, b := s.cells[i], s.cells[i+1]
		if a.row == b.row {
			continue
		}
		c.stroke(s.rowWire(c, a, b), width, col)
	}
}

// rowWire is the wire from a row's last cell to the next row's first, in device pixels. It is good until the painter's
// next line.
func (s *networkScene) rowWire(c *painter, a, b cell) []point {
	turn := min(s.gap/2, 8)
	between := a.bottom() + (b.header.y-a.bottom())/2
	corners := [...]point{
		{a.right() + turn, a.y + s.wire}, {a.right() + turn, between},
		{b.x - turn, between}, {b.x - turn, b.y + s.wire}, {b.x, b.y + s.wire}}
	line := append(c.line[:0], c.point(point{a.right(), a.y + s.wire}))
	for i, p := range corners[:4] {
		line = bend(line, c.point(p), c.point(corners[i+1]), turn*0.9*c.unit())
	}
	c.line = append(line, c.point(corners[4]))
	return c.line
}

// paintWire paints a horizontal piece of the wire, and perhaps an arrow at its end.
func (s *networkScene) paintWire(c *painter, x0, x1, y float64, arrow bool) {
	if x1 <= x0 {
		return
	}
	width := s.wireWidth()
	a, b := c.point(point{x0, y}), c.point(point{x1, y})
	if arrow {
		d := 2.6 * width * c.unit()
		if c.begin(boundsOf([]point{b}, 4*d)) {
			c.moveTo(b.x, b.y)
			c.lineTo(b.x-1.6*d, b.y-d)
			c.lineTo(b.x-1.6*d, b.y+d)
			c.lineTo(b.x, b.y)
			c.fill(c.theme.lineStrong, 256)
		}
		b.x -= d
	}
	c.straight(a, b, width*c.unit(), c.theme.lineStrong)
}

// filledBox is what a cell's picture fills of its box.
func (s *networkScene) filledBox(i int) rect {
	r := s.picture(s.cells[i])
	n := 0
	switch s.cells[i].part {
	case proto.PartFilter:
		n = len(s.trace.Filters)
	case proto.PartStem:
		n = len(s.trace.Stem.Tiles)
	}
	if n == 0 {
		return r
	}
	g := layOutGrid(r, n)
	return rect{g.x, g.y, g.w - (g.pitch - g.side), g.h - (g.pitch - g.side)}
}

// paintEnd paints a cell that is not a block.
func (s *networkScene) paintEnd(c *painter, i int) {
	at, o := s.cells[i], s.trace
	r := s.picture(at)
	filled := s.filledBox(i)
	y := at.y + s.wire
	if i > 0 {
		s.paintWire(c, at.x, filled.x-3, y, true)
	}
	if i < len(s.cells)-1 {
		s.paintWire(c, filled.right(), at.right(), y, false)
	}
	switch at.part {
	case proto.PartPhoto:
		c.photo(r, s.model)
	case proto.PartFilter:
		shown := layOutGrid(r, len(o.Filters))
		for k := range o.Filters {
			c.drawImage(&c.scaler, c.box(shown.at(k)), &o.Filters[k], false)
		}
	case proto.PartStem:
		c.tiles(&o.Stem, layOutGrid(r, len(o.Stem.Tiles)))
	case proto.PartFeatures:
		c.featureMap(r, s.features, len(s.features)/s.featuresPerRow, s.featuresPerRow, o.Features.Scale)
	case proto.PartClass:
		for k, class := range o.Top[:s.shownClasses] {
			row := s.classRow(r, k)
			bar := rect{row.x, row.y + row.h*0.66, row.w, row.h * 0.16}
			c.bar(bar, 0, float64(class.Probability), c.theme.x)
		}
	}
}

// classRow is the box of a class in the box of all.
func (s *networkScene) classRow(r rect, k int) rect {
	height := r.h / float64(s.shownClasses)
	return rect{r.x, r.y + float64(k)*height, r.w, height}
}

// paintBlock paints a block: its two branches from the fork to the sum, its strongest channels, and its bars.
func (s *networkScene) paintBlock(c *painter, at *cell) {
	b, p := &s.trace.Blocks[at.block], layOutBlock(at.rect, s.bars)
	if at.block == s.state.Block {
		c.frame(c.box(at.rect.inset(1)), c.px(8), c.px(2), c.theme.x, c.theme.xWash)
	}
	s.paintWire(c, at.x, p.fork.x, p.wire, false)
	s.paintWire(c, p.sum.x, at.right(), p.wire, false)
	c.branches(p, s.branchesOf(at.block, s.branchWidth()))

	g := layOutGrid(p.montage, len(b.Tiles.Tiles))
	c.tiles(&b.Tiles, g)
	if s.bars.knowledge {
		s.paintKnowledge(c, p.knowledge, s.state.Knowledge[at.block], slices.Max(s.state.Knowledge))
	}
	if s.plain() {
		return
	}
	c.bar(p.ratio, 0, min(ratioOf(b)/s.maxRatio, 1), c.theme.f)
	c.tick(p.ratio, 1/s.maxRatio)
	c.bar(p.cosine, 0.5, 0.5+0.5*float64(b.Cosine), c.theme.ink2)
	c.tick(p.cosine, 0.5)
	if s.bars.sweep {
		s.paintSweepBar(c, p.sweep, float64(s.sweep.Base), float64(s.sweep.Without[at.block]))
	}
}

// paintSweepBar paints a class's probability without a block. The more is lost, the redder it is. The tick is at the
// whole network's.
func (s *networkScene) paintSweepBar(c *painter, r rect, base, without float64) {
	lost := 0.0
	if base > 0 {
		lost = min(max((base-without)/base, 0), 1)
	}
	c.bar(r, 0, min(without, 1), mix(c.theme.lineStrong, c.theme.alert, uint32(lost*256)))
	c.tick(r, min(base, 1))
}

// paintKnowledge paints how often a block's probe is right. The tick is at the best block's share.
func (s *networkScene) paintKnowledge(c *painter, r rect, share, best float64) {
	if r.empty() {
		return
	}
	c.bar(r, 0, min(max(share, 0), 1), c.theme.knowledge)
	c.tick(r, min(max(best, 0), 1))
}

// branchWidth is the width of a block's two branches together.
func (s *networkScene) branchWidth() float64 { return min(max(0.055*s.cellH, 2.5), 10) }
