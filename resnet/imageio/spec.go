package imageio

import (
	"math"

	"github.com/seed8935e608/residua/weights"
)

// Spec says how pictures are prepared for a network. [SpecFor] makes the one of a model.
type Spec struct {
	// Size is the side of a square result. Where it is 0, the result is Height × Width.
	Size          int
	Height, Width int

	// A picture is first resized so that its short side has ShortSide pixels. Where that is 0, it is resized until it
	// just covers ResizeHeight × ResizeWidth; with Squash it gets exactly that size, whatever its own proportions. Then
	// the result is cut out of its middle.
	ShortSide                 int
	ResizeHeight, ResizeWidth int
	Squash                    bool
	Filter                    Filter // "" is Bilinear

	Order     ChannelOrder // of the network's input
	Rescale   float32      // see Normalise
	Mean, Std [3]float32   // in the order of the network
}

// SpecFor gives the preparation that a model's card asks for. Networks differ in it, and one that gets pictures
// prepared for another gives wrong answers with great confidence.
func SpecFor(card weights.Card) Spec {
	return Spec{
		Size:         card.InputSize,
		Height:       card.InputHeight,
		Width:        card.InputWidth,
		ShortSide:    card.ShortSide,
		ResizeHeight: card.ResizeHeight,
		ResizeWidth:  card.ResizeWidth,
		Squash:       card.Squash,
		Filter:       Filter(card.Interpolation),
		Order:        ChannelOrder(card.ChannelOrder),
		Rescale:      card.Rescale,
		Mean:         card.Mean,
		Std:          card.Std,
	}
}

// Shape is the height and the width of the result, in pixels.
func (s Spec) Shape() (height, width int) {
	if s.Size != 0 {
		return s.Size, s.Size
	}
	return s.Height, s.Width
}

// resized is the size that a picture covers, or with Squash gets, before the result is cut out of it.
func (s Spec) resized() (height, width int) {
	if s.ShortSide != 0 {
		return s.ShortSide, s.ShortSide
	}
	return s.ResizeHeight, s.ResizeWidth
}

// Resizer returns a resizer for a picture of width × height pixels. It panics if the Spec's sizes do not fit each
// other.
func (s Spec) Resizer(width, height int) *CropResizer {
	h, w := s.Shape()
	coverH, coverW := s.resized()
	if h < 1 || w < 1 || h > coverH || w > coverW {
		panic(badCrop)
	}
	if width < 1 || height < 1 {
		panic(badSize)
	}
	of := s.Filter
	if of == "" {
		of = Bilinear
	}
	if !of.known() {
		panic(badFilter)
	}
	if !s.Squash {
		scale := max(float64(coverW)/float64(width), float64(coverH)/float64(height))
		coverH, coverW = scaled(height, scale), scaled(width, scale)
	}
	return newResizer(newFilter(width, coverW, w, of), newFilter(height, coverH, h, of))
}

// scaled rounds half to even, as Python's round does.
func scaled(n int, s float64) int { return int(math.RoundToEven(float64(n) * s)) }

// Normalise is the function Normalise with the Spec's values: dst is the network's input of rgb, which Resizer has
// made.
func (s Spec) Normalise(dst []float32, rgb []byte) {
	Normalise(dst, rgb, s.Order, s.Rescale, s.Mean, s.Std)
}
