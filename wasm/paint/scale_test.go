package paint

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed8935e608/residua/wasm/proto"
)

// redRamp is a ramp whose red is the byte itself.
var redRamp = func() *ramp {
	r := new(ramp)
	for i := range r {
		r[i] = rgb(uint32(i) << 16)
	}
	return r
}()

// naiveCells is the mean of the source over each target pixel, each sample a box, by the definition.
func naiveCells(pixels []byte, h, w, y, x, th, tw int) float64 {
	// overlap is the part of pixel at, one of pixels, that sample i of n covers.
	overlap := func(i, n, at, pixels int) float64 {
		lo := max(float64(i)/float64(n), float64(at)/float64(pixels))
		hi := min(float64(i+1)/float64(n), float64(at+1)/float64(pixels))
		return max(hi-lo, 0) * float64(pixels)
	}
	sum := 0.0
	for i := range h {
		for k := range w {
			sum += overlap(i, h, y, th) * overlap(k, w, x, tw) * float64(pixels[i*w+k])
		}
	}
	return sum
}

// naiveMids is the bilinear interpolation between the samples' middles.
func naiveMids(pixels []byte, h, w, y, x, th, tw int) float64 {
	at := func(i, n, pixels int) (int, int, float64) {
		v := min(max((float64(i)+0.5)*float64(n)/float64(pixels)-0.5, 0), float64(n-1))
		return int(v), min(int(v)+1, n-1), v - math.Floor(v)
	}
	y0, y1, fy := at(y, h, th)
	x0, x1, fx := at(x, w, tw)
	top := float64(pixels[y0*w+x0])*(1-fx) + float64(pixels[y0*w+x1])*fx
	bottom := float64(pixels[y1*w+x0])*(1-fx) + float64(pixels[y1*w+x1])*fx
	return top*(1-fy) + bottom*fy
}

func noise(n int) []byte {
	random := rand.New(rand.NewPCG(3, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.UintN(256))
	}
	return b
}

// TestEnlarge: magnified maps are the definition's, within 2: the parts are in 256ths, in each direction.
func TestEnlarge(t *testing.T) {
	for _, g := range [][4]int{
		{7, 7, 7, 7}, {7, 7, 28, 28}, {7, 5, 31, 23}, {1, 1, 9, 4}, {28, 28, 29, 97}, {3, 56, 10, 56},
	} {
		h, w, th, tw := g[0], g[1], g[2], g[3]
		pixels := noise(h * w)
		c, s := new(canvas), new(scaler)
		c.resize(tw, th)
		c.drawMap(s, c.clip, pixels, h, w, redRamp)
		smooth := new(canvas)
		smooth.resize(tw, th)
		smooth.drawOverlay(s, smooth.clip, pixels, h, w, redRamp, 256)
		for y := range th {
			for x := range tw {
				got, want := float64(c.row(y, x, x+1)[0]), naiveCells(pixels, h, w, y, x, th, tw)
				if math.Abs(got-want) > 2 {
					t.Fatalf("%v: pixel %d, %d is %v, want %.2f", g, y, x, got, want)
				}
				got, want = float64(smooth.row(y, x, x+1)[0]), naiveMids(pixels, h, w, y, x, th, tw)
				if math.Abs(got-want) > 3 {
					t.Fatalf("%v, smooth: pixel %d, %d is %v, want %.2f", g, y, x, got, want)
				}
			}
		}
	}
}

// TestShrink: of a map that is larger than its place every sample is in the mean of one pixel. A ramp of values stays
// that ramp.
func TestShrink(t *testing.T) {
	for _, g := range [][4]int{{56, 56, 28, 28}, {56, 56, 17, 23}, {28, 28, 1, 1}, {56, 28, 19, 40}} {
		h, w, th, tw := g[0], g[1], g[2], g[3]
		pixels := make([]byte, h*w)
		for i := range pixels {
			pixels[i] = byte(200*(i/w)/h + 40*(i%w)/w)
		}
		c, s := new(canvas), new(scaler)
		c.resize(tw, th)
		c.drawMap(s, c.clip, pixels, h, w, redRamp)
		for y := range th {
			for x := range tw {
				// Samples on the border of two pixels go to one of them: half a sample's step, and rounding.
				got, want := float64(c.row(y, x, x+1)[0]), naiveCells(pixels, h, w, y, x, th, tw)
				if math.Abs(got-want) > 100/float64(h)+20/float64(w)+1.5 {
					t.Fatalf("%v: pixel %d, %d is %v, want %.2f", g, y, x, got, want)
				}
			}
		}
	}
}

// TestPhoto: colours keep to their channels, and follow the same definitions.
func TestPhoto(t *testing.T) {
	p := &proto.ViewPicture{Height: 9, Width: 7, RGB: noise(3 * 9 * 7)}
	for _, smooth := range []bool{false, true} {
		c, s := new(canvas), new(scaler)
		c.resize(40, 33)
		c.drawImage(s, c.clip, p, smooth)
		for channel := range 3 {
			plane := make([]byte, 9*7)
			for i := range plane {
				plane[i] = p.RGB[3*i+channel]
			}
			naive := naiveCells
			if smooth {
				naive = naiveMids
			}
			for y := range 33 {
				for x := range 40 {
					got, want := float64(c.row(y, x, x+1)[channel]), naive(plane, 9, 7, y, x, 33, 40)
					if math.Abs(got-want) > 3 {
						t.Fatalf("smooth %v: pixel %d, %d, channel %d is %v, want %.2f",
							smooth, y, x, channel, got, want)
					}
				}
			}
		}
	}
}

// TestBitmapsClip: painted piece by piece, pictures are the same; so a damaged box can be painted alone.
func TestBitmapsClip(t *testing.T) {
	photo := &proto.ViewPicture{Height: 23, Width: 31, RGB: noise(3 * 23 * 31)}
	pixels := noise(13 * 13)
	for _, size := range []image.Rectangle{
		image.Rect(-4, -3, 45, 41), image.Rect(5, 4, 15, 12), image.Rect(5, 4, 33, 9),
	} {
		for name, paint := range map[string]func(*canvas, *scaler){
			"gray":    func(c *canvas, s *scaler) { c.drawMap(s, size, pixels, 13, 13, viridis) },
			"photo":   func(c *canvas, s *scaler) { c.drawImage(s, size, photo, true) },
			"pixels":  func(c *canvas, s *scaler) { c.drawImage(s, size, photo, false) },
			"overlay": func(c *canvas, s *scaler) { c.drawOverlay(s, size, pixels, 13, 13, viridis, 140) },
		} {
			t.Run(fmt.Sprint(name, size), func(t *testing.T) {
				whole, pieces := blank(40, 32), blank(40, 32)
				paint(whole, new(scaler))
				s := new(scaler)
				for _, x := range [][2]int{{3, 11}, {11, 12}, {12, 29}, {29, 37}} {
					for _, y := range [][2]int{{3, 7}, {7, 20}, {20, 29}} {
						pieces.clip = image.Rect(x[0], y[0], x[1], y[1])
						paint(pieces, s)
					}
				}
				if string(whole.pix) != string(pieces.pix) {
					t.Error("the pieces differ from the whole")
				}
			})
		}
	}
}
