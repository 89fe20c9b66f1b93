package paint

import (
	"image"
	"math"
	"strings"

	"github.com/seed8935e608/residua/wasm/proto"
)

// heatScene shows a panel for each network: a row for each layer, the input's at the top, a column for each training
// step. The colour says how large the gradient is, or the activation, on one logarithmic scale for all networks.
type heatScene struct {
	*lab
	labLayout
	panels   []heatPanel
	colorBar rect
	bad      rect // the colour of what is not finite, in the legend
	title    rect // of the legend
	steps    int  // on the horizontal axis
	quantity int
	ramp     ramp
	painted  heatPainted
	colors   []Color // scratch: a row of pixels
}

type heatPanel struct {
	title, box rect
	rows       []heatRow
}

// heatRow names the rows from a layer on.
type heatRow struct {
	name  string
	layer int
}

func (s *heatScene) layout(w, h float64) panes {
	s.labLayout = s.lab.layOut(w, h, false)
	s.quantity = quantityIndex(s.heatQuantity())
	s.steps = max(s.state.Steps, s.history.steps, 1)
	const legend, left, bottom = 58, 62, 22
	s.body.h -= legend
	s.panels = s.panels[:0]
	for i, r := range s.labLayout.panels(len(s.networks), 14) {
		p := heatPanel{
			title: rect{r.x, r.y, r.w, panelTitle},
			box:   rect{r.x + left, r.y + panelTitle + titleGap, r.w - left - 2, r.h - panelTitle - titleGap - bottom},
		}
		p.rows = namedRows(s.networks[i].Layers, p.box.h)
		s.panels = append(s.panels, p)
	}
	const inset, beside = 12, 52 // the first number's half, and the sign of what is not finite
	width := min(s.body.w-inset-beside-textWidth(s.words["view.lab.bad"], 12), 420)
	s.title = rect{s.body.x, s.body.bottom() + 8, s.body.w, 18}
	s.colorBar = rect{s.body.x + inset, s.title.bottom() + 4, width, 10}
	s.bad = rect{s.colorBar.right() + 22, s.colorBar.y - 1, 18, 12}
	return wholeCanvas(w, h)
}

// namedRows are the first rows of each stage, and of what is outside of the stages, as far as there is room for their
// names.
func namedRows(layers []string, h float64) []heatRow {
	var rows []heatRow
	const apart = 15
	last := -math.MaxFloat64
	stage := ""
	for i, name := range layers {
		now, _, _ := strings.Cut(name, ".")
		y := (float64(i) + 0.5) / float64(len(layers)) * h
		if now != stage && y-last >= apart {
			rows = append(rows, heatRow{now, i})
			last = y
		}
		stage = now
	}
	return rows
}

func (s *heatScene) paintStatic(c *painter) {
	c.fillRect(c.clip, c.theme.paper)
	s.ramp = *sequential(c.colormap)
	for i := range s.panels {
		p := &s.panels[i]
		c.networkSign(p.title, i)
		b := c.box(p.box)
		c.edges(b, c.px(1), c.theme.lineStrong)
		c.fillRect(b, c.theme.well)
		s.paintCells(c, b, i)
		s.paintRows(c, p, i)
	}
	s.paintLegend(c)
	if t := s.selected(); t.part != proto.PartNone {
		s.paintMark(c, t)
	}
	s.painted = s.paintedNow(c)
}

// sequential is a colormap for values without a middle.
func sequential(m proto.ViewColormap) *ramp {
	if m == proto.ColormapMagma {
		return magma
	}
	return viridis
}

// paintRows marks where each stage begins.
func (s *heatScene) paintRows(c *painter, p *heatPanel, network int) {
	b := c.box(p.box)
	n := len(s.networks[network].Layers)
	for _, row := range p.rows {
		y := b.Min.Y + row.layer*b.Dy()/n
		c.fillRect(image.Rect(b.Min.X-c.px(5), y, b.Min.X, y+c.px(1)), c.theme.lineStrong)
	}
}

// paintCells paints the numbers that have come. Columns that share a pixel are averaged, and so are rows.
func (s *heatScene) paintCells(c *painter, b image.Rectangle, network int) {
	h := &s.history
	if h.columns == 0 || b.Empty() {
		return
	}
	layers, total := h.layers[network], (s.steps+h.stride-1)/h.stride
	seen := b.Intersect(c.clip)
	s.colors = grow(s.colors, max(seen.Dx(), 0))
	last := -1 // the layer of the row of pixels above
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		layer := (y - b.Min.Y) * layers / b.Dy()
		until := max((y+1-b.Min.Y)*layers/b.Dy(), layer+1)
		row := c.row(y, seen.Min.X, seen.Max.X)
		if layer == last && until == layer+1 {
			copy(row, c.row(y-1, seen.Min.X, seen.Max.X))
			continue
		}
		last = layer
		s.colorRow(c, b, seen, network, layer, until, total)
		for i, col := range s.colors {
			row[4*i], row[4*i+1], row[4*i+2] = byte(col), byte(col>>8), byte(col>>16)
		}
	}
}

