package onnx

import (
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/statedict"
)

// network reads the whole graph.
func (w *walker) network() (*parts, error) {
	p := &parts{}
	in := w.m.inputs[0]
	if err := p.readShape(in); err != nil {
		return nil, err
	}
	y, err := w.stem(p, in.name)
	if err != nil {
		return nil, err
	}
	for {
		var done bool
		if y, done, err = w.block(p, y); err != nil {
			return nil, err
		}
		if done {
			break
		}
	}
	if len(p.blocks) == 0 {
		return nil, fmt.Errorf("onnx: the graph has no residual block: nothing meets again after %v", p.stem.at)
	}
	return p, w.head(p, y)
}

// maxSide limits a fixed input, in pixels, as a model card does.
const maxSide = 4096

// readShape reads the size of pictures from the graph's input, which is N×3×Height×Width. Sides may be open.
func (p *parts) readShape(in value) error {
	switch {
	case !slices.Contains([]uint64{0, typeFloat, typeFloat16, typeDouble, typeBFloat16}, in.kind):
		// The graph's own preparation, or a mean of 0 and a deviation of 1, would be unknown, and the answers wrong.
		return fmt.Errorf("onnx: the input %.80q takes whole numbers, as pictures have them before they are prepared; "+
			"export the network with an input of 32-bit floats", in.name)
	case in.shape == nil:
		return nil // not declared
	case len(in.shape) != 4:
		return fmt.Errorf("onnx: the input %.80q has the shape %v; pictures are batch × 3 × height × width", in.name,
			in.shape)
	case in.shape[2] < 0 || in.shape[2] > maxSide || in.shape[3] < 0 || in.shape[3] > maxSide:
		return fmt.Errorf("onnx: the input %.80q takes pictures of %d×%d pixels (height × width); sides of up to %d "+
			"are possible", in.name, in.shape[2], in.shape[3], maxSide)
	}
	p.height, p.width = int(in.shape[2]), int(in.shape[3])
	return nil
}

func (w *walker) stem(p *parts, x string) (y string, err error) {
	n, err := w.only(x)
	if err != nil {
		return "", err
	}
	if n.op != "Conv" {
		return "", fmt.Errorf("onnx: %v reads the picture; a residual network begins with a convolution, and "+
			"pictures are prepared outside of it: export it without that step", n)
	}
	if p.stem, y, err = w.convNorm(n); err != nil {
		return "", err
	}
	y, p.stemReLU = w.relu(y)
	if n, ok := w.next(y, "MaxPool"); ok {
		var stride int
		if err := w.window(n, 3, 3, &stride); err != nil {
			return "", err
		}
		if stride != 2 {
			return "", fmt.Errorf("onnx: %v has the stride %d; 2 is known", n, stride)
		}
		y, p.pooled = n.outputs[0], true
	}
	return y, nil
}

// block reads the next block. Where the graph does not fork it reads the last norm, if there is one, and done is true.
func (w *walker) block(p *parts, x string) (y string, done bool, err error) {
	b := block{join: resnet.JoinAdd}
	start := x // what both branches read, or only F
	starts := w.uses[x]
	if at := slices.IndexFunc(starts, func(n node) bool { return n.op == "BatchNormalization" }); at >= 0 &&
		len(starts) <= 2 {
		if b.norm, start, err = w.normOf(starts[at]); err != nil {
			return "", false, err
		}
		relu := false
		if start, relu = w.relu(start); !relu {
			return "", false, fmt.Errorf("onnx: no ReLU follows %v", b.norm.at)
		}
		others := slices.Delete(slices.Clone(starts), at, at+1)
		starts = append(slices.Clone(w.uses[start]), others...)
		if len(starts) == 1 {
			p.lastNorm = b.norm
			return start, true, nil
		}
	} else if len(starts) == 1 {
		return x, true, nil
	}
	if len(starts) != 2 {
		return "", false, fmt.Errorf("onnx: %d nodes read the value %.80q; a residual block has two branches, "+
			"and the head one", len(starts), start)
	}
	from := func(n node) string { // the value that a branch starts from
		if slices.Contains(n.inputs, start) {
			return start
		}
		return x
	}
	branches := [2]branch{}
	for i, n := range starts {
		if branches[i], err = w.branch(from(n), n); err != nil {
			return "", false, err
		}
	}
	f, shortcut := branches[0], branches[1]
	if len(shortcut.convs) > len(f.convs) {
		f, shortcut = shortcut, f
	}
	b.residual, b.pad, b.before = f.convs, shortcut.padded > 0, shortcut.before
	if n := len(f.convs); n != 2 && n != 3 || f.padded > 0 || f.strided {
		return "", false, fmt.Errorf("onnx: the branch from %.80q to %.80q has %d convolutions; a residual block's "+
			"has 2 or 3, and nothing else", start, f.end, n)
	}
	switch {
	case len(shortcut.convs) > 1 || len(shortcut.convs) == 1 && b.pad || shortcut.strided != (b.pad && b.stride() == 2):
		return "", false, fmt.Errorf("onnx: the shortcut from %.80q to %.80q is no projection, no padding and no "+
			"identity", start, shortcut.end)
	case len(shortcut.convs) == 1:
		b.projection = &shortcut.convs[0]
	case b.pad && shortcut.padded != f.convs[len(f.convs)-1].out-f.convs[0].in:
		return "", false, fmt.Errorf("onnx: the shortcut to %.80q gets %d channels of zeros, which do not make it as "+
			"wide as F", shortcut.end, shortcut.padded)
	}
	if y, err = w.join(&b, f.end, shortcut.end); err != nil {
		return "", false, err
	}
	if b.norm == nil {
		relu := false
		if y, relu = w.relu(y); !relu {
			// A pre-activation network whose stem feeds the first block's norm directly: the norm is folded into the
			// stem, or looks like the stem's.
			if len(p.blocks) > 0 || p.pooled || !p.stemReLU || p.stem.norm == nil && p.stem.bias == nil {
				return "", false, fmt.Errorf("onnx: no ReLU follows %v", b.at)
			}
			p.sharedNorm = true
		}
	}
	p.blocks = append(p.blocks, b)
	return y, false, nil
}

