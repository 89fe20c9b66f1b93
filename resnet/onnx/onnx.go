// Package onnx writes residual networks in the Open Neural Network Exchange format, opset 13, so that other runtimes can run them.
package onnx

import (
	"fmt"
	"io"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// Export writes a network, as it stands in a model file, as an ONNX model: input "x" of 1×3×Size×Size, prepared as the model card says,
// output "y", the logits, 1×Classes. Weights are float32. The card and the network's structure are in the metadata, under the same keys
// as in the file. Tensors are widened one by one as they are written, so it takes no memory to speak of.
func Export(w io.Writer, f *weights.File) error {
	c, card, err := resnet.Describe(f)
	if err != nil {
		return err
	}
	g := &graph{file: f, epsilon: float32(c.NormEpsilon)}
	size := int64(card.InputSize)

	y := g.relu(g.convNorm(c.StemConv(), "x"))
	y = g.node("MaxPool", "maxpool", []string{y}, ints("kernel_shape", 3, 3), ints("strides", 2, 2), ints("pads", 1, 1, 1, 1))
	for _, b := range c.Blocks() {
		shortcut, f := y, y
		if b.Projection != nil {
			shortcut = g.convNorm(*b.Projection, y)
		}
		for i, conv := range b.Residual {
			if f = g.convNorm(conv, f); i < len(b.Residual)-1 {
				f = g.relu(f)
			}
		}
		y = g.relu(g.node("Add", b.Name+".add", []string{f, shortcut}))
	}
	y = g.node("GlobalAveragePool", "avgpool", []string{y})
	y = g.node("Flatten", "flatten", []string{y}, integer("axis", 1))
	g.output("y", "Gemm", "fc", []string{
		y, g.tensor("fc.weight", c.Classes, c.Features()), g.tensor("fc.bias", c.Classes),
	}, integer("transB", 1))
	if g.err != nil {
		return g.err
	}
	return g.write(w, card.Model, []int64{1, 3, size, size}, []int64{1, int64(c.Classes)})
}

// graph gathers nodes and the tensors that they read. Each node's result has the node's name.
type graph struct {
	file         *weights.File
	epsilon      float32
	nodes        message
	initializers []weights.Tensor
	err          error
}

// convNorm adds a convolution and its norm.
func (g *graph) convNorm(s resnet.ConvSpec, x string) string {
	size, stride, pad := int64(s.Size), int64(s.Stride), int64(s.Size/2)
	y := g.node("Conv", s.Conv, []string{x, g.tensor(s.Conv+".weight", s.Out, s.In, s.Size, s.Size)},
		ints("kernel_shape", size, size), ints("strides", stride, stride), ints("pads", pad, pad, pad, pad))
	return g.node("BatchNormalization", s.Norm, []string{
		y, g.tensor(s.Norm+".weight", s.Out), g.tensor(s.Norm+".bias", s.Out), g.tensor(s.Norm+".running_mean", s.Out), g.tensor(s.Norm+".running_var", s.Out),
	}, float("epsilon", g.epsilon))
}

func (g *graph) relu(x string) string { return g.node("Relu", x+".relu", []string{x}) }

// node adds a node, and gives the name of its result.
func (g *graph) node(op, name string, inputs []string, attributes ...message) string {
	g.output(name, op, name, inputs, attributes...)
	return name
}

// output adds a node whose result has a name of its own.
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

// tensor adds a tensor of the model file, and gives its name.
func (g *graph) tensor(name string, shape ...int) string {
	t, ok := g.file.Tensor(name)
	if !ok || !slices.Equal(t.Shape, shape) {
		g.err = fmt.Errorf("onnx: the tensor %s is %v, want %v", name, t.Shape, shape)
	}
	g.initializers = append(g.initializers, t)
	return name
}

// describe is an initializer but for its values, which follow it, and how many bytes these have.
func describe(t weights.Tensor) (head message, size int) {
	for _, d := range t.Shape {
		head.integer(tensorDim, int64(d))
	}
	head.integer(tensorType, typeFloat)
	head.text(tensorName, t.Name)
	size = 4 * t.Len()
	head.begin(tensorRaw, size)
	return head, size
}

// write wraps the graph up. A message begins with its length, so all lengths are found before the first value is written.
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
	for _, key := range []string{weights.CardKey, weights.ConfigKey} {
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
		var err error
		if values, err = t.AppendFloat32(values[:0]); err != nil {
			return err
		}
		for _, v := range values {
			raw = protowire.AppendFixed32(raw, math.Float32bits(v))
		}
		if _, err := w.Write(raw); err != nil {
			return err
		}
	}
	_, err := w.Write(tail)
	return err
}
