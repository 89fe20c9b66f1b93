package resnet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed8935e608/residua/internal/freelist"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// Load reads a network from the bytes of a safetensors file with torchvision's tensor names, and with the Config and
// the model card in its metadata (weights.ConfigKey, weights.CardKey). It folds each batch norm into the convolution
// before it. It returns an error if a tensor is missing, left over or of another shape, or holds a value that is not
// finite. The model keeps the file's bytes, which must not be changed.
func Load(file []byte, options ...Option) (*Model, error) {
	f, err := weights.Parse(file)
	if err != nil {
		return nil, err
	}
	return LoadFile(f, options...)
}

// An Option configures Load.
type Option func(*loadOptions) error

type loadOptions struct{ compute Compute }

// WithCompute sets the number type of the convolutions, which is Float32 by default. Load returns an error for an
// unknown one, and for Int8 if the file does not have what it takes.
func WithCompute(c Compute) Option {
	return func(o *loadOptions) error {
		switch c {
		case Float32, Int8, Fastest:
			o.compute = c
			return nil
		}
		return fmt.Errorf("a network computes in %q, %q or what is %q, not in %q", Float32, Int8, Fastest, c)
	}
}

// LoadFile is Load for a file that is already parsed, or was made in memory.
func LoadFile(f *weights.File, options ...Option) (*Model, error) {
	o := loadOptions{compute: Float32}
	for _, option := range options {
		if err := option(&o); err != nil {
			return nil, err
		}
	}
	config, card, err := Describe(f)
	if err != nil {
		return nil, err
	}
	height, width := card.Shape()
	if n := config.largestActivation(height, width); n > maxActivation {
		return nil, fmt.Errorf("pictures of %d×%d are too large for this network: "+
			"a layer would have %d values, and at most %d are possible",
			height, width, n, maxActivation)
	}
	m := &Model{Config: config, Card: card, file: f}
	l := m.loader()
	l.int8 = o.compute == Int8 || o.compute == Fastest && op.Int8Pays()
	m.stem = l.conv(config.StemConv(), m.input())
	if l.err != nil {
		return nil, l.err
	}
	in := m.stem.Out
	if config.Stem == StemImageNet {
		m.pool = op.NewMaxPool2D(in, op.Window{Size: 3, Stride: 2, Pad: 1})
		in = m.pool.Out
	}
	m.first = in
	for i, spec := range config.Blocks() {
		b, err := l.block(spec, in, config.activatedBefore(i))
		if err != nil {
			return nil, err
		}
		m.blocks = append(m.blocks, b)
		in = b.out()
	}
	if name := config.LastNorm(); name != "" {
		m.last = l.affine(name, config.Features())
	}
	m.fc, m.int8 = l.linear("fc", config.Features(), config.Classes), l.int8Convs > 0
	l.refuseUnused()
	if o.compute == Int8 && !m.int8 && l.err == nil {
		l.err = fmt.Errorf("no convolution of this file can be computed in %q: it needs weights in eight bits; "+
			"%q takes any file", Int8, Fastest)
	}
	if l.err != nil {
		return nil, l.err
	}
	m.spaces = freelist.New(m.newWorkspace)
	return m, nil
}

// maxActivation limits a layer's output for one picture, in floats: that of pictures of 2048×2048 with ImageNet's stem
// and 64 channels.
const maxActivation = 1 << 26

// largestActivation is the number of floats of the largest layer's output for a picture of height × width.
func (c Config) largestActivation(height, width int) int {
	most := 0
	layer := func(s ConvSpec) {
		height, width = (height+s.Stride-1)/s.Stride, (width+s.Stride-1)/s.Stride
		most = max(most, height*width*s.Out)
	}
	layer(c.StemConv())
	if c.Stem == StemImageNet {
		height, width = (height+1)/2, (width+1)/2
	}
	for _, b := range c.Blocks() {
		for _, s := range b.Residual {
			layer(s)
		}
	}
	return most
}

