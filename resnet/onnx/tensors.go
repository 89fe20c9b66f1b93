package onnx

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// tidy converts a float32 to the float64 that its shortest decimal form means: 1e-5 and not 9.999999747378752e-06.
func tidy(f float32) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil { // NaN and infinities, which no structure may have
		return float64(f)
	}
	return v
}

// tensors names the weights as in the structure c, and compares the graph's attributes with c.
func (p *parts) tensors(c resnet.Config) ([]weights.Tensor, error) {
	l := &lister{epsilon: c.NormEpsilon}
	for _, n := range p.norms() {
		if tidy(n.epsilon) != c.NormEpsilon {
			return nil, fmt.Errorf("onnx: %v has the epsilon %v, others %v; one for all is known", n.at, n.epsilon,
				c.NormEpsilon)
		}
	}
	l.weights(p.stem, c.StemConv())
	if !p.sharedNorm {
		l.after(p.stem, c.StemConv())
	}
	for i, spec := range c.Blocks() {
		b := p.blocks[i]
		if len(b.residual) != len(spec.Residual) || (b.projection != nil) != (spec.Projection != nil) ||
			b.pad != spec.Pad ||
			b.join != c.Join || (b.norm != nil || p.sharedNorm && i == 0) != (spec.Norm != "") {
			return nil, fmt.Errorf("onnx: the block that ends at %v is not of the same kind as the others", b.at)
		}
		if b.norm != nil {
			l.norm(*b.norm, spec.Norm)
		} else if p.sharedNorm {
			l.normAfter(p.stem, spec.Norm)
		}
		for j, s := range spec.Residual {
			l.conv(b.residual[j], s)
		}
		if b.projection != nil {
			l.conv(*b.projection, *spec.Projection)
		}
	}
	if p.lastNorm != nil {
		l.norm(*p.lastNorm, c.LastNorm())
	}
	l.classifier(p.fc, c)
	return l.tensors, l.err
}

// lister collects named tensors. It keeps its first error.
type lister struct {
	epsilon float64
	tensors []weights.Tensor
	err     error
}

func (l *lister) add(name string, t weights.Tensor, err error) {
	if l.err != nil {
		return
	}
	if l.err = err; err == nil {
		t.Name = name
		l.tensors = append(l.tensors, t)
	}
}

// conv adds a convolution and the norm after it.
func (l *lister) conv(c convolution, s resnet.ConvSpec) {
	l.weights(c, s)
	l.after(c, s)
}

// after adds the norm after a convolution, or the convolution's bias.
func (l *lister) after(c convolution, s resnet.ConvSpec) {
	switch {
	case !s.Bias:
		l.normAfter(c, s.Norm)
	case c.bias == nil:
		l.vector(s.Conv+".bias", make([]float32, c.out))
	default:
		l.add(s.Conv+".bias", c.bias.Tensor, nil)
	}
}

// weights adds a convolution's weights.
func (l *lister) weights(c convolution, s resnet.ConvSpec) {
	if c.size != s.Size || c.stride != s.Stride || c.groups != s.Groups {
		l.fail("onnx: %v is a %d×%[2]d with stride %d and %d groups; at its place a residual network has a %d×%[5]d "+
			"with stride %d and %d groups",
			c.at, c.size, c.stride, c.groups, s.Size, s.Stride, s.Groups)
	}
	l.add(s.Conv+".weight", c.weight.Tensor, nil)
}

// normAfter adds the norm after a convolution. If there is none, it makes one that divides by 1, with a mean of 0 and a
// variance of 1 − ε, and adds the convolution's bias. If there is one, the convolution's bias goes into its mean.
func (l *lister) normAfter(c convolution, name string) {
	switch {
	case name == "":
		if c.norm != nil || c.bias != nil {
			l.fail("onnx: %v has a bias or a norm, which the other convolutions at its place do not have", c.at)
		}
	case c.norm == nil:
		one := make([]float32, c.out)
		for i := range one {
			one[i] = 1
		}
		variance := slices.Clone(one)
		for i := range variance {
			variance[i] = float32(1 - l.epsilon)
		}
		zero := make([]float32, c.out)
		l.vector(name+".weight", one)
		if c.bias != nil {
			l.add(name+".bias", c.bias.Tensor, nil)
		} else {
			l.vector(name+".bias", zero)
		}
		l.vector(name+".running_mean", zero)
		l.vector(name+".running_var", variance)
	case c.bias != nil:
		n := *c.norm
		mean, err1 := n.mean.AppendFloat32(nil)
		bias, err2 := c.bias.AppendFloat32(nil)
		if err := cmp.Or(err1, err2); err != nil {
			l.fail("onnx: %w", err)
			return
		}
		if len(mean) != len(bias) {
			l.fail("onnx: the bias of %v has %d values, and the mean of %v %d", c.at, len(bias), n.at, len(mean))
			return
		}
		for i := range mean {
			mean[i] -= bias[i]
		}
		t, err := weights.NewTensor("", weights.F32, []int{len(mean)}, mean)
		n.mean = tensor{Tensor: t}
		l.norm(n, name)
		if err != nil {
			l.fail("onnx: the mean of %v less the bias of %v: %v", n.at, c.at, err)
		}
	default:
		l.norm(*c.norm, name)
	}
}

func (l *lister) norm(n normalisation, name string) {
	l.add(name+".weight", n.weight.Tensor, nil)
	l.add(name+".bias", n.bias.Tensor, nil)
	l.add(name+".running_mean", n.mean.Tensor, nil)
	l.add(name+".running_var", n.variance.Tensor, nil)
}

// classifier adds the last layer, with weights Out×In.
func (l *lister) classifier(fc classifier, c resnet.Config) {
	w := fc.weight.Tensor
	w.Shape = w.Shape[:2]
	if fc.transposed {
		w.Shape = []int{w.Shape[1], w.Shape[0]}
		w.Data = transposed(w.Data, w.Shape[1], w.Shape[0], w.DType.Size())
	}
	l.add("fc.weight", w, nil)
	if fc.bias == nil {
		l.vector("fc.bias", make([]float32, c.Classes))
		return
	}
	b := fc.bias.Tensor
	if b.Len() == c.Classes { // 1×Classes is a vector too
		b.Shape = []int{c.Classes}
	}
	l.add("fc.bias", b, nil)
}

// transposed turns rows×columns elements of size bytes into columns×rows.
func transposed(data []byte, rows, columns, size int) []byte {
	out := make([]byte, 0, len(data))
	for column := range columns {
		for row := range rows {
			at := (row*columns + column) * size
			out = append(out, data[at:at+size]...)
		}
	}
	return out
}

func (l *lister) vector(name string, values []float32) {
	t, err := weights.NewTensor(name, weights.F32, []int{len(values)}, values)
	l.add(name, t, err)
}

func (l *lister) fail(format string, args ...any) {
	if l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
}

// isOne reports whether a float attribute, which is 1 by default, is 1.
func isOne(n node, name string) bool {
	a, ok := n.attributes[name]
	return !ok || math.Float32bits(a.float) == math.Float32bits(1)
}
