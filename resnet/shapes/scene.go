package shapes

import "math"

// A thing is a form that a picture shows.
type thing struct {
	form   form
	hue    float64 // in degrees
	centre point
	radius float64
	angle  float64
}

// scene draws a picture: its ground, the clutter, the things, and noise over all.
func (s Set) scene(c *canvas, label int, r random) {
	d := s.Difficulty
	light := r.unit() < 0.5
	ground := colour(360*r.unit(), 0.15*r.unit(), r.between(0.1, 0.25))
	if light {
		ground = colour(360*r.unit(), 0.12*r.unit(), r.between(0.8, 0.95))
	}
	s.paper(c, ground, r)
	things := s.things(label, r)
	s.clutter(c, ground, r)
	for _, t := range things {
		ink := colour(t.hue, r.between(0.8, 1), r.between(0.85, 1))
		if light {
			ink = colour(t.hue, r.between(0.85, 1), r.between(0.45, 0.65))
		}
		ink = mixed(ink, ground, 0.5*d*r.unit())
		placed := t.form.at(t.centre, t.radius, t.angle)
		if s.Domain == Outlined {
			c.stroke(ink, max(0.28*t.radius, 1), placed...)
		} else {
			c.fill(ink, placed...)
		}
	}
	noise(c, 70*d, r)
}

// things decides what is shown and where.
func (s Set) things(label int, r random) []thing {
	d, size := s.Difficulty, float64(s.Size)
	if s.Task == Count {
		return s.several(label+1, r)
	}
	t := thing{
		form:   forms[r.below(len(forms))],
		hue:    360 * r.unit(),
		radius: size * 0.36 * (1 - d*0.45*r.unit()),
		angle:  d * r.about(math.Pi),
	}
	// A thing may leave the middle as far as it stays in the picture.
	room := d * (size/2 - 1.15*t.radius)
	t.centre = point{size/2 + r.about(room), size/2 + r.about(room)}
	pointer := pointers[r.below(len(pointers))]
	switch s.Task {
	case Form:
		t.form = forms[label]
	case Colour:
		t.hue = float64(60*label) + d*r.about(18)
	case Direction:
		t.form = pointer
		t.angle = d * r.about(math.Pi/6)
		if label == 0 { // left: the mirror image, not the form turned round
			t.form, t.angle = t.form.mirrored(), -t.angle
		}
	case Rotation:
		t.form, t.angle = pointer, float64(label)*math.Pi/2+d*r.about(math.Pi/7)
	}
	return []thing{t}
}

// mirrored exchanges left and right.
func (f form) mirrored() form {
	mirror := make(form, len(f))
	for i, c := range f {
		mirror[i] = make(contour, len(c))
		for k, p := range c {
			mirror[i][k] = point{-p.x, p.y}
		}
	}
	return mirror
}

// several puts n things of one form and one colour where they do not touch: each into a cell of its own, of four.
func (s Set) several(n int, r random) []thing {
	d, cell := s.Difficulty, float64(s.Size)/2
	form, hue := forms[r.below(len(forms))], 360*r.unit()
	cells := []point{{0, 0}, {1, 0}, {0, 1}, {1, 1}}
	things := make([]thing, n)
	for i := range things {
		j := i + r.below(len(cells)-i)
		cells[i], cells[j] = cells[j], cells[i]
		radius := cell * 0.32 * (1 - d*0.3*r.unit())
		room := 0.9 * d * (cell/2 - 1.2*radius)
		centre := point{(cells[i].x+0.5)*cell + r.about(room), (cells[i].y+0.5)*cell + r.about(room)}
		things[i] = thing{form, hue, centre, radius, d * r.about(math.Pi)}
	}
	return things
}

// clutter draws bars behind the things: up to seven, in greys between the ground and its opposite.
func (s Set) clutter(c *canvas, ground rgb, r random) {
	size := float64(s.Size)
	for range int(math.Round(7 * s.Difficulty * r.unit())) {
		bar := form{{{-1, -0.18}, {1, -0.18}, {1, 0.18}, {-1, 0.18}}}
		grey := mixed(ground, rgb{128, 128, 128}, 0.6*r.unit())
		placed := bar.at(point{size * r.unit(), size * r.unit()}, size*r.between(0.1, 0.22), r.about(math.Pi))
		c.fill(grey, placed...)
	}
}

// paper paints the ground: plain, or a texture of blotches and stripes round its colour.
func (s Set) paper(c *canvas, ground rgb, r random) {
	const side = 5 // of the grid between whose values the blotches lie
	var grid [side * side]int32
	for i := range grid {
		grid[i] = int32(r.below(256))
	}
	blotches, stripes := int32(50+40*s.Difficulty), int32(15+15*s.Difficulty)
	across, down := r.below(257), r.below(513)-256 // the direction of the stripes
	period := (3 + r.below(3)) * max(s.Size, 16) / 16 * 256
	for y := range s.Size {
		for x := range s.Size {
			v := ground
			if s.Domain == Outlined {
				shade := (blotch(grid[:], side, x, y, s.Size) - 128) * blotches / 256
				if phase := x*across + y*down; (phase+s.Size*period)/period%2 == 0 {
					shade += stripes
				}
				for i := range v {
					v[i] = min(max(v[i]+shade, 0), 255)
				}
			}
			pixel := c.pix[3*(y*s.Size+x):][:3]
			pixel[0], pixel[1], pixel[2] = byte(v[0]), byte(v[1]), byte(v[2])
		}
	}
}

// blotch interpolates linearly between the values of a grid that covers the picture.
func blotch(grid []int32, side, x, y, size int) int32 {
	fx, fy := x*(side-1)*fraction/size, y*(side-1)*fraction/size
	at, dx, dy := fy/fraction*side+fx/fraction, int32(fx%fraction), int32(fy%fraction)
	above := grid[at]*(fraction-dx) + grid[at+1]*dx
	below := grid[at+side]*(fraction-dx) + grid[at+side+1]*dx
	return (above*(fraction-dy)/fraction + below*dy/fraction) / fraction
}

// noise adds to every value the mean of four even ones, whose deviation is strength / √12.
func noise(c *canvas, strength float64, r random) {
	scale := int32(strength)
	if scale == 0 {
		return
	}
	for i, v := range c.pix {
		bits := r.Uint64()
		sum := int32(bits&0xffff) + int32(bits>>16&0xffff) + int32(bits>>32&0xffff) + int32(bits>>48) // 0 … 4·65535
		c.pix[i] = byte(min(max(int32(v)+(sum-2*65535)/4*scale/32768, 0), 255))
	}
}

// colour is a colour by hue in degrees, saturation and value.
func colour(hue, saturation, value float64) rgb {
	var c rgb
	for i, shift := range [3]float64{5, 3, 1} {
		k := math.Mod(shift+hue/60+6, 6)
		v := value * (1 - saturation*max(0, min(k, 4-k, 1)))
		c[i] = int32(math.Floor(255*v + 0.5))
	}
	return c
}

// mixed is a colour with a share of another.
func mixed(a, b rgb, share float64) rgb {
	part := int32(share * fraction)
	for i := range a {
		a[i] = (a[i]*(fraction-part) + b[i]*part) / fraction
	}
	return a
}
