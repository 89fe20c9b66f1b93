package paint

import "github.com/seed8935e608/residua/wasm/proto"

// animated says where the photo is: in which cell, and how far through it.
func (s *networkScene) animated(play float64) (cell int, part float64, ok bool) {
	if !(play >= 0 && play <= 1) {
		return 0, 0, false
	}
	at := play * float64(len(s.cells))
	i := min(int(at), len(s.cells)-1)
	part = min(at-float64(i), 1)
	if s.reducedMotion { // it goes from cell to cell at once
		part = 1
	}
	return i, part, true
}

// The photo is at the fork and at the sum after these parts of its time in a block; between them it is on both
// branches.
const (
	forked = 0.22
	joined = 0.78
)

// paintAnimation dims the cells that the photo has not reached, and paints the photo as a dot.
func (s *networkScene) paintAnimation(c *painter, play float64) {
	i, part, ok := s.animated(play)
	if !ok {
		return
	}
	for k := i + 1; k < len(s.cells); k++ {
		c.blend(c.box(s.cells[k].rect), s.background(c.theme, k), 168)
	}
	at := s.cells[i]
	u := c.unit()
	if at.part == proto.PartBlock {
		p := layOutBlock(at.rect, s.bars)
		c.roundLine(c.box(s.frameOf(at)), float64(c.px(8)), 2*u, c.theme.x)
		if part > forked && part < joined {
			t := (part - forked) / (joined - forked)
			w := s.branchesOf(at.block, s.branchWidth())
			if !w.noF {
				s.paintDot(c, c.point(point{p.fork.x + (p.sum.x-p.fork.x)*t, p.wire}), c.theme.f)
			}
			if !w.noX && !w.plain {
				s.paintDot(c, along(c.shortcut(p), t), c.theme.x)
			}
			return
		}
	}
	s.paintDot(c, c.point(s.onWire(i, part)), c.theme.ink)
}

// background is the colour behind a cell.
func (s *networkScene) background(t *theme, i int) Color {
	if s.cells[i].part == proto.PartBlock {
		return t.card
	}
	return t.paper
}

// onWire is where the photo is on a cell's wire.
func (s *networkScene) onWire(i int, part float64) point {
	at := s.cells[i]
	y := at.y + s.wire
	if at.part == proto.PartBlock {
		p := layOutBlock(at.rect, s.bars)
		switch {
		case part <= forked:
			return point{at.x + (p.fork.x-at.x)*part/forked, y}
		case part >= joined:
			return point{p.sum.x + (at.right()-p.sum.x)*(part-joined)/(1-joined), y}
		}
	}
	if i == 0 { // it starts in the photo
		m := at.middle().x
		return point{m + (at.right()-m)*part, y}
	}
	if i == len(s.cells)-1 { // and ends at the prediction
		return point{at.x + (s.picture(at).x-at.x)*part*0.5, y}
	}
	return point{at.x + at.w*part, y}
}

func (s *networkScene) dotRadius() float64 { return min(max(0.042*s.cellH, 3), 7) }

func (s *networkScene) paintDot(c *painter, at point, col Color) {
	r := s.dotRadius() * c.unit()
	c.circle(at, r*1.45, c.theme.card)
	c.circle(at, r, col)
}

// damageAnimation damages what looks different at two times: the cells whose dimming changes, and those with the dots.
func (s *networkScene) damageAnimation(to *damage, zoom transform, from, now float64) {
	i, _, was := s.animated(from)
	k, _, is := s.animated(now)
	if was != is {
		to.all()
		return
	}
	if !was {
		return
	}
	far := s.dotRadius() * 2
	for at := min(i, k); at <= max(i, k); at++ {
		c := s.cells[at]
		if at == i && at == k && c.part == proto.PartBlock { // within one block: its branches only
			p := layOutBlock(c.rect, s.bars)
			to.add(zoom.rect(rect{c.x - far, min(p.arc, p.f.y) - far, c.w + 2*far, p.f.bottom() - p.arc + 2*far}))
			continue
		}
		if at == i && at == k {
			to.add(zoom.rect(rect{c.x - far, c.y + s.wire - far, c.w + 2*far, 2 * far}))
			continue
		}
		to.add(zoom.rect(c.rect.inset(-far)))
	}
}
