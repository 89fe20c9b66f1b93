package resnet

import (
	"cmp"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// classWeights is the linear layer's weights for a class, which are the gradient of the class's logit by the features.
func (m *Model) classWeights(class int) []float32 {
	t, _ := m.file.Tensor("fc.weight")
	row := len(t.Data) / m.Config.Classes
	t.Data = t.Data[class*row : (class+1)*row]
	return floatsOf(t)
}

// floatsOf reads a tensor, or a part of one, that Load has read before.
func floatsOf(t weights.Tensor) []float32 {
	w, err := t.AppendFloat32(nil)
	if err != nil {
		panic(err)
	}
	return w
}

// gradient is that of a class's logit by a block's output.
func (r *Record) gradient(class, block int) []float32 {
	m := r.model
	b := backward{m.loader(), r, [2][]float32{make([]float32, len(m.space.inner[0])), make([]float32, len(m.space.inner[1]))}}
	dX, dY := m.space.outer[0], m.space.outer[1]
	last := len(m.blocks) - 1
	op.GlobalMeanPoolBackward(dY, m.classWeights(class), m.blocks[last].out())
	for i := last; i > block; i-- {
		b.block(i, dX, dY)
		dX, dY = dY, dX
	}
	return slices.Clone(dY[:m.blocks[block].out().Len()])
}

// backward is a walk back through the network. The workspace of passes, which has nothing else to do meanwhile, holds most of its gradients.
type backward struct {
	*loader
	record *Record
	inner  [2][]float32 // gradients between a block's convolutions
}

// block computes dX, the gradient by the i-th block's input, from dY, that by its output; dY is overwritten.
// What lies inside of F is computed again from the block's input: kept for all blocks it would be as large as what is kept now.
func (b *backward) block(i int, dX, dY []float32) {
	m := b.record.model
	at, x, y, cut := &m.blocks[i], b.record.kept[i], b.record.kept[i+1], b.record.cut[i]
	dX, dSum := dX[:at.in().Len()], dY[:at.out().Len()]
	op.ReLUBackward(dSum, dSum, y)

	var byShortcut []float32
	switch {
	case cut == Shortcut:
	case at.projection == nil:
		byShortcut = dSum
	default:
		byShortcut = m.space.shortcut[:len(dX)]
		b.conv(byShortcut, dSum, at.projection, *at.spec.Projection, nil)
	}
	if cut == Residual {
		copy(dX, byShortcut)
		return
	}

	m.innerBlock(at, x)
	d := dSum
	for j := len(at.residual) - 1; j > 0; j-- {
		dInner := b.inner[j-1][:at.residual[j].In.Len()]
		b.conv(dInner, d, at.residual[j], at.spec.Residual[j], nil)
		op.ReLUBackward(dInner, dInner, m.space.inner[j-1][:len(dInner)])
		d = dInner
	}
	b.conv(dX, d, at.residual[0], at.spec.Residual[0], byShortcut)
}

// conv computes dX, the gradient by a convolution's input, plus add. The weights are the file's, read piece by piece.
func (b *backward) conv(dX, dY []float32, c *op.Conv2D, spec ConvSpec, add []float32) {
	scale, _ := b.norm(spec)
	t, _ := b.file.Tensor(spec.Conv + ".weight")
	each := len(t.Data) / (spec.Out * spec.In) // bytes of a filter's weights for one input channel
	c.BackwardInput(dX, dY, func(o, first, n int) []float32 {
		part := t
		part.Data = t.Data[(o*spec.In+first)*each:][:n*each]
		w, err := part.AppendFloat32(b.buf[:0])
		b.buf, b.err = w, cmp.Or(b.err, err)
		return w
	}, scale, add)
	if b.err != nil {
		panic(b.err) // Load has read it
	}
}
