package paint

import (
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// pathsScene shows the paths through residual networks by their length, after Veit et al. 2016: how many there are, the
// gradient that one of them carries, and both multiplied, which is the gradient that arrives.
type pathsScene struct {
	*lab
	labLayout
	panels [3]pathsPanel
	longer int // the longest path
}

// pathsPanel is a plot over the length.
type pathsPanel struct {
	plot
	title rect
	name  string
	// Shares of a network's sum, or logarithms; log says which.
	values [proto.MaxLabNetworks][]float64
	log    bool
}

func (s *pathsScene) layout(w, h float64) panes {
	s.labLayout = s.lab.layOut(w, h, true)
	s.longer = 1
	for i := range s.networks {
		if p := s.lab.paths[i]; p != nil {
			s.longer = max(s.longer, int(p.Lengths[len(p.Lengths)-1]))
		}
	}
	const left, bottom, gap = 44, 38, 14
	b, n := s.body, float64(len(s.panels))
	for i, name := range [...]string{"count", "gradient", "product"} {
		k := float64(i)
		r := rect{b.x + k*(b.w+gap)/n, b.y, (b.w+gap)/n - gap, b.h}
		if s.narrow || b.w < 780 {
			r = rect{b.x, b.y + k*(b.h+6)/n, b.w, (b.h+6)/n - 6}
		}
		p := &s.panels[i]
		*p = pathsPanel{title: rect{r.x, r.y, r.w, panelTitle}, name: name, log: name == "gradient"}
		p.box = rect{r.x + left, r.y + panelTitle + titleGap, r.w - left - 4, r.h - panelTitle - titleGap - bottom}
		s.fill(p)
	}
	return wholeCanvas(w, h)
}

// fill computes a panel's values and axes. Counts and products are shares of a network's sum.
func (s *pathsScene) fill(p *pathsPanel) {
	p.x0, p.x1, p.y0, p.y1 = -0.5, float64(s.longer)+0.5, 0, 1e-3
	lo, hi := math.Inf(1), math.Inf(-1)
	for k := range s.networks {
		m := s.lab.paths[k]
		if m == nil {
			continue
		}
		sum := 0.0
		all := make([]float64, len(m.Lengths))
		for i := range all {
			count, gradient := float64(m.Counts[i]), float64(m.Gradients[i])
			switch {
			case p.log:
				all[i] = float64(logOf(m.Gradients[i]))
				if all[i]-all[i] == 0 {
					lo, hi = min(lo, all[i]), max(hi, all[i])
				}
			case p.name == "count":
				all[i] = count
			case gradient >= 0 && gradient <= math.MaxFloat32:
				all[i] = count * gradient
			}
			sum += all[i]
		}
		if !p.log {
			for i := range all {
				all[i] /= max(sum, 1e-300)
				p.y1 = max(p.y1, all[i]*1.08)
			}
		}
		p.values[k] = all
	}
	if p.log && lo <= hi {
		const most = 14 // decades
		p.y1 = math.Ceil(hi + 1e-9)
		p.y0 = max(math.Floor(lo), p.y1-most)
	}
}

// known says whether there are paths of any network.
func (s *pathsScene) known() bool {
	for i := range s.networks {
		if s.lab.paths[i] != nil {
			return true
		}
	}
	return false
}

// yTicks are values of the vertical axis: decades, or shares.
func (p *pathsPanel) yTicks() []float64 {
	var ticks []float64
	if p.log {
		for _, e := range decadeTicks(int(p.y0), int(p.y1), p.box.h/26) {
			ticks = append(ticks, float64(e))
		}
		return ticks
	}
	step := 0.5
	for _, s := range [...]float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5} {
		step = s
		if p.y1/s <= max(p.box.h/60, 2) {
			break
		}
	}
	for v := 0.0; v <= p.y1; v += step {
		ticks = append(ticks, v)
	}
	return ticks
}

func (s *pathsScene) paintStatic(c *painter) {
	c.fillRect(c.clip, c.theme.paper)
	s.paintNames(c, s.lab)
	for i := range s.panels {
		p := &s.panels[i]
		c.paintPlot(&p.plot, p.yTicks())
		whole := c.clip
		c.clip = whole.Intersect(c.box(p.box.inset(-5)))
		for k := range s.networks {
			if p.log {
				s.paintLine(c, p, k)
				continue
			}
			for i := range p.values[k] {
				c.fillRect(c.box(s.barOf(p, k, i)), c.theme.networks[k])
			}
		}
		c.clip = whole
		c.axes(&p.plot)
	}
}

// barOf is a length's bar in the panels of shares: those of all networks stand side by side.
func (s *pathsScene) barOf(p *pathsPanel, network, i int) rect {
	place, n := 0, 0
	for k := range s.networks {
		if s.lab.paths[k] != nil {
			if k < network {
				place++
			}
			n++
		}
	}
	slot := p.box.w / (p.x1 - p.x0)
	w := slot * 0.82 / float64(max(n, 1))
	x := p.x(float64(s.lab.paths[network].Lengths[i])) - slot*0.41 + w*float64(place)
	y := p.y(p.values[network][i])
	return rect{x, y, w, p.box.bottom() - y}
}

