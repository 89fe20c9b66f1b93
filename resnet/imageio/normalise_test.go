package imageio

import "testing"

func TestNormalise(t *testing.T) {
	rgb := []byte{0, 1, 2, 255, 128, 64}
	mean, std := [3]float32{10, 20, 30}, [3]float32{1, 2, 4}
	for _, c := range []struct {
		order   ChannelOrder
		rescale float32
		want    []float32
	}{
		{RGB, 1, []float32{-10, -9.5, -7, 245, 54, 8.5}},
		{BGR, 1, []float32{-8, -9.5, -7.5, 54, 54, 56.25}},
		{RGB, 0.5, []float32{-10, -9.75, -7.25, 117.5, 22, 0.5}},
	} {
		dst := make([]float32, len(rgb))
		Normalise(dst, rgb, c.order, c.rescale, mean, std)
		for i := range dst {
			if dst[i] != c.want[i] {
				t.Errorf("%s × %v: got %v, want %v", c.order, c.rescale, dst, c.want)
				break
			}
		}
	}
}

// The Keras ResNet-50 gets bytes minus a mean, subtracted in float32.
func TestNormaliseKeras(t *testing.T) {
	mean := [3]float32{103.939, 116.779, 123.68}
	var dst [3]float32
	for v := range 256 {
		b := byte(v)
		Normalise(dst[:], []byte{b, b, b}, BGR, 1, mean, [3]float32{1, 1, 1})
		for c := range dst {
			if want := float32(v) - mean[c]; dst[c] != want {
				t.Fatalf("%d in channel %d: %v, want %v", v, c, dst[c], want)
			}
		}
	}
}

func TestNormalisePanics(t *testing.T) {
	for _, c := range []struct {
		want  string
		n     int
		order ChannelOrder
		std   [3]float32
	}{
		{badOrder, 6, "GBR", [3]float32{1, 1, 1}}, {badInput, 5, RGB, [3]float32{1, 1, 1}},
		{badInput, 9, BGR, [3]float32{1, 1, 1}}, {badStd, 6, RGB, [3]float32{1, 1, 0}},
	} {
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, want %q", got, c.want)
				}
			}()
			Normalise(make([]float32, c.n), make([]byte, 6), c.order, 1, [3]float32{}, c.std)
		}()
	}
}
