package imageio

import (
	"bytes"
	"fmt"
	"math"
	"testing"
)

// reference is Pillow's Image.resize of a picture of width × height with one of its filters, written from the filters'
// definitions: first all rows, rounded to bytes, then all columns. It computes in floating point, where Pillow has 22
// bits after the point, so that a byte may differ by one.
func reference(pix []byte, width, height, toWidth, toHeight int, of Filter) []byte {
	support := map[Filter]float64{Box: 0.5, Bilinear: 1, Hamming: 1, Bicubic: 2, Lanczos: 3}
	weight := map[Filter]func(x float64) float64{
		Box: func(x float64) float64 {
			if -0.5 < x && x <= 0.5 {
				return 1
			}
			return 0
		},
		Bilinear: func(x float64) float64 { return math.Max(0, 1-math.Abs(x)) },
		Hamming: func(x float64) float64 {
			if math.Abs(x) >= 1 {
				return 0
			}
			return ratio(math.Sin(math.Pi*x), math.Pi*x) * (0.54 + 0.46*math.Cos(math.Pi*x))
		},
		Bicubic: func(x float64) float64 { // (a+2)|x|³ − (a+3)|x|² + 1 and a|x|³ − 5a|x|² + 8a|x| − 4a, a = −1/2
			x = math.Abs(x)
			if x <= 1 {
				return 1.5*x*x*x - 2.5*x*x + 1
			}
			if x < 2 {
				return -0.5*x*x*x + 2.5*x*x - 4*x + 2
			}
			return 0
		},
		Lanczos: func(x float64) float64 {
			if math.Abs(x) >= 3 {
				return 0
			}
			return ratio(math.Sin(math.Pi*x), math.Pi*x) * ratio(math.Sin(math.Pi*x/3), math.Pi*x/3)
		},
	}[of]
	// line resizes n values, read by at and written by set.
	line := func(n, to int, at func(i int) byte, set func(i int, v byte)) {
		scale := float64(n) / float64(to)
		for i := range to {
			middle := (float64(i) + 0.5) * scale
			if of == Nearest {
				set(i, at(int(middle)))
				continue
			}
			var sum, total float64
			// In Pillow's order: where a pixel's middle lies on the edge of the box, the last bit decides.
			wider := math.Max(scale, 1)
			reach := support[of] * wider
			for k := int(math.Max(middle-reach+0.5, 0)); k < n && k < int(middle+reach+0.5); k++ {
				w := weight((float64(k) - middle + 0.5) * (1 / wider))
				sum, total = sum+w*float64(at(k)), total+w
			}
			set(i, byte(math.Min(math.Max(math.Floor(sum/total+0.5), 0), 255)))
		}
	}
	narrow := make([]byte, 3*toWidth*height)
	out := make([]byte, 3*toWidth*toHeight)
	for c := range 3 {
		for y := range height {
			line(width, toWidth, func(x int) byte { return pix[4*(y*width+x)+c] },
				func(x int, v byte) { narrow[3*(y*toWidth+x)+c] = v })
		}
		for x := range toWidth {
			line(height, toHeight, func(y int) byte { return narrow[3*(y*toWidth+x)+c] },
				func(y int, v byte) { out[3*(y*toWidth+x)+c] = v })
		}
	}
	return out
}

// ratio is a/b, and 1 for 0/0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 1
	}
	return a / b
}

// cut is a crop of a picture of RGB.
func cut(rgb []byte, width, height, toWidth, toHeight int) []byte {
	var out []byte
	x, y := (width-toWidth)/2, (height-toHeight)/2
	for row := range toHeight {
		out = append(out, rgb[3*((y+row)*width+x):][:3*toWidth]...)
	}
	return out
}

