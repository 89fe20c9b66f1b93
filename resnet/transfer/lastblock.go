package transfer

import (
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
)

// LastBlocks run a network's last residual blocks and the mean over all positions, some pictures at a time, from the
// input of the first of them (resnet.Model.InputOf).
type LastBlocks struct {
	batch    int
	blocks   []*plainBlock // from input to output
	features []float32     // the means of the last one's output
	learns   bool          // the weights change, so that they are folded anew in each call
	room     op.Room       // for the packed weights of one convolution
	folding  []float32     // if it learns: room for the folded weights of one convolution
}

// plainBlock is a residual block of the plain kind (resnet.BlockWeights.Plain).
type plainBlock struct {
	name       string
	in         op.Shape
	residual   []*blockConv
	projection *blockConv
	y          []float32 // the block's output
	rate       float64   // by which a Tuner multiplies its own; 0 is 1
}

// blockConv is a convolution of a block and its norm.
type blockConv struct {
	*op.BatchConv2D
	spec   resnet.ConvSpec
	norm   op.BatchNorm
	weight []float32 // channels last; nil if the blocks do not learn
	folded []float32 // weight, with the norm in it; nil if the blocks learn: see LastBlocks.filters
	scale  []float32 // what the norm multiplies each filter by
	bias   []float32
	y      []float32 // the output, after the ReLU if one follows
}

// NewLastBlocks makes blocks of weights, from input to output, for at most batch pictures at a time. It copies the
// weights. The blocks have to be plain: see resnet.BlockWeights.Plain.
func NewLastBlocks(blocks []resnet.BlockWeights, batch int) *LastBlocks {
	return newLastBlocks(blocks, batch, false)
}

// newLastBlocks is NewLastBlocks, and for blocks that learn.
func newLastBlocks(blocks []resnet.BlockWeights, batch int, learns bool) *LastBlocks {
	out := &LastBlocks{batch: batch, learns: learns}
	if len(blocks) == 0 {
		panic(badBlocks)
	}
	for i := range blocks {
		b := newPlainBlock(&blocks[i], batch)
		if i > 0 && b.in != out.Out() {
			panic(badBlocks)
		}
		out.blocks = append(out.blocks, b)
	}
	out.features = make([]float32, batch*out.Out().C)
	largest := 0
	for _, c := range out.convs() {
		c.PackIn(&out.room)
		largest = max(largest, len(c.weight))
	}
	out.fold()
	if learns {
		out.folding = make([]float32, largest)
		return out
	}
	for _, c := range out.convs() {
		scaleFilters(c.weight, c.weight, c.scale)
		c.folded, c.weight = c.weight, nil
	}
	return out
}

func newPlainBlock(w *resnet.BlockWeights, batch int) *plainBlock {
	if err := w.Plain(); err != nil {
		panic("transfer: " + err.Error())
	}
	b := &plainBlock{name: w.Name, in: w.In}
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
	}
}

// convs lists the convolutions, as resnet.BlockWeights.Convs does.
func (b *plainBlock) convs() []*blockConv {
	out := append([]*blockConv(nil), b.residual...)
	if b.projection != nil {
		out = append(out, b.projection)
	}
	return out
}

// out is the shape of the block's output for one picture.
func (b *plainBlock) out() op.Shape { return b.residual[len(b.residual)-1].Out }

// In and Out are the shapes of the first block's input and the last one's output for one picture. Out.C is the number
// of features.
func (l *LastBlocks) In() op.Shape { return l.blocks[0].in }

func (l *LastBlocks) Out() op.Shape { return l.blocks[len(l.blocks)-1].out() }

// Depth is how many blocks there are.
func (l *LastBlocks) Depth() int { return len(l.blocks) }

// convs lists the convolutions of all blocks.
func (l *LastBlocks) convs() (out []*blockConv) {
	for _, b := range l.blocks {
		out = append(out, b.convs()...)
	}
	return out
}

// weights gives the blocks with the weights that of gives for each convolution, in the order of convs.
func (l *LastBlocks) weights(of func(c *blockConv) resnet.ConvWeights) (out []resnet.BlockWeights) {
	for _, b := range l.blocks {
		w := resnet.BlockWeights{Name: b.name, In: b.in}
		for _, c := range b.residual {
			w.Residual = append(w.Residual, of(c))
		}
		if b.projection != nil {
			p := of(b.projection)
			w.Projection = &p
		}
		out = append(out, w)
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

// fold brings what the norms do up to date.
func (l *LastBlocks) fold() {
	for _, c := range l.convs() {
		c.scale, c.bias = c.norm.Fold()
	}
}

// filters are a convolution's weights with its norm in them, which are good until the next call. Those of blocks that
// learn are folded for each use, which takes a weight once, where the use takes it for each position of each picture:
// all folded weights of three blocks of ResNet-50 would be 60 MB.
func (l *LastBlocks) filters(c *blockConv) []float32 {
	if !l.learns {
		return c.folded
	}
	folded := l.folding[:len(c.weight)]
	scaleFilters(folded, c.weight, c.scale)
	return folded
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

const (
	badBlockInput = "transfer: these are not inputs of the last blocks, or more than they take at a time"
	badBlocks     = "transfer: these blocks do not follow each other"
)

// Forward gives the last block's outputs, n×H×W×C, and their means over all positions, the features, n×C. Both are good
// until the next call.
func (l *LastBlocks) Forward(x []float32, n int) (y, features []float32) {
	if n > l.batch || len(x) != n*l.In().Len() {
		panic(badBlockInput)
	}
	y = x
	for _, b := range l.blocks {
		y = l.through(b, y, n)
	}
	out := l.Out()
	features = l.features[:n*out.C]
	for i := range n {
		op.GlobalMeanPool(features[i*out.C:][:out.C], y[i*out.Len():], out)
	}
	return y, features
}

// through gives a block's outputs, n×H×W×C.
func (l *LastBlocks) through(b *plainBlock, x []float32, n int) []float32 {
	last := len(b.residual) - 1
	h := x
	for _, c := range b.residual[:last] {
		c.Forward(c.y, h, l.filters(c), c.bias, n, op.Epilogue{ReLU: true})
		h = c.y
	}
	shortcut := x
	if p := b.projection; p != nil {
		p.Forward(p.y, x, l.filters(p), p.bias, n, op.Epilogue{})
		shortcut = p.y
	}
	c := b.residual[last]
	c.Forward(b.y, h, l.filters(c), c.bias, n, op.Epilogue{Residual: shortcut, ReLU: true})
	return b.y[:n*b.out().Len()]
}
