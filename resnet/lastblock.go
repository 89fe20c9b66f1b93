package resnet

import (
	"cmp"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// This file parts the network before its last block, so that the block can be trained further: all before it is computed once a picture.

// LastInputShape is the shape of the last block's input.
func (m *Model) LastInputShape() op.Shape { return m.blocks[len(m.blocks)-1].in() }

// LastInput runs the network on one picture up to its last block, and writes that block's input to dst, as long as LastInputShape says.
func (m *Model) LastInput(dst, x []float32) {
	last := len(m.blocks) - 1
	n := m.blocks[last].in().Len()
	if len(dst) != n {
		panic(badLastInput)
	}
	copy(dst, m.through(0, last, m.stemmed(x, pass{}), pass{})[:n])
}

// FromLastInput runs the rest of the network from the last block's input on. After LastInput the two are Forward.
func (m *Model) FromLastInput(x []float32) Result {
	last := len(m.blocks) - 1
	if len(x) != m.blocks[last].in().Len() {
		panic(badLastInput)
	}
	return m.forwardFrom(last, x, pass{})
}

const badLastInput = "resnet: this is not as long as the last block's input"

// ConvWeights are a convolution's weights, Out×In×Size×Size, and the norm behind it.
type ConvWeights struct {
	Spec   ConvSpec
	Weight []float32
	Norm   op.BatchNorm
}

// BlockWeights are a residual block's weights as they were trained, the norms not folded.
type BlockWeights struct {
	Name       string
	In         op.Shape // of the block's input
	Residual   []ConvWeights
	Projection *ConvWeights // nil: the shortcut is the identity
}

// LastBlock copies the last block's weights out of the model's file.
func (m *Model) LastBlock() BlockWeights {
	b, err := m.ReadLastBlock(m.file)
	if err != nil {
		panic(err) // Load has read it
	}
	return b
}

// ReadLastBlock reads weights for the last block from another file, which may hold more than them.
func (m *Model) ReadLastBlock(f *weights.File) (BlockWeights, error) {
	at := &m.blocks[len(m.blocks)-1]
	l := m.loader()
	l.file = f
	b := BlockWeights{Name: at.spec.Name, In: at.in()}
	conv := func(s ConvSpec) ConvWeights {
		return ConvWeights{s, l.floats(nil, s.Conv+".weight", s.Out, s.In, s.Size, s.Size), l.batchNorm(s)}
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

// Tensors gives the block's weights under torchvision's names, the convolutions' as dtype, the norms' as float32. The types come in the
// order that weights.Write wants.
func (b *BlockWeights) Tensors(dtype weights.DType) ([]weights.Tensor, error) {
	var norms, convs []weights.Tensor
	var failed error
	tensor := func(name string, dtype weights.DType, shape []int, values []float32) weights.Tensor {
		t, err := weights.NewTensor(name, dtype, shape, values)
		failed = cmp.Or(failed, err)
		return t
	}
	for _, c := range b.Convs() {
		convs = append(convs, tensor(c.Spec.Conv+".weight", dtype, []int{c.Spec.Out, c.Spec.In, c.Spec.Size, c.Spec.Size}, c.Weight))
		for _, of := range []struct {
			name   string
			values []float32
		}{{"weight", c.Norm.Weight}, {"bias", c.Norm.Bias}, {"running_mean", c.Norm.Mean}, {"running_var", c.Norm.Var}} {
			norms = append(norms, tensor(c.Spec.Norm+"."+of.name, weights.F32, []int{c.Spec.Out}, of.values))
		}
	}
	return append(norms, convs...), failed
}
