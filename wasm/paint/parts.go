package paint

import (
	"image"

	"github.com/seed8935e608/residua/wasm/proto"
)

// What more than one scene paints.

// paintBar paints a bar with a part of it filled, from … to of 0 … 1, either way round.
func (v *View) paintBar(c *canvas, r rect, from, to float64, col Color) {
	if r.empty() {
		return
	}
	from, to = min(from, to), max(from, to)
	b := v.box(r)
	b.Max.Y = max(b.Max.Y, b.Min.Y+1)
	c.roundRect(b, b.Dy()/2, v.theme.well)
	full := b
	full.Min.X = b.Min.X + int(from*float64(b.Dx())+0.5)
	full.Max.X = b.Min.X + int(to*float64(b.Dx())+0.5)
	if full.Dx() == 0 && to > 0 && from == 0 { // a little is not nothing
		full.Max.X++
	}
	radius := b.Dy() / 2
	if from > 0 && to < 1 || full.Dx() < 2*radius {
		radius = min(radius, full.Dx()/2, 1)
	}
	c.roundRect(full, radius, col)
}

// tick marks a place on a bar.
func (v *View) tick(c *canvas, r rect, at float64) {
	b := v.box(r)
	x := b.Min.X + int(at*float64(b.Dx()))
	over := max(b.Dy()/3, 1)
	c.fillRect(image.Rect(x, b.Min.Y-over, x+v.px(1), max(b.Max.Y, b.Min.Y+1)+over), v.theme.ink2)
}

// frame marks a small picture that is pointed at: dark round light, so that it is seen beside every colour.
func (v *View) frame(c *canvas, r image.Rectangle) {
	thin := v.px(1)
	c.edges(r.Inset(thin), thin, v.theme.paper)
	c.edges(r, v.px(2), v.theme.ink)
}

// heat is a map that lies over the photo.
type heat struct {
	pixels []byte
	h, w   int
	scale  proto.ViewScale
}

// heat is what lies over the photo now: the selected channel where one block or the photo is shown, else what the engine or the page sent.
func (v *View) heat() (heat, bool) {
	if v.state.Channel >= 0 && len(v.shelf.channels) > 0 && (v.scene() == v.scenes[1] || v.scene() == v.scenes[2]) {
		place, ok := v.shelf.find(v.state.Channel)
		if !ok {
			return heat{}, false // it is on its way
		}
		t := v.tensor()
		return heat{v.shelf.maps[place][t], v.shelf.h, v.shelf.w, v.shelf.scales[t]}, true
	}
	if o := v.overlay; o != nil {
		return heat{o.Map, o.Height, o.Width, o.Scale}, true
	}
	return heat{}, false
}

// tensor is the one whose channel the page has selected; y, if it did not say.
func (v *View) tensor() proto.Tensor {
	for t, name := range proto.ViewTensors {
		if name == v.state.Tensor {
			return proto.Tensor(t)
		}
	}
	return proto.TensorY
}

// paintPhoto paints the photo, as the network gets it, and what lies over it.
func (v *View) paintPhoto(c *canvas, r rect) {
	b := v.box(r)
	c.photo(&v.scaler, b, &v.trace.Photo, true)
	if over, ok := v.heat(); ok {
		colours(&v.ramp, v.state.Map, over.scale, v.theme.dark)
		part := uint32(min(max(v.state.Opacity, 0), 1)*256 + 0.5)
		c.overlay(&v.scaler, b, over.pixels, over.h, over.w, &v.ramp, part)
	}
}

// overPhoto fills in what lies at a point of the photo in r: its row and column, and the value of what lies over it.
func (v *View) overPhoto(t *target, r rect, p point) {
	t.part = proto.PartPhoto
	o := &v.trace.Photo
	t.y, t.x = cellAt(p.y-r.y, r.h, o.Height), cellAt(p.x-r.x, r.w, o.Width)
	if over, ok := v.heat(); ok {
		t.known = true
		t.value = over.scale.Value(over.pixels[cellAt(p.y-r.y, r.h, over.h)*over.w+cellAt(p.x-r.x, r.w, over.w)])
	}
}

// cellAt is which of n cells of a length holds a place.
func cellAt(at, length float64, n int) int { return min(max(int(at/length*float64(n)), 0), n-1) }

// legend paints a scale: its colours from left to right, and a tick at zero where zero is inside.
func (v *View) legend(c *canvas, r rect, s proto.ViewScale) {
	colours(&v.ramp, v.state.Map, s, v.theme.dark)
	b := v.box(r)
	for x := b.Min.X; x < b.Max.X; x++ {
		p := (x - b.Min.X) * 255 / max(b.Dx()-1, 1)
		c.fillRect(image.Rect(x, b.Min.Y, x+1, b.Max.Y), v.ramp[p])
	}
	if s.Lo < 0 && s.Hi > 0 {
		v.tick(c, r, zeroOf(s))
	}
}

// zeroOf is where zero lies in a scale, 0 … 1.
func zeroOf(s proto.ViewScale) float64 { return float64(-s.Lo) / (float64(s.Hi) - float64(s.Lo)) }

// legendWords adds the values at a scale's ends, and between them zero, where there is room for it.
func (v *View) legendWords(r rect, s proto.ViewScale) {
	const wide = 40 // of a number
	y, left, right := r.bottom()+2, r.x+r.w/2, r.x+r.w/2
	if at := r.x + r.w*zeroOf(s); s.Lo < 0 && at-wide/2 > r.x+wide && at+wide/2 < r.right()-wide {
		left, right = at-wide/2, at+wide/2
		v.label("view.value", rect{left, y, wide, 14}, 11, Middle, Quiet, map[string]Value{"value": number(0, Short)})
	}
	v.label("view.value", rect{r.x, y, left - r.x, 14}, 11, Start, Quiet, map[string]Value{"value": number(float64(s.Lo), Short)})
	v.label("view.value", rect{right, y, r.right() - right, 14}, 11, End, Quiet, map[string]Value{"value": number(float64(s.Hi), Short)})
}
