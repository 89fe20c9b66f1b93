package onnx

import (
	"fmt"
	"slices"
)

// walker follows a graph from its input to its output.
type walker struct {
	m       *model
	alias   map[string]string // other names of a value: outputs of Identity and the like
	shapes  map[string]bool   // values that are computed from shapes and constants alone
	uses    map[string][]node // the nodes that read a value
	made    map[string]bool   // the values that exist so far
	outputs map[string]bool
	unknown error // about the first node with an operator that residual networks do not have
}

// passing lists operators that pass their input on, outside of training.
var passing = map[string]bool{"Identity": true, "Dropout": true}

// known lists the operators of residual networks as exporters write them.
var known = []string{
	"Conv", "BatchNormalization", "Relu", "Add", "Mul", "Max", "Sigmoid", "MaxPool", "GlobalAveragePool", "AveragePool",
	"ReduceMean",
	"Slice", "Pad", "Flatten", "Reshape", "Squeeze", "Gemm", "MatMul", "Softmax", "LogSoftmax",
	"Identity", "Dropout", "Constant",
	"Cast", "Shape", "Gather", "Unsqueeze", "Concat", "ConstantOfShape", "Transpose", "Sub", "Div", // on shapes only
}

func newWalker(m *model) (*walker, error) {
	w := &walker{m: m, alias: map[string]string{}, shapes: map[string]bool{}, uses: map[string][]node{},
		made: map[string]bool{}, outputs: map[string]bool{}}
	for name := range m.tensors {
		w.made[name] = true
	}
	for _, v := range m.inputs {
		w.made[v.name] = true
	}
	for _, n := range m.nodes {
		if err := w.inOrder(n); err != nil {
			return nil, err
		}
		if !slices.Contains(known, n.op) && w.unknown == nil {
			w.unknown = fmt.Errorf("onnx: %v: the operator %.40q is not known in residual networks", n, n.op)
		}
		for i, name := range n.inputs {
			n.inputs[i] = w.name(name)
		}
		switch {
		case n.op == "Constant":
			t, err := constant(n)
			if err != nil {
				return nil, err
			}
			if err := m.keep(t); err != nil {
				return nil, err
			}
		case n.op == "Dropout" && n.int("is_test", 1) == 0:
			return nil, fmt.Errorf("onnx: %v is of a network that still learns; export it in its evaluation mode", n)
		case (passing[n.op] || n.op == "Cast" && toFloat(n)) && len(n.inputs) > 0:
			w.alias[n.outputs[0]] = n.inputs[0]
		case n.op == "Shape" || w.onlyShapes(n):
			if t := w.fold(n); t != nil {
				m.tensors[t.Name] = *t // inOrder has found the name to be new
				continue
			}
			for _, name := range n.outputs {
				w.shapes[name] = true
			}
		default:
			for i, name := range n.inputs {
				if name != "" && !w.isTensor(name) && !w.shapes[name] && !slices.Contains(n.inputs[:i], name) {
					w.uses[name] = append(w.uses[name], n)
				}
			}
		}
	}
	for _, name := range m.outputs {
		w.outputs[w.name(name)] = true
	}
	if len(m.inputs) != 1 || len(m.outputs) == 0 {
		return nil, w.outputsError()
	}
	return w, nil
}

func (w *walker) outputsError() error {
	return fmt.Errorf("onnx: the graph has %s and %s; a picture goes in and logits come out, and nothing else: export "+
		"the network so that it takes one picture and gives one output", counted(len(w.m.inputs), "input"),
		counted(len(w.m.outputs), "output"))
}

// counted gives "1 input" or "2 inputs".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// plainer gives the error that says best why a graph is refused, where err is the one of reading the network. A graph
// that was not understood as far as its classifier may have an operator that is not known, or outputs on the way.
func (w *walker) plainer(found *parts, err error) error {
	switch classified := found != nil && found.classes() > 0; {
	case w.unknown != nil && (err == nil || !classified):
		return w.unknown
	case err != nil && !classified && len(w.outputs) > 1:
		return w.outputsError()
	}
	return err
}

