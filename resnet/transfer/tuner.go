package transfer

import (
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/train"
)

// DefaultTuning are settings of NewTuner that do well: see docs/rationale-teaching.md.
var DefaultTuning = SGDOptions{
	Seed: 1, Epochs: 8, Batch: 32, Rate: 0.001, Momentum: 0.9, WeightDecay: 1e-4, Patience: 5, Refit: true,
}

// DefaultDiscrimination is SGDOptions.Discrimination where Teach trains more than one block: that of Howard and Ruder
// (2018).
const DefaultDiscrimination = 2.6

// A Tuner trains a network's last residual blocks and a linear classifier of their features further. The statistics of
// the blocks' norms stay as they are, their weights and biases are trained.
type Tuner struct {
	training
	tuned *tuned
}

// tuned are last blocks with a linear layer, and their gradients.
type tuned struct {
	*LastBlocks
	classes   int
	w, b      *train.Param     // the linear layer
	of        [][]*train.Param // of each of convs: weight, norm's weight, norm's bias
	list      []*train.Param
	z         []float32 // logits, then the gradient by them
	dFeatures []float32
	dY        [2][]float32 // by a block's output, in turn; the second only with several blocks
	dInner    [][]float32  // by the outputs of all but the last convolution of a block's F
	dShortcut []float32    // by the input of a projection that is not the first block's
}

// NewTuner starts from the weights of blocks, from input to output, and a linear classifier on the plain features of
// the last: w is classes×features, b has one value for each class. It copies them. The inputs of learnt and validation
// are the first block's, In.Len() floats; validation may be empty, then the last weights are the best. A block that is
// not plain is an error.
func NewTuner(
	blocks []resnet.BlockWeights, w, b []float32, learnt, validation Pictures, o SGDOptions,
) (*Tuner, error) {
	return newTuner(blocks, w, b, learnt, validation, o, nil)
}

// newTuner is NewTuner. reread, unless it is nil, gives the same blocks once more for the refit, which so are not kept.
func newTuner(
	blocks []resnet.BlockWeights, w, b []float32, learnt, validation Pictures, o SGDOptions,
	reread func() []resnet.BlockWeights,
) (*Tuner, error) {
	o.mustBeGood()
	if err := checkPictures(learnt, validation, len(b)); err != nil {
		return nil, err
	}
	for i := range blocks {
		if err := blocks[i].Plain(); err != nil {
			return nil, err
		}
	}
	at := newLastBlocks(blocks, o.Batch, true)
	if len(w) != len(b)*at.Out().C {
		panic(badHead)
	}
	net := newTuned(at, w, b, o.Discrimination)
	rereads := 0
	var restart func()
	if reread != nil {
		rereads, restart = len(net.list)-2, func() { net.restartFrom(reread()) } // all but the classifier
	}
	return &Tuner{*newTraining(net, train.Augment{}, learnt, validation, o, rereads, restart), net}, nil
}

// RefitFrom has the refit start from another linear classifier, one that has learnt from all pictures. Call it before
// the first step.
func (t *Tuner) RefitFrom(w, b []float32) {
	if len(w) != len(t.tuned.w.Value) || len(b) != len(t.tuned.b.Value) {
		panic(badHead)
	}
	if n := len(t.start); n > 0 {
		copy(t.start[n-2], w)
		copy(t.start[n-1], b)
	}
}

// restartFrom puts the weights of blocks, as NewTuner was given them, back into the blocks.
func (t *tuned) restartFrom(blocks []resnet.BlockWeights) {
	convs := t.convs()
	for i := range blocks {
		for _, c := range blocks[i].Convs() {
			to := convs[0]
			s := to.spec
			copy(to.weight, op.ToChannelsLast(c.Weight, s.Out, s.In, s.Size*s.Size))
			copy(to.norm.Weight, c.Norm.Weight)
			copy(to.norm.Bias, c.Norm.Bias)
			convs = convs[1:]
		}
	}
}

