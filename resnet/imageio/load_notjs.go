//go:build !js

package imageio

import (
	"fmt"
	"image"
	"math"
)

// Load reads a picture file into the Height × Width × 3 input of a network. Its errors are those of Decode, or say
// what is wrong with spec.
func Load(file []byte, spec Spec) ([]float32, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	img, err := Decode(file)
	if err != nil {
		return nil, err
	}
	rgb := spec.Crop(img)
	x := make([]float32, len(rgb))
	spec.Normalise(x, rgb)
	return x, nil
}

// Crop resizes and crops a picture that Decode has made: Height × Width × 3 bytes in the order RGB, from which
// Normalise makes the network's input. It panics if the Spec's sizes do not fit each other.
func (s Spec) Crop(img *image.NRGBA) []byte {
	r := s.Resizer(img.Rect.Dx(), img.Rect.Dy())
	x0, x1, y0, y1 := r.Source()
	for y := y0; y < y1; y++ {
		r.Rows(y, img.Pix[y*img.Stride+4*x0:y*img.Stride+4*x1], 1)
	}
	rgb := make([]byte, r.Len())
	r.Finish(rgb)
	return rgb
}

// check returns an error if no picture can be prepared in this way. A Rescale or Std that was left out is 0, and would
// give a picture of one colour, or no numbers.
func (s Spec) check() error {
	h, w := s.Shape()
	coverH, coverW := s.resized()
	switch {
	case s.Size != 0 && s.ShortSide != 0 && (s.Size < 1 || s.ShortSide < s.Size), s == Spec{}:
		return fmt.Errorf("imageio: a crop of %d does not fit a short side of %d", s.Size, s.ShortSide)
	case h < 1 || w < 1 || coverH < h || coverW < w:
		return fmt.Errorf("imageio: a crop of %d×%d does not fit a picture resized to %d×%d (height × width)", h, w,
			coverH, coverW)
	case s.Filter != "" && !s.Filter.known():
		return fmt.Errorf("imageio: unknown filter %q", s.Filter)
	case s.Order != RGB && s.Order != BGR:
		return fmt.Errorf("imageio: unknown channel order %q", s.Order)
	case !(s.Rescale > 0):
		return fmt.Errorf("imageio: pixels cannot be multiplied by a Rescale of %v; it is 1/255 for most networks, "+
			"or 1", s.Rescale)
	}
	for c := range 3 {
		if !(s.Std[c] > 0) {
			return fmt.Errorf("imageio: channel %d cannot be divided by a Std of %v", c, s.Std[c])
		}
		for _, v := range []float32{0, 255} {
			if x := float64(normalised(v, s.Rescale, s.Mean[c], s.Std[c])); math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("imageio: channel %d of a pixel becomes %v by a Rescale of %v, a Mean of %v and a "+
					"Std of %v", c, x, s.Rescale, s.Mean[c], s.Std[c])
			}
		}
	}
	return nil
}
