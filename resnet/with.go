package resnet

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// With gives the network with some tensors replaced, by name, each of the shape that it had. Everything whose tensors
// all stay is shared with m: the file's other tensors, whole blocks, the linear layer, the buffers of passes. A block
// with a new tensor is packed again, and takes its memory a second time.
//
// What computed in eight bits still does where its new weights are in eight bits too. A tensor that the network does
// not have, or of another shape, or with values that are not finite is an error.
func (m *Model) With(tensors []weights.Tensor) (*Model, error) {
	left := map[string]bool{} // to be put to use
	for _, t := range tensors {
		left[t.Name] = true
	}
	// takes reports whether some of the tensors are new, and notes that they are in use.
	takes := func(specs []TensorSpec) bool {
		took := false
		for _, s := range specs {
			took = took || left[s.Name]
			delete(left, s.Name)
		}
		return took
	}
	next := *m
	next.file, next.blocks = m.file.With(nil, tensors), slices.Clone(m.blocks)
	c, l := m.Config, next.loader()
	l.int8 = m.int8
	if takes(c.StemConv().tensors()) {
		next.stem = l.conv(c.StemConv(), m.input())
	}
	for i := range next.blocks {
		b := &next.blocks[i]
		if !takes(b.spec.Tensors()) {
			continue
		}
		fresh, err := l.block(b.spec, b.in(), c.activatedBefore(i))
		if err != nil {
			return nil, err
		}
		*b = fresh
	}
	if name := c.LastNorm(); takes(NormSpec{name, c.Features()}.tensors()) {
		next.last = l.affine(name, c.Features())
	}
	if takes([]TensorSpec{{Name: "fc.weight"}, {Name: "fc.bias"}}) {
		next.fc = l.linear("fc", c.Features(), c.Classes)
	}
	for name := range left {
		return nil, fmt.Errorf("the network has no tensor %s that could be replaced", name)
	}
	if l.err != nil {
		return nil, l.err
	}
	return &next, nil
}

// WithHead gives the network with another linear layer: weight is classes×d and bias has one number for each class,
// where d is the number of m's features, or with blocks that of their means (Config.MeansLen). The blocks behind the
// last of these stay, though nothing reads them, so that questions about a Record are about the same blocks as m's.
// The card is still m's, and so are its labels.
//
// It costs the linear layer and no more: everything else is shared with m. A network with this layer in its file, and
// of Config.Until where there are blocks, computes the same.
func (m *Model) WithHead(blocks []int, weight, bias []float32) (*Model, error) {
	c := m.Config
	if len(blocks) > 0 {
		if err := c.CheckBlocks(blocks); err != nil {
			return nil, err
		}
		c.HeadBlocks = nil
		if !c.FeaturesAre(blocks) {
			c.HeadBlocks = slices.Clone(blocks)
		}
	}
	c.Classes = len(bias)
	if d := c.Features(); len(bias) == 0 || len(weight) != len(bias)*d {
		return nil, fmt.Errorf("a linear layer of %d weights and %d biases does not fit %d features", len(weight),
			len(bias), d)
	}
	w, err1 := weights.NewTensor("fc.weight", weights.F32, []int{c.Classes, c.Features()}, weight)
	b, err2 := weights.NewTensor("fc.bias", weights.F32, []int{c.Classes}, bias)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	next := *m
	next.Config, next.file = c, m.file.With(nil, []weights.Tensor{w, b})
	next.fc = op.NewLinear(weight, bias, c.Features(), c.Classes)
	return &next, nil
}
