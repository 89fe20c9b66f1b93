package transfer

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/seed8935e608/residua/resnet/op"
)

// SmallNetConfig is the structure of a SmallNet.
type SmallNetConfig struct {
	Size   int // of its pictures, Size×Size×3
	Width  int // channels of the first stage; they double from stage to stage
	Blocks int // in each of the three stages; the network has 6·Blocks+2 layers with weights
}

// DefaultSmallNet is ResNet-8 on 32×32.
var DefaultSmallNet = SmallNetConfig{Size: 32, Width: 16, Blocks: 1}

const badSmallNet = "transfer: a small network has pictures of 4×4 or more, channels and blocks"

// A SmallNet is a residual network for small pictures, as He, Zhang, Ren and Sun (2016) have it for CIFAR-10: a 3×3
// convolution, three stages of basic blocks of which the second and the third halve the picture, the mean, a linear
// layer; a projection where the shape changes. It takes pictures in any scale, and standardises them by the means and
// deviations of those that it was trained on.
type SmallNet struct {
	SmallNetConfig
	Classes int
	Augment bool // whether pictures to learn from are mirrored and shifted at random

	batch     int
	mean, std *param // of the pictures' channels
	first     *normConv
	blocks    []*smallBlock
	w, b      *param // the linear layer
	list      []*param
	kept      []*param // statistics

	input     []float32    // standardised pictures
	shifted   []float32    // one picture
	features  []float32    // means over the positions
	z         []float32    // logits
	dFeatures []float32    // the gradient by the features
	outer     [2][]float32 // gradients between blocks
	inner     [3][]float32 // gradients inside of a block
}

// smallBlock is a basic block: y = ReLU(shortcut(x) + norm(conv(ReLU(norm(conv(x)))))).
type smallBlock struct {
	one, two   *normConv
	projection *normConv // nil: the shortcut is the identity
	y          []float32
}

// normConv is a convolution and the norm behind it, in training.
type normConv struct {
	*op.BatchConv2D
	norm                op.BatchNorm
	weight, gamma, beta *param
	raw                 []float32    // the convolution's output
	y                   []float32    // the norm's, after the ReLU if one follows
	batch               op.NormBatch // of the last step
	folded              []float32    // weight with the norm's running statistics in it, to answer with
}

// normMomentum is how fast running statistics follow: PyTorch's.
const normMomentum = 0.1

// newSmallNet makes a network of random weights for batches of at most batch pictures.
func newSmallNet(c SmallNetConfig, classes, batch int, seed uint64) *SmallNet {
	if c.Size < 4 || c.Width < 1 || c.Blocks < 1 || classes < 1 || batch < 1 {
		panic(badSmallNet)
	}
	r := rand.New(rand.NewPCG(seed, 0))
	n := &SmallNet{SmallNetConfig: c, Classes: classes, batch: batch}
	n.mean, n.std = newStatistic("input.mean", make([]float32, 3)), newStatistic("input.std", ones(3))
	n.kept = append(n.kept, n.mean, n.std)
	in := op.Shape{H: c.Size, W: c.Size, C: 3}
	n.input, n.shifted = make([]float32, batch*in.Len()), make([]float32, in.Len())
	n.first = n.conv(r, "conv1", in, c.Width, 3, 1)
	in = n.first.Out
	largest := batch * in.Len()
	for stage := range 3 {
		for i := range c.Blocks {
			name, out, stride := fmt.Sprintf("layer%d.%d", stage+1, i), c.Width<<stage, 1
			if stage > 0 && i == 0 {
				stride = 2
			}
			b := &smallBlock{one: n.conv(r, name+".conv1", in, out, 3, stride)}
			b.two = n.conv(r, name+".conv2", b.one.Out, out, 3, 1)
			if in != b.two.Out {
				b.projection = n.conv(r, name+".downsample", in, out, 1, stride)
			}
			in = b.two.Out
			b.y = make([]float32, batch*in.Len())
			n.blocks = append(n.blocks, b)
		}
	}
	n.w = newParam("fc.weight", gaussian(r, classes*in.C, math.Sqrt(1/float64(in.C))), true, classes, in.C)
	n.b = newParam("fc.bias", make([]float32, classes), false, classes)
	n.list = append(n.list, n.w, n.b)
	n.features, n.dFeatures = make([]float32, batch*in.C), make([]float32, batch*in.C)
	n.z = make([]float32, batch*classes)
	for _, buffers := range [][]([]float32){n.outer[:], n.inner[:]} {
		for i := range buffers {
			buffers[i] = make([]float32, largest)
		}
	}
	return n
}

