package train

import (
	"math"

	"github.com/seed8935e608/residua/resnet/op"
)

// Learn runs the network on a batch of pictures, each Height×Width×3, and leaves the gradients of the mean loss in
// Params; smoothing is of the labels, as op.CrossEntropy has it. Norms use the batch's own statistics, and their
// running ones follow. If the loss or a statistic is not finite, the score's Loss is not either, and nothing follows. x
// must stay as it is until Layers and InputGradient have been asked.
func (n *Net) Learn(x []float32, labels []int, smoothing float64) Score {
	n.mustFit(x, labels)
	count := len(labels)
	n.learned = 0
	z := n.run(x, count, false)
	dZ := n.dZ[:len(z)]
	loss, correct := op.CrossEntropy(dZ, z, labels, n.Config.Classes, smoothing)
	score := Score{count, correct, loss}
	n.backward(nil, x, count, nil)
	n.x, n.learned = x, count
	norms := n.learningNorms()
	for _, norm := range norms {
		if !norm.batch.Finite() {
			score.Loss = math.NaN()
		}
	}
	if score.Diverged() {
		return score
	}
	// Only now, when nothing can go wrong any more: a step that has to be done again does not move them twice.
	for _, norm := range norms {
		norm.Follow(norm.batch, normMomentum)
	}
	return score
}

// learningNorms lists the norms that are not frozen.
func (n *Net) learningNorms() []*norm {
	var out []*norm
	for _, norm := range n.norms {
		if !norm.weight.Frozen {
			out = append(out, norm)
		}
	}
	return out
}

func (n *Net) mustFit(x []float32, labels []int) {
	if len(labels) < 1 || len(labels) > n.batch || len(x) != len(labels)*n.InputLen() {
		panic(badBatch)
	}
	for _, label := range labels {
		if label < 0 || label >= n.Config.Classes {
			panic(badBatch)
		}
	}
}

// Logits computes the logits, count×Classes, of pictures by the running statistics.
func (n *Net) Logits(x []float32, count int) []float32 { return n.logits(x, count, true) }

// BatchLogits computes the logits as Learn does, by the statistics of each batch of pictures. Nothing follows them.
func (n *Net) BatchLogits(x []float32, count int) []float32 { return n.logits(x, count, false) }

func (n *Net) logits(x []float32, count int, answer bool) []float32 {
	each := n.InputLen()
	if len(x) != count*each {
		panic(badBatch)
	}
	n.learned = 0
	out := make([]float32, 0, count*n.Config.Classes)
	for first := 0; first < count; first += n.batch {
		some := min(n.batch, count-first)
		out = append(out, n.run(x[first*each:][:some*each], some, answer)...)
	}
	return out
}

// run computes the logits of a batch. answer says that norms use their running statistics, not the batch's.
func (n *Net) run(x []float32, count int, answer bool) []float32 {
	var h []float32
	if answer || n.frozenStage(0) {
		h = n.stem.answer(x, count, n.stem.epilogue(), n.folded)
	} else {
		h = n.stem.forward(x, count, n.stem.epilogue())
	}
	if n.pool != nil {
		in, out := n.pool.In.Len(), n.pool.Out.Len()
		for i := range count {
			n.pool.Forward(n.pooled[i*out:][:out], h[i*in:][:in])
		}
		h = n.pooled[:count*out]
	}
	for _, b := range n.blocks {
		h = b.forward(h, count, answer || n.frozenStage(b.spec.Stage), n.folded)
	}
	if n.last != nil {
		h = n.last.forward(h, answer || n.frozenLast())
	}
	out := n.lastShape()
	features := n.features[:count*out.C]
	for i := range count {
		op.GlobalMeanPool(features[i*out.C:][:out.C], h[i*out.Len():][:out.Len()], out)
	}
	z := n.z[:count*n.Config.Classes]
	op.BatchLinear(z, features, n.fc.Value, n.fcBias.Value, count, out.C, n.Config.Classes)
	return z
}

