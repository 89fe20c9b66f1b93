package imageio

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestShrink compares with CropResizer, which equals Pillow: see TestResizeEqualsPillow.
func TestShrink(t *testing.T) {
	const size = 24
	random := rand.New(rand.NewPCG(1, 2))
	rgb, rgba := make([]byte, 3*size*size), make([]byte, 4*size*size)
	for i := range size * size {
		for c := range 3 {
			rgb[3*i+c] = byte(random.IntN(256))
		}
		copy(rgba[4*i:], rgb[3*i:3*i+3])
	}
	for _, to := range []int{1, 7, 8, 23, size} {
		want := resize(rgba, size, size, to, to, size)
		if got := Shrink(rgb, size, size, to); !bytes.Equal(got, want) {
			t.Errorf("to %d: the bytes differ from the resizer's", to)
		}
	}
	if got := Shrink(rgb, size, size, size); !bytes.Equal(got, rgb) {
		t.Error("shrunk to its own size it is another picture")
	}
}
