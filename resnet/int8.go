package resnet

import (
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// Compute is the type of numbers in which a model's convolutions compute.
type Compute string

const (
	// Float32 is the default. Weights in eight bits are widened.
	Float32 Compute = "float32"
	// Int8 multiplies weights that the file has in eight bits by inputs rounded to seven. It changes the answers a
	// little. A convolution does so if its input is ReLU's output, so that no sign is needed, and if it has no groups.
	// The others, and all that lies between convolutions, are float32. A file without such weights computes in Float32.
	Int8 Compute = "int8"
	// Fastest is Int8 if that is faster on this machine (see op.Int8Pays), else Float32. Natively it is Float32.
	Fastest Compute = "fastest"
)

// Compute is Int8 if some of the model's convolutions compute so, else Float32.
func (m *Model) Compute() Compute {
	if m.int8 {
		return Int8
	}
	return Float32
}

// inInt8 tells whether a tensor is in eight bits, with scales.
func inInt8(t weights.Tensor) bool { return t.Scale != nil }

// layer reads a convolution of a block, in eight bits if that is wanted and possible. positive says that its input is
// never negative.
func (l *loader) layer(s ConvSpec, in op.Shape, positive bool) *op.Conv2D {
	t, ok := l.file.Tensor(s.Conv + ".weight")
	can := positive && ok && inInt8(t) && slices.Equal(t.Shape, s.Shape()) &&
		op.CanInt8(in, s.Out, max(1, s.Groups), s.window())
	if !l.int8 || !can {
		return l.conv(s, in)
	}
	l.used[t.Name] = true
	l.int8Convs++
	scale, bias := l.norm(s)
	if l.err != nil {
		return nil
	}
	for o := range scale {
		scale[o] *= t.Scale[o]
	}
	return op.NewInt8Conv2D(t.Data, in, s.Out, s.window(), scale, bias)
}