func newTuned(last *LastBlocks, w, b []float32, discrimination float64) *tuned {
	classes, features := len(b), last.Out().C
	t := &tuned{
		LastBlocks: last,
		classes:    classes,
		w:          newParam("fc.weight", append([]float32(nil), w...), true, classes, features),
		b:          newParam("fc.bias", append([]float32(nil), b...), false, classes),
		z:          make([]float32, last.batch*classes),
		dFeatures:  make([]float32, len(last.features)),
	}
	rate := 1.0 // of the last block; each before it learns more slowly
	for i := len(last.blocks) - 1; i >= 0 && discrimination > 0; i-- {
		last.blocks[i].rate, rate = rate, rate/discrimination
	}
	for _, block := range last.blocks {
		for _, c := range block.convs() {
			s := c.spec
			three := []*train.Param{
				newParam(s.Conv+".weight", c.weight, true, s.Shape()...),
				newParam(s.Norm+".weight", c.norm.Weight, false, s.Out),
				newParam(s.Norm+".bias", c.norm.Bias, false, s.Out),
			}
			for _, p := range three {
				p.Rate = block.rate
			}
			t.of = append(t.of, three)
			t.list = append(t.list, three...)
		}
	}
	t.list = append(t.list, t.w, t.b)
	t.makeGradients()
	return t
}

// makeGradients makes room for gradients, which the blocks use one after the other.
func (t *tuned) makeGradients() {
	fit := func(x *[]float32, n int) {
		if len(*x) < n {
			*x = make([]float32, n)
		}
	}
	for i := len(t.blocks) - 1; i >= 0; i-- {
		b := t.blocks[i]
		fit(&t.dY[(len(t.blocks)-1-i)%2], len(b.y))
		for j, c := range b.residual[:len(b.residual)-1] {
			if j == len(t.dInner) {
				t.dInner = append(t.dInner, nil)
			}
			fit(&t.dInner[j], len(c.y))
		}
		if i > 0 && b.projection != nil {
			fit(&t.dShortcut, t.batch*b.in.Len())
		}
	}
}

// Augmentation comes before the block, in its inputs.

func (t *tuned) Input() op.Shape            { return t.In() }
func (t *tuned) Batch() int                 { return t.batch }
func (t *tuned) Params() []*train.Param     { return t.list }
func (t *tuned) Statistics() []*train.Param { return nil }

func (t *tuned) Logits(x []float32, n int) []float32 {
	t.fold()
	_, features := t.Forward(x, n)
	z := t.z[:n*t.classes]
	op.BatchLinear(z, features, t.w.Value, t.b.Value, n, t.Out().C, t.classes)
	return z
}

func (t *tuned) Learn(x []float32, labels []int, smoothing float64) Score {
	n, out := len(labels), t.Out()
	z := t.Logits(x, n)
	loss, correct := op.CrossEntropy(z, z, labels, t.classes, smoothing)
	dFeatures := t.dFeatures[:n*out.C]
	op.BatchLinearBackward(dFeatures, t.w.Gradient, t.b.Gradient, z, t.features[:n*out.C], t.w.Value, n, out.C,
		t.classes)

	dSum := t.dY[0][:n*out.Len()]
	y := t.blocks[len(t.blocks)-1].y
	for i := range n {
		meanReLUBackward(dSum[i*out.Len():][:out.Len()], dFeatures[i*out.C:][:out.C], y[i*out.Len():])
	}
	of := t.of
	for i := len(t.blocks) - 1; i >= 0; i-- {
		b := t.blocks[i]
		count := len(of) - len(b.convs())
		input, dX := x, []float32(nil)
		if i > 0 {
			input = t.blocks[i-1].y[:n*b.in.Len()]
			dX = t.dY[(len(t.blocks)-i)%2][:len(input)]
		}
		t.backward(b, dX, dSum, input, of[count:], n)
		if i > 0 {
			op.ReLUBackward(dX, dX, input)
		}
		of, dSum = of[:count], dX
	}
	return Score{N: n, Correct: correct, Loss: loss}
}

