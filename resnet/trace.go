package resnet

import "github.com/seed8935e608/residua/resnet/op"

// Parts are the branches of a residual block and their join, each H×W×C: Y = act(X ∘ F), in most networks ReLU(X + F).
// An ablated part is zeros, and the other one passes unchanged: Y = act(X) or act(F), whatever the join. The X of a
// plain network's block is zeros.
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
func (p *pass) traceBlock(b *block, y, x []float32, cut Part) Parts {
	parts := p.parts(b, x, cut)
	parts.Y = y[:len(parts.X)]
	channels := b.out().C
	switch {
	case p.Config.Join == JoinAdd && p.blockReLU():
		parts.Moments = op.AddReLU(parts.Y, parts.X, parts.F, channels)
		return parts
	case cut == Residual:
		p.activate(parts.Y, parts.X)
	case cut == Shortcut:
		p.activate(parts.Y, parts.F)
	default:
		p.join(parts.Y, parts.X, parts.F)
	}
	parts.Moments = op.MomentsOf(parts.Y, parts.X, parts.F, channels)
	return parts
}

// parts computes X and F of a block's input, in the workspace.
func (p *pass) parts(b *block, x []float32, cut Part) Parts {
	n := b.out().Len()
	parts := Parts{X: p.space.shortcut[:n], F: p.residualSpace()[:n]}
	h := p.activated(b, x)
	if cut == Residual {
		clear(parts.F)
	} else {
		p.residual(b, parts.F, h, op.Epilogue{})
	}
	if cut == Shortcut {
		clear(parts.X)
	} else {
		parts.X = p.shortcut(b, x, h)[:n]
	}
	return parts
}

// ChannelEnergies gives the sum of squares of each channel of x, which is positions×channels.
func ChannelEnergies(x []float32, channels int) []float32 {
	sums := make([]float32, channels)
	for at := 0; at+channels <= len(x); at += channels {
		// Four at a time: a live camera's pictures wait for this, and in WebAssembly it takes half the time.
		row, to := x[at:at+channels], sums
		for len(row) >= 4 && len(to) >= 4 {
			to[0] += row[0] * row[0]
			to[1] += row[1] * row[1]
			to[2] += row[2] * row[2]
			to[3] += row[3] * row[3]
			row, to = row[4:], to[4:]
		}
		for i, v := range row {
			to[i] += v * v
		}
	}
	return sums
}
