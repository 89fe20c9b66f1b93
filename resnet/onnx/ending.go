package onnx

import (
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
)

// ending reads what stands behind the classifier. Exporters and wrappers put nodes there that make probabilities, or
// that only change the shape. They are dropped, because networks here give logits; a softmax or a sigmoid is
// remembered. Everything else is refused by its name.
type ending struct {
	w          *walker
	classes    int
	activation resnet.Activation // "": the graph gives logits
	outputs    map[string]bool   // the graph's outputs that were found
}

// ending reads the nodes behind the classifier, whose output is x.
func (w *walker) ending(p *parts, x string, rank int) error {
	shape := []int{1, p.classes(), 1, 1}[:rank]
	e := &ending{w: w, classes: p.classes(), outputs: map[string]bool{}}
	if err := e.follow(x, shape, false); err != nil {
		return err
	}
	switch n := len(e.outputs); {
	case n == 0:
		return fmt.Errorf("onnx: the graph goes on after its classifier, with the value %.80q", x)
	case n < len(w.outputs):
		return w.outputsError()
	}
	p.activation = e.activation
	return nil
}

// follow reads the nodes that read the value x, which has the shape for a batch of one. done says that the softmax or
// the sigmoid is behind.
func (e *ending) follow(x string, shape []int, done bool) error {
	if e.w.outputs[x] {
		e.outputs[x] = true
	}
	for _, n := range e.w.uses[x] {
		next, done, err := shape, done, error(nil)
		switch n.op {
		case "Softmax", "LogSoftmax", "Sigmoid": // the softmax of a LogSoftmax is that of the logits
			err = e.activate(n, shape, done)
			done = true
		case "Cast":
			if n.int("to", 0) != typeDouble {
				err = e.refuse(n, "which makes whole numbers of it")
			}
		case "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Gather":
			next, err = e.reshape(n, x, shape)
		default:
			why, known := refused[n.op]
			if !known {
				why = "which is not known there"
			}
			err = e.refuse(n, why)
		}
		if err == nil {
			err = e.follow(n.outputs[0], next, done)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refused says of operators that are found behind classifiers why they cannot be there.
var refused = map[string]string{
	"ArgMax":           "which keeps the number of one class only",
	"TopK":             "which keeps a few classes only",
	"ReduceMax":        "which keeps one value only",
	"Clip":             "which cuts values off",
	"HardSigmoid":      "which is another function than the Sigmoid",
	"Tanh":             "which makes no probabilities",
	"Greater":          "which keeps yes or no only",
	"GreaterOrEqual":   "which keeps yes or no only",
	"Round":            "which keeps yes or no only",
	"Slice":            "which keeps a part of the classes only",
	"Concat":           "which adds classes",
	"Mul":              "which scales it",
	"Div":              "which scales it",
	"Exp":              "which makes no probabilities by itself",
	"L2Normalization":  "which makes no probabilities",
	"LpNormalization":  "which makes no probabilities",
	"DequantizeLinear": "which is of a network in whole numbers",
	"QuantizeLinear":   "which is of a network in whole numbers",
}

func (e *ending) refuse(n node, why string) error {
	return fmt.Errorf("onnx: the graph goes on after its classifier with %v, %s; export the network without it, so "+
		"that its output is the logits", n, why)
}

// activate remembers a softmax or a sigmoid.
func (e *ending) activate(n node, shape []int, done bool) error {
	activation := resnet.ActivationSigmoid
	if n.op != "Sigmoid" {
		activation = resnet.ActivationSoftmax
		if e.classes == 1 {
			return e.refuse(n, "and the softmax of one output is the same for every picture")
		}
		axis, ok := e.softmaxAxis(n, shape)
		if !ok {
			return e.refuse(n, fmt.Sprintf("which is not taken over the classes but over axis %d", axis))
		}
	}
	if done || e.activation != "" && e.activation != activation {
		return e.refuse(n, "which is not the only softmax or sigmoid there")
	}
	e.activation = activation
	return nil
}

// softmaxAxis gives the axis of a softmax, and whether it is that of the classes.
func (e *ending) softmaxAxis(n node, shape []int) (axis int, ok bool) {
	byDefault := int64(-1)
	if e.w.m.opset < 13 {
		byDefault = 1
	}
	axis, ok = within(n.int("axis", byDefault), len(shape))
	if !ok {
		return axis, false
	}
	if e.w.m.opset < 13 { // the softmax was over all axes from this one on
		return axis, product(shape[axis:]) == e.classes
	}
	return axis, shape[axis] == e.classes
}

// reshape gives the shape behind a node that moves no value.
func (e *ending) reshape(n node, x string, shape []int) ([]int, error) {
	if n.inputs[0] != x {
		return nil, e.refuse(n, "which reads it as a shape")
	}
	next := slices.Clone(shape)
	switch n.op {
	case "Flatten":
		axis, ok := within(n.int("axis", 1), len(shape)+1)
		if !ok {
			return nil, e.refuse(n, "whose axis is none of its input's")
		}
		next = []int{product(shape[:axis]), product(shape[axis:])}
	case "Reshape":
		next = e.reshaped(n, shape)
	case "Squeeze", "Unsqueeze":
		axes, err := e.w.ints(n, "axes", 1)
		if err != nil {
			return nil, err
		}
		if next = squeezed(n.op, shape, axes); next == nil {
			return nil, e.refuse(n, "whose axes are none of its input's")
		}
	case "Transpose":
		order := n.attributes["perm"].ints
		if order == nil {
			slices.Reverse(next)
			break
		}
		if len(order) != len(shape) {
			return nil, e.refuse(n, "whose axes are none of its input's")
		}
		for i, from := range order {
			axis, ok := within(from, len(shape))
			if !ok {
				return nil, e.refuse(n, "whose axes are none of its input's")
			}
			next[i] = shape[axis]
		}
	case "Gather":
		axis, ok := within(n.int("axis", 0), len(shape))
		index := e.w.m.tensors[n.inputs[len(n.inputs)-1]]
		if !ok || shape[axis] != 1 || !slices.Equal(index.ints, []int64{0}) {
			return nil, e.refuse(n, "which keeps a part of the classes only")
		}
		if len(index.Shape) == 0 {
			next = slices.Delete(next, axis, axis+1)
		}
	}
	if len(next) > maxDims {
		return nil, e.refuse(n, "which gives it too many dimensions")
	}
	if e.classes > 1 && !slices.Contains(next, e.classes) {
		return nil, e.refuse(n, fmt.Sprintf("which puts the %d classes into groups", e.classes))
	}
	return next, nil
}

// reshaped gives the shape behind a Reshape. One whose numbers are computed, or are for a larger batch, is taken to be
// that of one vector for each picture.
func (e *ending) reshaped(n node, shape []int) []int {
	want, err := e.w.ints(n, "shape", 1)
	next, open, known := []int{}, -1, 1
	for i, d := range want {
		switch {
		case d == 0 && i < len(shape):
			d = int64(shape[i])
		case d == -1 && open < 0:
			open, d = i, 1
		case d < 1 || d > int64(e.classes):
			return []int{1, e.classes}
		}
		next = append(next, int(d))
		known *= int(d)
		if known > e.classes {
			return []int{1, e.classes}
		}
	}
	if open >= 0 && e.classes%known == 0 {
		next[open], known = e.classes/known, e.classes
	}
	if err != nil || known != e.classes {
		return []int{1, e.classes}
	}
	return next
}

// squeezed gives the shape behind a Squeeze or an Unsqueeze, nil if the axes do not fit. Without axes a Squeeze removes
// all of length 1.
func squeezed(op string, shape []int, axes []int64) []int {
	rank := len(shape)
	if op == "Unsqueeze" {
		rank += len(axes)
	}
	marked := make([]bool, rank)
	for _, a := range axes {
		axis, ok := within(a, rank)
		if !ok || marked[axis] || op == "Squeeze" && shape[axis] != 1 {
			return nil
		}
		marked[axis] = true
	}
	next := []int{}
	if op == "Squeeze" {
		for i, d := range shape {
			if !marked[i] && (d != 1 || len(axes) > 0) {
				next = append(next, d)
			}
		}
		return next
	}
	for _, isNew := range marked {
		if isNew {
			next = append(next, 1)
			continue
		}
		next, shape = append(next, shape[0]), shape[1:]
	}
	return next
}

// within converts an axis, which may count from the end, and reports whether there is one.
func within(axis int64, rank int) (int, bool) {
	if axis < 0 {
		axis += int64(rank)
	}
	return int(axis), axis >= 0 && axis < int64(rank)
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