// backward computes the gradients of a block's weights, of, from dSum, that by the sum before its last ReLU, and that
// by its input x in dX, unless that is nil.
func (t *tuned) backward(b *plainBlock, dX, dSum, x []float32, of [][]*train.Param, n int) {
	convs, dShortcut := b.convs(), dSum
	if p := len(b.residual); b.projection != nil {
		convs[p].backwardWeights(of[p], dSum, x, n)
		if dX != nil {
			dShortcut = t.dShortcut[:len(dX)]
			b.projection.BackwardInput(dShortcut, dSum, t.filters(b.projection), nil, n)
		}
	}
	d := dSum
	for j := len(b.residual) - 1; j > 0; j-- {
		c, input := convs[j], convs[j-1].y[:n*convs[j].In.Len()]
		c.backwardWeights(of[j], d, input, n)
		dInner := t.dInner[j-1][:len(input)]
		c.BackwardInput(dInner, d, t.filters(c), nil, n)
		op.ReLUBackward(dInner, dInner, input)
		d = dInner
	}
	convs[0].backwardWeights(of[0], d, x, n)
	if dX != nil {
		convs[0].BackwardInput(dX, d, t.filters(convs[0]), dShortcut, n)
	}
}

// meanReLUBackward goes back through the channels' means and the ReLU before them, whose output is y,
// positions×channels: from the gradient by the means it computes that by the ReLU's input. op.GlobalMeanPoolBackward
// and op.ReLUBackward do the same one after the other. This is the largest gradient of all, and one pass over it
// instead of two saves a twentieth of a step on two threads.
func meanReLUBackward(dSum, dMean, y []float32) {
	positions := float32(len(dSum) / len(dMean))
	each := make([]float32, len(dMean))
	for i, d := range dMean {
		each[i] = d / positions
	}
	for at := 0; at < len(dSum); at += len(each) {
		to, from := dSum[at:][:len(each)], y[at:][:len(each)]
		for i, d := range each {
			if !(from[i] > 0) {
				d = 0
			}
			to[i] = d
		}
	}
}

// backwardWeights computes the gradients by a convolution's weights and its norm's.
func (c *blockConv) backwardWeights(of []*train.Param, dY, x []float32, n int) {
	dW, dWeight, dBias := of[0].Gradient, of[1].Gradient, of[2].Gradient
	c.BackwardWeights(dW, dY, x, n)
	op.SumRows(dBias, dY)
	c.norm.FoldBackward(dW, dWeight, dW, dBias, c.weight)
}

// Result copies the best weights so far, which have not learnt from validation pictures: the blocks, and the linear
// classifier on the last one's plain features, which NewHead takes.
func (t *Tuner) Result() (blocks []resnet.BlockWeights, w, b []float32) {
	all := t.all()
	return t.weights(func(i int) []float32 { return t.bestOr(i, all[i]) })
}

// Refitted copies the weights that have learnt from all pictures. They are there when a training with a refit is done.
func (t *Tuner) Refitted() (blocks []resnet.BlockWeights, w, b []float32, ok bool) {
	if !t.refitted() {
		return nil, nil, nil, false
	}
	all := t.all()
	blocks, w, b = t.weights(func(i int) []float32 { return all[i].Value })
	return blocks, w, b, true
}

// weights copies the i-th values that of gives for all i.
func (t *Tuner) weights(of func(i int) []float32) (blocks []resnet.BlockWeights, w, b []float32) {
	n := len(t.all())
	copied := func(i int) []float32 { return append([]float32(nil), of(i)...) }
	next := 0
	blocks = t.tuned.weights(func(c *blockConv) resnet.ConvWeights {
		w := resnet.ConvWeights{
			Spec:   c.spec,
			Weight: op.FromChannelsLast(of(next), c.spec.Out, c.spec.In, c.spec.Size*c.spec.Size),
			Norm: op.BatchNorm{
				Weight: copied(next + 1), Bias: copied(next + 2), Mean: slices.Clone(c.norm.Mean),
				Var: slices.Clone(c.norm.Var), Epsilon: c.norm.Epsilon,
			},
		}
		next += 3
		return w
	})
	return blocks, copied(n - 2), copied(n - 1)
}

