package transfer

import (
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/train"
)

// A LastBlock runs a network's last residual block and the mean over all positions, some pictures at a time, from the
// block's inputs (resnet.Model.LastInput).
type LastBlock struct {
	name       string
	in         op.Shape
	batch      int
	residual   []*blockConv
	projection *blockConv
	y          []float32 // the block's output
	features   []float32 // its means
}

// blockConv is a convolution of a block and its norm.
type blockConv struct {
	*op.BatchConv2D
	spec   resnet.ConvSpec
	norm   op.BatchNorm
	weight []float32 // channels last
	folded []float32 // weight, with the norm in it
	bias   []float32
	y      []float32 // the output, after the ReLU if one follows
}

// NewLastBlock makes a block of weights, which it copies, for at most batch pictures at a time. The block has to be
// plain: see resnet.BlockWeights.Plain.
func NewLastBlock(w resnet.BlockWeights, batch int) *LastBlock {
	if err := w.Plain(); err != nil {
		panic("transfer: " + err.Error())
	}
	b := &LastBlock{name: w.Name, in: w.In, batch: batch}
	in := w.In
	for i, c := range w.Residual {
		conv := newBlockConv(c, in)
		if i < len(w.Residual)-1 {
			conv.y = make([]float32, batch*conv.Out.Len())
		}
		b.residual = append(b.residual, conv)
		in = conv.Out
	}
	if w.Projection != nil {
		b.projection = newBlockConv(*w.Projection, w.In)
		b.projection.y = make([]float32, batch*in.Len())
	}
	b.y = make([]float32, batch*in.Len())
	b.features = make([]float32, batch*in.C)
	b.fold()
	return b
}

func newBlockConv(w resnet.ConvWeights, in op.Shape) *blockConv {
	s := w.Spec
	copied := func(x []float32) []float32 { return append([]float32(nil), x...) }
	return &blockConv{
		BatchConv2D: op.NewBatchConv2D(in, s.Out, op.Window{Size: s.Size, Stride: s.Stride, Pad: s.Size / 2}),
		spec:        s,
		norm: op.BatchNorm{
			Weight: copied(w.Norm.Weight), Bias: copied(w.Norm.Bias), Mean: copied(w.Norm.Mean),
			Var: copied(w.Norm.Var), Epsilon: w.Norm.Epsilon,
		},
		weight: op.ToChannelsLast(w.Weight, s.Out, s.In, s.Size*s.Size),
		folded: make([]float32, len(w.Weight)),
	}
}

// convs lists the convolutions, as resnet.BlockWeights.Convs does.
func (b *LastBlock) convs() []*blockConv {
	out := append([]*blockConv(nil), b.residual...)
	if b.projection != nil {
		out = append(out, b.projection)
	}
	return out
}

// In and Out are the shapes of the block's input and output for one picture. Out.C is the number of features.
func (b *LastBlock) In() op.Shape { return b.in }

func (b *LastBlock) Out() op.Shape { return b.residual[len(b.residual)-1].Out }

// Weights copies the block's weights.
func (b *LastBlock) Weights() resnet.BlockWeights {
	out := resnet.BlockWeights{Name: b.name, In: b.in}
	for _, c := range b.residual {
		out.Residual = append(out.Residual, c.weights())
	}
	if b.projection != nil {
		w := b.projection.weights()
		out.Projection = &w
	}
	return out
}

func (c *blockConv) weights() resnet.ConvWeights {
	copied := func(x []float32) []float32 { return append([]float32(nil), x...) }
	return resnet.ConvWeights{
		Spec:   c.spec,
		Weight: op.FromChannelsLast(c.weight, c.spec.Out, c.spec.In, c.spec.Size*c.spec.Size),
		Norm: op.BatchNorm{
			Weight: copied(c.norm.Weight), Bias: copied(c.norm.Bias), Mean: copied(c.norm.Mean),
			Var: copied(c.norm.Var), Epsilon: c.norm.Epsilon,
		},
	}
}

// fold brings the folded weights up to date.
func (b *LastBlock) fold() {
	for _, c := range b.convs() {
		scale, bias := c.norm.Fold()
		scaleFilters(c.folded, c.weight, scale)
		c.bias = bias
	}
}

// scaleFilters multiplies each filter by its scale.
func scaleFilters(dst, filters, scale []float32) {
	each := len(filters) / len(scale)
	for o, s := range scale {
		to := dst[o*each:][:each]
		for i, w := range filters[o*each:][:each] {
			to[i] = s * w
		}
	}
}

const badBlockInput = "transfer: these are not inputs of the last block, or more than it takes at a time"

// Forward gives the block's outputs, n×H×W×C, and their means over all positions, the features, n×C. Both are good
// until the next call.
func (b *LastBlock) Forward(x []float32, n int) (y, features []float32) {
	if n > b.batch || len(x) != n*b.In().Len() {
		panic(badBlockInput)
	}
	last := len(b.residual) - 1
	h := x
	for _, c := range b.residual[:last] {
		c.Forward(c.y, h, c.folded, c.bias, n, op.Epilogue{ReLU: true})
		h = c.y
	}
	shortcut := x
	if p := b.projection; p != nil {
		p.Forward(p.y, x, p.folded, p.bias, n, op.Epilogue{})
		shortcut = p.y
	}
	c, out := b.residual[last], b.Out()
	c.Forward(b.y, h, c.folded, c.bias, n, op.Epilogue{Residual: shortcut, ReLU: true})
	y, features = b.y[:n*out.Len()], b.features[:n*out.C]
	for i := range n {
		op.GlobalMeanPool(features[i*out.C:][:out.C], y[i*out.Len():], out)
	}
	return y, features
}

