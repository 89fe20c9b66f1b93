//go:build !js

package imageio

import "image"

// Load reads a picture file into the Size × Size × 3 input of a network. Its errors are those of Decode, or say what is
// wrong with spec.
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

// Crop resizes and crops a picture that Decode has made: Size × Size × 3 bytes in the order RGB, from which Normalise
// makes the network's input. It panics if the Spec's sizes do not fit each other.
func (s Spec) Crop(img *image.NRGBA) []byte {
	r := s.Resizer(img.Rect.Dx(), img.Rect.Dy())
	x0, x1, y0, y1 := r.Source()
	for y := y0; y < y1; y++ {
		r.Rows(y, img.Pix[y*img.Stride+4*x0:y*img.Stride+4*x1], 1)
	}
	rgb := make([]byte, 3*s.Size*s.Size)
	r.Finish(rgb)
	return rgb
}
