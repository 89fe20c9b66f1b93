package resnet

import "github.com/seed8935e608/residua/resnet/op"

// Parts is what meets at the end of a residual block, each H×W×C: Y = ReLU(X + F). A part that was cut is zeros.
type Parts struct {
	X []float32 // what comes by the shortcut: the block's input, or its projection
	F []float32 // what the block adds: F of its input
	Y []float32 // what leaves the block

	Moments
}

// Moments are sums over all values of X, F and Y; they give their norms, and the cosine of the angle between X and F.
type Moments = op.Moments

// Observer is told the parts of each residual block as soon as they are there.
// They are good only until it returns, and must not be changed.
type Observer func(block int, p Parts)

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
	p.Moments = op.AddReLU(p.Y, p.X, p.F, b.out().C)
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