// colorRow computes the colours of a row of pixels, which shows some layers.
func (s *heatScene) colorRow(c *painter, b, seen image.Rectangle, network, layer, until, total int) {
	h := &s.history
	lo, hi := h.ranges[s.quantity].decades()
	before := -1
	for i := range s.colors {
		x := seen.Min.X + i - b.Min.X
		first := x * total / b.Dx()
		end := min(max((x+1)*total/b.Dx(), first+1), h.columns)
		if first == before && end <= first+1 {
			s.colors[i] = s.colors[i-1]
			continue
		}
		before = first
		v, n := float32(missing), 0
		for k := first; k < end; k++ {
			for _, l := range h.at(network, s.quantity, k)[layer:until] {
				v = mean(v, n, l, 1)
				n++
			}
		}
		s.colors[i] = s.color(c, v, float64(lo), float64(hi))
	}
}

// color is that of a logarithm.
func (s *heatScene) color(c *painter, v float32, lo, hi float64) Color {
	switch {
	case v == missing:
		return c.theme.well
	case v != v:
		return c.theme.alert
	}
	return s.ramp[int(min(max((float64(v)-lo)/(hi-lo), 0), 1)*255+0.5)]
}

func (s *heatScene) paintLegend(c *painter) {
	b := c.box(s.colorBar)
	for x := b.Min.X; x < b.Max.X; x++ {
		c.fillRect(image.Rect(x, b.Min.Y, x+1, b.Max.Y), s.ramp[(x-b.Min.X)*255/max(b.Dx()-1, 1)])
	}
	if s.history.columns > 0 {
		for _, e := range s.barTicks() {
			x := c.point(point{s.barAt(e), 0}).x
			c.straight(point{x, float64(b.Max.Y)}, point{x, float64(b.Max.Y + c.px(4))}, c.unit(), c.theme.ink2)
		}
	}
	c.fillRect(c.box(s.bad), c.theme.alert)
}

// barTicks are the decades below the colour bar; barAt is where one is.
func (s *heatScene) barTicks() []int {
	lo, hi := s.history.ranges[s.quantity].decades()
	return decadeTicks(lo, hi, s.colorBar.w/44)
}

func (s *heatScene) barAt(e int) float64 {
	lo, hi := s.history.ranges[s.quantity].decades()
	return s.colorBar.x + s.colorBar.w*float64(e-lo)/float64(hi-lo)
}

// cell is the box of a target.
func (s *heatScene) cell(t target) (rect, bool) {
	if t.part != proto.PartCell || t.network >= len(s.panels) || t.layer >= len(s.networks[t.network].Layers) {
		return rect{}, false
	}
	b, stride := s.panels[t.network].box, s.history.stride
	total := (s.steps + stride - 1) / stride
	w, h := b.w/float64(total), b.h/float64(len(s.networks[t.network].Layers))
	return rect{b.x + w*float64(t.step/stride), b.y + h*float64(t.layer), w, h}, true
}

// selected is the cell that the page has selected, if its numbers have come.
func (s *heatScene) selected() target {
	l := &s.state
	if l.Network < 0 || l.Network >= len(s.panels) || l.Layer < 0 || l.Layer >= s.history.layers[l.Network] ||
		l.Step < 0 || l.Step/s.history.stride >= s.history.columns {
		return noTarget
	}
	return s.target(l.Network, l.Layer, l.Step/s.history.stride)
}

// paintMark frames a cell so that it is seen on every colour, however small it is.
func (s *heatScene) paintMark(c *painter, t target) {
	r, ok := s.cell(t)
	if !ok {
		return
	}
	c.highlight(c.box(s.atLeast(r)))
}

// atLeast is a cell, or a box round it that can be seen.
func (s *heatScene) atLeast(r rect) rect {
	const side = 7
	w, h := max(r.w, side), max(r.h, side)
	return rect{r.x + (r.w-w)/2, r.y + (r.h-h)/2, w, h}
}

func (s *heatScene) paintDynamic(c *painter, d dynamic) { s.paintMark(c, d.hover) }

