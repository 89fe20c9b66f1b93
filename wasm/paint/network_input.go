package paint

import (
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// frameOf is the frame round a highlighted cell.
func (s *networkScene) frameOf(at cell) rect { return at.rect.inset(1) }

// shortcutBox is where a pointer hits the shortcut.
func (s *networkScene) shortcutBox(p blockDiagram) rect {
	above := min(p.radius, p.f.y-p.arc)
	below := max(min(above, p.f.y-p.arc-1), 0)
	return rect{p.fork.x - 2, p.arc - above, p.sum.x - p.fork.x + 4, above + below}
}

// tileOf is the box of a target that is a small picture or a row in a cell.
func (s *networkScene) tileOf(at cell, t target) (rect, bool) {
	if t.index < 0 {
		return rect{}, false
	}
	switch at.part {
	case proto.PartBlock:
		if t.part == proto.PartBlock {
			g := layOutGrid(layOutBlock(at.rect, s.bars).montage, len(s.trace.Blocks[at.block].Tiles.Tiles))
			return g.at(t.index), true
		}
	case proto.PartStem:
		return layOutGrid(s.picture(at), len(s.trace.Stem.Tiles)).at(t.index), true
	case proto.PartFilter:
		return layOutGrid(s.picture(at), len(s.trace.Filters)).at(t.index), true
	case proto.PartClass:
		return s.classRow(s.picture(at), t.index), true
	}
	return rect{}, false
}

// cellOf is the index of the cell that a target is in; −1: none.
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

func (s *networkScene) hit(zoom transform, on point, _ target) target {
	p := zoom.inverse(on)
	for i := range s.cells {
		at := s.cells[i]
		if !at.has(p) {
			continue
		}
		t := noTarget
		t.part, t.block = at.part, at.block
		switch at.part {
		case proto.PartPhoto:
			return s.photoTarget(s.picture(at), p)
		case proto.PartFilter:
			if k, ok := layOutGrid(s.picture(at), len(s.trace.Filters)).find(p, len(s.trace.Filters)); ok {
				t.channel, t.index = k, k
			}
		case proto.PartStem:
			tiles := s.trace.Stem.Tiles
			if k, ok := layOutGrid(s.picture(at), len(tiles)).find(p, len(tiles)); ok {
				t.channel, t.index = tiles[k].Channel, k
			}
		case proto.PartFeatures:
			r := s.picture(at)
			if !r.has(p) {
				return noTarget
			}
			rows := len(s.features) / s.featuresPerRow
			k := int((p.y-r.y)/r.h*float64(rows))*s.featuresPerRow + int((p.x-r.x)/r.w*float64(s.featuresPerRow))
			if k < len(s.trace.Features.Bytes) {
				t.channel, t.known, t.value = k, true, s.trace.Features.Scale.Value(s.features[k])
			}
		case proto.PartClass:
			r := s.picture(at)
			if k := int((p.y - r.y) / r.h * float64(s.shownClasses)); r.has(p) && k < s.shownClasses {
				class := s.trace.Top[k]
				t.channel, t.index, t.known, t.value = class.Index, k, true, float64(class.Probability)
			}
		case proto.PartBlock:
			plan := layOutBlock(at.rect, s.bars)
			tiles := s.trace.Blocks[at.block].Tiles.Tiles
			if k, ok := layOutGrid(plan.montage, len(tiles)).find(p, len(tiles)); ok {
				t.channel, t.index = tiles[k].Channel, k
			} else if plan.f.has(p) {
				t.part = proto.PartResidual
			} else if s.shortcutBox(plan).has(p) && !s.plain() {
				t.part = proto.PartShortcut
			}
		}
		return t
	}
	return noTarget
}

func (s *networkScene) damage(to *damage, zoom transform, from, now dynamic) {
	if from.hover != now.hover {
		s.damageTarget(to, zoom, from.hover)
		s.damageTarget(to, zoom, now.hover)
	}
	if from.play != now.play {
		s.damageAnimation(to, zoom, from.play, now.play)
	}
}

// damageTarget damages what looks different while a target is highlighted.
func (s *networkScene) damageTarget(to *damage, zoom transform, t target) {
	i := s.cellOf(t)
	if i < 0 {
		return
	}
	at := s.cells[i]
	frame := s.frameOf(at)
	// Only the frame, in four pieces; what it encloses stays.
	w := 4.0
	to.add(zoom.rect(rect{frame.x - 1, frame.y - 1, frame.w + 2, w + 6}))
	to.add(zoom.rect(rect{frame.x - 1, frame.bottom() - w - 5, frame.w + 2, w + 6}))
	to.add(zoom.rect(rect{frame.x - 1, frame.y - 1, w, frame.h + 2}))
	to.add(zoom.rect(rect{frame.right() - w + 1, frame.y - 1, w, frame.h + 2}))
	if at.part == proto.PartBlock {
		plan := layOutBlock(at.rect, s.bars)
		switch t.part {
		case proto.PartResidual:
			to.add(zoom.rect(plan.f.inset(-5)))
		case proto.PartShortcut:
			to.add(zoom.rect(s.shortcutBox(plan).inset(-4)))
		}
	}
	if r, ok := s.tileOf(at, t); ok {
		to.add(zoom.rect(r.inset(-3)))
	}
}

// step leads from cell to cell: to the one before or after, or to the nearest in the row above or below.
func (s *networkScene) step(from target, dx, dy int) target {
	i := s.cellOf(from)
	switch {
	case i < 0:
		i = 0
	case dx != 0:
		i = min(max(i+dx, 0), len(s.cells)-1)
	default:
		i = s.nearestInRow(s.cells[i].row+dy, i)
	}
	t := noTarget
	t.part, t.block = s.cells[i].part, s.cells[i].block
	return t
}

// nearestInRow is the cell of a row that is nearest to a cell's column; if there is no such row, the cell itself.
func (s *networkScene) nearestInRow(row, cell int) int {
	best, least := cell, math.Inf(1)
	for k := range s.cells {
		if d := math.Abs(s.cells[k].middle().x - s.cells[cell].middle().x); s.cells[k].row == row && d < least {
			best, least = k, d
		}
	}
	return best
}

func (s *networkScene) bounds(t target) (rect, bool) {
	if i := s.cellOf(t); i >= 0 {
		return s.cells[i].rect, true
	}
	return rect{}, false
}