// newStatistic is what belongs to a network's weights, but is not learnt by descent.
func newStatistic(name string, value []float32) *param {
	return &param{name: name, shape: []int{len(value)}, value: value}
}

// conv makes a convolution with weights as He et al. (2015) draw them for ReLUs: normal, with a variance of 2 over the
// number of inputs.
func (n *SmallNet) conv(r *rand.Rand, name string, in op.Shape, out, size, stride int) *normConv {
	c := &normConv{BatchConv2D: op.NewBatchConv2D(in, out, op.Window{Size: size, Stride: stride, Pad: size / 2})}
	c.norm = op.BatchNorm{
		Weight: ones(out), Bias: make([]float32, out), Mean: make([]float32, out), Var: ones(out), Epsilon: 1e-5,
	}
	weight := gaussian(r, c.Filters(), math.Sqrt(2/float64(size*size*in.C)))
	c.weight = newParam(name+".weight", weight, true, out, size, size, in.C)
	c.gamma = newParam(name+".norm.weight", c.norm.Weight, false, out)
	c.beta = newParam(name+".norm.bias", c.norm.Bias, false, out)
	c.raw, c.y = make([]float32, n.batch*c.Out.Len()), make([]float32, n.batch*c.Out.Len())
	c.folded = make([]float32, len(weight))
	n.list = append(n.list, c.weight, c.gamma, c.beta)
	n.kept = append(n.kept, newStatistic(name+".norm.running_mean", c.norm.Mean),
		newStatistic(name+".norm.running_var", c.norm.Var))
	return c
}

// gaussian is n normal values with a deviation.
func gaussian(r *rand.Rand, n int, deviation float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64() * deviation)
	}
	return x
}

// pixels is how many numbers a picture is.
func (c SmallNetConfig) pixels() int { return c.Size * c.Size * 3 }

func (n *SmallNet) inputLen() int        { return n.pixels() }
func (n *SmallNet) params() []*param     { return n.list }
func (n *SmallNet) statistics() []*param { return n.kept }

// standardise makes the network's input of count pictures.
func (n *SmallNet) standardise(x []float32, count int) []float32 {
	to := n.input[:count*n.inputLen()]
	for i := range to {
		c := i % 3
		to[i] = (x[i] - n.mean.value[c]) / n.std.value[c]
	}
	return to
}

// augment mirrors a picture, or not, and moves it by at most an eighth of its size; what comes in from outside is the
// mean.
func (n *SmallNet) augment(x []float32, r *rand.Rand) {
	if !n.Augment {
		return
	}
	most := n.Size / 8
	mirrored, down, right := r.IntN(2) == 1, r.IntN(2*most+1)-most, r.IntN(2*most+1)-most
	copy(n.shifted, x)
	for row := range n.Size {
		for col := range n.Size {
			to, fromRow, fromCol := x[(row*n.Size+col)*3:][:3], row-down, col-right
			if mirrored {
				fromCol = n.Size - 1 - fromCol
			}
			if fromRow < 0 || fromRow >= n.Size || fromCol < 0 || fromCol >= n.Size {
				copy(to, n.mean.value)
			} else {
				copy(to, n.shifted[(fromRow*n.Size+fromCol)*3:])
			}
		}
	}
}

// Logits computes the logits, count×Classes, of pictures, each Size×Size×3.
func (n *SmallNet) Logits(x []float32, count int) []float32 {
	var out []float32
	for first := 0; first < count; first += n.batch {
		some := min(n.batch, count-first)
		out = append(out, n.logits(x[first*n.inputLen():][:some*n.inputLen()], some)...)
	}
	return out
}

func (n *SmallNet) logits(x []float32, count int) []float32 {
	h := n.first.answer(n.standardise(x, count), count, op.Epilogue{ReLU: true})
	for _, b := range n.blocks {
		shortcut := h
		if b.projection != nil {
			shortcut = b.projection.answer(h, count, op.Epilogue{})
		}
		h = b.two.answer(b.one.answer(h, count, op.Epilogue{ReLU: true}), count,
			op.Epilogue{Residual: shortcut, ReLU: true})
	}
	return n.classify(h, count)
}

// answer runs the convolution with its norm, which stays as it is.
func (c *normConv) answer(x []float32, count int, e op.Epilogue) []float32 {
	scale, bias := c.norm.Fold()
	scaleFilters(c.folded, c.weight.value, scale)
	y := c.y[:count*c.Out.Len()]
	c.Forward(y, x, c.folded, bias, count, e)
	return y
}

