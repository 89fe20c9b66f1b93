package paint

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// blank is a white canvas with a rim of pixels around its clip that nothing may touch.
func blank(w, h int) *canvas {
	c := new(canvas)
	c.resize(w, h)
	c.fillRect(c.clip, rgb(0xffffff))
	c.clip = c.clip.Inset(3)
	return c
}

// dark is how dark a pixel is, 0 … 255, when black was painted on white.
func (c *canvas) dark(x, y int) int { return 255 - int(c.row(y, x, x+1)[0]) }

// inside says whether a point is within a polygon, by the number of edges to its left.
func inside(polygon []point, p point) bool {
	in := false
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		if (a.y > p.y) != (b.y > p.y) && p.x > a.x+(b.x-a.x)*(p.y-a.y)/(b.y-a.y) {
			in = !in
		}
	}
	return in
}

// TestCoverage compares triangles and stars with a count of 32×32 points in every pixel.
func TestCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const size, fine = 24, 32
	for range 60 {
		// Points at growing angles round a middle make an outline that does not cross itself.
		var polygon []point
		n := 3 + random.IntN(6)
		for i := range n {
			s, c := math.Sincos((float64(i) + 0.8*random.Float64()) / float64(n) * 2 * math.Pi)
			r := 2 + 14*random.Float64() // some reach over the clip
			polygon = append(polygon, point{size/2 + r*c, size/2 + r*s})
		}
		c := blank(size, size)
		if c.begin(boundsOf(polygon, 0)) {
			c.moveTo(polygon[0].x, polygon[0].y)
			for i := range polygon {
				p := polygon[(i+1)%n]
				c.lineTo(p.x, p.y)
			}
			c.fill(rgb(0), 256)
		}
		for y := range size {
			for x := range size {
				count := 0
				for k := range fine * fine {
					dx, dy := (float64(k%fine)+0.5)/fine, (float64(k/fine)+0.5)/fine
					if inside(polygon, point{float64(x) + dx, float64(y) + dy}) {
						count++
					}
				}
				want := count * 255 / (fine * fine)
				if !image.Pt(x, y).In(c.clip) {
					want = 0
				}
				// An edge through a pixel is off by at most 1/32 of its length in the count, and by 1/256 in its ends;
				// there may be two or three.
				if got := c.dark(x, y); got < want-10 || got > want+10 {
					t.Fatalf("%v: pixel %d, %d has %d, want about %d", polygon, x, y, got, want)
				}
			}
		}
	}
}

// TestCircleArea: discs have the area of discs, also where they lie between the pixels.
func TestCircleArea(t *testing.T) {
	for _, r := range []float64{0.5, 1, 2.5, 7, 11.25} {
		for _, off := range []float64{0, 0.25, 0.5} {
			c := blank(40, 40)
			c.circle(point{20 + off, 20 - off}, r, rgb(0))
			sum := 0
			for i := range 1600 {
				sum += c.dark(i%40, i/40)
			}
			// A polygon of 48 corners has 0.29 % less; each pixel of the rim is rounded by up to 1/255.
			if want := math.Pi * r * r; math.Abs(float64(sum)/255-want) > 0.005*want+0.02*r+0.01 {
				t.Errorf("a disc of radius %v at %v has the area %.3f, want %.3f", r, off, float64(sum)/255, want)
			}
		}
	}
}

