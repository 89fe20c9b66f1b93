package onnx

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// This file reads what Export makes of networks without shortcuts, without norms, with another activation than ReLU or
// with a linear layer on several blocks. A plain network's graph is a chain, which does not say where a block begins,
// and norms that are missing may have been folded. So the structure is taken from the metadata, and every node is held
// against it.

// fromMetadata gives the structure in a graph's metadata, if it is one of those that the graph alone does not tell.
func fromMetadata(metadata map[string]string) (c resnet.Config, ok bool) {
	if json.Unmarshal([]byte(metadata[weights.ConfigKey]), &c) != nil || c.Check() != nil {
		return c, false
	}
	return c, c.Join == resnet.JoinNone || c.NoNorm || c.Activation != resnet.ActivationReLU || len(c.HeadBlocks) > 0
}

// follower follows a graph along a structure that is known.
type follower struct {
	*walker
	config resnet.Config
	parts  *parts
	values []string        // those that the network computes so far
	seen   map[string]bool // the nodes that have a place in the network, by their first output
}

// follow reads the whole graph along a structure.
func (w *walker) follow(c resnet.Config) (*parts, error) {
	f := &follower{walker: w, config: c, parts: &parts{}, seen: map[string]bool{}}
	in := w.m.inputs[0]
	if err := f.parts.readShape(in); err != nil {
		return nil, err
	}
	y, err := f.stem(in.name)
	var means []string // of the HeadBlocks
	for i, spec := range c.Blocks() {
		if err == nil {
			y, err = f.block(spec, y)
		}
		if err == nil && slices.Contains(c.HeadBlocks, i) {
			var n node
			if n, err = f.take(y, "GlobalAveragePool", nil); err == nil {
				means = append(means, n.outputs[0])
			}
		}
	}
	if err == nil && len(means) == 0 {
		f.parts.lastNorm, y, err = f.preActivate(c.LastNorm(), y)
	}
	if err == nil && len(means) > 0 {
		y, err = f.concat(means)
	}
	if err == nil {
		err = f.refuseOthers()
	}
	switch {
	case err != nil:
	case len(means) > 0:
		err = w.classified(f.parts, y)
	default:
		err = w.head(f.parts, y)
	}
	return f.parts, err
}

// concat reads the node that joins the means of several blocks, one after the other.
func (f *follower) concat(means []string) (y string, err error) {
	if len(means) == 1 {
		return means[0], nil
	}
	n, err := f.take(means[0], "Concat", func(n node) bool {
		return slices.Equal(n.inputs, means) && n.int("axis", 1) == 1
	})
	if err != nil {
		return "", err
	}
	for _, mean := range means[1:] {
		f.mark(mean, n)
	}
	return n.outputs[0], nil
}

// refuseOthers returns an error if another node reads a value of the network.
func (f *follower) refuseOthers() error {
	for _, x := range f.values {
		for _, n := range f.uses[x] {
			if !f.seen[n.outputs[0]] {
				return fmt.Errorf("onnx: %v has no place in the network that the file's metadata describe", n)
			}
		}
	}
	return nil
}

// take finds a node that reads x and has the operator, and that also is ok if ok is not nil.
func (f *follower) take(x, operator string, ok func(node) bool) (node, error) {
	for _, n := range f.uses[x] {
		if n.op == operator && !f.seen[n.outputs[0]] && (ok == nil || ok(n)) {
			f.mark(x, n)
			return n, nil
		}
	}
	return node{}, fmt.Errorf("onnx: no %s follows the value %.80q, as it does in the network that the file's "+
		"metadata describe", operator, x)
}

// mark notes that a node which reads x has its place.
func (f *follower) mark(x string, n node) {
	f.values = append(f.values, x)
	f.seen[n.outputs[0]] = true
}

func (f *follower) stem(x string) (y string, err error) {
	f.parts.stem, y, err = f.conv(x, f.config.StemConv())
	if f.parts.stemReLU = f.config.StemReLU(); err == nil && f.parts.stemReLU {
		y, err = f.activate(y)
	}
	if f.config.Stem != resnet.StemImageNet || err != nil {
		return y, err
	}
	n, err := f.take(y, "MaxPool", nil)
	if err != nil {
		return "", err
	}
	stride := 0
	if err := f.window(n, 3, 3, &stride); err != nil {
		return "", err
	}
	if stride != 2 {
		return "", fmt.Errorf("onnx: %v has the stride %d; 2 is known", n, stride)
	}
	f.parts.pooled = true
	return n.outputs[0], nil
}

