package resnet

import "github.com/seed8935e608/residua/resnet/op"

// Parts are the branches of a residual block and their join, each H×W×C: Y = act(X ∘ F), in most networks ReLU(X + F).
// An ablated part is zeros, and the other one passes unchanged: Y = act(X) or act(F), whatever the join.
type Parts struct {
	X []float32 // the shortcut's output: the block's input, in the shape of the block's output
	F []float32 // F of the block's input
	Y []float32 // the block's output

	Moments
}

// Moments are sums over all values of X, F and Y. They give the norms, and the cosine of the angle between X and F.
type Moments = op.Moments

// Observer is called with the parts of each residual block as soon as they are computed. They are valid until it
// returns, and must not be changed.
type Observer func(block int, p Parts)

// traceBlock is forwardBlock that keeps the parts: the sum is not in the epilogue of F's last convolution.
func (m *Model) traceBlock(b *block, y, x []float32, cut Part) Parts {
	p := m.parts(b, x, cut)
	p.Y = y[:len(p.X)]
	channels := b.out().C
	switch {
	case m.Config.Join == JoinAdd && m.blockReLU():
		p.Moments = op.AddReLU(p.Y, p.X, p.F, channels)
		return p
	case cut == Residual:
		m.activate(p.Y, p.X)
	case cut == Shortcut:
		m.activate(p.Y, p.F)
	default:
		m.join(p.Y, p.X, p.F)
	}
	p.Moments = op.MomentsOf(p.Y, p.X, p.F, channels)
	return p
}

// parts computes X and F of a block's input, in the workspace.
func (m *Model) parts(b *block, x []float32, cut Part) Parts {
	n := b.out().Len()
	p := Parts{X: m.space.shortcut[:n], F: m.residualSpace()[:n]}
	h := m.activated(b, x)
	if cut == Residual {
		clear(p.F)
	} else {
		m.residual(b, p.F, h, op.Epilogue{})
	}
	if cut == Shortcut {
		clear(p.X)
	} else {
		p.X = m.shortcut(b, x, h)[:n]
	}
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