// lastShape is the shape of the last block's output.
func (n *Net) lastShape() op.Shape { return n.blocks[len(n.blocks)-1].out }

// InputGradient computes the gradient of the last Learn's loss with respect to its pictures, as long as they are.
//
// residual, if not nil, says for each block which branch alone the gradient goes through: F, or else the shortcut. That
// is one of the paths of Veit, Wilber and Belongie (2016), who find that the gradient of a residual network comes
// through its short ones. A plain network has one path, through every F.
//
// It panics if no Learn was the network's last call, or if a part is frozen.
func (n *Net) InputGradient(dX []float32, residual []bool) {
	switch {
	case n.learned == 0, n.frozen > 0:
		panic(badInputGradient)
	case len(dX) != n.learned*n.InputLen() || residual != nil && len(residual) != len(n.blocks):
		panic(badBatch)
	}
	n.backward(dX, n.x, n.learned, residual)
}

const badInputGradient = "train: InputGradient needs a Learn before it, and nothing frozen"

// Blocks is how many residual blocks the network has.
func (n *Net) Blocks() int { return len(n.blocks) }

// backward goes back from dZ to the weights' gradients or, if dX is not nil, to the pictures' and no other. residual is
// as in InputGradient.
func (n *Net) backward(dX, x []float32, count int, residual []bool) {
	weights, watch := dX == nil, dX == nil && n.Watch
	out, classes := n.lastShape(), n.Config.Classes
	features, dFeatures, dZ := n.features[:count*out.C], n.dFeatures[:count*out.C], n.dZ[:count*classes]
	if weights {
		op.BatchLinearBackward(dFeatures, n.fc.Gradient, n.fcBias.Gradient, dZ, features, n.fc.Value, count, out.C,
			classes)
	} else {
		op.MatMul(dFeatures, dZ, n.fc.Value, count, classes, out.C, op.Product{})
	}
	if watch {
		n.forgetGradients()
		n.layers[len(n.layers)-1].see(dZ)
	}
	if n.frozenLast() {
		return
	}
	d, other := n.gradients.outer[0], n.gradients.outer[1]
	d = d[:count*out.Len()]
	for i := range count {
		op.GlobalMeanPoolBackward(d[i*out.Len():][:out.Len()], dFeatures[i*out.C:], out)
	}
	if n.last != nil {
		d = n.last.backward(d, d, n.blocks[len(n.blocks)-1].y, weights)
	}
	for i := len(n.blocks) - 1; i >= 0; i-- {
		b := n.blocks[i]
		if n.frozenStage(b.spec.Stage) {
			return
		}
		p := pass{count: count, weights: weights}
		if residual != nil {
			p.way = byShortcut
			if residual[i] {
				p.way = byResidual
			}
		}
		if watch {
			n.layerOf(b, len(b.residual)-1).see(d)
			p.seen = func(unit int, d []float32) { n.layerOf(b, unit).see(d) }
		}
		to := other[:count*b.in.Len()]
		b.backward(to, d, &n.gradients, p)
		d, other = to, d[:cap(d)]
	}
	if n.frozenStage(0) {
		return
	}
	n.stemBackward(dX, d, other, x, count, weights, watch)
}

// stemBackward goes back from the first block's input.
func (n *Net) stemBackward(dX, d, other, x []float32, count int, weights, watch bool) {
	if n.pool != nil {
		in, out := n.pool.In.Len(), n.pool.Out.Len()
		h := n.stem.out(count)
		for i := range count {
			n.pool.Backward(other[i*in:][:in], d[i*out:][:out], h[i*in:][:in])
		}
		d = other[:count*in]
	}
	if watch {
		n.layers[0].see(d)
	}
	d = n.stem.backward(d, d, x, count, weights)
	if dX != nil {
		n.stem.conv.backwardInput(dX, d, n.stem.weight.Value, nil, count)
	}
}