// inOrder returns an error if a node reads a value that no earlier node computes, or computes one that exists already.
// So the graph has no cycle.
func (w *walker) inOrder(n node) error {
	for _, name := range n.inputs {
		if name != "" && !w.made[name] {
			return fmt.Errorf("onnx: %v reads %.80q, which nothing before it makes", n, name)
		}
	}
	for _, name := range n.outputs {
		if name != "" && w.made[name] {
			return fmt.Errorf("onnx: %v makes %.80q a second time", n, name)
		}
		w.made[name] = true
	}
	return nil
}

// toFloat reports whether a Cast converts to floating-point values. In a float16 network that only changes the
// precision.
func toFloat(n node) bool {
	switch n.int("to", 0) {
	case typeFloat, typeFloat16, typeBFloat16:
		return true
	}
	return false
}

func (w *walker) name(name string) string {
	if same, ok := w.alias[name]; ok {
		return same // an alias of an alias was resolved when it was added
	}
	return name
}

func (w *walker) isTensor(name string) bool {
	_, ok := w.m.tensors[name]
	return ok
}

// onlyShapes reports whether a node computes with shapes and constants alone.
func (w *walker) onlyShapes(n node) bool {
	for _, name := range n.inputs {
		if name != "" && !w.isTensor(name) && !w.shapes[name] {
			return false
		}
	}
	return true
}

// constant reads the tensor of a Constant node.
func constant(n node) (tensor, error) {
	if a, ok := n.attributes["value"]; ok && a.tensor != nil {
		t := *a.tensor
		t.Name = n.outputs[0]
		return t, nil
	}
	var t tensor
	t.Name = n.outputs[0]
	switch a, ok := n.attributes["value_ints"]; {
	case ok:
		t.ints = a.ints
	default:
		a, ok := n.attributes["value_int"]
		if !ok {
			return t, fmt.Errorf("onnx: %v has no tensor", n)
		}
		t.ints = []int64{a.int}
	}
	t.Shape = []int{len(t.ints)}
	return t, nil
}

// only returns the one node that reads a value, and an error if there are several or none.
func (w *walker) only(value string) (node, error) {
	uses := w.uses[value]
	if len(uses) != 1 {
		return node{}, fmt.Errorf("onnx: %d nodes read the value %.80q; in a residual network one does there",
			len(uses), value)
	}
	return uses[0], nil
}

// next returns the one node that reads a value, if its operator is op.
func (w *walker) next(value, op string) (node, bool) {
	uses := w.uses[value]
	if len(uses) != 1 || uses[0].op != op || w.outputs[value] {
		return node{}, false
	}
	return uses[0], true
}

// relu skips the ReLU after a value, if there is one.
func (w *walker) relu(value string) (after string, found bool) {
	n, ok := w.next(value, "Relu")
	if !ok {
		return value, false
	}
	return n.outputs[0], true
}

// tensor finds a constant input of a node.
func (w *walker) tensor(n node, input int, what string, dims int) (tensor, error) {
	if input >= len(n.inputs) {
		return tensor{}, fmt.Errorf("onnx: %v has no %s", n, what)
	}
	t, ok := w.m.tensors[n.inputs[input]]
	if !ok {
		return t, fmt.Errorf("onnx: the %s of %v, %.80q, is computed and no constant", what, n, n.inputs[input])
	}
	if len(t.Shape) != dims || slices.Contains(t.Shape, 0) {
		return t, fmt.Errorf("onnx: the %s of %v has the shape %v; %d dimensions are expected", what, n, t.Shape, dims)
	}
	return t, nil
}

// ints reads integers that are an attribute or, in later versions of ONNX, an input. They are nil if neither exists.
func (w *walker) ints(n node, attribute string, input int) ([]int64, error) {
	if a, ok := n.attributes[attribute]; ok {
		return a.ints, nil
	}
	if input >= len(n.inputs) || n.inputs[input] == "" {
		return nil, nil
	}
	t, ok := w.m.tensors[n.inputs[input]]
	if !ok || t.ints == nil {
		return nil, fmt.Errorf("onnx: the %s of %v are computed and no constants", attribute, n)
	}
	return t.ints, nil
}

