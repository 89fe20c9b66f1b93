package paint

import (
	"image"
	"math"
	"strconv"

	"github.com/seed8935e608/residua/wasm/proto"
)

// landscapeScene shows the loss round each network's weights, as contours or as a relief that can be turned. All have
// the same logarithmic scale, so that they can be compared.
type landscapeScene struct {
	*lab
	labLayout
	panels   []landscapePanel
	lo, hi   float64 // the scale's ends: logarithms to base 10
	clipped  bool    // some losses are above it
	levels   []float64
	ramp     *ramp
	colorBar rect
	title    rect // of the legend
	angle    angle
}

type landscapePanel struct {
	title, box rect    // the box is a square for contours
	surface    surface // of the fine grid; empty: no landscape yet
}

// angle is where a relief is seen from, in degrees: yaw turns it, and pitch is 90 from above.
type angle struct{ yaw, pitch float64 }

func newLandscapeScene(l *lab) *landscapeScene {
	return &landscapeScene{lab: l, angle: angle{30, 38}}
}

func (s *landscapeScene) isRelief() bool { return s.state.Surface == proto.SurfaceRelief }

func (s *landscapeScene) layout(w, h float64) panes {
	s.labLayout = s.lab.layOut(w, h, false)
	const legend = 56
	s.body.h -= legend
	s.scale()
	s.panels = s.panels[:0]
	for i, r := range s.labLayout.panels(len(s.networks), 14) {
		p := landscapePanel{
			title: rect{r.x, r.y, r.w, panelTitle},
			box:   rect{r.x, r.y + panelTitle + titleGap, r.w, r.h - panelTitle - titleGap - 6},
		}
		fine := contourFineness
		if s.isRelief() {
			fine = reliefFineness
		} else {
			p.box = p.box.square()
			p.title.x, p.title.w = p.box.x, max(p.box.w, r.right()-p.box.x)
		}
		if m := s.landscapes[i]; m != nil {
			p.surface = refine(s.heights(m), m.Side, fine)
		}
		s.panels = append(s.panels, p)
	}
	s.title = rect{s.body.x, s.body.bottom() + 8, s.body.w, 18}
	s.colorBar = rect{s.body.x + 16, s.title.bottom() + 4, min(s.body.w-32, 480), 10}
	return wholeCanvas(w, h)
}

// capLoss is the loss above which all is the same: a guess among a thousand classes costs 6.9, and hills of a thousand
// would leave the valleys no colours.
const capLoss = 20

// scale sets the scale's ends and the levels of the contours, round numbers.
func (s *landscapeScene) scale() {
	least, most := math.Inf(1), 0.0
	for _, m := range s.landscapes {
		if m == nil {
			continue
		}
		for _, v := range m.Losses {
			if l := float64(v); l > 0 && l <= math.MaxFloat32 {
				least, most = min(least, l), max(most, l)
			}
		}
	}
	least = max(min(least, capLoss), 1e-4)
	top := min(max(most, least*1.5), max(capLoss, 10*least))
	s.levels = s.levels[:0]
	for e := -5; e <= 39; e++ {
		for _, digit := range [...]float64{1, 2, 5} {
			level := digit * math.Pow10(e)
			if len(s.levels) == 0 || s.levels[len(s.levels)-1] < top {
				s.levels = append(s.levels, level)
			}
			if level <= least {
				s.levels = append(s.levels[:0], level)
			}
		}
	}
	s.lo, s.hi = math.Log10(s.levels[0]), math.Log10(s.levels[len(s.levels)-1])
	s.clipped = most > s.levels[len(s.levels)-1]*1.001
}

// height is where a loss is on the scale, 0 … 1. What is no number is as high as infinity.
func (s *landscapeScene) height(loss float64) float64 {
	if math.IsNaN(loss) {
		return 1
	}
	return min(max((math.Log10(max(loss, 1e-9))-s.lo)/(s.hi-s.lo), 0), 1)
}

func (s *landscapeScene) heights(m *proto.ViewLandscape) []float64 {
	all := make([]float64, len(m.Losses))
	for i, v := range m.Losses {
		all[i] = s.height(float64(v))
	}
	return all
}

