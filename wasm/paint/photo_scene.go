package paint

import "github.com/seed8935e608/residua/wasm/proto"

// photoScene is the photo as the network gets it, large, with the heatmap over it.
type photoScene struct {
	*model
	photo, colorBar rect
}

func (s *photoScene) layout(w, h float64) panes {
	margin := min(max(0.02*min(w, h), 4), 16)
	s.photo = rect{margin, margin, w - 2*margin, h - 2*margin - colorBarTotal - 6}.fit(s.photoShape())
	width := min(s.photo.w, 320)
	s.colorBar = rect{s.photo.x + (s.photo.w-width)/2, s.photo.bottom() + 8, width, colorBarHeight}
	return wholeCanvas(w, h)
}

func (s *photoScene) paintStatic(c *painter) {
	c.fillRect(c.clip, c.theme.paper)
	c.photo(s.photo, s.model)
	if heat, ok := s.heatmap(); ok {
		c.colorBar(s.colorBar, heat.scale)
	}
}

func (s *photoScene) paintDynamic(*painter, dynamic)              {}
func (s *photoScene) damage(*damage, transform, dynamic, dynamic) {}
func (s *photoScene) step(from target, _, _ int) target           { return from }
func (s *photoScene) bounds(t target) (rect, bool)                { return s.photo, t.part == proto.PartPhoto }
func (s *photoScene) hit(zoom transform, p point, _ target) target {
	return s.photoTarget(s.photo, zoom.inverse(p))
}

func (s *photoScene) labels(to *labelList, zoom transform) {
	if heat, ok := s.heatmap(); ok {
		bar := zoom.rect(s.colorBar)
		third := bar.w / 3 // the middle one is for the value under the pointer
		lo, hi := number(float64(heat.scale.Lo), Short), number(float64(heat.scale.Hi), Short)
		to.add("view.value", rect{bar.x, bar.bottom() + 2, third, 14}, 11, Start, Quiet, values("value", lo))
		to.add("view.value", rect{bar.x + 2*third, bar.bottom() + 2, third, 14}, 11, End, Quiet, values("value", hi))
	}
}

// tips says the value under the pointer, below the middle of the colour bar.
func (s *photoScene) tips(to *labelList, zoom transform, hover target) {
	if hover.part == proto.PartPhoto && hover.known {
		bar := zoom.rect(s.colorBar)
		at := rect{bar.x + bar.w/3, bar.bottom() + 2, bar.w / 3, 14}
		to.add("view.value", at, 12, Middle, Strong, values("value", number(hover.value, Short)))
	}
}

// wholeCanvas is the one pane of a scene that zooms as a whole.
func wholeCanvas(w, h float64) panes {
	canvas := rect{0, 0, w, h}
	return panes{boxes: []rect{canvas}, content: canvas}
}

// photoTarget is what lies at a point of the photo in r: its row and column, and the heatmap's value. Elsewhere it is
// no target.
func (m *model) photoTarget(r rect, p point) target {
	t := noTarget
	if !r.has(p) {
		return t
	}
	photo := &m.trace.Photo
	t.part = proto.PartPhoto
	t.y, t.x = cellAt(p.y-r.y, r.h, photo.Height), cellAt(p.x-r.x, r.w, photo.Width)
	if heat, ok := m.heatmap(); ok {
		y, x := cellAt(p.y-r.y, r.h, heat.h), cellAt(p.x-r.x, r.w, heat.w)
		t.known, t.value = true, heat.scale.Value(heat.pixels[y*heat.w+x])
	}
	return t
}

// cellAt is which of n equal parts of a length holds a place.
func cellAt(at, length float64, n int) int { return min(max(int(at/length*float64(n)), 0), n-1) }
