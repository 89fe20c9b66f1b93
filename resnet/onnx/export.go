// Package onnx converts residual networks to and from the Open Neural Network Exchange format: Export writes opset 13
// for other runtimes, and Import finds the residual network in files of other programs.
package onnx

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// Export writes the network in a model file as an ONNX model with float32 weights. The input "x" is 1×3×Height×Width,
// prepared as the model card says; the output "y" is the logits, 1×Classes, whatever makes probabilities of
// them: the card says that (see resnet.Model.Activation). A linear layer on several blocks (resnet.Config's HeadBlocks)
// reads a Concat of their means. The model's metadata are those of the file,
// with the card and the network's structure under the same keys. Export widens one tensor at a time, so it needs little
// memory.
func Export(w io.Writer, f *weights.File) error {
	c, card, err := resnet.Describe(f)
	if err != nil {
		return err
	}
	g := &graph{file: f, config: c}
	height, width := card.Shape()

	y := g.convNorm(c.StemConv(), "x")
	if c.StemReLU() {
		y = g.activate(y)
	}
	if c.Stem == resnet.StemImageNet {
		y = g.node("MaxPool", "maxpool", []string{y}, ints("kernel_shape", 3, 3), ints("strides", 2, 2),
			ints("pads", 1, 1, 1, 1))
	}
	var means []string
	for i, b := range c.Blocks() {
		y = g.block(b, y)
		if slices.Contains(c.HeadBlocks, i) {
			means = append(means, g.node("GlobalAveragePool", b.Name+".avgpool", []string{y}))
		}
	}
	switch len(means) {
	case 0:
		y = g.preActivate(c.LastNorm(), c.Features(), y)
		y = g.node("GlobalAveragePool", "avgpool", []string{y})
	case 1:
		y = means[0]
	default:
		y = g.node("Concat", "concat", means, integer("axis", 1))
	}
	y = g.node("Flatten", "flatten", []string{y}, integer("axis", 1))
	g.output("y", "Gemm", "fc", []string{
		y, g.tensor("fc.weight", c.Classes, c.Features()), g.tensor("fc.bias", c.Classes),
	}, integer("transB", 1))
	if g.err != nil {
		return g.err
	}
	return g.write(w, card.Model, []int64{1, 3, int64(height), int64(width)}, []int64{1, int64(c.Classes)})
}

// graph collects nodes and the tensors that they read. Each node's output has the node's name.
type graph struct {
	file         *weights.File
	config       resnet.Config
	nodes        message
	initializers []weights.Tensor
	err          error
}

// block adds a residual block.
func (g *graph) block(b resnet.BlockSpec, x string) string {
	shortcut, f := x, g.preActivate(b.Norm, b.In, x)
	switch {
	case b.Projection != nil:
		shortcut = g.convNorm(*b.Projection, f)
	case b.Pad:
		shortcut = g.pad(b, x)
	}
	for i, conv := range b.Residual {
		if f = g.convNorm(conv, f); i < len(b.Residual)-1 {
			f = g.activate(f)
		}
	}
	y := g.join(b.Name, shortcut, f)
	if g.config.PreActivation {
		return y
	}
	return g.activate(y)
}

// preActivate adds the norm, if its name is not empty, and the activation of a pre-activation network; in others it
// adds nothing.
func (g *graph) preActivate(norm string, channels int, x string) string {
	if !g.config.PreActivation {
		return x
	}
	if norm != "" {
		x = g.norm(norm, channels, x)
	}
	return g.activate(x)
}

// join adds the nodes that combine the shortcut x and F to y.
func (g *graph) join(block string, x, f string) string {
	switch g.config.Join {
	case resnet.JoinNone:
		return f
	case resnet.JoinProduct:
		return g.node("Mul", block+".product", []string{x, f})
	case resnet.JoinMaximum:
		return g.node("Max", block+".maximum", []string{x, f})
	case resnet.JoinGate:
		open := g.node("Sigmoid", block+".gate", []string{f})
		return g.node("Add", block+".add", []string{g.node("Mul", block+".product", []string{x, open}), f})
	}
	return g.node("Add", block+".add", []string{f, x})
}

// pad adds a shortcut without weights: every stride-th row and column, and zeros for the new channels.
func (g *graph) pad(b resnet.BlockSpec, x string) string {
	if stride := int64(b.Stride); stride > 1 {
		x = g.node("Slice", b.Name+".every", []string{
			x, g.whole(b.Name+".starts", 0, 0), g.whole(b.Name+".ends", math.MaxInt64, math.MaxInt64),
			g.whole(b.Name+".axes", 2, 3), g.whole(b.Name+".steps", stride, stride),
		})
	}
	if b.Out == b.In {
		return x
	}
	return g.node("Pad", b.Name+".pad", []string{x, g.whole(b.Name+".pads", 0, 0, 0, 0, 0, int64(b.Out-b.In), 0, 0)})
}

