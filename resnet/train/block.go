package train

import (
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
)

// block is a residual block y = act(shortcut(x) ∘ F(x)), or with pre-activation y = shortcut ∘ F(h) where
// h = act(norm(x)). A plain block has no shortcut.
type block struct {
	spec       resnet.BlockSpec
	join       op.Join
	before     *ending // nil: no pre-activation
	residual   []*unit
	projection *unit           // nil: none
	pad        *op.PadShortcut // nil: none
	padded     []float32
	sum        []float32 // the join's output; nil: it takes F's place
	gate       []float32 // σ(F); nil: the join is no gate
	after      ending
	in, out    op.Shape
	first      int // the layer of F's first convolution, an index into Net.layers

	// Of the last forward: the input, F's input, F, the shortcut's output, the block's output. F may be overwritten.
	x, h, f, s, y []float32
}

// block makes a block for batches of at most batch pictures.
func (t *tensors) block(c resnet.Config, spec resnet.BlockSpec, in op.Shape, batch int) *block {
	b := &block{spec: spec, join: c.Join, in: in}
	if c.PreActivation {
		before := t.ending(t.norm(spec.Norm, spec.In, c.NormEpsilon), c.Activation, true, batch*in.Len(), false)
		b.before = &before
	}
	b.out = in
	for i, s := range spec.Residual {
		// With pre-activation, F's last convolution has no norm and no activation behind it either.
		u := t.unit(c, s, b.out, batch, i < len(spec.Residual)-1)
		b.residual, b.out = append(b.residual, u), u.conv.out
	}
	n := batch * b.out.Len()
	switch {
	case spec.Projection != nil:
		b.projection = t.unit(c, *spec.Projection, in, batch, false)
	case spec.Pad:
		b.padded = t.floats(n)
		if !t.dry {
			b.pad = op.NewPadShortcut(in, spec.Out, spec.Stride)
		}
	}
	if c.Join != op.JoinAdd && c.Join != op.JoinNone {
		b.sum = t.floats(n) // their gradients need F
	}
	if c.Join == op.JoinGate {
		b.gate = t.floats(n)
	}
	b.after = t.ending(nil, c.Activation, !c.PreActivation, n, true)
	return b
}

// forward runs the block, with the batch's statistics or, to answer, with the running ones; folded is as in
// unit.answer.
func (b *block) forward(x []float32, count int, answer bool, folded []float32) []float32 {
	run := func(u *unit, x []float32, e op.Epilogue) []float32 {
		if answer {
			return u.answer(x, count, e, folded)
		}
		return u.forward(x, count, e)
	}
	b.x, b.h, b.s = x, x, x
	if b.before != nil {
		b.h = b.before.forward(x, answer)
	}
	switch {
	case b.projection != nil:
		b.s = run(b.projection, b.h, op.Epilogue{})
	case b.pad != nil:
		b.s = b.padded[:count*b.out.Len()]
		for i := range count {
			b.pad.Forward(b.s[i*b.out.Len():][:b.out.Len()], x[i*b.in.Len():])
		}
	}
	b.f = b.h
	last := len(b.residual) - 1
	for _, u := range b.residual[:last] {
		b.f = run(u, b.f, u.epilogue())
	}
	var e op.Epilogue
	if b.sum == nil { // the end of the block is the epilogue of F's last convolution or norm
		if e = b.after.epilogue(); b.join == op.JoinAdd {
			e.Residual = b.s
		}
	}
	b.f = run(b.residual[last], b.f, e)
	if b.sum == nil {
		b.y = b.after.rest(b.f)
	} else {
		sum := b.sum[:len(b.f)]
		if b.gate != nil {
			op.GateForward(sum, b.gate, b.s, b.f)
		} else {
			b.join.Forward(sum, b.s, b.f)
		}
		b.y = b.after.forward(sum, answer)
	}
	return b.y
}

// gradients are buffers for the backward pass, each as large as the largest output of a layer.
type gradients struct {
	outer [2][]float32 // between blocks
	inner [3][]float32 // in a block
}

// A way is the branches of a block that the gradient goes back through.
type way int

const (
	bothWays way = iota
	byResidual
	byShortcut
)