func (s *landscapeScene) paintStatic(c *painter) {
	c.fillRect(c.clip, c.theme.paper)
	s.ramp = sequential(c.colormap)
	for i := range s.panels {
		p := &s.panels[i]
		c.networkSign(p.title, i)
		switch {
		case p.surface.empty():
			c.fillRect(c.box(p.box), c.theme.well)
		case s.isRelief():
			s.paintRelief(c, p, i)
		default:
			s.paintContours(c, p)
			c.mark(p.box.middle(), 5, i, rgb(0xffffff))
		}
	}
	b := c.box(s.colorBar)
	for x := b.Min.X; x < b.Max.X; x++ {
		c.fillRect(image.Rect(x, b.Min.Y, x+1, b.Max.Y), s.ramp[(x-b.Min.X)*255/max(b.Dx()-1, 1)])
	}
	for _, level := range s.levels {
		x := c.point(point{s.barAt(level), 0}).x
		c.straight(point{x, float64(b.Max.Y)}, point{x, float64(b.Max.Y + c.px(4))}, c.unit(), c.theme.ink2)
	}
}

func (s *landscapeScene) barAt(level float64) float64 {
	return s.colorBar.x + s.colorBar.w*s.height(level)
}

// side is the number of a network's losses in a row; 0: none yet.
func (s *landscapeScene) side(network int) int {
	if network < 0 || network >= len(s.panels) || s.landscapes[network] == nil {
		return 0
	}
	return s.landscapes[network].Side
}

// place is where a point of the grid is.
func (s *landscapeScene) place(t target) (point, bool) {
	side := s.side(t.network)
	if t.part != proto.PartSurface || t.y >= side || t.x >= side {
		return point{}, false
	}
	p, last := &s.panels[t.network], float64(side-1)
	u, v := float64(t.x)/last, float64(t.y)/last
	if s.isRelief() {
		to := s.projection(p.box)
		at, _ := to.at(u, v, s.height(float64(s.landscapes[t.network].Losses[t.y*side+t.x])))
		return at, true
	}
	return point{p.box.x + u*p.box.w, p.box.y + v*p.box.h}, true
}

func (s *landscapeScene) paintDynamic(c *painter, d dynamic) {
	if at, ok := s.place(d.hover); ok {
		for _, ring := range [...]struct {
			radius float64
			col    Color
		}{{6.5, rgb(0x1b1a18)}, {5, rgb(0xffffff)}, {3, rgb(0x1b1a18)}} {
			c.circle(c.point(at), ring.radius*c.unit(), ring.col)
		}
	}
}

func (s *landscapeScene) damage(to *damage, zoom transform, from, now dynamic) {
	for _, t := range [...]target{from.hover, now.hover} {
		if at, ok := s.place(t); ok && from.hover != now.hover {
			to.add(zoom.rect(rect{at.x - 8, at.y - 8, 16, 16}))
		}
	}
}

func (s *landscapeScene) target(network, y, x int) target {
	m := s.landscapes[network]
	t := labTarget(proto.PartSurface, network, float64(m.Losses[y*m.Side+x]))
	t.y, t.x = y, x
	return t
}

func (s *landscapeScene) hit(zoom transform, on point, _ target) target {
	at := zoom.inverse(on)
	for i := range s.panels {
		p, side := &s.panels[i], s.side(i)
		switch {
		case side == 0 || !p.box.inset(-4).has(at):
		case s.isRelief():
			return s.hitRelief(i, at)
		default:
			near := func(from, length, v float64) int {
				return min(max(int(math.Round((v-from)/length*float64(side-1))), 0), side-1)
			}
			return s.target(i, near(p.box.y, p.box.h, at.y), near(p.box.x, p.box.w, at.x))
		}
	}
	return noTarget
}

