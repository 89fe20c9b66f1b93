package paint

import (
	"image"
	"math"
	"strconv"
	"strings"

	"github.com/seed8935e608/residua/wasm/proto"
)

// plot is a box with two axes. Values are on the axes' scales: on a logarithmic axis, logarithms to base 10.
type plot struct {
	box            rect
	x0, x1, y0, y1 float64 // the values at the left and the right end, at the bottom and at the top
}

// at is where a value is; values beyond the ends are outside of the box.
func (p *plot) at(x, y float64) point { return point{p.x(x), p.y(y)} }

func (p *plot) x(v float64) float64 { return p.box.x + (v-p.x0)/(p.x1-p.x0)*p.box.w }
func (p *plot) y(v float64) float64 { return p.box.bottom() - (v-p.y0)/(p.y1-p.y0)*p.box.h }

// clampY is v, or the end of the axis that it is beyond.
func (p *plot) clampY(v float64) float64 { return min(max(v, p.y0), p.y1) }

// decadeTicks are the decades from lo to hi, as many as there is room for, at equal distances.
func decadeTicks(lo, hi int, room float64) []int {
	step := 1
	for _, s := range [...]int{1, 2, 3, 5, 10, 20, 50} {
		step = s
		if float64((hi-lo)/s+1) <= max(room, 2) {
			break
		}
	}
	var ticks []int
	for e := int(math.Ceil(float64(lo)/float64(step))) * step; e <= hi; e += step {
		ticks = append(ticks, e)
	}
	return ticks
}

// countTicks are round numbers from lo to hi, as many as there is room for.
func countTicks(lo, hi int, room float64) []int {
	step := 1
	for _, s := range [...]int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000} {
		step = s
		if float64((hi-lo)/s+1) <= max(room, 2) {
			break
		}
	}
	var ticks []int
	for v := (lo + step - 1) / step * step; v <= hi; v += step {
		ticks = append(ticks, v)
	}
	return ticks
}

// powerText writes a power of ten: 0.1, 1, 10 and 100 in full, others as 10⁻³.
func powerText(exponent int) string {
	switch exponent {
	case -1:
		return "0.1"
	case 0, 1, 2:
		return strconv.Itoa(int(math.Pow10(exponent)))
	}
	return "10" + superscript.Replace(strconv.Itoa(exponent))
}

var superscript = strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶",
	"7", "⁷", "8", "⁸", "9", "⁹")

// paintPlot paints the ground and the lines at some values of the vertical axis.
func (p *painter) paintPlot(at *plot, ys []float64) {
	b := p.box(at.box)
	p.fillRect(b, p.theme.card)
	for _, v := range ys {
		y := p.box(rect{at.box.x, at.y(v), at.box.w, 0}).Min.Y
		p.fillRect(image.Rect(b.Min.X, y, b.Max.X, y+p.px(1)), p.theme.line)
	}
}

// axes paints the two axes over what the plot shows.
func (p *painter) axes(at *plot) {
	b := p.box(at.box)
	w := p.px(1)
	p.fillRect(image.Rect(b.Min.X-w, b.Min.Y, b.Min.X, b.Max.Y+w), p.theme.lineStrong)
	p.fillRect(image.Rect(b.Min.X-w, b.Max.Y, b.Max.X, b.Max.Y+w), p.theme.lineStrong)
}

// polyline paints a line through points of the content, with round joints, so that it may have sharp bends.
func (p *painter) polyline(points []point, width float64, col Color) {
	wide := max(width*p.unit(), 1.2)
	for i := range points {
		if i > 0 {
			p.straight(p.point(points[i-1]), p.point(points[i]), wide, col)
		}
		if i > 0 && i < len(points)-1 && wide > 1.5 {
			p.circle(p.point(points[i]), wide/2, col)
		}
	}
}

// mark paints a network's sign: a disc, a square, a triangle or a diamond, so that colours need not be told apart. It
// has an edge in the ground's colour.
func (p *painter) mark(at point, radius float64, network int, ground Color) {
	c, r := p.point(at), max(radius*p.unit(), 2)
	edge := max(1.25*p.unit(), 1)
	for i, col := range [...]Color{ground, p.theme.networks[network]} {
		grown := r
		if i == 0 {
			grown += edge
		}
		if network == 0 {
			p.circle(c, grown, col)
			continue
		}
		p.polygon(c, grown, network, col)
	}
}

// corners are those of the networks' signs, in radii.
var corners = [proto.MaxLabNetworks][]point{
	1: {{-0.88, -0.88}, {0.88, -0.88}, {0.88, 0.88}, {-0.88, 0.88}},
	2: {{0, -1.15}, {1.08, 0.8}, {-1.08, 0.8}},
	3: {{0, -1.25}, {1.25, 0}, {0, 1.25}, {-1.25, 0}},
}

func (p *painter) polygon(c point, r float64, network int, col Color) {
	if !p.begin(boundsOf([]point{c}, 3*r)) {
		return
	}
	list := corners[network]
	p.moveTo(c.x+list[0].x*r, c.y+list[0].y*r)
	for i := range list {
		q := list[(i+1)%len(list)]
		p.lineTo(c.x+q.x*r, c.y+q.y*r)
	}
	p.fill(col, 256)
}

// textWidth estimates how wide a text is: Chinese characters are square, others about half as wide.
func textWidth(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case r >= 0x2e80:
			w++
		case r >= 'A' && r <= 'Z' || r == 'm' || r == 'w' || r == '%':
			w += 0.72
		default:
			w += 0.55
		}
	}
	return w * size
}