// convNorm adds a convolution and its norm, if it has one.
func (g *graph) convNorm(s resnet.ConvSpec, x string) string {
	size, stride, pad := int64(s.Size), int64(s.Stride), int64(s.Size/2)
	inputs := []string{x, g.tensor(s.Conv+".weight", s.Shape()...)}
	if s.Bias {
		inputs = append(inputs, g.tensor(s.Conv+".bias", s.Out))
	}
	y := g.node("Conv", s.Conv, inputs,
		ints("kernel_shape", size, size), ints("strides", stride, stride), ints("pads", pad, pad, pad, pad),
		integer("group", int64(max(1, s.Groups))))
	if s.Norm == "" {
		return y
	}
	return g.norm(s.Norm, s.Out, y)
}

// norm adds a batch norm.
func (g *graph) norm(name string, channels int, x string) string {
	return g.node("BatchNormalization", name, []string{
		x, g.tensor(name+".weight", channels), g.tensor(name+".bias", channels),
		g.tensor(name+".running_mean", channels), g.tensor(name+".running_var", channels),
	}, float("epsilon", float32(g.config.NormEpsilon)))
}

// activate adds the network's activation.
func (g *graph) activate(x string) string {
	switch g.config.Activation {
	case resnet.ActivationLeakyReLU:
		return g.node("LeakyRelu", x+".leaky-relu", []string{x}, float("alpha", resnet.LeakyReLUSlope))
	case resnet.ActivationTanh:
		return g.node("Tanh", x+".tanh", []string{x})
	case resnet.ActivationSiLU:
		return g.node("Mul", x+".silu", []string{x, g.node("Sigmoid", x+".sigmoid", []string{x})})
	}
	return g.node("Relu", x+".relu", []string{x})
}

// node adds a node, and returns the name of its output.
func (g *graph) node(op, name string, inputs []string, attributes ...message) string {
	g.output(name, op, name, inputs, attributes...)
	return name
}

// output adds a node whose output has another name than the node.
func (g *graph) output(result, op, name string, inputs []string, attributes ...message) {
	var n message
	for _, x := range inputs {
		n.text(nodeInput, x)
	}
	n.text(nodeOutput, result)
	n.text(nodeName, name)
	n.text(nodeOp, op)
	for _, a := range attributes {
		n.bytes(nodeAttribute, a)
	}
	g.nodes.bytes(graphNode, n)
}

// tensor adds a tensor of the model file, and returns its name.
func (g *graph) tensor(name string, shape ...int) string {
	t, ok := g.file.Tensor(name)
	if !ok || !slices.Equal(t.Shape, shape) {
		g.err = fmt.Errorf("onnx: the tensor %s is %v, want %v", name, t.Shape, shape)
	}
	g.initializers = append(g.initializers, t)
	return name
}

// whole adds a constant vector of integers, and returns its name.
func (g *graph) whole(name string, values ...int64) string {
	t := weights.Tensor{Name: name, DType: weights.I64, Shape: []int{len(values)}}
	for _, v := range values {
		t.Data = protowire.AppendFixed64(t.Data, uint64(v))
	}
	g.initializers = append(g.initializers, t)
	return name
}

// describe encodes an initializer without its values, which follow it, and returns their size in bytes.
func describe(t weights.Tensor) (head message, size int) {
	for _, d := range t.Shape {
		head.integer(tensorDim, int64(d))
	}
	kind := int64(typeFloat)
	size = 4 * t.Len()
	if t.DType == weights.I64 {
		kind, size = typeInt64, 8*t.Len()
	}
	head.integer(tensorType, kind)
	head.text(tensorName, t.Name)
	head.begin(tensorRaw, size)
	return head, size
}

// write encodes the model. A message starts with its length, so all lengths are computed before the first value is
// written.
func (g *graph) write(w io.Writer, name string, in, out []int64) error {
	var tail message
	tail.text(graphName, name)
	tail.bytes(graphInput, valueInfo("x", in))
	tail.bytes(graphOutput, valueInfo("y", out))
	body := len(g.nodes) + len(tail)
	for _, t := range g.initializers {
		head, size := describe(t)
		body += protowire.SizeTag(graphInitializer) + protowire.SizeBytes(len(head)+size)
	}

	var m message
	m.integer(modelIRVersion, 7)
	m.text(modelProducer, "residua")
	var opset message
	opset.integer(opsetVersion, 13)
	m.bytes(modelOpset, opset)
	for _, key := range slices.Sorted(maps.Keys(g.file.Metadata)) {
		if key == "format" {
			continue // the key of safetensors that names PyTorch's layout
		}
		var property message
		property.text(propertyKey, key)
		property.text(propertyValue, g.file.Metadata[key])
		m.bytes(modelMetadata, property)
	}
	m.begin(modelGraph, body)
	if _, err := w.Write(append(m, g.nodes...)); err != nil {
		return err
	}
	var values []float32
	var raw []byte
	for _, t := range g.initializers {
		head, size := describe(t)
		var m message
		m.begin(graphInitializer, len(head)+size)
		raw = append(append(raw[:0], m...), head...)
		if t.DType == weights.I64 {
			raw = append(raw, t.Data...)
		} else {
			var err error
			if values, err = t.AppendFloat32(values[:0]); err != nil {
				return err
			}
			for _, v := range values {
				raw = protowire.AppendFixed32(raw, math.Float32bits(v))
			}
		}
		if _, err := w.Write(raw); err != nil {
			return err
		}
	}
	_, err := w.Write(tail)
	return err
}