func (s *pathsScene) paintLine(c *painter, p *pathsPanel, network int) {
	var line []point
	for i, v := range p.values[network] {
		if v-v == 0 {
			line = append(line, p.at(float64(s.lab.paths[network].Lengths[i]), p.clampY(v)))
		}
	}
	c.polyline(line, 2.25, c.theme.networks[network])
	every := int(math.Ceil(16 / (p.box.w / (p.x1 - p.x0))))
	for i := 0; i < len(line); i += max(every, 1) {
		c.mark(line[i], 3.5, network, c.theme.card)
	}
}

// place is the box of a target in a panel.
func (s *pathsScene) place(p *pathsPanel, t target) (rect, bool) {
	if t.part != proto.PartPath || t.network >= len(s.networks) || t.index >= len(p.values[t.network]) {
		return rect{}, false
	}
	if !p.log {
		return s.barOf(p, t.network, t.index), true
	}
	v := p.values[t.network][t.index]
	if math.IsNaN(v) {
		v = p.y1
	}
	at := p.at(float64(t.length), p.clampY(v))
	return rect{at.x - 5, at.y - 5, 10, 10}, true
}

func (s *pathsScene) paintDynamic(c *painter, d dynamic) {
	for i := range s.panels {
		p := &s.panels[i]
		r, ok := s.place(p, d.hover)
		switch {
		case !ok:
		case p.log:
			c.mark(r.middle(), 6, d.hover.network, c.theme.ink)
		default:
			c.edges(c.box(r), c.px(2), c.theme.ink)
		}
	}
}

func (s *pathsScene) damage(to *damage, zoom transform, from, now dynamic) {
	if from.hover == now.hover {
		return
	}
	for i := range s.panels {
		for _, t := range [...]target{from.hover, now.hover} {
			if r, ok := s.place(&s.panels[i], t); ok {
				to.add(zoom.rect(r.inset(-6)))
			}
		}
	}
}

// target is a length; index is where it stands among the network's.
func (s *pathsScene) target(network, index int) target {
	m := s.lab.paths[network]
	t := labTarget(proto.PartPath, network, float64(m.Gradients[index]))
	t.index, t.length = index, int(m.Lengths[index])
	return t
}

// hit is the bar in whose column the pointer is, or the point of a line that is nearest.
func (s *pathsScene) hit(zoom transform, on point, _ target) target {
	at := zoom.inverse(on)
	for i := range s.panels {
		p := &s.panels[i]
		if !p.box.inset(-4).has(at) {
			continue
		}
		best, least := noTarget, math.Inf(1)
		for k := range s.networks {
			for i := range p.values[k] {
				t := s.target(k, i)
				r, _ := s.place(p, t)
				d := math.Abs(r.middle().x - at.x)
				if p.log {
					d = math.Hypot(r.middle().x-at.x, r.middle().y-at.y)
				}
				if d < least {
					best, least = t, d
				}
			}
		}
		return best
	}
	return noTarget
}

func (s *pathsScene) step(from target, dx, dy int) target {
	network, index := from.network, from.index+dx
	if from.part != proto.PartPath {
		network, index = -1, 0
		dy = 1
	}
	for k := network + dy; dy != 0 && k >= 0 && k < len(s.networks); k += dy {
		if s.lab.paths[k] != nil {
			network = k
			break
		}
	}
	if network < 0 || s.lab.paths[network] == nil {
		return noTarget
	}
	return s.target(network, min(max(index, 0), len(s.lab.paths[network].Lengths)-1))
}

func (s *pathsScene) bounds(t target) (rect, bool) { return s.place(&s.panels[0], t) }

func (s *pathsScene) labels(to *labelList, zoom transform) {
	s.labelNames(to, zoom, s.lab)
	for i := range s.panels {
		p := &s.panels[i]
		to.add("view.lab.paths."+p.name, zoom.rect(p.title), 13, Start, Strong, nil)
		if !s.known() {
			to.empty("view.lab.empty.paths", zoom.rect(p.box))
			continue
		}
		for _, v := range p.yTicks() {
			at := zoom.rect(rect{p.box.x - 44, p.y(v) - 8, 38, 16})
			if p.log {
				to.add("view.lab.text", at, 11.5, End, Quiet, values("text", plain(powerText(int(v)))))
			} else {
				to.add("view.percent", at, 11.5, End, Quiet, values("value", number(v, Whole)))
			}
		}
		for _, v := range countTicks(0, s.longer, p.box.w/40) {
			at := rect{p.x(float64(v)) - 14, p.box.bottom() + 8, 28, 14}
			to.add("view.value", zoom.rect(at), 11.5, Middle, Quiet, values("value", whole(v)))
		}
		axis := rect{p.box.x, p.box.bottom() + 22, p.box.w, 16}
		to.add("view.lab.length", zoom.rect(axis), 12, Middle, Quiet, nil)
	}
}

func (s *pathsScene) tips(to *labelList, zoom transform, hover target) {
	r, ok := s.bounds(hover)
	if !ok {
		return
	}
	to.tip("view.lab.tip.path", zoom.rect(r), map[string]Value{
		"network": plain(s.networks[hover.network].Name), "length": whole(hover.length),
		"count":    science(float64(s.lab.paths[hover.network].Counts[hover.index])),
		"gradient": valueText(hover.known, hover.value),
		"share":    number(s.panels[2].values[hover.network][hover.index], Percent),
	})
}
