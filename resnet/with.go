package resnet

import (
	"fmt"
	"slices"

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