// TestSpecResizes: every filter, shape and way of resizing, against the reference.
func TestSpecResizes(t *testing.T) {
	for _, c := range []struct {
		width, height   int
		spec            Spec
		toWide, toHight int // the whole picture's size before the crop
	}{
		{61, 47, Spec{Size: 16, ShortSide: 18}, 23, 18},
		{20, 31, Spec{Size: 24, ShortSide: 28}, 28, 43}, // enlarged
		{61, 47, Spec{Size: 24, ResizeHeight: 24, ResizeWidth: 24, Squash: true}, 24, 24},
		{61, 47, Spec{Height: 32, Width: 16, ResizeHeight: 32, ResizeWidth: 16, Squash: true}, 16, 32},
		{61, 47, Spec{Height: 14, Width: 30, ResizeHeight: 16, ResizeWidth: 34, Squash: true}, 34, 16},
		{61, 47, Spec{Height: 32, Width: 16, ResizeHeight: 36, ResizeWidth: 18}, 47, 36},
		{61, 47, Spec{Height: 14, Width: 40, ResizeHeight: 14, ResizeWidth: 40}, 40, 31},
		{61, 47, Spec{Height: 40, Width: 20, ShortSide: 40}, 52, 40},
		{40, 40, Spec{Size: 40, ShortSide: 40}, 40, 40}, // as it is
	} {
		for _, of := range []Filter{Nearest, Box, Bilinear, Hamming, Bicubic, Lanczos} {
			spec := c.spec
			spec.Filter = of
			h, w := spec.Shape()
			t.Run(fmt.Sprintf("%s/%dx%d/%dx%d", of, c.height, c.width, h, w), func(t *testing.T) {
				pix := pattern(c.width, c.height)
				want := cut(reference(pix, c.width, c.height, c.toWide, c.toHight, of), c.toWide, c.toHight, w, h)
				got := resizeBy(spec.Resizer(c.width, c.height), pix, c.width, 7)
				if len(got) != 3*h*w {
					t.Fatalf("it has %d bytes, want %d × %d × 3", len(got), h, w)
				}
				// A byte that the first pass rounds otherwise moves the second by its weights, which are at most 1.2.
				for i := range got {
					if d := int(got[i]) - int(want[i]); d < -2 || d > 2 {
						t.Fatalf("byte %d is %d, want %d", i, got[i], want[i])
					}
				}
			})
		}
	}
}

// TestBicubicGolden holds single values to Pillow's definition. A step that is enlarged to twice its width has samples
// a quarter of a pixel beside a source pixel; their weights, at the distances 7/4, 3/4, 1/4 and 5/4, are −3, 29, 111
// and −9 of 128. From 40 to 200 that is 40 − 160·3/128 = 36.25, 40 − 160·9/128 = 28.75 and so on; from 0 to 255 what
// leaves 0…255 is cut off.
func TestBicubicGolden(t *testing.T) {
	var pix []byte
	for x := range 8 {
		pix = append(pix, []byte{40, 200}[x/4], []byte{0, 255}[x/4], 7, 0)
	}
	got := resizeBy(Spec{Height: 1, Width: 16, ResizeHeight: 1, ResizeWidth: 16, Squash: true, Filter: Bicubic}.
		Resizer(8, 1), pix, 8, 1)
	for c, want := range [3][]byte{
		{40, 40, 40, 40, 40, 36, 29, 73, 168, 211, 204, 200, 200, 200, 200, 200},
		{0, 0, 0, 0, 0, 0, 0, 52, 203, 255, 255, 255, 255, 255, 255, 255},
		bytes.Repeat([]byte{7}, 16),
	} {
		for x, v := range want {
			if got[3*x+c] != v {
				t.Errorf("channel %d: sample %d is %d, want %d", c, x, got[3*x+c], v)
			}
		}
	}
}

// TestBilinearUnchanged: a Spec without a filter is bilinear, and NewCropResizer is a shorthand for it.
func TestBilinearUnchanged(t *testing.T) {
	pix := pattern(61, 47)
	want := resize(pix, 61, 47, 20, 16, 5)
	for _, spec := range []Spec{{Size: 16, ShortSide: 20}, {Height: 16, Width: 16, ResizeHeight: 20, ResizeWidth: 20,
		Filter: Bilinear}} {
		if got := resizeBy(spec.Resizer(61, 47), pix, 61, 3); !bytes.Equal(got, want) {
			t.Errorf("%+v gives another picture", spec)
		}
	}
}
