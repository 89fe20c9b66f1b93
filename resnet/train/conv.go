package train

import (
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
)

// conv is a convolution, cut into groups if it has some: each output channel then sees only the input channels of its
// group. The groups are computed one after the other, each from a copy of its channels.
type conv struct {
	group   *op.BatchConv2D // of one group, with each group's weights in turn
	in, out op.Shape
	groups  int
	x, y    []float32 // a group's channels; nil if there is one group
}

// newConv makes a convolution for batches of at most batch pictures.
func newConv(s *space, spec resnet.ConvSpec, in op.Shape, batch int) *conv {
	w := op.Window{Size: spec.Size, Stride: spec.Stride, Pad: spec.Size / 2}
	side := func(n int) int { return (n+2*w.Pad-w.Size)/w.Stride + 1 }
	c := &conv{in: in, out: op.Shape{H: side(in.H), W: side(in.W), C: spec.Out}, groups: max(1, spec.Groups)}
	one, out := c.in, c.out
	one.C, out.C = in.C/c.groups, out.C/c.groups
	if c.groups > 1 {
		c.x, c.y = s.floats(batch*one.Len()), s.floats(batch*out.Len())
	}
	// What op.BatchConv2D keeps: packed weights for both directions, whose output channels are filled up to panels of
	// at most 16, and for each position, tap by tap, where it reads.
	taps := spec.Size * spec.Size
	up := func(n int) int { return (n + 15) / 16 * 16 }
	s.bytes += 4 * int64(up(out.C)*(1+taps*one.C)+up(one.C)*(1+taps*out.C)+taps*out.C)
	s.bytes += 4 * int64(taps) * int64(2*out.H*out.W+one.H*one.W+16)
	if !s.dry {
		c.group = op.NewBatchConv2D(one, out.C, w)
	}
	return c
}

// forward computes y = epilogue(x ∗ w + bias) for n pictures; bias may be nil. With groups there is no residual.
func (c *conv) forward(y, x, w, bias []float32, n int, e op.Epilogue) {
	if c.groups == 1 {
		c.group.Forward(y, x, w, bias, n, e)
		return
	}
	for g := range c.groups {
		c.gather(c.x, x, c.in, g, n)
		c.group.Forward(c.y, c.x, c.weights(w, g), c.biases(bias, g), n, e)
		c.scatter(y, c.y, c.out, g, n)
	}
}

// backwardInput computes dX from dY, as op.BatchConv2D does; add may be nil.
func (c *conv) backwardInput(dX, dY, w, add []float32, n int) {
	if c.groups == 1 {
		c.group.BackwardInput(dX, dY, w, add, n)
		return
	}
	for g := range c.groups {
		c.gather(c.y, dY, c.out, g, n)
		c.group.BackwardInput(c.x, c.y, c.weights(w, g), nil, n)
		c.scatter(dX, c.x, c.in, g, n)
	}
	for i, v := range add {
		dX[i] += v
	}
}

// backwardWeights computes dW from dY and x.
func (c *conv) backwardWeights(dW, dY, x []float32, n int) {
	if c.groups == 1 {
		c.group.BackwardWeights(dW, dY, x, n)
		return
	}
	for g := range c.groups {
		c.gather(c.y, dY, c.out, g, n)
		c.gather(c.x, x, c.in, g, n)
		c.group.BackwardWeights(c.weights(dW, g), c.y, c.x, n)
	}
}

// weights are those of a group.
func (c *conv) weights(w []float32, g int) []float32 {
	each := len(w) / c.groups
	return w[g*each:][:each]
}

// biases are those of a group.
func (c *conv) biases(bias []float32, g int) []float32 {
	if bias == nil {
		return nil
	}
	return c.weights(bias, g)
}

// gather copies a group's channels of n pictures.
func (c *conv) gather(dst, src []float32, s op.Shape, g, n int) {
	each := s.C / c.groups
	for i := range n * s.H * s.W {
		copy(dst[i*each:][:each], src[i*s.C+g*each:])
	}
}

// scatter copies a group's channels back.
func (c *conv) scatter(dst, src []float32, s op.Shape, g, n int) {
	each := s.C / c.groups
	for i := range n * s.H * s.W {
		copy(dst[i*s.C+g*each:][:each], src[i*each:])
	}
}