// classify runs the mean over all positions and the linear layer.
func (n *SmallNet) classify(y []float32, count int) []float32 {
	out := n.last().Out
	for i := range count {
		op.GlobalMeanPool(n.features[i*out.C:][:out.C], y[i*out.Len():], out)
	}
	z := n.z[:count*n.Classes]
	op.BatchLinear(z, n.features, n.w.value, n.b.value, count, out.C, n.Classes)
	return z
}

// convs lists the convolutions.
func (n *SmallNet) convs() []*normConv {
	out := []*normConv{n.first}
	for _, b := range n.blocks {
		out = append(out, b.one, b.two)
		if b.projection != nil {
			out = append(out, b.projection)
		}
	}
	return out
}

func (n *SmallNet) last() *normConv { return n.blocks[len(n.blocks)-1].two }

func (n *SmallNet) learn(x []float32, labels []int, smoothing float64) Score {
	count := len(labels)
	input := n.standardise(x, count)
	h := n.first.train(input, count)
	op.ReLU(h, h)
	for _, b := range n.blocks {
		h = b.train(h, count)
	}
	z := n.classify(h, count)
	loss, correct := op.CrossEntropy(z, z, labels, n.Classes, smoothing)

	out := n.last().Out
	op.BatchLinearBackward(n.dFeatures, n.w.gradient, n.b.gradient, z, n.features[:count*out.C], n.w.value, count,
		out.C, n.Classes)
	d, other := n.outer[0], n.outer[1]
	for i := range count {
		op.GlobalMeanPoolBackward(d[i*out.Len():][:out.Len()], n.dFeatures[i*out.C:], out)
	}
	for i := len(n.blocks) - 1; i >= 0; i-- {
		from := n.first.y
		if i > 0 {
			from = n.blocks[i-1].y
		}
		n.blocks[i].backward(other, d, from, &n.inner, count)
		d, other = other, d
	}
	d = d[:count*n.first.Out.Len()]
	op.ReLUBackward(d, d, n.first.y[:len(d)])
	n.first.backward(d, d, input, count)
	// Only now, when nothing can go wrong any more: a step that has to be done again does not move them twice.
	for _, c := range n.convs() {
		c.norm.Follow(c.batch, normMomentum)
	}
	return Score{count, correct, loss}
}

// train runs the convolution and the norm with the batch's statistics.
func (c *normConv) train(x []float32, count int) []float32 {
	raw, y := c.raw[:count*c.Out.Len()], c.y[:count*c.Out.Len()]
	c.Forward(raw, x, c.weight.value, nil, count, op.Epilogue{})
	c.batch = c.norm.Train(y, raw)
	return y
}

// backward computes dRaw, the gradient by the convolution's output, from dY, that by the norm's, and the gradients by
// the weights. dRaw may be dY.
func (c *normConv) backward(dRaw, dY, x []float32, count int) {
	raw := c.raw[:count*c.Out.Len()]
	c.norm.TrainBackward(dRaw, c.gamma.gradient, c.beta.gradient, dY, raw, c.batch)
	c.BackwardWeights(c.weight.gradient, dRaw, x, count)
}

func (b *smallBlock) train(x []float32, count int) []float32 {
	h := b.one.train(x, count)
	op.ReLU(h, h)
	f := b.two.train(h, count)
	if b.projection != nil {
		x = b.projection.train(x, count)
	}
	y := b.y[:len(f)]
	for i, v := range f {
		y[i] = v + x[i]
	}
	op.ReLU(y, y)
	return y
}

// backward computes dX from dY, which it overwrites.
func (b *smallBlock) backward(dX, dY, x []float32, space *[3][]float32, count int) {
	dSum := dY[:count*b.two.Out.Len()]
	op.ReLUBackward(dSum, dSum, b.y[:len(dSum)])

	byShortcut := dSum
	if p := b.projection; p != nil {
		d := space[0][:len(dSum)]
		p.backward(d, dSum, x, count)
		byShortcut = space[1][:count*p.In.Len()]
		p.BackwardInput(byShortcut, d, p.weight.value, nil, count)
	}
	d, dH := space[0][:len(dSum)], space[2][:count*b.two.In.Len()]
	h := b.one.y[:len(dH)]
	b.two.backward(d, dSum, h, count)
	b.two.BackwardInput(dH, d, b.two.weight.value, nil, count)
	op.ReLUBackward(dH, dH, h)
	b.one.backward(dH, dH, x, count)
	b.one.BackwardInput(dX[:count*b.one.In.Len()], dH, b.one.weight.value, byShortcut, count)
}
