package resnet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// Load reads a network from the bytes of a safetensors file with torchvision's names, and with the Config and the model card
// in its metadata (weights.ConfigKey, weights.CardKey). Batch norm is folded into the convolutions before it.
// A file that lacks a tensor, has one too many, one of another shape or one with a value that is not finite is refused.
// The model keeps the file; it must not be changed.
func Load(file []byte) (*Model, error) {
	f, err := weights.Parse(file)
	if err != nil {
		return nil, err
	}
	config, card, err := Describe(f)
	if err != nil {
		return nil, err
	}
	m := &Model{Config: config, Card: card, file: f}
	l := m.loader()
	m.stem = l.conv(config.StemConv(), m.input())
	if l.err != nil {
		return nil, l.err
	}
	m.pool = op.NewMaxPool2D(m.stem.Out, op.Window{Size: 3, Stride: 2, Pad: 1})
	in := m.pool.Out
	for _, spec := range config.Blocks() {
		b, err := l.block(spec, in)
		if err != nil {
			return nil, err
		}
		m.blocks = append(m.blocks, b)
		in = b.out()
	}
	m.fc = l.linear("fc", config.Features(), config.Classes)
	l.refuseUnused()
	if l.err != nil {
		return nil, l.err
	}
	m.reserve()
	return m, nil
}

// Describe reads what a file's metadata say of the network in it. Whether the tensors are there is Load's to find out.
func Describe(f *weights.File) (Config, weights.Card, error) {
	text, ok := f.Metadata[weights.ConfigKey]
	if !ok {
		return Config{}, weights.Card{}, fmt.Errorf("the model file's metadata has no %s: which network it holds is not known", weights.ConfigKey)
	}
	config, err := parseConfig(text)
	if err != nil {
		return Config{}, weights.Card{}, err
	}
	card, err := weights.CardFrom(f.Metadata)
	if err != nil {
		return Config{}, weights.Card{}, err
	}
	if n := len(card.Labels); n != 0 && n != config.Classes {
		return Config{}, weights.Card{}, fmt.Errorf("the model card has %d labels for %d classes", n, config.Classes)
	}
	return config, card, nil
}

// loader makes a loader of the model's file.
func (m *Model) loader() *loader {
	return &loader{file: m.file, config: m.Config, used: map[string]bool{}}
}

// loader takes layers out of a file. After its first error it does nothing more.
type loader struct {
	file   *weights.File
	config Config
	used   map[string]bool
	buf    []float32 // the weights of one layer
	err    error
}

// block reads a residual block.
func (l *loader) block(spec BlockSpec, in op.Shape) (block, error) {
	b := block{spec: spec}
	if spec.Projection != nil {
		b.projection = l.conv(*spec.Projection, in)
	}
	for _, s := range spec.Residual {
		c := l.conv(s, in)
		if l.err != nil {
			return b, l.err
		}
		b.residual = append(b.residual, c)
		in = c.Out
	}
	return b, l.err
}

// conv reads a convolution for inputs of shape in, and the norm that follows it.
func (l *loader) conv(s ConvSpec, in op.Shape) *op.Conv2D {
	scale, bias := l.norm(s)
	l.buf = l.floats(l.buf, s.Conv+".weight", s.Out, s.In, s.Size, s.Size)
	if l.err != nil {
		return nil
	}
	return op.NewConv2D(l.buf, in, s.Out, op.Window{Size: s.Size, Stride: s.Stride, Pad: s.Size / 2}, scale, bias)
}

// norm reads the norm that follows a convolution, as what the convolution's weights are multiplied by and its bias.
func (l *loader) norm(s ConvSpec) (scale, bias []float32) {
	norm := l.batchNorm(s)
	if l.err != nil {
		return nil, nil
	}
	return norm.Fold()
}

// batchNorm reads the norm that follows a convolution.
func (l *loader) batchNorm(s ConvSpec) op.BatchNorm {
	norm := op.BatchNorm{
		Weight:  l.floats(nil, s.Norm+".weight", s.Out),
		Bias:    l.floats(nil, s.Norm+".bias", s.Out),
		Mean:    l.floats(nil, s.Norm+".running_mean", s.Out),
		Var:     l.floats(nil, s.Norm+".running_var", s.Out),
		Epsilon: l.config.NormEpsilon,
	}
	for i, v := range norm.Var {
		if v < 0 && l.err == nil {
			l.err = fmt.Errorf("tensor %s.running_var is negative at %d", s.Norm, i)
		}
	}
	return norm
}

// linear reads a linear layer.
func (l *loader) linear(name string, in, out int) *op.Linear {
	bias := l.floats(nil, name+".bias", out)
	l.buf = l.floats(l.buf, name+".weight", out, in)
	if l.err != nil {
		return nil
	}
	return op.NewLinear(l.buf, bias, in, out)
}

// floats reads a tensor of the given shape into buf, which may be nil.
func (l *loader) floats(buf []float32, name string, shape ...int) []float32 {
	if l.err != nil {
		return buf
	}
	t, ok := l.file.Tensor(name)
	switch {
	case !ok:
		l.err = fmt.Errorf("the model file has no tensor %s", name)
		return buf
	case !slices.Equal(t.Shape, shape):
		l.err = fmt.Errorf("tensor %s has the shape %v; the network's configuration wants %v", name, t.Shape, shape)
		return buf
	}
	l.used[name] = true
	buf, l.err = t.AppendFloat32(buf[:0])
	return buf
}

// refuseUnused refuses tensors that the configuration has no place for: the file holds another network than it says.
// PyTorch's counters of batches are not weights.
func (l *loader) refuseUnused() {
	for _, t := range l.file.Tensors() {
		if l.err == nil && !l.used[t.Name] && !strings.HasSuffix(t.Name, ".num_batches_tracked") {
			l.err = fmt.Errorf("the network's configuration has no place for tensor %s", t.Name)
		}
	}
}
