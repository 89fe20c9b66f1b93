//go:build !js

package imageio

import "fmt"

// Spec says how pictures are prepared for a network. The values are in the model's card.
type Spec struct {
	ShortSide int          // the picture is resized so that its short side has this length
	Size      int          // side of the square cut out of its middle
	Order     ChannelOrder // of the network's input
	Rescale   float32      // see Normalise
	Mean, Std [3]float32   // in the order of the network
}

// Load reads a picture file into the Size × Size × 3 input of a network. Its errors are those of Decode, or say what is
// wrong with spec.
func Load(file []byte, spec Spec) ([]float32, error) {
	if spec.Size < 1 || spec.ShortSide < spec.Size {
		return nil, fmt.Errorf("imageio: a crop of %d does not fit a short side of %d", spec.Size, spec.ShortSide)
	}
	if spec.Order != RGB && spec.Order != BGR {
		return nil, fmt.Errorf("imageio: unknown channel order %q", spec.Order)
	}
	img, err := Decode(file)
	if err != nil {
		return nil, err
	}
	r := NewCropResizer(img.Rect.Dx(), img.Rect.Dy(), spec.ShortSide, spec.Size)
	x0, x1, y0, y1 := r.Source()
	for y := y0; y < y1; y++ {
		r.Rows(y, img.Pix[y*img.Stride+4*x0:y*img.Stride+4*x1], 1)
	}
	rgb := make([]byte, 3*spec.Size*spec.Size)
	r.Finish(rgb)
	x := make([]float32, len(rgb))
	Normalise(x, rgb, spec.Order, spec.Rescale, spec.Mean, spec.Std)
	return x, nil
}
