package resnet

import (
	"math"

	"github.com/seed8935e608/residua/resnet/op"
)

// Parts is what meets at the end of a residual block, each H×W×C: Y = ReLU(X + F). A part that was cut is zeros.
type Parts struct {
	X []float32 // what comes by the shortcut: the block's input, or its projection
	F []float32 // what the block adds: F of its input
	Y []float32 // what leaves the block

	moments op.Moments
}

// Observer is told the parts of each residual block as soon as they are there.
// They are good only until it returns, and must not be changed.
type Observer func(block int, p Parts)

// Norms gives the Euclidean norms of X, F and Y.
func (p Parts) Norms() (x, f, y float64) {
	return math.Sqrt(p.moments.XX), math.Sqrt(p.moments.FF), math.Sqrt(p.moments.YY)
}

// Cosine is that of the angle between X and F; 0 if one of them is 0.
func (p Parts) Cosine() float64 {
	if p.moments.XX == 0 || p.moments.FF == 0 {
		return 0
	}
	return p.moments.XF / math.Sqrt(p.moments.XX*p.moments.FF)
}

// traceBlock is forwardBlock with the parts in sight: F's last convolution runs without the sum in its epilogue.
func (m *Model) traceBlock(b *block, y, x []float32, cut Part) Parts {
	if m.space.residual == nil {
		m.space.residual = make([]float32, len(m.space.outer[0]))
	}
	n := b.out().Len()
	p := Parts{X: m.space.shortcut[:n], F: m.space.residual[:n], Y: y[:n]}
	if cut == Residual {
		clear(p.F)
	} else {
		m.residual(b, p.F, x, op.Epilogue{})
	}
	if cut == Shortcut {
		clear(p.X)
	} else {
		p.X = m.shortcut(b, x)[:n]
	}
	p.moments = op.AddReLU(p.Y, p.X, p.F, b.out().C)
	return p
}

// ChannelEnergies gives the sum of squares of each channel of x, which is positions×channels.
func ChannelEnergies(x []float32, channels int) []float32 {
	sums := make([]float32, channels)
	for at := 0; at+channels <= len(x); at += channels {
		for i, v := range x[at : at+channels] {
			sums[i] += v * v
		}
	}
	return sums
}