// DefaultTuning are settings of NewTuner that do well: see docs/rationale.md.
var DefaultTuning = SGDOptions{
	Seed: 1, Epochs: 8, Batch: 32, Rate: 0.001, Momentum: 0.9, WeightDecay: 1e-4, Patience: 5, Refit: true,
}

// A Tuner trains a network's last residual block and a linear classifier of its features further. The statistics of the
// block's norms stay as they are, their weights and biases are trained.
type Tuner struct {
	training
	tuned *tuned
}

// tuned is a last block with a linear layer, and their gradients.
type tuned struct {
	*LastBlock
	classes       int
	w, b          *train.Param     // the linear layer
	of            [][]*train.Param // of each conv: weight, norm's weight, norm's bias
	list          []*train.Param
	z             []float32 // logits, then the gradient by them
	dFeatures, dY []float32
	dInner        [][]float32 // gradients by the outputs of all but the last convolution of F
}

// NewTuner starts from a block's weights and a linear classifier on its plain features: w is classes×features, b has
// one value for each class. It copies them. The inputs of learnt and validation are the block's, In.Len() floats;
// validation may be empty, then the last weights are the best. A block that is not plain is an error.
func NewTuner(block resnet.BlockWeights, w, b []float32, learnt, validation Pictures, o SGDOptions) (*Tuner, error) {
	o.mustBeGood()
	if err := checkPictures(learnt, validation, len(b)); err != nil {
		return nil, err
	}
	if err := block.Plain(); err != nil {
		return nil, err
	}
	at := NewLastBlock(block, o.Batch)
	if len(w) != len(b)*at.Out().C {
		panic(badHead)
	}
	net := newTuned(at, w, b)
	return &Tuner{*newTraining(net, train.Augment{}, learnt, validation, o), net}, nil
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

func newTuned(block *LastBlock, w, b []float32) *tuned {
	classes, features := len(b), block.Out().C
	t := &tuned{
		LastBlock: block,
		classes:   classes,
		w:         newParam("fc.weight", append([]float32(nil), w...), true, classes, features),
		b:         newParam("fc.bias", append([]float32(nil), b...), false, classes),
		z:         make([]float32, block.batch*classes),
		dFeatures: make([]float32, len(block.features)),
		dY:        make([]float32, len(block.y)),
	}
	for _, c := range block.convs() {
		s := c.spec
		three := []*train.Param{
			newParam(s.Conv+".weight", c.weight, true, s.Shape()...),
			newParam(s.Norm+".weight", c.norm.Weight, false, s.Out),
			newParam(s.Norm+".bias", c.norm.Bias, false, s.Out),
		}
		t.of = append(t.of, three)
		t.list = append(t.list, three...)
	}
	t.list = append(t.list, t.w, t.b)
	for _, c := range block.residual[:len(block.residual)-1] {
		t.dInner = append(t.dInner, make([]float32, len(c.y)))
	}
	return t
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

	dSum := t.dY[:n*out.Len()]
	for i := range n {
		meanReLUBackward(dSum[i*out.Len():][:out.Len()], dFeatures[i*out.C:][:out.C], t.y[i*out.Len():])
	}

	convs := t.convs()
	if p := len(t.residual); t.projection != nil {
		convs[p].backwardWeights(t.of[p], dSum, x, n)
	}
	d := dSum
	for j := len(t.residual) - 1; j > 0; j-- {
		c, input := convs[j], convs[j-1].y[:n*convs[j].In.Len()]
		c.backwardWeights(t.of[j], d, input, n)
		dInner := t.dInner[j-1][:len(input)]
		c.BackwardInput(dInner, d, c.folded, nil, n)
		op.ReLUBackward(dInner, dInner, input)
		d = dInner
	}
	convs[0].backwardWeights(t.of[0], d, x, n)
	return Score{N: n, Correct: correct, Loss: loss}
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

// Result copies the best weights so far, which have not learnt from validation pictures: the block, and the linear
// classifier on its plain features, which NewHead takes.
func (t *Tuner) Result() (block resnet.BlockWeights, w, b []float32) {
	all := t.all()
	return t.weights(func(i int) []float32 { return t.bestOr(i, all[i]) })
}

// Refitted copies the weights that have learnt from all pictures. They are there when a training with a refit is done.
func (t *Tuner) Refitted() (block resnet.BlockWeights, w, b []float32, ok bool) {
	if !t.refitted() {
		return block, nil, nil, false
	}
	all := t.all()
	block, w, b = t.weights(func(i int) []float32 { return all[i].Value })
	return block, w, b, true
}

// weights copies the i-th values that of gives for all i.
func (t *Tuner) weights(of func(i int) []float32) (block resnet.BlockWeights, w, b []float32) {
	n := len(t.all())
	copied := func(i int) []float32 { return append([]float32(nil), of(i)...) }
	block = t.tuned.Weights()
	for i, c := range block.Convs() {
		s := c.Spec
		c.Weight = op.FromChannelsLast(copied(3*i), s.Out, s.In, s.Size*s.Size)
		c.Norm.Weight, c.Norm.Bias = copied(3*i+1), copied(3*i+2)
	}
	return block, copied(n - 2), copied(n - 1)
}
