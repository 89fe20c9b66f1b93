package onnx

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
)

// ended is the small network, of three classes, with more nodes behind its classifier. Each reads the one before; the
// last makes the graph's output.
func ended(opset int64, nodes ...testNode) *testGraph {
	g := small()
	var version message
	version.integer(opsetVersion, opset)
	g.extra.bytes(modelOpset, version)
	for name, v := range map[string][]int64{"i0": {0}, "i1": {1}, "i3": {3}, "row": {1, 3}, "flat": {0, -1},
		"column": {3, 1}, "corner": {1, 3, 1, 1}, "batch": {8, 3}} {
		g.whole(name, v...)
	}
	x := "y"
	for i, n := range nodes {
		n.in = append([]string{x}, n.in...)
		n.out = string(rune('A' + i))
		g.nodes, x = append(g.nodes, n), n.out
	}
	g.out[0] = x
	return g
}

func op(name string, attributes ...message) testNode {
	return testNode{op: name, attributes: attributes}
}

func opWith(name, input string, attributes ...message) testNode {
	return testNode{op: name, in: []string{input}, attributes: attributes}
}

// TestEndings: nodes that exporters and wrappers put behind the classifier, and that change nothing here.
func TestEndings(t *testing.T) {
	softmax, sigmoid := resnet.ActivationSoftmax, resnet.ActivationSigmoid
	plain, err := Import(small().bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		want  resnet.Activation
		opset int64
		nodes []testNode
	}{
		{"nothing", "", 17, nil},
		{"softmax", softmax, 17, []testNode{op("Softmax")}},
		{"softmax over the classes", softmax, 17, []testNode{op("Softmax", integer("axis", 1))}},
		{"an old softmax", softmax, 11, []testNode{op("Softmax")}},
		{"an old softmax over all", softmax, 11, []testNode{op("Softmax", integer("axis", 0))}},
		{"log softmax", softmax, 13, []testNode{op("LogSoftmax", integer("axis", -1))}},
		{"sigmoid", sigmoid, 17, []testNode{op("Sigmoid")}},
		{"identity", "", 17, []testNode{op("Identity")}},
		{"a cast to float16", sigmoid, 17, []testNode{op("Sigmoid"), op("Cast", integer("to", typeFloat16))}},
		{"a cast to double", sigmoid, 17, []testNode{op("Cast", integer("to", typeDouble)), op("Sigmoid")}},
		{"a vector without its batch", softmax, 17,
			[]testNode{opWith("Squeeze", "i0"), op("Softmax", integer("axis", 0))}},
		{"the first of the batch", softmax, 17, []testNode{op("Softmax"), opWith("Gather", "i0")}},
		{"squeezed as before opset 13", softmax, 11, []testNode{op("Squeeze", ints("axes", 0)), op("Softmax",
			integer("axis", 0))}},
		{"squeezed without axes", softmax, 17, []testNode{op("Squeeze"), op("Softmax", integer("axis", 0))}},
		{"one more axis", sigmoid, 17, []testNode{op("Sigmoid"), opWith("Unsqueeze", "i0")}},
		{"classes as a column", softmax, 17,
			[]testNode{op("Transpose", ints("perm", 1, 0)), op("Softmax", integer("axis", 0))}},
		{"turned round twice", softmax, 11,
			[]testNode{op("Transpose"), op("Softmax", integer("axis", 0)), op("Transpose")}},
		{"flattened", softmax, 17, []testNode{op("Flatten"), op("Softmax")}},
		{"reshaped", softmax, 17, []testNode{opWith("Reshape", "row"), op("Softmax")}},
		{"reshaped to what is left", softmax, 17, []testNode{opWith("Reshape", "flat"), op("Softmax")}},
		{"reshaped to a column", softmax, 17,
			[]testNode{opWith("Reshape", "column"), op("Softmax", integer("axis", 0))}},
		{"reshaped to a picture of one pixel", softmax, 17,
			[]testNode{opWith("Reshape", "corner"), op("Softmax", integer("axis", -3)), op("Flatten")}},
		{"reshaped for eight pictures", softmax, 17, []testNode{opWith("Reshape", "batch"), op("Softmax")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := Import(ended(c.opset, c.nodes...).bytes())
			if err != nil {
				t.Fatal(err)
			}
			if n.Activation != c.want || n.Config.Classes != 3 || !slices.Equal(fc(t, n), fc(t, plain)) {
				t.Errorf("the activation is %q, want %q; %d classes", n.Activation, c.want, n.Config.Classes)
			}
		})
	}
	// A graph may give the logits and the probabilities.
	g := ended(17, op("Softmax"))
	g.out = []string{"y", "A"}
	if n, err := Import(g.bytes()); err != nil || n.Activation != softmax {
		t.Errorf("logits and probabilities: %v", err)
	}
}