// normOf reads a batch norm whose input other nodes read too.
func (w *walker) normOf(n node) (*normalisation, string, error) {
	alone := *w
	alone.uses = map[string][]node{n.inputs[0]: {n}}
	return alone.norm(n.inputs[0])
}

// join reads the nodes where the branches meet: one operator, or the three of a gate.
func (w *walker) join(b *block, f, shortcut string) (y string, err error) {
	fUses, sUses := w.uses[f], w.uses[shortcut]
	if sigmoid := slices.IndexFunc(fUses, func(n node) bool { return n.op == "Sigmoid" }); sigmoid >= 0 &&
		len(fUses) == 2 {
		open := fUses[sigmoid].outputs[0]
		product, ok1 := w.next(open, "Mul")
		if ok1 && meets(product, open, shortcut) {
			sum, ok2 := w.next(product.outputs[0], "Add")
			if ok2 && meets(sum, product.outputs[0], f) {
				b.at, b.join = sum, resnet.JoinGate
				return sum.outputs[0], nil
			}
		}
		return "", fmt.Errorf("onnx: %v is no part of a gate, x·σ(F) + F", fUses[sigmoid])
	}
	for _, n := range fUses {
		join, known := map[string]resnet.Join{"Add": resnet.JoinAdd, "Mul": resnet.JoinProduct,
			"Max": resnet.JoinMaximum}[n.op]
		if known && len(fUses) == 1 && len(sUses) > 0 && meets(n, f, shortcut) {
			b.at, b.join = n, join
			return n.outputs[0], nil
		}
	}
	return "", fmt.Errorf("onnx: the branches of a block, %.80q and %.80q, do not meet in a sum, a product, a "+
		"maximum or a gate", f, shortcut)
}

// meets reports whether a node reads exactly the values a and b.
func meets(n node, a, b string) bool {
	return len(n.inputs) == 2 && (n.inputs[0] == a && n.inputs[1] == b || n.inputs[0] == b && n.inputs[1] == a)
}

// head reads the mean, the classifier and what stands behind it.
func (w *walker) head(p *parts, x string) error {
	n, err := w.only(x)
	if err != nil {
		return err
	}
	if err := w.mean(p, n); err != nil {
		return err
	}
	return w.classified(p, n.outputs[0])
}

// classified reads the classifier, whose features are x, and what stands behind it.
func (w *walker) classified(p *parts, x string) error {
	x = w.flat(x)
	if w.outputs[x] && len(w.uses[x]) == 0 {
		return fmt.Errorf("onnx: the graph ends with the features, %.80q: it has %w", x, statedict.ErrNoClassifier)
	}
	n, err := w.only(x)
	if err != nil {
		return err
	}
	if x, err = w.classifier(p, n); err != nil {
		return err
	}
	rank := 2
	if n.op == "Conv" {
		rank = 4
	}
	return w.ending(p, x, rank)
}

