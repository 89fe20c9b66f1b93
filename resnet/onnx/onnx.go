// Package onnx writes residual networks in the Open Neural Network Exchange format, opset 13, so that other runtimes can run them.
package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// Export gives a network, as it stands in a model file, as an ONNX model: input "x" of 1×3×Size×Size, prepared as the model card says,
// output "y", the logits, 1×Classes. Weights are float32. The file must be one that resnet.Load takes.
func Export(file []byte) ([]byte, error) {
	model, err := resnet.Load(file) // refuses whatever does not fit together
	if err != nil {
		return nil, err
	}
	f, err := weights.Parse(file)
	if err != nil {
		return nil, err
	}
	g := &graph{file: f, epsilon: float32(model.Config.NormEpsilon)}
	size := int64(model.Card.InputSize)
	c := model.Config

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
	g.output("y", "Gemm", "fc", []string{y, g.tensor("fc.weight"), g.tensor("fc.bias")}, integer("transB", 1))
	if g.err != nil {
		return nil, g.err
	}
	return g.model(model.Card.Model, []int64{1, 3, size, size}, []int64{1, int64(c.Classes)}), nil
}

// graph gathers nodes and the tensors that they read. Each node's result has the node's name.
type graph struct {
	file         *weights.File
	epsilon      float32
	nodes        message
	initializers message
	err          error
}

// convNorm adds a convolution and its norm.
func (g *graph) convNorm(s resnet.ConvSpec, x string) string {
	size, stride, pad := int64(s.Size), int64(s.Stride), int64(s.Size/2)
	y := g.node("Conv", s.Conv, []string{x, g.tensor(s.Conv + ".weight")},
		ints("kernel_shape", size, size), ints("strides", stride, stride), ints("pads", pad, pad, pad, pad))
	return g.node("BatchNormalization", s.Norm, []string{
		y, g.tensor(s.Norm + ".weight"), g.tensor(s.Norm + ".bias"), g.tensor(s.Norm + ".running_mean"), g.tensor(s.Norm + ".running_var"),
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
func (g *graph) tensor(name string) string {
	t, ok := g.file.Tensor(name)
	if !ok {
		g.err = fmt.Errorf("onnx: no tensor %s", name)
		return name
	}
	values, err := t.AppendFloat32(make([]float32, 0, t.Len()))
	if err != nil {
		g.err = err
		return name
	}
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	var m message
	for _, d := range t.Shape {
		m.integer(tensorDim, int64(d))
	}
	m.integer(tensorType, typeFloat)
	m.text(tensorName, name)
	m.bytes(tensorRaw, raw)
	g.initializers.bytes(graphInitializer, m)
	return name
}

// model wraps the graph up.
func (g *graph) model(name string, in, out []int64) []byte {
	body := append(g.nodes, g.initializers...)
	body.text(graphName, name)
	body.bytes(graphInput, valueInfo("x", in))
	body.bytes(graphOutput, valueInfo("y", out))

	var opset message
	opset.integer(opsetVersion, 13)

	var m message
	m.integer(modelIRVersion, 7)
	m.text(modelProducer, "residua")
	m.bytes(modelGraph, body)
	m.bytes(modelOpset, opset)
	return m
}