// TestEndingsRefused: what cannot be honoured is refused, by the operator's name.
func TestEndingsRefused(t *testing.T) {
	several := func(out ...string) *testGraph {
		g := ended(17, op("Softmax"))
		g.nodes = append(g.nodes, testNode{op: "Sigmoid", in: []string{"y"}, out: "s"})
		g.out = out
		return g
	}
	single := func(nodes ...testNode) *testGraph {
		g := ended(17, nodes...)
		for i := range g.tensors {
			if x := &g.tensors[i]; x.name == "fw" {
				x.shape, x.raw = []int64{1, 2}, x.raw[:8]
			} else if x.name == "fb" {
				x.shape, x.raw = []int64{1}, x.raw[:4]
			}
		}
		return g
	}
	groups := ended(17, opWith("Reshape", "pairs"), op("Softmax"))
	groups.whole("pairs", 1, 2, 2)
	groups.tensors = slices.DeleteFunc(groups.tensors, func(t testTensor) bool { return t.name[0] == 'f' })
	groups.floats("fw", 4, 2)
	groups.floats("fb", 4)
	deep := ended(17, slices.Repeat([]testNode{opWith("Unsqueeze", "i0")}, 7)...)
	convolution := ended(17, op("Softmax"))
	y := convolution.node("y")
	*y = testNode{op: "Conv", in: []string{"p", "fw", "fb"}, out: "y"}
	convolution.tensor("fw").shape = []int64{3, 2, 1, 1}
	convolution.nodes = slices.DeleteFunc(convolution.nodes, func(n testNode) bool { return n.out == "f" })

	for _, c := range []struct {
		name  string
		graph *testGraph
		want  string
	}{
		{"argmax", ended(17, op("ArgMax")),
			`node ArgMax → "A", which keeps the number of one class only; export`},
		{"argmax of a softmax", ended(17, op("Softmax"), op("ArgMax")), `node ArgMax → "B"`},
		{"top k", ended(17, opWith("TopK", "i1")), `node TopK → "A", which keeps a few classes only`},
		{"clip", ended(17, op("Sigmoid"), op("Clip")), `node Clip → "B", which cuts values off`},
		{"hard sigmoid", ended(17, op("HardSigmoid")),
			`node HardSigmoid → "A", which is another function than the Sigmoid`},
		{"tanh", ended(17, op("Tanh")), `node Tanh → "A"`},
		{"an operator of no list", ended(17, op("Softplus")), `node Softplus → "A", which is not known there`},
		{"a cast to whole numbers", ended(17, op("Cast", integer("to", typeInt64))),
			`node Cast → "A", which makes whole numbers`},
		{"one class of several", ended(17, op("Softmax"), opWith("Gather", "i1", integer("axis", 1))),
			`node Gather → "B", which keeps a part of the classes only`},
		{"a softmax over the batch", ended(17, op("Softmax", integer("axis", 0))),
			`node Softmax → "A", which is not taken over the classes but over axis 0`},
		{"a softmax over a pixel", convolution, "not taken over the classes but over axis 3"},
		{"a softmax over no axis", ended(17, op("Softmax", integer("axis", 7))), "not taken over the classes"},
		{"two softmaxes", ended(17, op("Softmax"), op("Softmax")), "not the only softmax"},
		{"a sigmoid of a softmax", ended(17, op("Softmax"), op("Sigmoid")), "not the only softmax"},
		{"softmax and sigmoid", several("A", "s"), "not the only softmax"},
		{"a softmax of one output", single(op("Softmax")), "the same for every picture"},
		{"groups of classes", groups, "which puts the 4 classes into groups"},
		{"nine dimensions", deep, "too many dimensions"},
		{"an axis that is not there", ended(17, opWith("Reshape", "i3"), opWith("Squeeze", "i0")), "axes are none"},
		{"features beside the logits", func() *testGraph {
			g := ended(17, op("Sigmoid"))
			g.out = append(g.out, "f")
			return g
		}(), "2 outputs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Import(c.graph.bytes()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nwant one with\n%s", err, c.want)
			}
		})
	}
	if _, err := Import(single(op("Sigmoid"), opWith("Squeeze", "i1")).bytes()); err != nil {
		t.Errorf("a sigmoid of one output: %v", err)
	}
}
