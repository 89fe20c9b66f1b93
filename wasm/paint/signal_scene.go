package paint

import (
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// signalScene shows how a batch's activations fare on their way forward, and the gradient on its way back: a line for
// each network, by layer.
type signalScene struct {
	*lab
	labLayout
	panels [2]signalPanel
}

// signalPanel is one direction.
type signalPanel struct {
	plot
	title    rect
	quantity proto.ViewQuantity
	lo, hi   float64 // logarithms: two decades below and above where the signal begins
	known    bool    // whether there are numbers
}

// farDecades is how far from its beginning a signal is said to vanish or to explode.
const farDecades = 2

func (s *signalScene) layout(w, h float64) panes {
	s.labLayout = s.lab.layOut(w, h, true)
	const left, bottom, gap = 46, 38, 18
	b := s.body
	for i := range s.panels {
		r := rect{b.x + float64(i)*(b.w+gap)/2, b.y, (b.w - gap) / 2, b.h}
		if s.narrow {
			r = rect{b.x, b.y + float64(i)*(b.h+8)/2, b.w, (b.h - 8) / 2}
		}
		p := &s.panels[i]
		*p = signalPanel{title: rect{r.x, r.y, r.w, panelTitle}, quantity: proto.QuantityActivation}
		if i == 1 {
			p.quantity = s.gradientQuantity()
		}
		p.box = rect{r.x + left, r.y + panelTitle + titleGap, r.w - left - 6, r.h - panelTitle - titleGap - bottom}
		s.scale(p)
	}
	return wholeCanvas(w, h)
}

// scale sets a panel's axes: all layers, and all values in whole decades.
func (s *signalScene) scale(p *signalPanel) {
	p.x0, p.x1 = 0, 1
	lo, hi, begin, n := math.Inf(1), math.Inf(-1), 0.0, 0
	for _, network := range s.newest() {
		list := quantityOf(&network, p.quantity)
		p.x1 = max(p.x1, float64(len(list)-1))
		first, last := math.NaN(), math.NaN()
		for _, v := range list {
			l := float64(logOf(v))
			if l-l != 0 {
				continue
			}
			lo, hi, last = min(lo, l), max(hi, l), l
			if math.IsNaN(first) {
				first = l
			}
		}
		if p.quantity != proto.QuantityActivation {
			first = last // the gradient begins at the output
		}
		if first-first == 0 {
			begin += first
			n++
		}
	}
	p.known = n > 0
	if !p.known {
		p.y0, p.y1 = -1, 1
		return
	}
	begin /= float64(n)
	const most = 12
	p.y0 = math.Floor(max(min(lo, begin-0.5), begin-most))
	p.y1 = math.Ceil(min(max(hi, begin+0.5), begin+most))
	p.lo, p.hi = begin-farDecades, begin+farDecades
	half := 0.5 // the first and the last layer stand off the edges
	p.x0, p.x1 = p.x0-half, p.x1+half
}

// yTicks and xTicks are the numbers at the axes. Layers count from 1.
func (p *signalPanel) yTicks() []int { return decadeTicks(int(p.y0), int(p.y1), p.box.h/26) }
func (p *signalPanel) xTicks() []int { return countTicks(1, int(p.x1+0.5), p.box.w/46) }

func (s *signalScene) paintStatic(c *painter) {
	c.fillRect(c.clip, c.theme.paper)
	s.paintNames(c, s.lab)
	for i := range s.panels {
		p := &s.panels[i]
		var lines []float64
		if p.known {
			for _, e := range p.yTicks() {
				lines = append(lines, float64(e))
			}
		}
		c.paintPlot(&p.plot, lines)
		if !p.known {
			c.axes(&p.plot)
			continue
		}
		c.bands(&p.plot, p.lo, p.hi)
		if l := s.state.Layer; l >= 0 && float64(l) < p.x1 {
			x := c.point(p.at(float64(l), 0)).x
			c.straight(point{x, c.point(p.at(0, p.y1)).y}, point{x, c.point(p.at(0, p.y0)).y}, c.unit(), c.theme.ink2)
		}
		c.axes(&p.plot)
		whole := c.clip
		c.clip = whole.Intersect(c.box(p.box.inset(-6)))
		for k := range s.networks {
			s.paintLine(c, p, k)
		}
		c.clip = whole
	}
}

// values are a network's in a panel.
func (s *signalScene) values(p *signalPanel, network int) []float32 {
	if all := s.newest(); network >= 0 && network < len(all) {
		return quantityOf(&all[network], p.quantity)
	}
	return nil
}

// place is where a layer's value is. Zero and what is not finite lie on the plot's edges.
func (p *signalPanel) place(values []float32, layer int) (at point, finite bool) {
	l := float64(logOf(values[layer]))
	switch {
	case math.IsInf(l, -1):
		return p.at(float64(layer), p.y0), false
	case math.IsNaN(l):
		return p.at(float64(layer), p.y1), false
	}
	return p.at(float64(layer), p.clampY(l)), true
}

// paintLine paints a network's line, and its signs where there is room for them.
func (s *signalScene) paintLine(c *painter, p *signalPanel, network int) {
	values := s.values(p, network)
	var piece []point
	paint := func() {
		c.polyline(piece, 2.25, c.theme.networks[network])
		piece = piece[:0]
	}
	for i := range values {
		at, finite := p.place(values, i)
		if !finite {
			paint()
			c.circle(c.point(at), max(3*c.unit(), 2), c.theme.alert)
			continue
		}
		piece = append(piece, at)
	}
	paint()
	const apart = 26
	every := max(int(math.Ceil(apart/(p.box.w/(p.x1-p.x0)))), 1)
	shift := network * every / max(len(s.networks), 1) // so that equal lines show both signs
	for i := shift; i < len(values); i += every {
		if at, finite := p.place(values, i); finite {
			c.mark(at, 3.5, network, c.theme.card)
		}
	}
}

// panelOf is the panel that shows a target; nil: none.
func (s *signalScene) panelOf(t target) *signalPanel {
	for i := range s.panels {
		if p := &s.panels[i]; t.part == proto.PartLayer && t.quantity == p.quantity && s.has(p, t) {
			return p
		}
	}
	return nil
}

func (s *signalScene) has(p *signalPanel, t target) bool {
	return t.layer < len(s.values(p, t.network))
}

func (s *signalScene) paintDynamic(c *painter, d dynamic) {
	p := s.panelOf(d.hover)
	if p == nil {
		return
	}
	at, finite := p.place(s.values(p, d.hover.network), d.hover.layer)
	x := c.point(at).x
	for y := p.box.y; y < p.box.bottom(); y += 8 {
		from, to := c.point(point{at.x, y}), c.point(point{at.x, min(y+4, p.box.bottom())})
		c.straight(point{x, from.y}, point{x, to.y}, c.unit(), c.theme.ink2)
	}
	if finite {
		c.mark(at, 6, d.hover.network, c.theme.ink)
	} else {
		c.circle(c.point(at), max(5*c.unit(), 3), c.theme.alert)
	}
}

func (s *signalScene) damage(to *damage, zoom transform, from, now dynamic) {
	for _, t := range [...]target{from.hover, now.hover} {
		if p := s.panelOf(t); p != nil && from.hover != now.hover {
			x := p.x(float64(t.layer))
			to.add(zoom.rect(rect{x - 12, p.box.y - 12, 24, p.box.h + 24}))
		}
	}
}

func (s *signalScene) target(p *signalPanel, network, layer int) target {
	t := labTarget(proto.PartLayer, network, float64(s.values(p, network)[layer]))
	t.layer, t.quantity = layer, p.quantity
	return t
}

// hit is the point of a line that is nearest, of those of the layer under the pointer.
func (s *signalScene) hit(zoom transform, on point, _ target) target {
	at := zoom.inverse(on)
	for i := range s.panels {
		p := &s.panels[i]
		if !p.known || !p.box.inset(-6).has(at) {
			continue
		}
		best, least := noTarget, math.Inf(1)
		for k := range s.networks {
			values := s.values(p, k)
			if len(values) == 0 {
				continue
			}
			layer := int(math.Round(p.x0 + (at.x-p.box.x)/p.box.w*(p.x1-p.x0)))
			layer = min(max(layer, 0), len(values)-1)
			on, _ := p.place(values, layer)
			if d := math.Hypot(on.x-at.x, on.y-at.y); d < least {
				best, least = s.target(p, k, layer), d
			}
		}
		return best
	}
	return noTarget
}

// step leads from layer to layer, and up and down through the networks of both panels.
func (s *signalScene) step(from target, dx, dy int) target {
	type line struct {
		p *signalPanel
		k int
	}
	var lines []line
	now := -1
	for i := range s.panels {
		for k := range s.networks {
			if p := &s.panels[i]; len(s.values(p, k)) > 0 {
				if p == s.panelOf(from) && k == from.network {
					now = len(lines)
				}
				lines = append(lines, line{p, k})
			}
		}
	}
	if len(lines) == 0 {
		return noTarget
	}
	if now < 0 {
		return s.target(lines[0].p, lines[0].k, 0)
	}
	to := lines[min(max(now+dy, 0), len(lines)-1)]
	return s.target(to.p, to.k, min(max(from.layer+dx, 0), len(s.values(to.p, to.k))-1))
}

func (s *signalScene) bounds(t target) (rect, bool) {
	p := s.panelOf(t)
	if p == nil {
		return rect{}, false
	}
	at, _ := p.place(s.values(p, t.network), t.layer)
	return rect{at.x - 6, at.y - 6, 12, 12}, true
}

func (s *signalScene) labels(to *labelList, zoom transform) {
	s.labelNames(to, zoom, s.lab)
	for i := range s.panels {
		p := &s.panels[i]
		to.add("view.lab.signal."+string(p.quantity), zoom.rect(p.title), 13, Start, Strong, nil)
		if !p.known {
			to.empty("view.lab.empty.signal", zoom.rect(p.box))
			continue
		}
		for _, e := range p.yTicks() {
			at := rect{p.box.x - 46, p.y(float64(e)) - 8, 40, 16}
			to.add("view.lab.text", zoom.rect(at), 11.5, End, Quiet, values("text", plain(powerText(e))))
		}
		for _, v := range p.xTicks() {
			at := rect{p.x(float64(v-1)) - 16, p.box.bottom() + 8, 32, 14}
			to.add("view.value", zoom.rect(at), 11.5, Middle, Quiet, values("value", whole(v)))
		}
		axis := rect{p.box.x, p.box.bottom() + 22, p.box.w, 16}
		to.add("view.lab.layers", zoom.rect(axis), 12, Middle, Quiet, nil)
		s.labelBands(to, zoom, p)
	}
}

// labelBands names the bands of a panel that are high enough.
func (s *signalScene) labelBands(to *labelList, zoom transform, p *signalPanel) {
	const high = 16
	align := Start // where the signal begins: there no line is in a band
	if p.quantity != proto.QuantityActivation {
		align = End
	}
	r := p.box.inset(6)
	if p.y0 < p.lo && p.y(p.y0)-p.y(p.lo) >= high+4 {
		to.add("view.lab.vanishes", zoom.rect(rect{r.x, r.bottom() - high, r.w, high}), 11.5, align, Quiet, nil)
	}
	if p.y1 > p.hi && p.y(p.hi)-p.y(p.y1) >= high+4 {
		to.add("view.lab.explodes", zoom.rect(rect{r.x, r.y, r.w, high}), 11.5, align, Quiet, nil)
	}
}

func (s *signalScene) tips(to *labelList, zoom transform, hover target) {
	if p := s.panelOf(hover); p != nil {
		r, _ := s.bounds(hover)
		to.tip("view.lab.tip.layer", zoom.rect(r), map[string]Value{
			"network": plain(s.networks[hover.network].Name), "number": whole(hover.layer + 1),
			"layer": plain(s.networks[hover.network].Layers[hover.layer]),
			"value": valueText(hover.known, hover.value),
		})
	}
}
