package paint

import (
	"image"
	"slices"

	"github.com/seed8935e608/residua/wasm/proto"
)

// heatPainted is what the heat map's picture shows, and how. If only columns come, the others stay as they are: with
// four networks of 56 layers that takes a twentieth of a whole picture's time (BenchmarkHeatStep).
type heatPainted struct {
	columns int
	how     heatHow
	panels  []image.Rectangle // in device pixels
}

// heatHow is what all columns' pixels depend on.
type heatHow struct {
	run           *proto.ViewLabNetwork // the first; each run has its own
	quantity      int
	lo, hi        int // decades
	steps, stride int
	theme         *theme
	colormap      proto.ViewColormap
	selected      target
	body          rect
	colorBar      rect // it leaves room for words
	ratio         float64
	transform     transform
}

// paintedNow is what a whole picture would show now.
func (s *heatScene) paintedNow(c *painter) heatPainted {
	h := &s.history
	lo, hi := h.ranges[s.quantity].decades()
	to := heatPainted{columns: h.columns, how: heatHow{
		run: &s.networks[0], quantity: s.quantity, lo: lo, hi: hi, steps: s.steps, stride: h.stride, theme: c.theme,
		colormap: c.colormap, selected: s.selected(), body: s.body, colorBar: s.colorBar, ratio: c.ratio,
		transform: c.transform,
	}}
	for i := range s.panels {
		to.panels = append(to.panels, c.box(s.panels[i].box))
	}
	return to
}

// grow paints the columns that have come. The last of the others may have got another step.
func (s *heatScene) grow(c *painter, to *damage) bool {
	now, before := s.paintedNow(c), &s.painted
	// A selected cell has a frame over its neighbours.
	if now.how != before.how || !slices.Equal(now.panels, before.panels) || now.how.selected.part != proto.PartNone ||
		before.columns == 0 || now.columns < before.columns {
		return false
	}
	total := (s.steps + s.history.stride - 1) / s.history.stride
	whole := c.clip
	for i, b := range now.panels {
		first, end := (before.columns-1)*b.Dx()/total-1, (now.columns*b.Dx()+total-1)/total+1
		grown := image.Rect(b.Min.X+first, b.Min.Y, b.Min.X+end, b.Max.Y).Intersect(b).Intersect(whole)
		if grown.Empty() {
			continue
		}
		c.clip = grown
		s.paintCells(c, b, i)
		to.addPixels(grown)
	}
	c.clip = whole
	s.painted = now
	return true
}
