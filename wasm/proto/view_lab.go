package proto

import (
	"cmp"
	"fmt"
	"math"
)

// The messages of the Skip lab, where the view shows several networks that are trained side by side. The page sends
// them: it has the numbers. Their numbers may be infinite or NaN, as those of a network that diverges.

// The limits of the lab's messages.
const (
	MaxLabNetworks = 4
	MaxLabLayers   = 1024
	MaxLabSide     = 101 // of a landscape
)

// ViewLab names the networks, and begins a new run: all numbers of the one before are forgotten.
type ViewLab struct {
	Networks []ViewLabNetwork
}

// ViewLabNetwork is a network and the names of its layers, from input to output.
type ViewLabNetwork struct {
	Name   string // in the page's language
	Layers []string
}

// ViewSignal is how a batch fares in the networks before they are trained.
type ViewSignal struct {
	Networks []ViewLayers
}

// ViewStep is the same for the batch of a training step. Steps come in ascending order.
type ViewStep struct {
	Step     int
	Networks []ViewLayers
}

// ViewLayers are a network's sizes of activations and gradients, by layer. All three lists are empty if the network has
// none.
type ViewLayers struct {
	Activations     []float32 // root mean square of each layer's output
	OutputGradients []float32 // root mean square of the loss's derivative with respect to that output
	WeightGradients []float32 // Euclidean norm of its derivative with respect to the layer's weights
}

// ViewLandscape is a network's loss round its weights, along two random directions. Losses has Side rows of Side
// values; the weights themselves are in the middle.
type ViewLandscape struct {
	Network int
	Side    int     // odd
	Span    float32 // how far each direction goes to either side, in filters' norms
	Losses  []float32
}

// ViewPaths is a residual network's gradient by path length: Lengths are the numbers of residual branches that a path
// takes, in ascending order; Counts how many paths have that length; Gradients the norm of the gradient at the input
// that comes through one of them, on average.
type ViewPaths struct {
	Network   int
	Lengths   []uint32
	Counts    []float32
	Gradients []float32
}

// LabMessages has a value of each of the lab's messages, for the generator of web/static/zviewcodec.js.
var LabMessages = []ViewMessage{
	(*ViewLab)(nil), (*ViewSignal)(nil), (*ViewStep)(nil), (*ViewLandscape)(nil), (*ViewPaths)(nil),
}

func (*ViewLab) kind() ViewKind       { return ViewKindLab }
func (*ViewSignal) kind() ViewKind    { return ViewKindSignal }
func (*ViewStep) kind() ViewKind      { return ViewKindStep }
func (*ViewLandscape) kind() ViewKind { return ViewKindLandscape }
func (*ViewPaths) kind() ViewKind     { return ViewKindPaths }

// KindOf is the kind of a message, for the generator.
func KindOf(m ViewMessage) ViewKind { return m.kind() }

func (m *ViewLab) check() error {
	faults := []error{fits("networks", len(m.Networks), 1, MaxLabNetworks)}
	for _, n := range m.Networks {
		faults = append(faults, text(n.Name), fits("layers", len(n.Layers), 1, MaxLabLayers))
		for _, l := range n.Layers {
			faults = append(faults, text(l))
		}
	}
	return cmp.Or(faults...)
}

func (m *ViewSignal) check() error { return checkLayers(m.Networks) }

func (m *ViewStep) check() error {
	return cmp.Or(fits("a step", m.Step, 0, math.MaxInt32), checkLayers(m.Networks))
}

func checkLayers(networks []ViewLayers) error {
	faults := []error{fits("networks", len(networks), 1, MaxLabNetworks)}
	for _, n := range networks {
		a, o, w := len(n.Activations), len(n.OutputGradients), len(n.WeightGradients)
		if a > MaxLabLayers || o != a || w != a {
			faults = append(faults, fmt.Errorf("%d activations, %d and %d gradients", a, o, w))
		}
	}
	return cmp.Or(faults...)
}

func (m *ViewLandscape) check() error {
	faults := []error{
		fits("a network", m.Network, 0, MaxLabNetworks-1), fits("a side", m.Side, 3, MaxLabSide),
		fits("losses", len(m.Losses), m.Side*m.Side, m.Side*m.Side),
	}
	if m.Side%2 == 0 {
		faults = append(faults, fmt.Errorf("a side of %d, which has no middle", m.Side))
	}
	if !(m.Span > 0 && m.Span <= math.MaxFloat32) {
		faults = append(faults, fmt.Errorf("a span of %v", m.Span))
	}
	return cmp.Or(faults...)
}

func (m *ViewPaths) check() error {
	n := len(m.Lengths)
	faults := []error{
		fits("a network", m.Network, 0, MaxLabNetworks-1), fits("lengths", n, 1, MaxLabLayers),
		fits("counts", len(m.Counts), n, n), fits("gradients", len(m.Gradients), n, n),
	}
	last := -1
	for _, l := range m.Lengths {
		faults = append(faults, fits("a length", int(l), last+1, MaxLabLayers))
		last = int(l)
	}
	for _, c := range m.Counts {
		if !(c >= 0 && c <= math.MaxFloat32) {
			faults = append(faults, fmt.Errorf("%v paths", c))
		}
	}
	return cmp.Or(faults...)
}

// ViewQuantity is what of the layers is shown.
type ViewQuantity string

const (
	QuantityNone           ViewQuantity = ""
	QuantityActivation     ViewQuantity = "activation"
	QuantityOutputGradient ViewQuantity = "outputGradient"
	QuantityWeightGradient ViewQuantity = "weightGradient"
)

// ViewQuantities lists all quantities.
var ViewQuantities = []ViewQuantity{
	QuantityNone, QuantityActivation, QuantityOutputGradient, QuantityWeightGradient,
}

// ViewSurface is how a landscape is shown.
type ViewSurface string

const (
	SurfaceContours ViewSurface = "contours"
	SurfaceRelief   ViewSurface = "relief"
)

// ViewSurfaces lists all of them.
var ViewSurfaces = []ViewSurface{SurfaceContours, SurfaceRelief}

// ViewLabState is what the lab's scenes show, and how.
type ViewLabState struct {
	// Quantity is what a heat map's colours mean. The signal's gradients are the weights' if this says so, else the
	// outputs'.
	Quantity ViewQuantity `json:"quantity"`
	Surface  ViewSurface  `json:"surface"`
	Live     bool         `json:"live"`    // the signal is that of the last step
	Steps    int          `json:"steps"`   // of the whole run; 0: as many as have come
	Network  int          `json:"network"` // selected; −1: none
	Layer    int          `json:"layer"`   // selected; −1: none
	Step     int          `json:"step"`    // selected; −1: none
}
