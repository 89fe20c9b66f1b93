package resnet

import (
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
)

// normEstimate is the state of EstimateNorms: the statistics so far, and the activations of a batch. It keeps a block's
// input and output only, and packs each layer's weights when their turn comes: with a batch of pictures for each
// packing, that is a small part of the time, and the network's weights are never in memory a second time.
type normEstimate struct {
	*Model
	options     NormOptions
	read        *loader                  // of the model's file
	norms       map[string]*op.BatchNorm // Mean and Var are the averages over the batches so far
	found       op.NormBatch
	batch       int // the most pictures
	count       int // pictures of this batch
	nth         int // batch, from 1
	done, total int // pictures
	err         error

	outer     [2][]float32 // a block reads one and writes the other
	raw       []float32    // a convolution's output before its norm
	beside    []float32    // output of a shortcut that is not the identity
	between   [2][]float32 // a block's convolutions
	activated []float32    // with pre-activation, the input of F and of the mean
}

// newNormEstimate allocates the buffers for a batch.
func (m *Model) newNormEstimate(o NormOptions) *normEstimate {
	e := &normEstimate{Model: m, options: o, read: m.loader(), norms: map[string]*op.BatchNorm{}}
	for _, s := range m.Config.Norms() {
		n := e.read.batchNorm(s.Name, s.Channels)
		clear(n.Mean)
		clear(n.Var)
		e.norms[s.Name] = &n
	}
	w := m.newWorkspace() // of one picture
	outer := max(len(w.outer[0]), m.InputLen())
	raw := max(outer, len(w.inner[0]), len(w.inner[1]))
	each := 2*outer + raw + len(w.shortcut) + len(w.inner[0]) + len(w.inner[1]) + len(w.activated)
	e.batch = o.Batch
	if e.batch < 1 {
		e.batch = DefaultNormBatch
	}
	e.batch = max(1, min(e.batch, maxNormMemory/(4*each), o.Sample(e.batch)))
	batched := func(n int) []float32 { return make([]float32, e.batch*n) }
	e.outer = [2][]float32{batched(outer), batched(outer)}
	e.raw, e.beside, e.activated = batched(raw), batched(len(w.shortcut)), batched(len(w.activated))
	e.between = [2][]float32{batched(len(w.inner[0])), batched(len(w.inner[1]))}
	return e
}

// learn runs batch nth, from 1, through the network, and adds what its norms find to the averages.
func (e *normEstimate) learn(pictures []int, read func(dst []float32, i int) error, nth int) error {
	e.count, e.nth = len(pictures), nth
	x, each := e.outer[0], e.InputLen()
	if e.pool != nil { // there is one layer more before the first block
		x = e.outer[1]
	}
	for k, i := range pictures {
		if err := read(x[k*each:(k+1)*each], i); err != nil {
			return err
		}
		e.pause()
	}
	x = e.stemmed(x)
	for i := range e.blocks {
		x = e.throughBlock(&e.blocks[i], e.outer[i&1], x)
	}
	if e.Config.lastActivates() {
		e.preActivated(e.Config.LastNorm(), x, e.blocks[len(e.blocks)-1].out())
	}
	return e.err
}

// pause tells of the progress between two pieces of work.
func (e *normEstimate) pause() {
	if e.err == nil {
		e.err = e.read.err
	}
	if e.err == nil && e.options.Progress != nil {
		e.err = e.options.Progress(e.done, e.total)
	}
}

// work runs a piece of work unless there was an error. A piece may be run again: it overwrites nothing that it reads.
func (e *normEstimate) work(piece func()) {
	if e.err != nil {
		return
	}
	if e.options.Compute != nil {
		e.options.Compute(piece)
	} else {
		piece()
	}
	e.pause()
}

// each runs a piece of work for each picture of the batch.
func (e *normEstimate) each(dst []float32, out op.Shape, src []float32, in op.Shape, piece func(dst, src []float32)) {
	for k := range e.count {
		e.work(func() { piece(dst[k*out.Len():][:out.Len()], src[k*in.Len():][:in.Len()]) })
	}
}

// stemmed runs the stem, and returns the first block's input, in the second outer buffer.
func (e *normEstimate) stemmed(x []float32) []float32 {
	y := e.outer[1]
	if e.pool != nil {
		y = e.outer[0]
	}
	spec := e.Config.StemConv()
	e.conv(spec, x, e.stem.In)
	e.end(spec.Norm, y, e.stem.Out, e.Config.StemReLU())
	if e.pool != nil {
		e.each(e.outer[1], e.pool.Out, y, e.pool.In, e.pool.Forward)
	}
	return e.outer[1]
}