// Describe reads a file's metadata. Unlike Load it does not look at the tensors.
func Describe(f *weights.File) (Config, weights.Card, error) {
	text, ok := f.Metadata[weights.ConfigKey]
	if !ok {
		return Config{}, weights.Card{}, fmt.Errorf("the model file's metadata has no %s: "+
			"which network it holds is not known", weights.ConfigKey)
	}
	config, err := parseConfig(text)
	if err != nil {
		return Config{}, weights.Card{}, err
	}
	card, err := weights.CardFrom(f.Metadata)
	if err != nil {
		return Config{}, weights.Card{}, err
	}
	if n := len(card.Labels); n != 0 && n != config.Classes && n != config.Answers() {
		return Config{}, weights.Card{}, fmt.Errorf("the model card has %d labels for %d classes", n, config.Classes)
	}
	return config, card, nil
}

// loader makes a loader of the model's file.
func (m *Model) loader() *loader {
	return &loader{file: m.file, config: m.Config, used: map[string]bool{}}
}

// loader reads layers from a file. After its first error it does nothing more.
type loader struct {
	file   *weights.File
	config Config
	used   map[string]bool
	buf    []float32 // the weights of one layer
	err    error

	int8      bool // compute convolutions in eight bits where possible
	int8Convs int  // number of convolutions in eight bits
}

// activatedBefore reports whether the input of a block's first convolutions comes from an activation.
func (c Config) activatedBefore(block int) bool { return block > 0 || c.StemReLU() || c.PreActivation }

// block reads a residual block. activated says that its first convolutions' input comes from an activation.
func (l *loader) block(spec BlockSpec, in op.Shape, activated bool) (block, error) {
	relu := l.config.Activation == ActivationReLU
	positive := activated && relu
	b := block{spec: spec}
	if spec.Norm != "" {
		b.norm = l.affine(spec.Norm, spec.In)
	}
	switch {
	case spec.Projection != nil:
		b.projection = l.layer(*spec.Projection, in, positive)
	case spec.Pad:
		b.pad = op.NewPadShortcut(in, spec.Out, spec.Stride)
	}
	for _, s := range spec.Residual {
		c := l.layer(s, in, positive)
		if l.err != nil {
			return b, l.err
		}
		b.residual = append(b.residual, c)
		in, positive = c.Out, relu
	}
	return b, l.err
}

// conv reads a convolution for inputs of shape in, and the norm that follows it.
func (l *loader) conv(s ConvSpec, in op.Shape) *op.Conv2D {
	scale, bias := l.norm(s)
	l.buf = l.floats(l.buf, s.Conv+".weight", s.Shape()...)
	if l.err != nil {
		return nil
	}
	return op.NewGroupedConv2D(l.buf, in, s.Out, max(1, s.Groups), s.window(), scale, bias)
}

// norm reads the norm after a convolution, or its bias, as a factor for the convolution's weights and a bias.
func (l *loader) norm(s ConvSpec) (scale, bias []float32) {
	switch {
	case s.Bias:
		return slices.Repeat([]float32{1}, s.Out), l.floats(nil, s.Conv+".bias", s.Out)
	case s.Norm == "":
		return slices.Repeat([]float32{1}, s.Out), make([]float32, s.Out)
	}
	a := l.affine(s.Norm, s.Out)
	return a.scale, a.bias
}

// affine reads a norm as a factor and a summand for each channel.
func (l *loader) affine(name string, channels int) *affine {
	norm := l.batchNorm(name, channels)
	if l.err != nil {
		return &affine{}
	}
	scale, bias := norm.Fold()
	return &affine{scale, bias}
}

// batchNorm reads a norm.
func (l *loader) batchNorm(name string, channels int) op.BatchNorm {
	norm := op.BatchNorm{
		Weight:  l.floats(nil, name+".weight", channels),
		Bias:    l.floats(nil, name+".bias", channels),
		Mean:    l.floats(nil, name+".running_mean", channels),
		Var:     l.floats(nil, name+".running_var", channels),
		Epsilon: l.config.NormEpsilon,
	}
	for i, v := range norm.Var {
		if v < 0 && l.err == nil {
			l.err = fmt.Errorf("tensor %s.running_var is negative at %d", name, i)
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

// refuseUnused returns an error if a tensor has no place in the configuration: the file then holds another network than
// it says. PyTorch's batch counters are ignored.
func (l *loader) refuseUnused() {
	for _, t := range l.file.Tensors() {
		if l.err == nil && !l.used[t.Name] && !strings.HasSuffix(t.Name, ".num_batches_tracked") {
			l.err = fmt.Errorf("the network's configuration has no place for tensor %s", t.Name)
		}
	}
}