// release gives back the memory of all that only training needs. Result and Refitted still work, and nothing else.
func (t *Tuner) release() {
	t.trainer, t.start, t.restart = nil, nil, nil
	for _, p := range t.tuned.list {
		p.Gradient = nil
	}
	for _, b := range t.tuned.blocks {
		b.y = nil
		for _, c := range b.convs() {
			c.BatchConv2D, c.y = nil, nil
		}
	}
	t.tuned.room, t.tuned.folding = op.Room{}, nil
	t.tuned.dY, t.tuned.dInner, t.tuned.dShortcut = [2][]float32{}, nil, nil
}

// A MemoryError says that training so many blocks would take more memory than there is.
type MemoryError struct {
	Depth        int
	Bytes, Limit int64
}

func (e *MemoryError) Error() string {
	const mb = 1e6
	what, fewer := "the last block", "teach the classifier alone"
	if e.Depth > 1 {
		what, fewer = fmt.Sprintf("the last %d blocks", e.Depth), "train fewer blocks, or "+fewer
	}
	return fmt.Sprintf("training %s takes about %.0f MB of memory, and %.0f MB are there; %s",
		what, float64(e.Bytes)/mb, float64(max(e.Limit, 0))/mb, fewer)
}

// TuningMemory is about how many bytes a Tuner of blocks takes, and how many more its State does while it is made.
// rereads says whether the blocks are read again for the refit (Lesson.Reread). The blocks' own weights, which NewTuner
// copies, are not counted.
func TuningMemory(blocks []resnet.BlockWeights, classes int, o SGDOptions, rereads bool) (bytes, state int64) {
	var weights, largest, packed, outputs, inner int64
	var between [2]int64 // gradients by blocks' outputs, in turn
	var shortcut int64
	for i := range blocks {
		b := &blocks[i]
		out := b.In
		for k := range b.Residual {
			s := b.Residual[k].Spec
			out = op.Shape{H: (out.H-1)/s.Stride + 1, W: (out.W-1)/s.Stride + 1, C: s.Out}
			outputs += int64(out.Len())
			if k < len(b.Residual)-1 {
				inner = max(inner, int64(out.Len()))
			}
		}
		between[(len(blocks)-1-i)%2] = max(between[(len(blocks)-1-i)%2], int64(out.Len()))
		if b.Projection != nil {
			outputs += int64(out.Len())
			if i > 0 {
				shortcut = max(shortcut, int64(b.In.Len()))
			}
		}
		for _, c := range b.Convs() {
			n := int64(len(c.Weight))
			weights, largest = weights+n, max(largest, n)
			if c.Spec.Size == 1 || c.Spec.Stride > 1 { // the others are Winograd's, which packs nothing
				packed = max(packed, n)
			}
		}
	}
	last := blocks[len(blocks)-1].Residual
	weights += int64(last[len(last)-1].Spec.Out * classes) // the linear layer's
	activations := int64(blocks[0].In.Len()) + outputs + between[0] + between[1] + int64(len(last)-1)*inner + shortcut
	copies := int64(4) // the values, gradients, momentum and the best
	if o.Refit && !rereads {
		copies++ // the start
	}
	// Beside them, a convolution's folded and packed weights, and what a step keeps of the weights that it changes.
	bytes = 4 * (copies*weights + largest + packed + 2*largest + int64(o.Batch)*activations)
	return bytes, 4 * (3*weights + largest) // the file, of values, momentum and the best, and a tensor in its order
}
