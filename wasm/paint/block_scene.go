package paint

import (
	"image"
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// blockScene is one block, large. Only the channels zoom, in a pane for each tensor; the rest stays where it is.
type blockScene struct {
	*model
	*blockLayout
	panes panes
	ramps [proto.Tensors]ramp // of the colormap, for each tensor's scale; set by paintStatic
}

func (s *blockScene) layout(w, h float64) panes {
	n := s.channels.len()
	s.blockLayout = layOutBlockScene(w, h, max(n, 1))
	rows := (n + s.grid.columns - 1) / s.grid.columns
	s.panes = panes{}
	for t := range s.columns {
		s.panes.boxes = append(s.panes.boxes, s.columns[t].pane)
	}
	s.photo = s.photo.fit(s.photoShape())
	s.panes.content = rect{0, 0, s.columns[0].pane.w, 2*s.grid.y + float64(rows)*s.grid.pitch}
	return s.panes
}

// visible is the first and the last channel that is seen.
func (s *blockScene) visible(zoom transform) (first, last int) {
	row := func(y float64) int { return int(math.Floor((zoom.inverse(point{0, y}).y - s.grid.y) / s.grid.pitch)) }
	n := s.channels.len()
	first = min(max(row(0), 0)*s.grid.columns, max(n-1, 0))
	last = min(max(row(s.columns[0].pane.h)+1, 1)*s.grid.columns, n) - 1
	return first, last
}

func (s *blockScene) paintStatic(c *painter) {
	zoom := c.transform
	c.transform = identity
	c.fillRect(c.clip, c.theme.paper)
	if s.channels.len() == 0 {
		return // no block is selected, and the page says so
	}
	for k := range s.ramps {
		fillRamp(&s.ramps[k], c.colormap, s.channels.scales[k], c.theme.dark)
	}
	c.photo(s.photo, s.model)
	s.paintSide(c)
	s.paintOperators(c)
	for k := range s.columns {
		s.paintPane(c, zoom, k)
		if bar := s.columns[k].colorBar; s.channels.hasScales && !bar.empty() {
			c.colorBar(bar, s.channels.scales[k])
		}
	}
	s.paintScrollbar(c, zoom)
}

// paintPane paints the channels of a tensor that are seen.
func (s *blockScene) paintPane(c *painter, zoom transform, t int) {
	whole := c.clip
	defer func() { c.clip = whole }()
	c.clip = whole.Intersect(c.box(s.columns[t].pane))
	if c.clip.Empty() {
		return
	}
	toCanvas := zoom.in(s.columns[t].pane)
	first, last := s.visible(zoom)
	for i := first; i <= last; i++ {
		r := c.box(toCanvas.rect(s.cell(i)))
		if !s.channels.has(i) {
			c.fillRect(r, c.theme.well)
			continue
		}
		c.edges(r, c.px(1), c.theme.line) // so that a pale map has an edge
		s.paintMap(c, r, t, i)
	}
	if selected, ok := s.channels.find(s.state.Channel); ok {
		c.edges(c.box(toCanvas.rect(s.cell(selected))), c.px(3), c.theme.x)
	}
}

// paintMap paints a channel's map over a box in device pixels.
func (s *blockScene) paintMap(c *painter, r image.Rectangle, tensor, index int) {
	c.drawMap(&c.scaler, r, s.channels.maps[index][tensor], s.channels.h, s.channels.w, &s.ramps[tensor])
}

// paintScrollbar shows which part of all channels is seen.
func (s *blockScene) paintScrollbar(c *painter, zoom transform) {
	track, seen := s.scrollbar, s.panes.size().h
	total := s.panes.content.h * zoom.scale
	if total <= seen+1 {
		return
	}
	c.roundRect(c.box(track), c.px(track.w/2), c.theme.well)
	thumb := rect{track.x, track.y - zoom.y/total*track.h, track.w, max(seen/total*track.h, 12)}
	thumb.y = min(thumb.y, track.bottom()-thumb.h)
	c.roundRect(c.box(thumb), c.px(track.w/2), c.theme.lineStrong)
}

// paintOperators paints what is between the enlarged channels: how x and F are combined, = and ReLU.
func (s *blockScene) paintOperators(c *painter) {
	u, ink := c.unit(), c.theme.ink2
	d, width := 0.72*s.operatorRadius, max(0.19*s.operatorRadius, 1.25)
	join, is, relu := s.operators[0], s.operators[1], s.operators[2]
	equals := func(at point) {
		for _, y := range [...]float64{at.y - 0.32*s.operatorRadius, at.y + 0.32*s.operatorRadius} {
			c.straight(c.point(point{at.x - d, y}), c.point(point{at.x + d, y}), width*u, ink)
		}
	}
	c.joinSign(c.point(join), d*u, width*u, ink)
	equals(is)
	if s.state.Linear {
		equals(relu)
		return
	}
	c.line = s.activationGraph(c.line[:0], c, relu, d)
	c.stroke(c.line, width*u, ink)
}

// activationGraph appends the graph of the network's activation, with arms of length d: ReLU is level below zero and
// rises above it.
func (s *blockScene) activationGraph(line []point, c *painter, mid point, d float64) []point {
	bottom := mid.y + 0.5*d
	left := mid.x - s.operatorRadius
	curve := func(height func(x float64) float64) []point {
		for i := -8; i <= 8; i++ {
			x := float64(i) / 2
			line = append(line, c.point(point{mid.x + x/4*d, mid.y - height(x)*d}))
		}
		return line
	}
	switch s.state.Nonlinearity {
	case "leaky-relu":
		return append(line, c.point(point{left, bottom + 0.25*d}), c.point(point{mid.x, bottom}),
			c.point(point{mid.x + d, mid.y - 0.9*d}))
	case "tanh":
		return curve(func(x float64) float64 { return 0.8 * math.Tanh(x) })
	case "silu":
		return curve(func(x float64) float64 { return 0.35*x/(1+math.Exp(-x)) - 0.5 })
	}
	return append(line, c.point(point{left, bottom}), c.point(point{mid.x, bottom}),
		c.point(point{mid.x + d, mid.y - 0.9*d}))
}

// paintSide paints the block's diagram and its bars.
func (s *blockScene) paintSide(c *painter) {
	b := &s.trace.Blocks[s.channels.key.Block]
	if box := s.diagram; box.h > 0 {
		d := s.diagramLayout()
		c.straight(c.point(point{box.x, d.wire}), c.point(d.fork), 2.5*c.unit(), c.theme.lineStrong)
		c.straight(c.point(d.sum), c.point(point{box.right(), d.wire}), 2.5*c.unit(), c.theme.lineStrong)
		c.branches(d, s.branchesOf(s.channels.key.Block, min(0.16*box.h, 10)))
	}
	if s.plain() {
		return
	}
	most := maxRatio(s.trace)
	c.bar(s.bars[0], 0, min(ratioOf(b)/most, 1), c.theme.f)
	c.tick(s.bars[0], 1/most)
	c.bar(s.bars[1], 0.5, 0.5+0.5*float64(b.Cosine), c.theme.ink2)
	c.tick(s.bars[1], 0.5)
}

// diagramLayout lays the two branches out in the diagram's box.
func (s *blockScene) diagramLayout() blockDiagram {
	return layOutBlock(rect{s.diagram.x, s.diagram.y, s.diagram.w, s.diagram.h / 0.34}, blockBars{})
}

// mapIn is where a channel's map is in a square.
func (s *blockScene) mapIn(r rect) rect { return r.fit(s.channels.h, s.channels.w) }

// cell is where a channel's map is in the grid.
func (s *blockScene) cell(i int) rect { return s.mapIn(s.grid.at(i)) }

// enlargedChannel is the index of the channel that is enlarged: the highlighted one, else the selected one, else the
// first.
func (s *blockScene) enlargedChannel(hover target) int {
	if hover.part == proto.PartChannel && s.channels.has(hover.index) {
		return hover.index
	}
	if index, ok := s.channels.find(s.state.Channel); ok {
		return index
	}
	return 0
}

func (s *blockScene) paintDynamic(c *painter, d dynamic) {
	if s.channels.len() == 0 {
		return
	}
	zoom := c.transform
	c.transform = identity
	index := s.enlargedChannel(d.hover)
	for t := range s.columns {
		r := c.box(s.mapIn(s.columns[t].enlarged))
		if !s.channels.has(index) {
			c.fillRect(r, c.theme.well)
			continue
		}
		c.edges(r, c.px(1), c.theme.line)
		s.paintMap(c, r, t, index)
	}
	if d.hover.part != proto.PartChannel {
		return
	}
	for t := range s.columns {
		whole, pane := c.clip, s.columns[t].pane
		c.clip = whole.Intersect(c.box(pane))
		c.highlight(c.box(zoom.in(pane).rect(s.cell(d.hover.index))))
		c.clip = whole
	}
	if d.hover.y >= 0 {
		s.paintMark(c, s.photo, d.hover)
		for t := range s.columns {
			s.paintMark(c, s.mapIn(s.columns[t].enlarged), d.hover)
		}
	}
}

// paintMark frames the value that is highlighted, in a picture of the whole map or photo.
func (s *blockScene) paintMark(c *painter, r rect, hover target) {
	b := c.box(r)
	h, w := s.channels.h, s.channels.w
	cell := image.Rect(
		b.Min.X+hover.x*b.Dx()/w, b.Min.Y+hover.y*b.Dy()/h,
		b.Min.X+(hover.x+1)*b.Dx()/w, b.Min.Y+(hover.y+1)*b.Dy()/h)
	// Dark round light, so that it is seen on every colour.
	c.edges(cell, c.px(1), rgb(0xffffff))
	c.edges(cell.Inset(-c.px(1)), c.px(1), rgb(0x1b1a18))
}

func (s *blockScene) damage(to *damage, zoom transform, from, now dynamic) {
	if from.hover == now.hover {
		return
	}
	for _, t := range [...]target{from.hover, now.hover} {
		if t.part != proto.PartChannel {
			continue
		}
		to.add(s.photo.inset(-4))
		for k := range s.columns {
			col := &s.columns[k]
			to.add(col.enlarged.inset(-4))
			if r := zoom.in(col.pane).rect(s.cell(t.index)).inset(-4).intersect(col.pane); !r.empty() {
				to.add(r)
			}
		}
	}
}

func (s *blockScene) hit(zoom transform, p point, from target) target {
	if s.channels.len() == 0 {
		return noTarget
	}
	if s.photo.has(p) {
		return s.photoTarget(s.photo, p)
	}
	for k := range s.columns {
		col := &s.columns[k]
		index, r := -1, rect{}
		switch {
		case s.mapIn(col.enlarged).has(p):
			index, r = s.enlargedChannel(from), s.mapIn(col.enlarged)
		case col.pane.has(p):
			toCanvas := zoom.in(col.pane)
			if i, ok := s.grid.find(toCanvas.inverse(p), s.channels.len()); ok {
				index, r = i, toCanvas.rect(s.cell(i))
			}
		}
		if s.channels.has(index) {
			return s.target(k, index, cellAt(p.y-r.y, r.h, s.channels.h), cellAt(p.x-r.x, r.w, s.channels.w))
		}
	}
	return noTarget
}

// target is a channel and a place of its map; y and x of −1: no place.
func (s *blockScene) target(tensor, index, y, x int) target {
	t := noTarget
	t.part, t.block, t.tensor = proto.PartChannel, s.channels.key.Block, proto.Tensor(tensor)
	t.index, t.channel, t.y, t.x = index, s.channels.channels[index], y, x
	if y >= 0 {
		t.known, t.value = true, s.channels.value(t.tensor, index, y, x)
	}
	return t
}

// step leads from channel to channel of a tensor.
func (s *blockScene) step(from target, dx, dy int) target {
	index := s.enlargedChannel(from)
	if from.part == proto.PartChannel {
		if to := index + dx + dy*s.grid.columns; s.channels.has(to) {
			index = to
		}
	}
	if !s.channels.has(index) {
		return noTarget
	}
	return s.target(int(from.tensor), index, -1, -1)
}

func (s *blockScene) bounds(t target) (rect, bool) {
	if t.part != proto.PartChannel {
		return rect{}, false
	}
	return s.cell(t.index).inset(-3), true
}
