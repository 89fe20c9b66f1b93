package paint

import (
	"image"
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// blockScene is one block, large.
type blockScene struct {
	*blockPage
	ramps [proto.Tensors]ramp
}

func (s *blockScene) arrange(v *View) {
	s.blockPage = layBlockPage(v.width(), v.height(), max(len(v.shelf.channels), 1))
}

func (s *blockScene) window(*View) rect {
	w := s.columns[0].window
	return rect{0, 0, w.w, w.h}
}

func (s *blockScene) content(v *View) rect {
	rows := (len(v.shelf.channels) + s.grid.columns - 1) / s.grid.columns
	return rect{0, 0, s.window(v).w, 2*s.grid.y + float64(rows)*s.grid.pitch}
}

// local is a point of the canvas in the window that it is in.
func (s *blockScene) local(v *View, p point) (point, bool) {
	for t := range s.columns {
		if w := s.columns[t].window; w.has(p) {
			return point{p.x - w.x, p.y - w.y}, true
		}
	}
	return point{}, false
}

func (s *blockScene) grips(*View) []rect {
	var all []rect
	for t := range s.columns {
		all = append(all, s.columns[t].window)
	}
	return all
}

// seen is how the channels lie in a tensor's window, on the canvas.
func (s *blockScene) seen(v *View, t int) lens {
	l, w := v.zooms[v.at], s.columns[t].window
	return lens{l.scale, l.x + w.x, l.y + w.y}
}

// visible is the first and the last place that is seen.
func (s *blockScene) visible(v *View) (first, last int) {
	l := v.zooms[v.at]
	window := s.window(v)
	row := func(y float64) int { return int(math.Floor((l.from(point{0, y}).y - s.grid.y) / s.grid.pitch)) }
	n := len(v.shelf.channels)
	first = min(max(row(0), 0)*s.grid.columns, max(n-1, 0))
	last = min(max(row(window.h)+1, 1)*s.grid.columns, n) - 1
	return first, last
}

func (s *blockScene) still(v *View, c *canvas) {
	t := v.theme
	c.fillRect(c.clip, t.paper)
	if len(v.shelf.channels) == 0 {
		return // no block is selected, and the page says so
	}
	for k := range s.ramps {
		colours(&s.ramps[k], v.state.Map, v.shelf.scales[k], t.dark)
	}
	v.paintPhoto(c, s.photo)
	s.paintSide(v, c)
	s.paintSigns(v, c)
	for k := range s.columns {
		col := &s.columns[k]
		s.paintWindow(v, c, k)
		if v.shelf.come && !col.scale.empty() {
			v.legend(c, col.scale, v.shelf.scales[k])
		}
	}
	s.paintThumb(v, c)
}

// paintWindow paints the channels of a tensor that are seen.
func (s *blockScene) paintWindow(v *View, c *canvas, t int) {
	whole := c.clip
	defer func() { c.clip = whole }()
	c.clip = whole.Intersect(v.box(s.columns[t].window))
	if c.clip.Empty() {
		return
	}
	l := s.seen(v, t)
	first, last := s.visible(v)
	for i := first; i <= last; i++ {
		r := v.box(l.rect(s.grid.at(i)))
		if !v.shelf.has(i) {
			c.fillRect(r, v.theme.well)
			continue
		}
		c.edges(r, v.px(1), v.theme.line) // so that a pale map has an edge
		c.gray(&v.scaler, r, v.shelf.maps[i][t], v.shelf.h, v.shelf.w, &s.ramps[t])
	}
	if chosen, ok := v.shelf.find(v.state.Channel); ok {
		c.edges(v.box(l.rect(s.grid.at(chosen))), v.px(3), v.theme.x)
	}
}

// paintThumb shows which part of all channels is seen.
func (s *blockScene) paintThumb(v *View, c *canvas) {
	l, content, window := v.zooms[v.at], s.content(v), s.window(v)
	whole := content.h * l.scale
	if whole <= window.h+1 {
		return
	}
	c.roundRect(v.box(s.thumb), v.px(s.thumb.w/2), v.theme.well)
	part := rect{s.thumb.x, s.thumb.y - l.y/whole*s.thumb.h, s.thumb.w, max(window.h/whole*s.thumb.h, 12)}
	part.y = min(part.y, s.thumb.bottom()-part.h)
	c.roundRect(v.box(part), v.px(s.thumb.w/2), v.theme.lineStrong)
}

// paintSigns paints how x and F meet, = and ReLU between the enlarged channels.
func (s *blockScene) paintSigns(v *View, c *canvas) {
	u, ink := v.unit(), v.theme.ink2
	d, width := 0.72*s.signR, max(0.19*s.signR, 1.25)
	plus, is, relu := s.signs[0], s.signs[1], s.signs[2]
	equals := func(at point) {
		for _, y := range [...]float64{at.y - 0.32*s.signR, at.y + 0.32*s.signR} {
			v.straight(c, v.point(point{at.x - d, y}), v.point(point{at.x + d, y}), width*u, ink)
		}
	}
	v.paintJoin(c, v.point(plus), d*u, width*u, ink)
	equals(is)
	if v.state.Linear {
		equals(relu)
		return
	}
	// ReLU is drawn as its graph: nothing below zero, and above zero what came.
	v.line = append(v.line[:0], v.point(point{relu.x - s.signR, relu.y + 0.5*d}), v.point(point{relu.x, relu.y + 0.5*d}),
		v.point(point{relu.x + d, relu.y - 0.9*d}))
	c.stroke(v.line, width*u, ink)
}

// paintSide paints the block's sign and its bars.
func (s *blockScene) paintSide(v *View, c *canvas) {
	b := &v.trace.Blocks[v.shelf.key.Block]
	if s.sign.h > 0 {
		plan := s.signPlan()
		v.straight(c, v.point(point{s.sign.x, plan.wire}), v.point(plan.fork), 2.5*v.unit(), v.theme.lineStrong)
		v.straight(c, v.point(plan.sum), v.point(point{s.sign.right(), plan.wire}), 2.5*v.unit(), v.theme.lineStrong)
		v.paintWays(c, plan, v.wiresOf(v.shelf.key.Block, min(0.16*s.sign.h, 10)))
	}
	v.paintBar(c, s.bars[0], 0, min(ratioOf(b)/ratioFull(v.trace), 1), v.theme.f)
	v.tick(c, s.bars[0], 1/ratioFull(v.trace))
	v.paintBar(c, s.bars[1], 0.5, 0.5+0.5*float64(b.Cosine), v.theme.ink2)
	v.tick(c, s.bars[1], 0.5)
}

// signPlan lays the two ways in the sign's box.
func (s *blockScene) signPlan() blockPlan {
	return layBlock(rect{s.sign.x, s.sign.y, s.sign.w, s.sign.h / 0.34}, false)
}

// focus is the place of the channel that is enlarged: the one that is pointed at, else the selected one, else the first.
func (s *blockScene) focus(v *View) int {
	if v.pointed.part == proto.PartChannel && v.shelf.has(v.pointed.place) {
		return v.pointed.place
	}
	if place, ok := v.shelf.find(v.state.Channel); ok {
		return place
	}
	return 0
}

func (s *blockScene) live(v *View, c *canvas) {
	if len(v.shelf.channels) == 0 {
		return
	}
	place := s.focus(v)
	for t := range s.columns {
		r := v.box(s.columns[t].focus)
		if !v.shelf.has(place) {
			c.fillRect(r, v.theme.well)
			continue
		}
		c.edges(r, v.px(1), v.theme.line)
		c.gray(&v.scaler, r, v.shelf.maps[place][t], v.shelf.h, v.shelf.w, &s.ramps[t])
	}
	if v.pointed.part != proto.PartChannel {
		return
	}
	for t := range s.columns {
		s.paintPointed(v, c, t)
	}
	if v.pointed.y >= 0 {
		s.mark(v, c, s.photo)
		for t := range s.columns {
			s.mark(v, c, s.columns[t].focus)
		}
	}
}

// paintPointed frames the channel that is pointed at, in a tensor's window.
func (s *blockScene) paintPointed(v *View, c *canvas, t int) {
	whole := c.clip
	c.clip = whole.Intersect(v.box(s.columns[t].window))
	r := v.box(s.seen(v, t).rect(s.grid.at(v.pointed.place)))
	v.frame(c, r)
	c.clip = whole
}

// mark frames the place of the map that is pointed at, in a picture of the whole map or photo.
func (s *blockScene) mark(v *View, c *canvas, r rect) {
	b := v.box(r)
	h, w := v.shelf.h, v.shelf.w
	cell := image.Rect(
		b.Min.X+v.pointed.x*b.Dx()/w, b.Min.Y+v.pointed.y*b.Dy()/h,
		b.Min.X+(v.pointed.x+1)*b.Dx()/w, b.Min.Y+(v.pointed.y+1)*b.Dy()/h)
	// Dark round light, so that it is seen on every colour.
	c.edges(cell, v.px(1), rgb(0xffffff))
	c.edges(cell.Inset(-v.px(1)), v.px(1), rgb(0x1b1a18))
}

func (s *blockScene) touched(v *View, t target) {
	if t.part != proto.PartChannel {
		return
	}
	v.soil(s.photo.inset(-4))
	for k := range s.columns {
		v.soil(s.columns[k].focus.inset(-4))
		r := s.seen(v, k).rect(s.grid.at(t.place)).inset(-4)
		w := s.columns[k].window
		x0, y0 := max(r.x, w.x), max(r.y, w.y)
		r = rect{x0, y0, min(r.right(), w.right()) - x0, min(r.bottom(), w.bottom()) - y0}
		if !r.empty() {
			v.soil(r)
		}
	}
}

func (s *blockScene) hit(v *View, p point) target {
	if len(v.shelf.channels) == 0 {
		return nowhere
	}
	if s.photo.has(p) {
		t := nowhere
		v.overPhoto(&t, s.photo, p)
		return t
	}
	for k := range s.columns {
		col := &s.columns[k]
		place, r := -1, rect{}
		switch {
		case col.focus.has(p):
			place, r = s.focus(v), col.focus
		case col.window.has(p):
			l := s.seen(v, k)
			if i, ok := s.grid.find(l.from(p), len(v.shelf.channels)); ok {
				place, r = i, l.rect(s.grid.at(i))
			}
		}
		if v.shelf.has(place) {
			return s.target(v, k, place, cellAt(p.y-r.y, r.h, v.shelf.h), cellAt(p.x-r.x, r.w, v.shelf.w))
		}
	}
	return nowhere
}

// target is a channel, and perhaps a place of its map.
func (s *blockScene) target(v *View, tensor, place, y, x int) target {
	t := nowhere
	t.part, t.block, t.tensor, t.place, t.channel, t.y, t.x = proto.PartChannel, v.shelf.key.Block, proto.Tensor(tensor), place, v.shelf.channels[place], y, x
	if y >= 0 {
		t.known = true
		t.value = v.shelf.scales[tensor].Value(v.shelf.maps[place][tensor][y*v.shelf.w+x])
	}
	return t
}

// step leads from channel to channel of a tensor.
func (s *blockScene) step(v *View, from target, dx, dy int) target {
	place := s.focus(v)
	if from.part == proto.PartChannel {
		if to := place + dx + dy*s.grid.columns; v.shelf.has(to) {
			place = to
		}
	}
	if !v.shelf.has(place) {
		return nowhere
	}
	return s.target(v, int(from.tensor), place, -1, -1)
}

func (s *blockScene) place(v *View, t target) (rect, bool) {
	if t.part != proto.PartChannel {
		return rect{}, false
	}
	return s.grid.at(t.place).inset(-3), true
}
