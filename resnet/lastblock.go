package resnet

import (
	"cmp"
	"fmt"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// This file splits the network before its last blocks, so that they can be trained further. Everything before them is
// computed once for each picture. A depth is how many blocks there are behind the split.

// MaxDepth is the most blocks that can be trained by themselves: those of the last stage, or two where it has only one.
func (c Config) MaxDepth() int {
	all := 0
	for _, n := range c.Layers {
		all += n
	}
	return min(all, max(2, c.Layers[len(c.Layers)-1]))
}

// at is the index of the first of the last depth blocks.
func (m *Model) at(depth int) int {
	if depth < 1 || depth > len(m.blocks) {
		panic(badDepth)
	}
	return len(m.blocks) - depth
}

// InputShapeOf is the shape of the input of the last depth blocks.
func (m *Model) InputShapeOf(depth int) op.Shape { return m.blocks[m.at(depth)].in() }

// InputOf runs the network on one picture up to its last depth blocks, and writes their input to dst, whose length is
// that of InputShapeOf.
func (m *Model) InputOf(depth int, dst, x []float32) {
	p := m.pass()
	defer p.end()
	first := m.at(depth)
	n := m.blocks[first].in().Len()
	if len(dst) != n {
		panic(badLastInput)
	}
	copy(dst, p.through(0, first, p.stemmed(x))[:n])
}

// FromInputOf runs the last depth blocks and the linear layer on the blocks' input. InputOf and FromInputOf together
// compute what Forward does. FromInputOf panics if the linear layer reads more than the last block, see
// Config.HeadBlocks.
func (m *Model) FromInputOf(depth int, x []float32) Result {
	first := m.at(depth)
	if len(m.Config.HeadBlocks) > 1 {
		panic(severalHeads)
	}
	if len(x) != m.blocks[first].in().Len() {
		panic(badLastInput)
	}
	p := m.pass()
	defer p.end()
	return p.forwardFrom(first, x)
}

// LastInputShape, LastInput and FromLastInput are InputShapeOf, InputOf and FromInputOf of the last block alone.
func (m *Model) LastInputShape() op.Shape { return m.InputShapeOf(1) }

func (m *Model) LastInput(dst, x []float32) { m.InputOf(1, dst, x) }

func (m *Model) FromLastInput(x []float32) Result { return m.FromInputOf(1, x) }

const (
	badLastInput = "resnet: this is not as long as the input of the last blocks"
	badDepth     = "resnet: the network does not have so many blocks"
	severalHeads = "resnet: the linear layer reads several blocks, which the last blocks' input does not tell"
)

// ConvWeights are a convolution's weights, in the shape of Spec.Shape, and the norm after it, empty if there is none.
type ConvWeights struct {
	Spec   ConvSpec
	Weight []float32
	Bias   []float32 // nil unless Spec.Bias
	Norm   op.BatchNorm
}

// BlockWeights are a residual block's weights as they were trained: the norms are not folded.
type BlockWeights struct {
	Name       string
	In         op.Shape // of the block's input
	Residual   []ConvWeights
	Projection *ConvWeights // nil: the shortcut has no weights
	Norm       *NormWeights // of a pre-activation block, see BlockSpec.Norm; else nil
	Pad        bool         // see BlockSpec.Pad
	Join       Join         // "" is JoinAdd
	Activation op.Activation
}

// Plain returns an error unless the block is of the plain kind, which training code may be limited to: y =
// ReLU(shortcut(x) + F(x)), where the shortcut is the identity or a projection, and each convolution has one group and
// is followed by a norm.
func (b *BlockWeights) Plain() error {
	why := ""
	switch {
	case b.Norm != nil:
		why = "has pre-activation"
	case b.Join == JoinNone:
		why = "has no shortcut"
	case b.Join != "" && b.Join != JoinAdd:
		why = fmt.Sprintf("joins its shortcut by %q", b.Join)
	case b.Pad:
		why = "has a shortcut that pads with zeros"
	case b.Activation != ActivationReLU:
		why = fmt.Sprintf("has the activation %q", b.Activation)
	}
	for _, c := range b.Convs() {
		if c.Spec.Groups > 1 {
			why = fmt.Sprintf("has a convolution of %d groups, %s", c.Spec.Groups, c.Spec.Conv)
		}
		if c.Spec.Norm == "" && why == "" {
			why = "has a convolution without a norm, " + c.Spec.Conv
		}
	}
	if why != "" {
		return fmt.Errorf("the block %s %s; this can be run, but not trained", b.Name, why)
	}
	return nil
}

// NormWeights are the weights of a norm that does not follow a convolution.
type NormWeights struct {
	Name string
	op.BatchNorm
}

// LastBlock copies the last block's weights out of the model's file.
func (m *Model) LastBlock() BlockWeights { return m.LastBlocks(1)[0] }

// LastBlocks copies the last depth blocks' weights out of the model's file, from input to output.
func (m *Model) LastBlocks(depth int) []BlockWeights {
	blocks, err := m.ReadLastBlocks(m.file, depth)
	if err != nil {
		panic(err) // cannot happen: Load has read them
	}
	return blocks
}

// ReadLastBlocks reads weights for the last depth blocks from another file, which may hold other tensors too.
func (m *Model) ReadLastBlocks(f *weights.File, depth int) ([]BlockWeights, error) {
	var out []BlockWeights
	for i := m.at(depth); i < len(m.blocks); i++ {
		b, err := m.readBlock(f, i)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// readBlock reads weights for block i from a file.
func (m *Model) readBlock(f *weights.File, i int) (BlockWeights, error) {
	at := &m.blocks[i]
	l := m.loader()
	l.file = f
	b := BlockWeights{Name: at.spec.Name, In: at.in(), Pad: at.spec.Pad, Join: m.Config.Join,
		Activation: m.Config.Activation}
	conv := func(s ConvSpec) ConvWeights {
		c := ConvWeights{Spec: s, Weight: l.floats(nil, s.Conv+".weight", s.Shape()...)}
		if s.Bias {
			c.Bias = l.floats(nil, s.Conv+".bias", s.Out)
		}
		if s.Norm != "" {
			c.Norm = l.batchNorm(s.Norm, s.Out)
		}
		return c
	}
	if s := at.spec; s.Norm != "" {
		b.Norm = &NormWeights{s.Norm, l.batchNorm(s.Norm, s.In)}
	}
	for _, s := range at.spec.Residual {
		b.Residual = append(b.Residual, conv(s))
	}
	if s := at.spec.Projection; s != nil {
		c := conv(*s)
		b.Projection = &c
	}
	if l.err != nil {
		return BlockWeights{}, l.err
	}
	return b, nil
}

// Convs lists the block's convolutions: F's, then the projection if there is one.
func (b *BlockWeights) Convs() []*ConvWeights {
	var out []*ConvWeights
	for i := range b.Residual {
		out = append(out, &b.Residual[i])
	}
	if b.Projection != nil {
		out = append(out, b.Projection)
	}
	return out
}

// TensorNames lists the names of the block's tensors, torchvision's.
func (b *BlockWeights) TensorNames() []string {
	var spec BlockSpec
	if b.Norm != nil {
		spec.Norm = b.Norm.Name
	}
	for i := range b.Residual {
		spec.Residual = append(spec.Residual, b.Residual[i].Spec)
	}
	if b.Projection != nil {
		spec.Projection = &b.Projection.Spec
	}
	var names []string
	for _, t := range spec.Tensors() {
		names = append(names, t.Name)
	}
	return names
}

// Tensors gives the block's weights under torchvision's names: the convolutions' as dtype, the norms' and biases as
// float32, in the order of types that weights.Write requires.
func (b *BlockWeights) Tensors(dtype weights.DType) ([]weights.Tensor, error) {
	var norms, convs []weights.Tensor
	var failed error
	tensor := func(name string, dtype weights.DType, shape []int, values []float32) weights.Tensor {
		t, err := weights.NewTensor(name, dtype, shape, values)
		failed = cmp.Or(failed, err)
		return t
	}
	norm := func(name string, n *op.BatchNorm) {
		for _, of := range []struct {
			name   string
			values []float32
		}{{"weight", n.Weight}, {"bias", n.Bias}, {"running_mean", n.Mean}, {"running_var", n.Var}} {
			norms = append(norms, tensor(name+"."+of.name, weights.F32, []int{len(of.values)}, of.values))
		}
	}
	if b.Norm != nil {
		norm(b.Norm.Name, &b.Norm.BatchNorm)
	}
	for _, c := range b.Convs() {
		convs = append(convs, tensor(c.Spec.Conv+".weight", dtype, c.Spec.Shape(), c.Weight))
		if c.Spec.Bias {
			norms = append(norms, tensor(c.Spec.Conv+".bias", weights.F32, []int{len(c.Bias)}, c.Bias))
		}
		if c.Spec.Norm != "" {
			norm(c.Spec.Norm, &c.Norm)
		}
	}
	return append(norms, convs...), failed
}
