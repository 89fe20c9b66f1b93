package resnet

import (
	"cmp"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// classWeights gives the linear layer's weights for a class, which are the gradient of its logit with respect to the
// features. The opposite of a network with one output has the negative logit, and so the negative weights.
func (m *Model) classWeights(class int) []float32 {
	t, _ := m.file.Tensor("fc.weight")
	if m.Config.Classes > 1 || class == 0 {
		return floatsOf(t.Part(class, 0, m.Config.Features()))
	}
	w := floatsOf(t)
	for i := range w {
		w[i] = -w[i]
	}
	return w
}

// floatsOf decodes a tensor, or a part of one, that Load has checked.
func floatsOf(t weights.Tensor) []float32 {
	w, err := t.AppendFloat32(nil)
	if err != nil {
		panic(err)
	}
	return w
}

// gradient computes the gradient of a class's logit with respect to a block's output. p is a pass of the record's
// model.
func (r *Record) gradient(p *pass, class, block int) []float32 {
	m := r.model
	b := backward{loader: m.loader(), record: r, pass: p}
	for i := range b.inner {
		b.inner[i] = make([]float32, len(p.space.inner[i]))
	}
	if m.Config.Activation.ReadsInput() {
		for i := range p.raw {
			p.raw[i] = make([]float32, len(p.space.inner[i]))
		}
	}
	if m.Config.Join != JoinAdd {
		b.f = make([]float32, len(p.space.outer[0]))
	}
	dX, dY := p.space.outer[0], p.space.outer[1]
	last, w := len(m.blocks)-1, m.classWeights(class)
	at := len(w) // where the weights of what was not yet gone through end
	if m.headBlock() == last {
		at -= m.blocks[last].out().C
		op.GlobalMeanPoolBackward(dY, w[at:], m.blocks[last].out())
	} else {
		clear(dY) // nothing reads the last block: see WithHead
	}
	if m.Config.lastActivates() {
		b.preActivated(m.last, dY, r.kept[last+1][:m.blocks[last].out().Len()])
	}
	heads := m.Config.HeadBlocks
	for i := last; i > block; i-- {
		b.block(i, dX, dY)
		dX, dY = dY, dX
		if slices.Contains(heads, i-1) {
			s := m.blocks[i-1].out()
			at -= s.C
			addMeanGradient(dY, w[at:at+s.C], s)
		}
	}
	return slices.Clone(dY[:m.blocks[block].out().Len()])
}

// addMeanGradient adds the gradient with respect to the input of a mean over all positions to dX, where dMean is that
// with respect to the means.
func addMeanGradient(dX, dMean []float32, s op.Shape) {
	n := float32(s.H * s.W)
	for at := 0; at < s.Len(); at += s.C {
		for c, v := range dMean {
			dX[at+c] += v / n
		}
	}
}

// backward is the state of a backward pass. Most of its gradients are in the workspace of a forward pass, which is idle
// meanwhile.
type backward struct {
	*loader
	record *Record
	pass   *pass
	inner  [2][]float32 // gradients between a block's convolutions
	f      []float32    // the gradient of F, where it differs from the shortcut's
}

// block computes dX, the gradient with respect to block i's input, from dY, the gradient with respect to its output; it
// overwrites dY. It recomputes the activations inside F from the block's input: keeping them for all blocks would
// double the memory of a Record.
func (b *backward) block(i int, dX, dY []float32) {
	m, x := b.record.model, b.record.kept[i]
	at := &m.blocks[i]
	dX = dX[:at.in().Len()]
	dShortcut, dF := b.split(i, dY)
	byShortcut := dShortcut
	if dShortcut != nil && at.changesShape() {
		byShortcut = b.pass.space.shortcut[:len(dX)]
		if at.projection != nil {
			b.conv(byShortcut, dShortcut, at.projection, *at.spec.Projection, nil)
		} else {
			at.pad.Backward(byShortcut, dShortcut)
		}
	}
	// With pre-activation, the shortcut reads the block's input itself; F and a projection read it activated.
	var past []float32
	if m.Config.PreActivation && at.projection == nil {
		past, byShortcut = byShortcut, nil
	}

	switch {
	case dF != nil:
		b.residual(at, dX, dF, b.pass.activated(at, x), byShortcut)
	case byShortcut != nil:
		copy(dX, byShortcut)
	default:
		clear(dX)
	}
	b.preActivated(at.norm, dX, x[:len(dX)])
	for i, d := range past {
		dX[i] += d
	}
}

// preActivated is the way back through pass.preActivated: it turns the gradient d with respect to h into the one with
// respect to x.
func (b *backward) preActivated(norm *affine, d, x []float32) {
	config := b.record.model.Config
	if !config.PreActivation {
		return
	}
	h, act := b.pass.preActivated(norm, x), config.Activation
	d = d[:len(x)]
	if norm == nil {
		act.Backward(d, d, x, h)
		return
	}
	if act == ActivationReLU {
		op.AffineReLUBackward(d, d, h, norm.scale)
		return
	}
	z := x // what the activation reads
	if act.ReadsInput() {
		z = make([]float32, len(x))
		op.Affine(z, x, norm.scale, norm.bias)
	}
	act.Backward(d, d, z, h)
	op.AffineBackward(d, d, norm.scale)
}

// split computes the gradients with respect to block i's shortcut and F from dY, the gradient with respect to its
// output, which it overwrites. The gradient of an ablated part is nil.
func (b *backward) split(i int, dY []float32) (dShortcut, dF []float32) {
	m := b.record.model
	cut := m.without(b.record.cut, i)
	at := &m.blocks[i]
	d := dY[:at.out().Len()]
	if m.blockActivates() {
		var z []float32
		if m.Config.Activation.ReadsInput() {
			z = m.joined(b.pass.parts(at, b.record.kept[i], cut), cut)
		}
		m.Config.Activation.Backward(d, d, z, b.record.kept[i+1])
	}
	switch {
	case cut == Residual:
		return d, nil
	case cut == Shortcut:
		return nil, d
	case m.Config.Join == JoinAdd:
		return d, d
	}
	p := b.pass.parts(at, b.record.kept[i], "")
	dF = b.f[:len(d)]
	m.Config.Join.Backward(d, dF, d, p.X, p.F)
	return d, dF
}

// joined gives the sum of a block's parts, or another join, as the activation reads it. It replaces F.
func (m *Model) joined(p Parts, cut Part) []float32 {
	join := m.Config.Join
	if cut != "" {
		join = JoinAdd // an ablated part is zeros
	}
	join.Forward(p.F, p.X, p.F)
	return p.F
}

// residual computes dH, the gradient with respect to F's input h, plus add, from dF, the gradient with respect to F.
func (b *backward) residual(at *block, dH, dF, h, add []float32) {
	b.pass.innerBlock(at, h)
	d := dF
	for j := len(at.residual) - 1; j > 0; j-- {
		dInner := b.inner[j-1][:at.residual[j].In.Len()]
		b.conv(dInner, d, at.residual[j], at.spec.Residual[j], nil)
		b.config.Activation.Backward(dInner, dInner, b.pass.raw[j-1], b.pass.space.inner[j-1][:len(dInner)])
		d = dInner
	}
	b.conv(dH, d, at.residual[0], at.spec.Residual[0], add)
}

// conv computes dX, the gradient with respect to a convolution's input, plus add. It decodes the weights of the file
// piece by piece.
func (b *backward) conv(dX, dY []float32, c *op.Conv2D, spec ConvSpec, add []float32) {
	scale, _ := b.norm(spec)
	t, _ := b.file.Tensor(spec.Conv + ".weight")
	area := spec.Size * spec.Size
	c.BackwardInput(dX, dY, func(o, first, n int) []float32 {
		w, err := t.Part(o, first*area, n*area).AppendFloat32(b.buf[:0])
		b.buf, b.err = w, cmp.Or(b.err, err)
		return w
	}, scale, add)
	if b.err != nil {
		panic(b.err) // Load has read it
	}
}