// conv reads a convolution and its norm.
func (f *follower) conv(x string, s resnet.ConvSpec) (c convolution, y string, err error) {
	n, err := f.take(x, "Conv", func(n node) bool {
		return len(n.inputs) > 1 && slices.Equal(f.m.tensors[n.inputs[1]].Shape, s.Shape())
	})
	if err != nil {
		return c, "", err
	}
	w := *f.walker
	if s.Norm == "" { // the norm that follows is the next block's
		w.uses = nil
	}
	c, y, err = w.convNorm(n)
	if err == nil && c.norm != nil {
		f.mark(n.outputs[0], c.norm.at)
	}
	return c, y, err
}

// activate reads the network's activation.
func (f *follower) activate(x string) (y string, err error) {
	var n node
	switch f.config.Activation {
	case resnet.ActivationLeakyReLU:
		n, err = f.take(x, "LeakyRelu", func(n node) bool {
			alpha, ok := n.attributes["alpha"]
			return !ok || alpha.float == resnet.LeakyReLUSlope
		})
	case resnet.ActivationTanh:
		n, err = f.take(x, "Tanh", nil)
	case resnet.ActivationSiLU:
		if n, err = f.take(x, "Sigmoid", nil); err == nil {
			open := n.outputs[0]
			n, err = f.take(open, "Mul", func(n node) bool { return meets(n, open, x) })
		}
	default:
		n, err = f.take(x, "Relu", nil)
	}
	if err != nil {
		return "", err
	}
	return n.outputs[0], nil
}

// preActivate reads the norm, if its name is not empty, and the activation of a pre-activation network.
func (f *follower) preActivate(norm, x string) (n *normalisation, y string, err error) {
	if !f.config.PreActivation {
		return nil, x, nil
	}
	if y = x; norm != "" {
		at, err := f.take(x, "BatchNormalization", nil)
		if err != nil {
			return nil, "", err
		}
		if n, y, err = f.normOf(at); err != nil {
			return nil, "", err
		}
	}
	y, err = f.activate(y)
	return n, y, err
}

func (f *follower) block(spec resnet.BlockSpec, x string) (y string, err error) {
	b := block{join: resnet.JoinNone}
	var h string
	if b.norm, h, err = f.preActivate(spec.Norm, x); err != nil {
		return "", err
	}
	shortcut := x
	switch {
	case spec.Projection != nil:
		var c convolution
		c, shortcut, err = f.conv(h, *spec.Projection)
		b.projection = &c
	case spec.Pad:
		b.pad = true
		b.before, shortcut, err = f.pad(spec, x)
	}
	y = h
	for i, s := range spec.Residual {
		var c convolution
		if err == nil {
			c, y, err = f.conv(y, s)
		}
		if c.relu = i < len(spec.Residual)-1; err == nil && c.relu {
			y, err = f.activate(y)
		}
		b.residual = append(b.residual, c)
	}
	if err != nil {
		return "", err
	}
	b.at = b.residual[len(b.residual)-1].at
	if f.config.Join != resnet.JoinNone {
		if y, err = f.join(&b, y, shortcut); err != nil {
			return "", err
		}
	}
	if !f.config.PreActivation {
		y, err = f.activate(y)
	}
	f.parts.blocks = append(f.parts.blocks, b)
	return y, err
}

// join is walker's, and notes the nodes.
func (f *follower) join(b *block, residual, shortcut string) (y string, err error) {
	if y, err = f.walker.join(b, residual, shortcut); err != nil {
		return "", err
	}
	for _, n := range f.uses[residual] {
		f.mark(residual, n)
		if n.op == "Sigmoid" { // of a gate, whose product reads the shortcut
			f.mark(n.outputs[0], f.uses[n.outputs[0]][0])
		}
	}
	f.values = append(f.values, shortcut)
	return y, nil
}

// pad reads a shortcut without weights.
func (f *follower) pad(spec resnet.BlockSpec, x string) (before int, y string, err error) {
	y = x
	if spec.Stride > 1 {
		n, err := f.take(y, "Slice", nil)
		if err != nil {
			return 0, "", err
		}
		axes, err := f.slice(n, nil)
		if err != nil {
			return 0, "", err
		}
		if slices.Sort(axes); !slices.Equal(axes, []int64{2, 3}) {
			return 0, "", fmt.Errorf("onnx: %v takes every second index of the axes %v; that of 2 and 3 is known",
				n, axes)
		}
		y = n.outputs[0]
	}
	if spec.In == spec.Out {
		return 0, y, nil
	}
	n, err := f.take(y, "Pad", nil)
	if err != nil {
		return 0, "", err
	}
	before, all, err := f.walker.pad(n)
	if err == nil && all != spec.Out-spec.In {
		err = fmt.Errorf("onnx: %v adds %d channels of zeros; %d are needed", n, all, spec.Out-spec.In)
	}
	return before, n.outputs[0], err
}
