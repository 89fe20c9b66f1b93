package onnx

import (
	"bytes"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// testGraph is a small network as an exporter would write it. Tests change it.
type testGraph struct {
	nodes   []testNode
	tensors []testTensor
	in, out []string
	shape   []int64
	more    message // fields of the graph
	extra   message // fields of the model
}

type testNode struct {
	op         string
	in         []string
	out        string
	attributes []message
	domain     string
}

type testTensor struct {
	name  string
	kind  int64
	shape []int64
	raw   []byte
	extra message
}

// small is a network for pictures of 8×8 with one basic block of two channels, its norms folded, and three classes.
func small() *testGraph {
	conv := func(x, w, out string) testNode {
		return testNode{op: "Conv", in: []string{x, w, w + "b"}, out: out, attributes: []message{
			ints("dilations", 1, 1), integer("group", 1), ints("kernel_shape", 3, 3), ints("pads", 1, 1, 1, 1),
			ints("strides", 1, 1),
		}}
	}
	g := &testGraph{in: []string{"x"}, out: []string{"y"}, shape: []int64{1, 3, 8, 8}, nodes: []testNode{
		conv("x", "w0", "c0"), {op: "Relu", in: []string{"c0"}, out: "r0"},
		conv("r0", "w1", "c1"), {op: "Relu", in: []string{"c1"}, out: "r1"},
		conv("r1", "w2", "c2"),
		{op: "Add", in: []string{"c2", "r0"}, out: "a"}, {op: "Relu", in: []string{"a"}, out: "r"},
		{op: "GlobalAveragePool", in: []string{"r"}, out: "p"}, {op: "Flatten", in: []string{"p"}, out: "f"},
		{op: "Gemm", in: []string{"f", "fw", "fb"}, out: "y", attributes: []message{integer("transB", 1)}},
	}}
	g.floats("w0", 2, 3, 3, 3)
	g.floats("w0b", 2)
	for _, name := range []string{"w1", "w2"} {
		g.floats(name, 2, 2, 3, 3)
		g.floats(name+"b", 2)
	}
	g.floats("fw", 3, 2)
	g.floats("fb", 3)
	return g
}

// floats adds a tensor of small values that all differ.
func (g *testGraph) floats(name string, shape ...int64) {
	n := int64(1)
	for _, d := range shape {
		n *= d
	}
	t := testTensor{name: name, kind: typeFloat, shape: shape}
	for i := range n {
		t.raw = protowire.AppendFixed32(t.raw, math.Float32bits(float32(i+1)/float32(8*n)))
	}
	g.tensors = append(g.tensors, t)
}

// tensor finds a tensor by its name.
func (g *testGraph) tensor(name string) *testTensor {
	return &g.tensors[slices.IndexFunc(g.tensors, func(t testTensor) bool { return t.name == name })]
}

// node finds the node that computes a value.
func (g *testGraph) node(out string) *testNode {
	return &g.nodes[slices.IndexFunc(g.nodes, func(n testNode) bool { return n.out == out })]
}

// insert adds a node before the one that computes a value.
func (g *testGraph) insert(before string, n testNode) {
	at := slices.IndexFunc(g.nodes, func(n testNode) bool { return n.out == before })
	g.nodes = slices.Insert(g.nodes, at, n)
}

// whole adds or replaces a vector of integers.
func (g *testGraph) whole(name string, values ...int64) {
	t := testTensor{name: name, kind: typeInt64, shape: []int64{int64(len(values))}}
	for _, v := range values {
		t.raw = protowire.AppendFixed64(t.raw, uint64(v))
	}
	g.tensors = append(slices.DeleteFunc(g.tensors, func(t testTensor) bool { return t.name == name }), t)
}

// shortcut adds a node to the shortcut that computes "s" from "r0". It may read the vectors zero, two, end and rows.
func (g *testGraph) shortcut(n testNode) {
	for name, v := range map[string]int64{"zero": 0, "two": 2, "end": math.MaxInt64, "rows": 2} {
		if !slices.ContainsFunc(g.tensors, func(t testTensor) bool { return t.name == name }) {
			g.whole(name, v)
		}
	}
	g.insert("a", n)
	g.node("a").in[1] = "s"
}

func (g *testGraph) bytes() []byte {
	var graph message
	for _, n := range g.nodes {
		var m message
		for _, name := range n.in {
			m.text(nodeInput, name)
		}
		m.text(nodeOutput, n.out)
		m.text(nodeOp, n.op)
		if n.domain != "" {
			m.text(nodeDomain, n.domain)
		}
		for _, a := range n.attributes {
			m.bytes(nodeAttribute, a)
		}
		graph.bytes(graphNode, m)
	}
	for _, t := range g.tensors {
		var m message
		for _, d := range t.shape {
			m.integer(tensorDim, d)
		}
		m.integer(tensorType, t.kind)
		m.text(tensorName, t.name)
		if t.raw != nil {
			m.bytes(tensorRaw, t.raw)
		}
		graph.bytes(graphInitializer, append(m, t.extra...))
	}
	for _, name := range g.in {
		graph.bytes(graphInput, valueInfo(name, g.shape))
	}
	for _, name := range g.out {
		graph.bytes(graphOutput, valueInfo(name, []int64{1, 3}))
	}
	var m message
	m.integer(modelIRVersion, 8)
	m.bytes(modelGraph, append(graph, g.more...))
	return append(m, g.extra...)
}

// attribute replaces an attribute of a node.
func (n *testNode) attribute(name string, a message) {
	n.attributes = slices.DeleteFunc(n.attributes, func(old message) bool { return bytes.Contains(old, []byte(name)) })
	n.attributes = append(n.attributes, a)
}

func changed(change func(*testGraph)) []byte {
	g := small()
	change(g)
	return g.bytes()
}