// convNorm reads a convolution, and the norm after it if there is one.
func (w *walker) convNorm(n node) (c convolution, after string, err error) {
	c.at = n
	if c.weight, err = w.tensor(n, 1, "weight", 4); err != nil {
		return c, "", err
	}
	if len(n.inputs) > 2 && n.inputs[2] != "" {
		bias, err := w.tensor(n, 2, "bias", 1)
		if err != nil {
			return c, "", err
		}
		c.bias = &bias
	}
	shape := c.weight.Shape
	groups := n.int("group", 1)
	if groups < 1 || groups > int64(shape[0]) || shape[0]%int(groups) != 0 {
		return c, "", fmt.Errorf("onnx: %v has %d groups for %d channels", n, groups, shape[0])
	}
	c.groups, c.out, c.in, c.size = int(groups), shape[0], shape[1]*int(groups), shape[2]
	if err := w.window(n, c.size, shape[3], &c.stride); err != nil {
		return c, "", err
	}
	after = n.outputs[0]
	if c.norm, after, err = w.norm(after); err != nil {
		return c, "", err
	}
	return c, after, nil
}

// window checks that a convolution or pooling is square, with padding of half its size, and gives its stride.
func (w *walker) window(n node, height, width int, stride *int) error {
	size := int64(height)
	same := func(name string, otherwise int64, want int64) bool {
		a, ok := n.attributes[name]
		if !ok {
			return otherwise == want
		}
		return !slices.ContainsFunc(a.ints, func(v int64) bool { return v != want })
	}
	first := int64(1)
	if a, ok := n.attributes["strides"]; ok && len(a.ints) > 0 {
		first = a.ints[0]
	}
	auto := n.attributes["auto_pad"].text
	if auto == "VALID" && size == 1 { // no border, which a 1×1 has none of
		auto = ""
	}
	switch {
	case height != width || !same("kernel_shape", size, size):
		return fmt.Errorf("onnx: %v is not square, or its kernel_shape is not that of its weights", n)
	case first != 1 && first != 2 || !same("strides", 1, first):
		return fmt.Errorf("onnx: %v has the strides %v; 1 and 2 are known", n, n.attributes["strides"].ints)
	case !same("dilations", 1, 1):
		return fmt.Errorf("onnx: %v is dilated, which is not supported", n)
	case auto != "" && auto != "NOTSET" || !same("pads", 0, size/2):
		return fmt.Errorf("onnx: %v has the border %v %s; a border of %d on each side is known", n,
			n.attributes["pads"].ints, auto, size/2)
	case n.int("ceil_mode", 0) != 0:
		return fmt.Errorf("onnx: %v rounds its size up, which is not supported", n)
	}
	*stride = int(first)
	return nil
}

// norm reads the batch norm after a value, if there is one.
func (w *walker) norm(value string) (*normalisation, string, error) {
	n, ok := w.next(value, "BatchNormalization")
	if !ok {
		return nil, value, nil
	}
	b := &normalisation{at: n, epsilon: 1e-5}
	if a, ok := n.attributes["epsilon"]; ok {
		b.epsilon = a.float
	}
	if n.int("training_mode", 0) != 0 || n.int("is_test", 1) == 0 {
		return nil, "", fmt.Errorf("onnx: %v is of a network that still learns; export it in its evaluation mode", n)
	}
	if n.int("spatial", 1) == 0 {
		return nil, "", fmt.Errorf("onnx: %v has statistics for each position (spatial = 0), which is not supported", n)
	}
	for i, part := range []struct {
		what string
		to   *tensor
	}{{"weight", &b.weight}, {"bias", &b.bias}, {"mean", &b.mean}, {"variance", &b.variance}} {
		var err error
		if *part.to, err = w.tensor(n, i+1, part.what, 1); err != nil {
			return nil, "", err
		}
	}
	return b, n.outputs[0], nil
}