// shapes are one of each kind of shape.
var shapes = map[string]func(c *canvas){
	"circle":    func(c *canvas) { c.circle(point{20.3, 15.6}, 9.2, rgb(0x123456)) },
	"roundRect": func(c *canvas) { c.roundRect(image.Rect(2, 5, 35, 28), 7, rgb(0x123456)) },
	"frame":     func(c *canvas) { c.frame(image.Rect(2, 5, 35, 28), 7, 2, rgb(0x123456), rgb(0xabcdef)) },
	"roundLine": func(c *canvas) { c.roundLine(image.Rect(2, 5, 35, 28), 7, 2, rgb(0x123456)) },
	"edges":     func(c *canvas) { c.edges(image.Rect(6, 7, 30, 20), 2, rgb(0x123456)) },
	"blend":     func(c *canvas) { c.blend(image.Rect(6, 7, 30, 20), rgb(0x123456), 100) },
	"dashes":    func(c *canvas) { c.dashes(point{2, 9.5}, point{36, 9.5}, 2.5, 3, rgb(0x123456)) },
	"stroke": func(c *canvas) {
		line := bend([]point{{4, 30}}, point{4, 6}, point{34, 6}, 8)
		c.stroke(append(line, point{36, 6}), 3.3, rgb(0x123456))
	},
}

// TestShapesClip: a shape painted piece by piece is the shape, and what lies outside of the clip stays as it was.
func TestShapesClip(t *testing.T) {
	for name, paint := range shapes {
		whole, pieces := blank(40, 32), blank(40, 32)
		paint(whole)
		all := pieces.clip
		for _, x := range [][2]int{{3, 11}, {11, 12}, {12, 29}, {29, 37}} {
			for _, y := range [][2]int{{3, 7}, {7, 20}, {20, 29}} {
				pieces.clip = image.Rect(x[0], y[0], x[1], y[1])
				paint(pieces)
			}
		}
		changed := 0
		for i := range 40 * 32 {
			p := image.Pt(i%40, i/40)
			a, b := whole.row(p.Y, p.X, p.X+1), pieces.row(p.Y, p.X, p.X+1)
			if [4]byte(a) != [4]byte(b) {
				t.Fatalf("%s: at %v the pieces give %v, the whole %v", name, p, b, a)
			}
			if white := [4]byte{255, 255, 255, 255}; [4]byte(a) != white {
				changed++
				if !p.In(all) {
					t.Fatalf("%s paints at %v, outside of the clip", name, p)
				}
			}
		}
		if changed == 0 {
			t.Errorf("%s paints nothing", name)
		}
	}
}

// TestRoundLine: the line of a box is what is left of it when the inside is taken away.
func TestRoundLine(t *testing.T) {
	for _, r := range []image.Rectangle{image.Rect(5, 5, 30, 26), image.Rect(5, 5, 12, 26), image.Rect(5, 5, 30, 10)} {
		line, frame := blank(40, 32), blank(40, 32)
		line.roundLine(r, 6, 2, rgb(0))
		frame.frame(r, 6, 2, rgb(0), rgb(0xffffff))
		for i := range 40 * 32 {
			x, y := i%40, i/40
			// Where both shapes' rims meet in a pixel the frame mixes twice, the line once.
			if a, b := line.dark(x, y), frame.dark(x, y); a < b-70 || a > b+70 {
				t.Errorf("%v: at %d, %d the line has %d, the frame %d", r, x, y, a, b)
			}
		}
		if line.dark(r.Min.X+r.Dx()/2, r.Min.Y+r.Dy()/2) != 0 && r.Dx() > 8 && r.Dy() > 8 {
			t.Errorf("%v: the inside is painted", r)
		}
	}
}

func TestMix(t *testing.T) {
	for a := 0; a < 256; a += 5 {
		for b := 0; b < 256; b += 3 {
			for part := uint32(0); part <= 256; part += 8 {
				got := mix(rgb(uint32(a)<<16|uint32(b)<<8|7), rgb(uint32(b)<<16|uint32(a)<<8|250), part)
				share := float64(part) / 256
				wants := []float64{float64(a) + float64(b-a)*share, float64(b) + float64(a-b)*share, 7 + 243*share, 255}
				for i, want := range wants {
					if v := float64(got >> (8 * i) & 0xff); math.Abs(v-want) > 0.5 {
						t.Fatalf("mixing %d and %d, %d of 256: channel %d is %v, want %v", a, b, part, i, v, want)
					}
				}
			}
		}
	}
}
