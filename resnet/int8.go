package resnet

import (
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// Compute is the number type in which convolutions are computed.
type Compute string

const (
	// Float32 is the default. Weights in eight bits are widened.
	Float32 Compute = "float32"
	// Int8 multiplies weights that the file has in eight bits by inputs rounded to seven bits. It changes the answers a
	// little. It applies to convolutions that have no groups and whose input comes from a ReLU, so that it needs no
	// sign. Everything else is float32. For a file without such weights Load returns an error.
	//
	// Int8 is for browsers. A native program has only the reference loops: a pass of ResNet-50 takes some ten times as
	// long as in Float32. There it serves to get a browser's answers, and Fastest is the one to ask for.
	Int8 Compute = "int8"
	// Fastest is Int8 where that is faster on this machine (see op.Int8Pays) and the file has weights in eight bits,
	// else Float32. Native programs get Float32.
	Fastest Compute = "fastest"
)

// Compute is Int8 if some of the model's convolutions are computed in eight bits, else Float32.
func (m *Model) Compute() Compute {
	if m.int8 {
		return Int8
	}
	return Float32
}

// inInt8 reports whether a tensor is in eight bits, with scales.
func inInt8(t weights.Tensor) bool { return t.Scale != nil }

// layer reads a convolution of a block, in eight bits if that is asked for and possible. positive says that its input
// is never negative.
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
