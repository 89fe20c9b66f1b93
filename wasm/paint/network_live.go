package paint

import (
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// What moves in the network: the frame round what is pointed at, and the photo on its way.

func (s *networkScene) live(v *View, c *canvas) {
	s.paintPlay(v, c)
	if i := s.cellOf(v.pointed); i >= 0 {
		at := s.cells[i]
		c.roundLine(v.box(s.frameOf(at)), float64(v.px(8)), 2*v.unit(), v.theme.ink2)
		if at.part == proto.PartBlock {
			p := layBlock(at.rect, s.sweep)
			switch v.pointed.part {
			case proto.PartResidual:
				c.roundLine(v.box(p.f.inset(-2)), float64(v.px(6)), 2*v.unit(), v.theme.ink)
			case proto.PartShortcut:
				c.roundLine(v.box(s.shortcutBox(p).inset(-1)), float64(v.px(6)), 1.5*v.unit(), v.theme.ink)
			}
		}
		if r, ok := s.tileOf(v, at, v.pointed); ok {
			v.frame(c, v.box(r))
		}
	}
}

// frameOf is the frame round a cell that is pointed at.
func (s *networkScene) frameOf(at cell) rect { return at.rect.inset(1) }

// shortcutBox is where a pointer means the shortcut.
func (s *networkScene) shortcutBox(p blockPlan) rect {
	high := min(p.radius, p.f.y-p.arc)
	return rect{p.fork.x - 2, p.arc - high, p.sum.x - p.fork.x + 4, high + max(min(high, p.f.y-p.arc-1), 0)}
}

// tileOf is the small picture within a cell that is pointed at.
func (s *networkScene) tileOf(v *View, at cell, t target) (rect, bool) {
	if t.place < 0 {
		return rect{}, false
	}
	switch at.part {
	case proto.PartBlock:
		if t.part == proto.PartBlock {
			g := layGrid(layBlock(at.rect, s.sweep).montage, len(v.trace.Blocks[at.block].Tiles.Tiles))
			return g.at(t.place), true
		}
	case proto.PartStem:
		return layGrid(s.picture(at), len(v.trace.Stem.Tiles)).at(t.place), true
	case proto.PartFilter:
		return layGrid(s.picture(at), len(v.trace.Filters)).at(t.place), true
	case proto.PartClass:
		return s.classRow(s.picture(at), t.place), true
	}
	return rect{}, false
}

// cellOf is the cell that a target is in; −1: none.
func (s *networkScene) cellOf(t target) int {
	for i := range s.cells {
		c := &s.cells[i]
		switch t.part {
		case proto.PartNone:
			return -1
		case proto.PartBlock, proto.PartResidual, proto.PartShortcut:
			if c.part == proto.PartBlock && c.block == t.block {
				return i
			}
		default:
			if c.part == t.part {
				return i
			}
		}
	}
	return -1
}

// hit is what lies at a point of the canvas.
func (s *networkScene) hit(v *View, on point) target {
	p := v.glass.from(on)
	for i := range s.cells {
		at := s.cells[i]
		if !at.has(p) {
			continue
		}
		t := nowhere
		t.part, t.block = at.part, at.block
		switch at.part {
		case proto.PartPhoto:
			r := s.picture(at)
			if !r.has(p) {
				return nowhere
			}
			v.overPhoto(&t, r, p)
		case proto.PartFilter:
			if k, ok := layGrid(s.picture(at), len(v.trace.Filters)).find(p, len(v.trace.Filters)); ok {
				t.channel, t.place = k, k
			}
		case proto.PartStem:
			tiles := v.trace.Stem.Tiles
			if k, ok := layGrid(s.picture(at), len(tiles)).find(p, len(tiles)); ok {
				t.channel, t.place = tiles[k].Channel, k
			}
		case proto.PartFeatures:
			r := s.picture(at)
			if !r.has(p) {
				return nowhere
			}
			rows := len(s.features) / s.wide
			k := int((p.y-r.y)/r.h*float64(rows))*s.wide + int((p.x-r.x)/r.w*float64(s.wide))
			if k < len(v.trace.Features.Bytes) {
				t.channel, t.known, t.value = k, true, v.trace.Features.Scale.Value(s.features[k])
			}
		case proto.PartClass:
			r := s.picture(at)
			if k := int((p.y - r.y) / r.h * float64(s.classes)); r.has(p) && k < s.classes {
				t.channel, t.place, t.known, t.value = v.trace.Top[k].Index, k, true, float64(v.trace.Top[k].Probability)
			}
		case proto.PartBlock:
			plan := layBlock(at.rect, s.sweep)
			tiles := v.trace.Blocks[at.block].Tiles.Tiles
			if k, ok := layGrid(plan.montage, len(tiles)).find(p, len(tiles)); ok {
				t.channel, t.place = tiles[k].Channel, k
			} else if plan.f.has(p) {
				t.part = proto.PartResidual
			} else if s.shortcutBox(plan).has(p) {
				t.part = proto.PartShortcut
			}
		}
		return t
	}
	return nowhere
}

// touched adds what looks different while a target is pointed at.
func (s *networkScene) touched(v *View, t target) {
	i := s.cellOf(t)
	if i < 0 {
		return
	}
	at := s.cells[i]
	frame := s.frameOf(at)
	// The frame only, in four pieces: what it encloses stays.
	w := 4.0
	v.soil(rect{frame.x - 1, frame.y - 1, frame.w + 2, w + 6})
	v.soil(rect{frame.x - 1, frame.bottom() - w - 5, frame.w + 2, w + 6})
	v.soil(rect{frame.x - 1, frame.y - 1, w, frame.h + 2})
	v.soil(rect{frame.right() - w + 1, frame.y - 1, w, frame.h + 2})
	if at.part == proto.PartBlock {
		plan := layBlock(at.rect, s.sweep)
		switch t.part {
		case proto.PartResidual:
			v.soil(plan.f.inset(-5))
		case proto.PartShortcut:
			v.soil(s.shortcutBox(plan).inset(-4))
		}
	}
	if r, ok := s.tileOf(v, at, t); ok {
		v.soil(r.inset(-3))
	}
}

// step moves the keys' cursor from cell to cell: along the way, or to the row above or below.
func (s *networkScene) step(v *View, from target, dx, dy int) target {
	i := s.cellOf(from)
	if i < 0 {
		i = 0
	} else if dx != 0 {
		i = min(max(i+dx, 0), len(s.cells)-1)
	} else {
		best := i
		for k := range s.cells {
			if s.cells[k].row != s.cells[i].row+dy {
				continue
			}
			if best == i || math.Abs(s.cells[k].middle().x-s.cells[i].middle().x) < math.Abs(s.cells[best].middle().x-s.cells[i].middle().x) {
				best = k
			}
		}
		i = best
	}
	t := nowhere
	t.part, t.block = s.cells[i].part, s.cells[i].block
	return t
}

// place is where a target is, so that the canvas can be moved to show it.
func (s *networkScene) place(v *View, t target) (rect, bool) {
	if i := s.cellOf(t); i >= 0 {
		return s.cells[i].rect, true
	}
	return rect{}, false
}

// playing says where the photo is: in which cell, and how far through it.
func (s *networkScene) playing(v *View, play float64) (cell int, part float64, ok bool) {
	if !(play >= 0 && play <= 1) {
		return 0, 0, false
	}
	at := play * float64(len(s.cells))
	i := min(int(at), len(s.cells)-1)
	part = min(at-float64(i), 1)
	if v.state.ReducedMotion { // from place to place, without a move between
		part = 1
	}
	return i, part, true
}

// The photo's time in a block: to the fork, on both ways at once, from the sum on.
const (
	forked = 0.22
	joined = 0.78
)

// paintPlay dims what the photo has not yet come to, and paints the photo on its way.
func (s *networkScene) paintPlay(v *View, c *canvas) {
	i, part, ok := s.playing(v, v.state.Play)
	if !ok {
		return
	}
	for k := i + 1; k < len(s.cells); k++ {
		c.veil(v.box(s.cells[k].rect), s.under(k, v), 168)
	}
	at := s.cells[i]
	u := v.unit()
	if at.part == proto.PartBlock {
		p := layBlock(at.rect, s.sweep)
		c.roundLine(v.box(s.frameOf(at)), float64(v.px(8)), 2*u, v.theme.x)
		if part > forked && part < joined {
			t := (part - forked) / (joined - forked)
			w := v.wiresOf(at.block, s.bothWays())
			if !w.noF {
				s.bead(v, c, v.point(point{p.fork.x + (p.sum.x-p.fork.x)*t, p.wire}), v.theme.f)
			}
			if !w.noX {
				s.bead(v, c, along(v.arc(p), t), v.theme.x)
			}
			return
		}
	}
	s.bead(v, c, v.point(s.onWire(i, part)), v.theme.ink)
}

// under is the ground that a cell stands on.
func (s *networkScene) under(i int, v *View) Color {
	if s.cells[i].part == proto.PartBlock {
		return v.theme.card
	}
	return v.theme.paper
}

// onWire is where the photo is on the level way through a cell.
func (s *networkScene) onWire(i int, part float64) point {
	at := s.cells[i]
	y := at.y + s.wire
	if at.part == proto.PartBlock {
		p := layBlock(at.rect, s.sweep)
		switch {
		case part <= forked:
			return point{at.x + (p.fork.x-at.x)*part/forked, y}
		case part >= joined:
			return point{p.sum.x + (at.right()-p.sum.x)*(part-joined)/(1-joined), y}
		}
	}
	if i == 0 { // it begins within the picture
		m := at.middle().x
		return point{m + (at.right()-m)*part, y}
	}
	if i == len(s.cells)-1 { // and ends at the answer
		return point{at.x + (s.picture(at).x-at.x)*part*0.5, y}
	}
	return point{at.x + at.w*part, y}
}

func (s *networkScene) beadRadius() float64 { return min(max(0.042*s.cellH, 3), 7) }

func (s *networkScene) bead(v *View, c *canvas, at point, col Color) {
	r := s.beadRadius() * v.unit()
	c.circle(at, r*1.45, v.theme.card)
	c.circle(at, r, col)
}

// moved adds what looks different between two places of the photo: all cells whose dimming changes, and the beads' cells.
func (s *networkScene) moved(v *View, from, to float64) {
	i, _, was := s.playing(v, from)
	k, _, is := s.playing(v, to)
	if was != is {
		v.soilAll()
		return
	}
	if !was {
		return
	}
	far := s.beadRadius() * 2
	for at := min(i, k); at <= max(i, k); at++ {
		c := s.cells[at]
		if at == i && at == k && c.part == proto.PartBlock { // within one block: its ways only
			p := layBlock(c.rect, s.sweep)
			v.soil(rect{c.x - far, min(p.arc, p.f.y) - far, c.w + 2*far, p.f.bottom() - p.arc + 2*far})
			continue
		}
		if at == i && at == k {
			v.soil(rect{c.x - far, c.y + s.wire - far, c.w + 2*far, 2 * far})
			continue
		}
		v.soil(c.rect.inset(-far))
	}
}