// hitRelief is the point of the grid that is seen nearest to a place; in front of others where several are near.
func (s *landscapeScene) hitRelief(network int, on point) target {
	side, to := s.side(network), s.projection(s.panels[network].box)
	best, least := noTarget, math.Inf(1)
	for y := range side {
		for x := range side {
			last := float64(side - 1)
			z := s.height(float64(s.landscapes[network].Losses[y*side+x]))
			at, depth := to.at(float64(x)/last, float64(y)/last, z)
			const reach, nearer = 16, 4 // CSS pixels
			d := math.Hypot(at.x-on.x, at.y-on.y)
			if d < reach && d-nearer*depth < least {
				best, least = s.target(network, y, x), d-nearer*depth
			}
		}
	}
	return best
}

// step leads from point to point of the grid, and past its right or left edge to the next network.
func (s *landscapeScene) step(from target, dx, dy int) target {
	if from.part != proto.PartSurface {
		for i := range s.panels {
			if side := s.side(i); side > 0 {
				return s.target(i, side/2, side/2)
			}
		}
		return noTarget
	}
	network, y, x := from.network, from.y+dy, from.x+dx
	if next := network + dx; (x < 0 || x >= s.side(network)) && s.side(next) > 0 {
		network, x = next, 0
		if dx < 0 {
			x = s.side(network) - 1
		}
	}
	last := s.side(network) - 1
	return s.target(network, min(max(y, 0), last), min(max(x, 0), last))
}

func (s *landscapeScene) bounds(t target) (rect, bool) {
	at, ok := s.place(t)
	return rect{at.x - 6, at.y - 6, 12, 12}, ok
}

// turn turns the relief: half a degree for a CSS pixel.
func (s *landscapeScene) turn(dx, dy float64) bool {
	if !s.turnable() {
		return false
	}
	s.angle.yaw = math.Mod(s.angle.yaw+dx/2, 360)
	s.angle.pitch = min(max(s.angle.pitch+dy/2, 12), 88)
	return true
}

func (s *landscapeScene) turnable() bool { return s.isRelief() && len(s.networks) > 0 }

func (s *landscapeScene) labels(to *labelList, zoom transform) {
	for i := range s.panels {
		p := &s.panels[i]
		name := values("text", plain(s.networks[i].Name))
		to.add("view.lab.text", zoom.rect(nameBox(p.title)), 13, Start, Strong, name)
		switch {
		case p.surface.empty():
			to.empty("view.lab.empty.landscape", zoom.rect(p.box))
		case s.isRelief():
			s.labelRelief(to, zoom, p)
		default:
			s.labelContours(to, zoom, p)
		}
	}
	to.add("view.lab.loss", zoom.rect(s.title), 12.5, Start, Plain, nil)
	const wide = 36 // of a number
	before := math.Inf(-1)
	for i, level := range s.levels {
		x := s.barAt(level)
		if i < len(s.levels)-1 && (x-before < wide || s.colorBar.right()-x < wide) {
			continue
		}
		before = x
		at := zoom.rect(rect{x - wide/2, s.colorBar.bottom() + 5, wide, 15})
		to.add("view.lab.text", at, 11.5, Middle, Quiet, values("text", plain(s.levelText(i))))
	}
}

// levelText writes a level; the last one says whether losses are above it.
func (s *landscapeScene) levelText(i int) string {
	level := s.levels[i]
	t := strconv.FormatFloat(level, 'g', 1, 64)
	if level >= 1e-4 && level < 1e6 {
		t = strconv.FormatFloat(level, 'f', max(0, int(math.Ceil(-math.Log10(level)-1e-9))), 64)
	}
	if s.clipped && i == len(s.levels)-1 {
		return "≥ " + t
	}
	return t
}

func (s *landscapeScene) tips(to *labelList, zoom transform, hover target) {
	if r, ok := s.bounds(hover); ok {
		m := s.landscapes[hover.network]
		offset := func(i int) Value { return number(float64(m.Span)*(2*float64(i)/float64(m.Side-1)-1), Fixed) }
		to.tip("view.lab.tip.surface", zoom.rect(r), map[string]Value{
			"network": plain(s.networks[hover.network].Name), "value": valueText(hover.known, hover.value),
			"x": offset(hover.x), "y": offset(hover.y),
		})
	}
}
