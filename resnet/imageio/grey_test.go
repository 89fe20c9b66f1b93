package imageio

import (
	"math"
	"testing"
)

// TestResizeGreyEqualsPyTorch compares with PyTorch 1.13's F.interpolate with antialias=True: single values, their sum,
// that of their squares, and that of their products with their place, by which a shift or an exchange would show.
func TestResizeGreyEqualsPyTorch(t *testing.T) {
	for _, c := range []struct {
		height, width, toHeight, toWidth int
		values                           [6]float64 // at 0, 1, toWidth-1, toWidth, the middle and the end
		sum, squares, placed             float64
	}{
		{28, 28, 16, 16, [6]float64{0.337753, 0.32974, 0.50317, 0.625135, 0.583256, 0.643849},
			127.2403, 66.2039, 63.4118},
		{28, 28, 12, 20, [6]float64{0.460878, 0.357174, 0.468721, 0.566551, 0.61634, 0.729412},
			119.5041, 62.096, 59.5861},
		{5, 7, 9, 3, [6]float64{0.078992, 0.425836, 0.644818, 0.206349, 0.794464, 0.44986},
			14.5367, 8.5587, 7.3895},
	} {
		src := make([]byte, c.height*c.width)
		for i := range src {
			src[i] = byte(i*i*7 + i*13)
		}
		got := ResizeGrey(src, c.height, c.width, c.toHeight, c.toWidth)
		n := c.toHeight * c.toWidth
		if len(got) != n {
			t.Fatalf("%v: %d values", c, len(got))
		}
		var sum, squares, placed float64
		for i, v := range got {
			sum += float64(v)
			squares += float64(v) * float64(v)
			placed += float64(v) * float64(i) / float64(n)
		}
		near := func(what string, got, want, tolerance float64) {
			if !(math.Abs(got-want) <= tolerance) {
				t.Errorf("%dx%d to %dx%d: %s is %v, want %v", c.height, c.width, c.toHeight, c.toWidth, what, got, want)
			}
		}
		// Half of the last printed digit, and float32's rounding of a few products.
		for k, i := range []int{0, 1, c.toWidth - 1, c.toWidth, n / 2, n - 1} {
			near("a value", float64(got[i]), c.values[k], 2e-6)
		}
		near("the sum", sum, c.sum, 2e-4)
		near("the sum of squares", squares, c.squares, 2e-4)
		near("the sum by place", placed, c.placed, 2e-4)
	}
}

// TestResizeGreyIdentity: at its own size a picture stays as it is.
func TestResizeGreyIdentity(t *testing.T) {
	src := []byte{0, 51, 102, 153, 204, 255}
	for i, v := range ResizeGrey(src, 2, 3, 2, 3) {
		if want := float64(src[i]) / 255; math.Abs(float64(v)-want) > 1e-7 {
			t.Errorf("value %d is %v, want %v", i, v, want)
		}
	}
}

func TestResizeGreyPanics(t *testing.T) {
	for want, call := range map[string]func(){
		badSize:  func() { ResizeGrey(nil, 0, 0, 1, 1) },
		badBytes: func() { ResizeGrey(make([]byte, 5), 2, 3, 1, 1) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %v, want %q", got, want)
				}
			}()
			call()
		}()
	}
}