// mean checks that a node computes the mean over the whole picture.
func (w *walker) mean(p *parts, n node) error {
	switch n.op {
	case "GlobalAveragePool":
		return nil
	case "ReduceMean":
		axes, err := w.ints(n, "axes", 1)
		if err != nil {
			return err
		}
		for i, a := range axes {
			if a < 0 {
				axes = slices.Clone(axes)
				axes[i] = a + 4
			}
		}
		slices.Sort(axes)
		if slices.Equal(axes, []int64{2, 3}) {
			return nil
		}
	case "AveragePool":
		return p.averagePool(n)
	}
	return fmt.Errorf("onnx: %v is not the mean over the whole picture that stands before the classifier", n)
}

// averagePool checks that a window of fixed size covers the last block's output, and nothing beside it.
func (p *parts) averagePool(n node) error {
	height, width := p.last()
	kernel := n.attributes["kernel_shape"].ints
	auto := n.attributes["auto_pad"].text
	switch {
	case height == 0 || width == 0:
		return fmt.Errorf("onnx: %v is a mean over %v, and how large pictures are is not in the graph; export it with "+
			"a fixed size, or with a global mean", n, kernel)
	case !slices.Equal(kernel, []int64{int64(height), int64(width)}):
		return fmt.Errorf("onnx: %v is not the mean over the whole picture that stands before the classifier: its "+
			"window is %v, and the picture is %d×%d there (height × width)", n, kernel, height, width)
	case slices.ContainsFunc(n.attributes["pads"].ints, func(v int64) bool { return v != 0 }),
		auto != "" && auto != "NOTSET" && auto != "VALID":
		return fmt.Errorf("onnx: %v has the border %v %s; a mean over the picture has none", n,
			n.attributes["pads"].ints, auto)
	case slices.ContainsFunc(n.attributes["dilations"].ints, func(v int64) bool { return v != 1 }):
		return fmt.Errorf("onnx: %v is dilated, which is not supported", n)
	}
	return nil
}

// last is the size of the last block's output for pictures of the graph's size. A side that is not known is 0.
func (p *parts) last() (height, width int) {
	return p.shrunk(p.height), p.shrunk(p.width)
}

// shrunk is what the blocks leave of a side.
func (p *parts) shrunk(side int) int {
	if side == 0 {
		return 0
	}
	half := func(n, stride int) int { return (n-1)/stride + 1 } // with padding of half the window
	side = half(side, p.stem.stride)
	if p.pooled {
		side = half(side, 2)
	}
	for _, b := range p.blocks {
		side = half(side, b.stride())
	}
	return side
}

// flat skips nodes that only change the shape of N×C values.
func (w *walker) flat(x string) string {
	for {
		uses := w.uses[x]
		if len(uses) != 1 || w.outputs[x] || uses[0].op != "Flatten" && uses[0].op != "Reshape" &&
			uses[0].op != "Squeeze" {
			return x
		}
		x = uses[0].outputs[0]
	}
}

// classifier reads the linear layer: a Gemm, a MatMul and an Add, or a 1×1 convolution.
func (w *walker) classifier(p *parts, n node) (y string, err error) {
	y = n.outputs[0]
	bias := func(n node, input int) error {
		name := n.inputs[input]
		t, ok := w.m.tensors[name]
		if !ok || len(t.Shape) < 1 || t.Len() != t.Shape[len(t.Shape)-1] {
			return fmt.Errorf("onnx: the bias of %v, %.80q, is no constant vector", n, name)
		}
		p.fc.bias = &t
		return nil
	}
	switch n.op {
	case "Gemm":
		if p.fc.weight, err = w.tensor(n, 1, "weight", 2); err != nil {
			return "", err
		}
		if !isOne(n, "alpha") || !isOne(n, "beta") || n.int("transA", 0) != 0 {
			return "", fmt.Errorf("onnx: %v scales or transposes, which is not supported", n)
		}
		p.fc.transposed = n.int("transB", 0) == 0
		if len(n.inputs) > 2 && n.inputs[2] != "" {
			err = bias(n, 2)
		}
	case "MatMul":
		if p.fc.weight, err = w.tensor(n, 1, "weight", 2); err != nil {
			return "", err
		}
		p.fc.transposed = true
		if sum, ok := w.next(y, "Add"); ok && len(sum.inputs) == 2 {
			y = sum.outputs[0]
			constant := 0
			if !w.isTensor(sum.inputs[0]) {
				constant = 1
			}
			err = bias(sum, constant)
		}
	case "Conv":
		var c convolution
		if c, y, err = w.convNorm(n); err != nil {
			return "", err
		}
		if c.size != 1 || c.stride != 1 || c.groups != 1 || c.norm != nil {
			return "", fmt.Errorf("onnx: %v stands where the classifier is expected", n)
		}
		p.fc.weight, p.fc.bias = c.weight, c.bias
	default:
		err = fmt.Errorf("onnx: %v stands where the classifier is expected", n)
	}
	return y, err
}