// pass is what a backward pass through a block is asked for.
type pass struct {
	count   int
	way     way
	weights bool                        // whether the gradients of the weights are wanted
	seen    func(unit int, d []float32) // hears of the gradient by the output of each unit of F but the last
}

// backward computes dX, the gradient with respect to the block's input, from dY, that with respect to its output,
// which it overwrites.
func (b *block) backward(dX, dY []float32, g *gradients, p pass) {
	dS, dRaw := b.joinBackward(dY, g, p)
	byH, byX := b.shortcutBackward(dS, g, p)
	first := byH // what is added to the gradient that comes back through F
	if b.before == nil && byX != nil {
		first = byX
	}
	if p.way == byShortcut {
		clear(dX[copy(dX, first):])
	} else {
		b.residualBackward(dX, dRaw, first, g, p)
	}
	if b.before != nil {
		b.before.backward(dX, dX, b.x, p.weights)
		for i, v := range byX {
			dX[i] += v
		}
	}
}

// joinBackward gives the gradients with respect to the shortcut's output, in dY's place, and to the output of F's last
// convolution.
func (b *block) joinBackward(dY []float32, g *gradients, p pass) (dS, dRaw []float32) {
	u := b.residual[len(b.residual)-1]
	raw := u.raw[:len(dY)]
	dRaw = g.inner[0][:len(dY)]
	if n := u.norm; n != nil && b.sum == nil && b.after.epilogue().ReLU {
		dWeight, dBias := n.gradients(p.weights)
		n.TrainAddReLUBackward(dRaw, dY, dWeight, dBias, dY, raw, b.y, n.batch)
		return dY, dRaw
	}
	sum := b.f
	if b.sum != nil {
		sum = b.sum[:len(b.f)]
	}
	dS = b.after.backward(dY, dY, sum, p.weights)
	dF := dS
	switch {
	case b.gate != nil:
		dF = dRaw
		op.GateBackward(dS, dF, dS, b.s, b.gate)
	case b.sum != nil:
		dF = dRaw
		b.join.Backward(dS, dF, dS, b.s, b.f)
	}
	return dS, u.ending.backward(dRaw, dF, raw, p.weights)
}

// shortcutBackward gives the gradients that come back through the shortcut, with respect to F's input if a projection
// reads that, else with respect to the block's own; dS is that with respect to the shortcut's output, and stays.
func (b *block) shortcutBackward(dS []float32, g *gradients, p pass) (byH, byX []float32) {
	if b.join == op.JoinNone || p.way == byResidual {
		return nil, nil
	}
	d := g.inner[2][:p.count*b.in.Len()]
	switch {
	case b.projection != nil:
		dRaw := b.projection.backward(g.inner[1][:len(dS)], dS, b.h, p.count, p.weights)
		b.projection.conv.backwardInput(d, dRaw, b.projection.weight.Value, nil, p.count)
		return d, nil
	case b.pad != nil:
		for i := range p.count {
			b.pad.Backward(d[i*b.in.Len():][:b.in.Len()], dS[i*b.out.Len():][:b.out.Len()])
		}
		return nil, d
	}
	return nil, dS
}

// residualBackward computes dX, the gradient with respect to F's input, plus add, which may be nil, from dRaw, that
// with respect to the output of F's last convolution, which it leaves as it is.
func (b *block) residualBackward(dX, dRaw, add []float32, g *gradients, p pass) {
	free := 1 // the buffer of g.inner that is free
	for i := len(b.residual) - 1; i > 0; i-- {
		u, before := b.residual[i], b.residual[i-1]
		input := before.out(p.count)
		u.backwardWeights(dRaw, input, p.count, p.weights)
		d := g.inner[free][:len(input)]
		u.conv.backwardInput(d, dRaw, u.weight.Value, nil, p.count)
		if p.seen != nil {
			p.seen(i-1, d)
		}
		dRaw = before.ending.backward(d, d, before.raw[:len(d)], p.weights)
		free = 1 - free
	}
	u := b.residual[0]
	u.backwardWeights(dRaw, b.h, p.count, p.weights)
	u.conv.backwardInput(dX, dRaw, u.weight.Value, add, p.count)
}