// conv computes raw = src ∗ the convolution's weights, without the norm behind it.
func (e *normEstimate) conv(s ConvSpec, src []float32, in op.Shape) {
	var c *op.Conv2D
	e.work(func() {
		e.read.buf = e.read.floats(e.read.buf, s.Conv+".weight", s.Shape()...)
		c = op.NewGroupedConv2D(e.read.buf, in, s.Out, max(1, s.Groups), s.window(),
			slices.Repeat([]float32{1}, s.Out), make([]float32, s.Out))
	})
	if c == nil {
		return
	}
	e.each(e.raw, c.Out, src, in, func(dst, src []float32) { c.Forward(dst, src, op.Epilogue{}) })
}

// end computes y = act(norm(raw)). Without a name there is no norm.
func (e *normEstimate) end(name string, y []float32, s op.Shape, acts bool) {
	y, raw := y[:e.count*s.Len()], e.raw[:e.count*s.Len()]
	relu := acts && e.Config.Activation == ActivationReLU
	e.work(func() {
		e.norm(name, y, raw, op.Epilogue{ReLU: relu})
		if acts && !relu {
			e.Config.Activation.Forward(y, y)
		}
	})
	e.follow(name)
}

// norm computes y = epilogue(norm(x)) with the statistics of x, or without a name y = epilogue(x).
func (e *normEstimate) norm(name string, y, x []float32, epilogue op.Epilogue) {
	if name != "" {
		e.norms[name].TrainInto(&e.found, y, x, epilogue)
		return
	}
	if epilogue.Residual != nil {
		JoinAdd.Forward(y, epilogue.Residual, x)
	} else {
		copy(y, x)
	}
	if epilogue.ReLU {
		op.ReLU(y, y)
	}
}

// follow adds what a norm has found in this batch to its averages.
func (e *normEstimate) follow(name string) {
	if name != "" && e.err == nil {
		e.norms[name].Follow(e.found, 1/float32(e.nth))
	}
}

// preActivated gives act(norm(x)), where there is pre-activation.
func (e *normEstimate) preActivated(name string, x []float32, s op.Shape) []float32 {
	if !e.Config.PreActivation {
		return x
	}
	x, h := x[:e.count*s.Len()], e.activated[:e.count*s.Len()]
	relu := e.Config.Activation == ActivationReLU
	e.work(func() {
		e.norm(name, h, x, op.Epilogue{ReLU: relu})
		if !relu {
			e.Config.Activation.Forward(h, h)
		}
	})
	e.follow(name)
	return h
}

// throughBlock computes y, a block's output, and returns it.
func (e *normEstimate) throughBlock(b *block, y, x []float32) []float32 {
	h := e.preActivated(b.spec.Norm, x, b.in())
	shortcut, out := x, b.out()
	switch {
	case b.projection != nil:
		e.conv(*b.spec.Projection, h, b.in())
		e.end(b.spec.Projection.Norm, e.beside, out, false)
		shortcut = e.beside
	case b.pad != nil:
		e.each(e.beside, out, x, b.in(), b.pad.Forward)
		shortcut = e.beside
	}
	last := len(b.residual) - 1
	for i, c := range b.residual[:last] {
		e.conv(b.spec.Residual[i], h, c.In)
		e.end(b.spec.Residual[i].Norm, e.between[i], c.Out, true)
		h = e.between[i]
	}
	e.conv(b.spec.Residual[last], h, b.residual[last].In)
	e.joined(b.spec.Residual[last].Norm, y, shortcut, out)
	return y
}

// joined computes y = act(shortcut ∘ norm(raw)), the end of a block.
func (e *normEstimate) joined(name string, y, shortcut []float32, s op.Shape) {
	n := e.count * s.Len()
	y, raw, shortcut := y[:n], e.raw[:n], shortcut[:n]
	relu := e.blockReLU()
	e.work(func() {
		if e.Config.Join == JoinAdd {
			e.norm(name, y, raw, op.Epilogue{Residual: shortcut, ReLU: relu})
		} else {
			e.norm(name, y, raw, op.Epilogue{})
			e.Config.Join.Forward(y, shortcut, y)
		}
		if e.blockActivates() && !(relu && e.Config.Join == JoinAdd) {
			e.Config.Activation.Forward(y, y)
		}
	})
	e.follow(name)
}
