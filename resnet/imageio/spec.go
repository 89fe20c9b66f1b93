package imageio

import (
	"fmt"
	"math"

	"github.com/seed8935e608/residua/weights"
)

// Spec says how pictures are prepared for a network. [SpecFor] makes the one of a model.
type Spec struct {
	ShortSide int          // the picture is resized so that its short side has this length
	Size      int          // side of the square cut out of its middle
	Order     ChannelOrder // of the network's input
	Rescale   float32      // see Normalise
	Mean, Std [3]float32   // in the order of the network
}

// SpecFor gives the preparation that a model's card asks for. Networks differ in it, and one that gets pictures
// prepared for another gives wrong answers with great confidence.
func SpecFor(card weights.Card) Spec {
	return Spec{
		ShortSide: card.ShortSide,
		Size:      card.InputSize,
		Order:     ChannelOrder(card.ChannelOrder),
		Rescale:   card.Rescale,
		Mean:      card.Mean,
		Std:       card.Std,
	}
}

// Resizer returns a resizer for a picture of width × height pixels. It panics if the Spec's sizes do not fit each
// other.
func (s Spec) Resizer(width, height int) *CropResizer {
	return NewCropResizer(width, height, s.ShortSide, s.Size)
}

// Normalise is the function Normalise with the Spec's values: dst is the network's input of rgb, which Resizer has
// made.
func (s Spec) Normalise(dst []float32, rgb []byte) {
	Normalise(dst, rgb, s.Order, s.Rescale, s.Mean, s.Std)
}

// check returns an error if no picture can be prepared in this way. A Rescale or Std that was left out is 0, and would
// give a picture of one colour, or no numbers.
func (s Spec) check() error {
	switch {
	case s.Size < 1 || s.ShortSide < s.Size:
		return fmt.Errorf("imageio: a crop of %d does not fit a short side of %d", s.Size, s.ShortSide)
	case s.Order != RGB && s.Order != BGR:
		return fmt.Errorf("imageio: unknown channel order %q", s.Order)
	case !(s.Rescale > 0):
		return fmt.Errorf("imageio: pixels cannot be multiplied by a Rescale of %v; it is 1/255 for most networks, or 1",
			s.Rescale)
	}
	for c := range 3 {
		if !(s.Std[c] > 0) {
			return fmt.Errorf("imageio: channel %d cannot be divided by a Std of %v", c, s.Std[c])
		}
		for _, v := range []float32{0, 255} {
			if x := float64(normalised(v, s.Rescale, s.Mean[c], s.Std[c])); math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("imageio: channel %d of a pixel becomes %v by a Rescale of %v, a Mean of %v and a Std of %v",
					c, x, s.Rescale, s.Mean[c], s.Std[c])
			}
		}
	}
	return nil
}
