package paint

import (
	"image"

	"github.com/seed8935e608/residua/wasm/proto"
)

// painter paints what scenes are made of on a canvas. Its boxes and points are CSS pixels of a scene's content, which
// the transform places on the canvas; where a comment says so they are device pixels.
type painter struct {
	*canvas
	transform transform
	ratio     float64 // device pixels in a CSS pixel
	theme     *theme
	colormap  proto.ViewColormap // the page's choice
	join      string             // how x and F are combined; see proto.ViewState

	// Scratch, kept so that painting allocates nothing.
	scaler scaler
	lut    ramp
	line   []point
}

// unit is the device pixels in one CSS pixel of the content; px is n of the content's pixels, in whole device pixels,
// at least one.
func (p *painter) unit() float64 { return p.ratio * p.transform.scale }

func (p *painter) px(n float64) int { return max(int(n*p.unit()+0.5), 1) }

// box and point give device pixels.
func (p *painter) box(r rect) image.Rectangle { return devicePixels(p.transform.rect(r), p.ratio) }

func (p *painter) point(at point) point {
	at = p.transform.apply(at)
	return point{at.x * p.ratio, at.y * p.ratio}
}

// straight paints a line between two points in device pixels.
func (p *painter) straight(a, b point, width float64, col Color) {
	p.line = append(p.line[:0], a, b)
	p.stroke(p.line, width, col)
}

// bar paints a bar that is filled from … to, both 0 … 1, in either order.
func (p *painter) bar(r rect, from, to float64, col Color) {
	if r.empty() {
		return
	}
	from, to = min(from, to), max(from, to)
	b := p.box(r)
	b.Max.Y = max(b.Max.Y, b.Min.Y+1)
	p.roundRect(b, b.Dy()/2, p.theme.well)
	full := b
	full.Min.X = b.Min.X + int(from*float64(b.Dx())+0.5)
	full.Max.X = b.Min.X + int(to*float64(b.Dx())+0.5)
	if full.Dx() == 0 && to > 0 && from == 0 { // a small value is still seen
		full.Max.X++
	}
	radius := b.Dy() / 2
	if from > 0 && to < 1 || full.Dx() < 2*radius {
		radius = min(radius, full.Dx()/2, 1)
	}
	p.roundRect(full, radius, col)
}

// tick marks a value, 0 … 1, on a bar.
func (p *painter) tick(r rect, value float64) {
	b := p.box(r)
	x := b.Min.X + int(value*float64(b.Dx()))
	over := max(b.Dy()/3, 1)
	p.fillRect(image.Rect(x, b.Min.Y-over, x+p.px(1), max(b.Max.Y, b.Min.Y+1)+over), p.theme.ink2)
}

// highlight frames a box in device pixels: dark round light, so that it is seen on every colour.
func (p *painter) highlight(b image.Rectangle) {
	thin := p.px(1)
	p.edges(b.Inset(thin), thin, p.theme.paper)
	p.edges(b, p.px(2), p.theme.ink)
}

// featureMap paints a map of h×w bytes, coloured by its scale.
func (p *painter) featureMap(r rect, pixels []byte, h, w int, scale proto.ViewScale) {
	fillRamp(&p.lut, p.colormap, scale, p.theme.dark)
	p.drawMap(&p.scaler, p.box(r), pixels, h, w, &p.lut)
}

// tiles paints the maps of some channels in a grid.
func (p *painter) tiles(t *proto.ViewTiles, g grid) {
	for k := range t.Tiles {
		p.featureMap(g.at(k).fit(t.Height, t.Width), t.Tiles[k].Map, t.Height, t.Width, t.Tiles[k].Scale)
	}
}

// photo paints the photo as the network gets it, and the heatmap over it.
func (p *painter) photo(r rect, m *model) {
	b := p.box(r)
	p.drawImage(&p.scaler, b, &m.trace.Photo, true)
	if heat, ok := m.heatmap(); ok {
		fillRamp(&p.lut, p.colormap, heat.scale, p.theme.dark)
		alpha := uint32(min(max(m.state.Opacity, 0), 1)*256 + 0.5)
		p.drawOverlay(&p.scaler, b, heat.pixels, heat.h, heat.w, &p.lut, alpha)
	}
}

// A colour bar is the bar, and a line of numbers below it.
const (
	colorBarHeight = 8.0
	colorBarTotal  = 26.0 // with the numbers
)

// colorBar paints a scale's colours from left to right, and a tick at zero where zero is inside.
func (p *painter) colorBar(r rect, s proto.ViewScale) {
	fillRamp(&p.lut, p.colormap, s, p.theme.dark)
	b := p.box(r)
	for x := b.Min.X; x < b.Max.X; x++ {
		i := (x - b.Min.X) * 255 / max(b.Dx()-1, 1)
		p.fillRect(image.Rect(x, b.Min.Y, x+1, b.Max.Y), p.lut[i])
	}
	if s.Lo < 0 && s.Hi > 0 {
		p.tick(r, zeroOf(s))
	}
}

// zeroOf is where zero lies in a scale, 0 … 1.
func zeroOf(s proto.ViewScale) float64 { return float64(-s.Lo) / (float64(s.Hi) - float64(s.Lo)) }