func (s *heatScene) damage(to *damage, zoom transform, from, now dynamic) {
	if from.hover == now.hover {
		return
	}
	for _, t := range [...]target{from.hover, now.hover} {
		if r, ok := s.cell(t); ok {
			to.add(zoom.rect(s.atLeast(r)).inset(-8 * zoom.scale))
		}
	}
}

// target is a cell. Its step is the column's first.
func (s *heatScene) target(network, layer, column int) target {
	h := &s.history
	v := h.at(network, s.quantity, column)[layer]
	value := math.NaN()
	if v != missing {
		value = math.Pow(10, float64(v)) // NaN stays; −∞ is zero
	}
	t := labTarget(proto.PartCell, network, value)
	t.layer, t.step, t.quantity = layer, column*h.stride, s.heatQuantity()
	return t
}

func (s *heatScene) hit(zoom transform, on point, _ target) target {
	at, h := zoom.inverse(on), &s.history
	for i := range s.panels {
		b := s.panels[i].box
		if !b.has(at) {
			continue
		}
		total := (s.steps + h.stride - 1) / h.stride
		column := cellAt(at.x-b.x, b.w, total)
		if column < h.columns {
			return s.target(i, cellAt(at.y-b.y, b.h, h.layers[i]), column)
		}
	}
	return noTarget
}

// step leads from cell to cell, and from the last column of a network to the first of the next.
func (s *heatScene) step(from target, dx, dy int) target {
	h := &s.history
	if h.columns == 0 {
		return noTarget
	}
	if from.part != proto.PartCell {
		return s.target(0, 0, h.columns-1)
	}
	network, layer, column := from.network, from.layer+dy, from.step/h.stride+dx
	switch {
	case column >= h.columns && network+1 < len(s.panels):
		network, column = network+1, 0
	case column < 0 && network > 0:
		network, column = network-1, h.columns-1
	case layer >= h.layers[network] && network+1 < len(s.panels):
		network, layer = network+1, 0
	case layer < 0 && network > 0:
		network--
		layer = h.layers[network] - 1
	}
	return s.target(network, min(max(layer, 0), h.layers[network]-1), min(max(column, 0), h.columns-1))
}

func (s *heatScene) bounds(t target) (rect, bool) { return s.cell(t) }

func (s *heatScene) labels(to *labelList, zoom transform) {
	for i := range s.panels {
		p := &s.panels[i]
		name := values("text", plain(s.networks[i].Name))
		to.add("view.lab.text", zoom.rect(nameBox(p.title)), 13, Start, Strong, name)
		for _, row := range p.rows {
			y := p.box.y + (float64(row.layer)+0.5)/float64(len(s.networks[i].Layers))*p.box.h
			to.add("view.lab.text", zoom.rect(rect{p.box.x - 62, y - 7.5, 55, 15}), 11, End, Quiet,
				values("text", plain(row.name)))
		}
		if s.history.columns == 0 {
			to.empty("view.lab.empty.heat", zoom.rect(p.box))
		}
		s.labelSteps(to, zoom, p)
	}
	to.add("view.lab.heat."+string(s.heatQuantity()), zoom.rect(s.title), 12.5, Start, Plain, nil)
	if s.history.columns > 0 {
		for _, e := range s.barTicks() {
			at := rect{s.barAt(e) - 20, s.colorBar.bottom() + 5, 40, 15}
			to.add("view.lab.text", zoom.rect(at), 11.5, Middle, Quiet, values("text", plain(powerText(e))))
		}
	}
	bad := rect{s.bad.right() + 6, s.bad.y - 3, s.body.right() - s.bad.right() - 6, 18}
	to.add("view.lab.bad", zoom.rect(bad), 12, Start, Quiet, nil)
}

func (s *heatScene) labelSteps(to *labelList, zoom transform, p *heatPanel) {
	ticks := countTicks(0, s.steps, p.box.w/70)
	for _, v := range ticks {
		x := p.box.x + p.box.w*float64(v)/float64(s.steps)
		at := rect{x - 30, p.box.bottom() + 3, 60, 15}
		align := Middle
		switch {
		case v == 0:
			at.x, align = x, Start
		case x+30 > p.box.right()+2:
			at.x, align = x-60, End
		}
		to.add("view.lab.step", zoom.rect(at), 11.5, align, Quiet, values("step", whole(v)))
	}
}

func (s *heatScene) tips(to *labelList, zoom transform, hover target) {
	if r, ok := s.cell(hover); ok {
		to.tip("view.lab.tip.cell", zoom.rect(r), map[string]Value{
			"network": plain(s.networks[hover.network].Name), "step": whole(hover.step),
			"layer": plain(s.networks[hover.network].Layers[hover.layer]),
			"value": valueText(hover.known, hover.value),
		})
	}
}
