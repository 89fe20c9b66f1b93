//go:build !js

package onnx

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/settingsdoc"
)

// normed puts a batch norm between the first convolution of the block and its ReLU, with some attributes.
func normed(attributes ...message) func(*testGraph) {
	return func(g *testGraph) {
		for _, name := range []string{"n1", "n2", "n3", "n4"} {
			g.floats(name, 2)
		}
		g.insert("r1", testNode{op: "BatchNormalization", in: []string{"c1", "n1", "n2", "n3", "n4"}, out: "n",
			attributes: attributes})
		g.node("r1").in[0] = "n"
	}
}

// set gives a node an attribute.
func set(out, name string, a message) func(*testGraph) {
	return func(g *testGraph) { g.node(out).attribute(name, a) }
}

// text encodes an attribute that is a string.
func text(name, value string) message {
	var m message
	m.text(attributeName, name)
	m.text(attributeText, value)
	return m
}

// stemPooled makes the network one with ImageNet's stem, for pictures of 16×16, and sets attributes of its pooling.
func stemPooled(attributes ...message) func(*testGraph) {
	return func(g *testGraph) {
		g.shape = []int64{1, 3, 16, 16}
		at := slices.IndexFunc(g.tensors, func(t testTensor) bool { return t.name == "w0" })
		g.tensors = slices.Delete(g.tensors, at, at+1)
		g.floats("w0", 2, 3, 7, 7)
		c := g.node("c0")
		c.attribute("kernel_shape", ints("kernel_shape", 7, 7))
		c.attribute("pads", ints("pads", 3, 3, 3, 3))
		c.attribute("strides", ints("strides", 2, 2))
		g.insert("c1", testNode{op: "MaxPool", in: []string{"r0"}, out: "pool", attributes: []message{
			ints("kernel_shape", 3, 3), ints("pads", 1, 1, 1, 1), ints("strides", 2, 2)}})
		pool := g.node("pool")
		pool.attributes = append(pool.attributes, attributes...)
		g.node("c1").in[0], g.node("a").in[1] = "pool", "pool"
	}
}

// averaged puts a pooling of fixed size before the classifier.
func averaged(attributes ...message) func(*testGraph) {
	return func(g *testGraph) {
		p := g.node("p")
		p.op, p.attributes = "AveragePool", append([]message{ints("kernel_shape", 8, 8)}, attributes...)
	}
}

// padded adds a shortcut that pads nothing.
func padded(attributes ...message) func(*testGraph) {
	return func(g *testGraph) {
		g.whole("pads", 0, 0, 0, 0, 0, 0, 0, 0)
		g.shortcut(testNode{op: "Pad", in: []string{"r0", "pads"}, out: "s", attributes: attributes})
	}
}

// shaped declares the input's shape.
func shaped(shape ...int64) func(*testGraph) { return func(g *testGraph) { g.shape = shape } }

// other puts an operator in the place of one.
func other(out, op string) func(*testGraph) { return func(g *testGraph) { g.node(out).op = op } }

// attributes has a case for each row of the section ONNX in docs/configurations.md. A change without a plain graph is
// compared with small.
var attributes = []struct {
	field, answer, want string
	change, plain       func(*testGraph)
}{
	{"Conv.auto_pad = SAME_UPPER", "refused", "border [1 1 1 1] SAME_UPPER", set("c1", "auto_pad", text("auto_pad",
		"SAME_UPPER")), nil},
	{"Conv.auto_pad = NOTSET", "no effect", "", set("c1", "auto_pad", text("auto_pad", "NOTSET")), nil},
	{"Conv.dilations = [2, 2]", "refused", "dilated", set("c1", "dilations", ints("dilations", 2, 2)), nil},
	{"Conv.group = 2", "refused", "2 groups", set("c1", "group", integer("group", 2)), nil},
	{"Conv.kernel_shape = [3, 1]", "refused", "not square", set("c1", "kernel_shape", ints("kernel_shape", 3, 1)), nil},
	{"Conv.pads = [0, 0, 0, 0]", "refused", "border [0 0 0 0]", set("c1", "pads", ints("pads", 0, 0, 0, 0)), nil},
	{"Conv.pads = [0, 0, 1, 1]", "refused", "border [0 0 1 1]", set("c1", "pads", ints("pads", 0, 0, 1, 1)), nil},
	{"Conv.strides = [2, 2]", "refused", "stride 2", set("c2", "strides", ints("strides", 2, 2)), nil},
	{"Conv.strides = [1, 2]", "refused", "strides [1 2]", set("c1", "strides", ints("strides", 1, 2)), nil},
	{"MaxPool.ceil_mode = 1", "refused", "rounds its size up", stemPooled(integer("ceil_mode", 1)), stemPooled()},
	{"MaxPool.dilations = [2, 2]", "refused", "dilated", stemPooled(ints("dilations", 2, 2)), stemPooled()},
	{"MaxPool.storage_order = 1", "no effect", "", stemPooled(integer("storage_order", 1)), stemPooled()},
	{"MaxPool.auto_pad = VALID", "refused", "VALID", stemPooled(text("auto_pad", "VALID")), stemPooled()},
	{"AveragePool.kernel_shape = [4, 4]", "refused", "window is [4 4], and the picture is 8×8", func(g *testGraph) {
		p := g.node("p")
		p.op, p.attributes = "AveragePool", []message{ints("kernel_shape", 4, 4)}
	}, nil},
	{"AveragePool.kernel_shape = [16, 8]", "no effect", "", func(g *testGraph) {
		shaped(1, 3, 16, 8)(g)
		p := g.node("p")
		p.op, p.attributes = "AveragePool", []message{ints("kernel_shape", 16, 8)}
	}, shaped(1, 3, 16, 8)},
	{"AveragePool.kernel_shape of open pictures", "refused", "how large pictures are is not in the graph",
		func(g *testGraph) {
			shaped(1, 3, 0, 0)(g)
			averaged()(g)
		}, nil},
	{"AveragePool.pads = [1, 1, 1, 1]", "refused", "border [1 1 1 1]", averaged(ints("pads", 1, 1, 1, 1)), nil},
	{"AveragePool.pads = [0, 0, 0, 0]", "no effect", "", averaged(ints("pads", 0, 0, 0, 0)), nil},
	{"AveragePool.auto_pad = SAME_LOWER", "refused", "SAME_LOWER", averaged(text("auto_pad", "SAME_LOWER")), nil},
	{"AveragePool.dilations = [2, 2]", "refused", "dilated", averaged(ints("dilations", 2, 2)), nil},
	{"AveragePool.count_include_pad = 1", "no effect", "", averaged(integer("count_include_pad", 1)), nil},
	{"AveragePool.ceil_mode = 1", "no effect", "", averaged(integer("ceil_mode", 1)), nil},
	{"AveragePool.strides = [8, 8]", "no effect", "", averaged(ints("strides", 8, 8)), nil},
	{"ReduceMean.axes = [2]", "refused", "not the mean over the whole picture", func(g *testGraph) {
		p := g.node("p")
		p.op, p.attributes = "ReduceMean", []message{ints("axes", 2)}
	}, nil},
	{"ReduceMean.keepdims = 0", "no effect", "", func(g *testGraph) {
		p := g.node("p")
		p.op, p.attributes = "ReduceMean", []message{ints("axes", 2, 3), integer("keepdims", 0)}
	}, nil},
	{"GlobalMaxPool", "refused", `"GlobalMaxPool" is not known`, other("p", "GlobalMaxPool"), nil},
	{"GlobalLpPool", "refused", `"GlobalLpPool" is not known`, other("p", "GlobalLpPool"), nil},
	{"BatchNormalization.epsilon = 0.01", "honoured", "NormEpsilon:0.01", normed(float("epsilon", 0.01)), normed()},
	{"BatchNormalization.momentum = 0.5", "no effect", "", normed(float("momentum", 0.5)), normed()},
	{"BatchNormalization.training_mode = 1", "refused", "still learns", normed(integer("training_mode", 1)), normed()},
	{"BatchNormalization.is_test = 0", "refused", "still learns", normed(integer("is_test", 0)), normed()},
	{"BatchNormalization.spatial = 0", "refused", "spatial = 0", normed(integer("spatial", 0)), normed()},
	{"Dropout.is_test = 0", "refused", "still learns", func(g *testGraph) {
		g.insert("c1", testNode{op: "Dropout", in: []string{"r0"}, out: "d",
			attributes: []message{integer("is_test", 0)}})
		g.node("c1").in[0] = "d"
	}, nil},
	{"Gemm.alpha = 0.5", "refused", "scales or transposes", set("y", "alpha", float("alpha", 0.5)), nil},
	{"Gemm.beta = 0.5", "refused", "scales or transposes", set("y", "beta", float("beta", 0.5)), nil},
	{"Gemm.transA = 1", "refused", "scales or transposes", set("y", "transA", integer("transA", 1)), nil},
	{"Gemm.transB = 0", "honoured", "fc.weight [3 2] 0.020833334 0.083333336", func(g *testGraph) {
		g.node("y").attributes = nil
		g.tensor("fw").shape = []int64{2, 3}
	}, nil},
	{"Pad.mode = reflect", "refused", `pads by "reflect"`, padded(text("mode", "reflect")), nil},
	{"Pad.value = 1", "refused", "pads with 1", padded(float("value", 1)), nil},
	{"Pad.axes = [1]", "refused", "names its axes, [1]", func(g *testGraph) {
		padded()(g)
		g.whole("axes", 1)
		g.node("s").in = append(g.node("s").in, "", "axes")
	}, nil},
	{"Clip", "refused", `"Clip" is not known`, other("r1", "Clip"), nil},
	{"LeakyRelu", "refused", `"LeakyRelu" is not known`, other("r1", "LeakyRelu"), nil},
	{"PRelu", "refused", `"PRelu" is not known`, other("r1", "PRelu"), nil},
	{"HardSwish", "refused", `"HardSwish" is not known`, other("r1", "HardSwish"), nil},
	{"ConvTranspose", "refused", `"ConvTranspose" is not known`, other("c1", "ConvTranspose"), nil},
	{"QuantizeLinear", "refused", `"QuantizeLinear" is not known`, other("r1", "QuantizeLinear"), nil},
	{"Resize", "refused", `"Resize" is not known`, func(g *testGraph) {
		g.insert("c0", testNode{op: "Resize", in: []string{"x"}, out: "x2"})
		g.node("c0").in[0] = "x2"
	}, nil},
	{"Sub of the picture", "refused", "export it without that step", func(g *testGraph) {
		g.insert("c0", testNode{op: "Sub", in: []string{"x", "fb"}, out: "x2"})
		g.node("c0").in[0] = "x2"
	}, nil},
	{"Cast of the picture", "no effect", "", func(g *testGraph) {
		g.insert("c0", testNode{op: "Cast", in: []string{"x"}, out: "x2",
			attributes: []message{integer("to", typeFloat)}})
		g.node("c0").in[0] = "x2"
	}, nil},
	{"input: [1, 3, 16, 8]", "honoured", "16×8", shaped(1, 3, 16, 8), nil},
	{"input: [batch, 3, height, width]", "honoured", "0×0", shaped(0, 3, 0, 0), nil},
	{"input: [1, 3, 16, width]", "honoured", "16×0", shaped(1, 3, 16, 0), nil},
	{"input: [3, 8, 8]", "refused", "the shape [3 8 8]", shaped(3, 8, 8), nil},
	{"input: [1, 3, 70000, 8]", "refused", "70000×8 pixels (height × width); sides of up to 4096",
		shaped(1, 3, 70000, 8), nil},
	{"two inputs", "refused", "2 inputs", func(g *testGraph) { g.in = append(g.in, "x2") }, nil},
	{"sparse_initializer", "refused", "sparse tensors", func(g *testGraph) {
		var graph message
		graph.bytes(graphSparse, nil)
		g.more = graph
	}, nil},
	{"a tensor that nothing reads", "no effect", "", func(g *testGraph) { g.floats("left over", 2) }, nil},
	{"functions", "refused", "functions of its own", func(g *testGraph) { g.extra.bytes(modelFunctions, nil) }, nil},
	{"operators of another domain", "refused", `"com.vendor"`,
		func(g *testGraph) { g.node("r0").domain = "com.vendor" }, nil},
	{"opset_import = 99", "no effect", "", func(g *testGraph) {
		var opset message
		opset.integer(opsetVersion, 99)
		g.extra.bytes(modelOpset, opset)
	}, nil},
	{"producer_name", "no effect", "", func(g *testGraph) { g.extra.text(modelProducer, "somebody") }, nil},
	{"training_info", "no effect", "", func(g *testGraph) { g.extra.bytes(20, nil) }, nil},
}

// described is all that Import finds, with the first values of each tensor.
func described(t *testing.T, n *Network) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%+v %d×%d", n.Config, n.InputHeight, n.InputWidth)
	for _, x := range n.Tensors {
		values, err := x.AppendFloat32(nil)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n%s %v %s", x.Name, x.Shape, strings.Trim(fmt.Sprint(values), "[]"))
	}
	return b.String()
}

// TestAttributes: no attribute is ignored in silence where it would change the numbers.
func TestAttributes(t *testing.T) {
	for _, c := range attributes {
		t.Run(c.field, func(t *testing.T) {
			if c.plain == nil {
				c.plain = func(*testGraph) {}
			}
			first, err := Import(changed(c.plain))
			if err != nil {
				t.Fatal(err)
			}
			n, err := Import(changed(c.change))
			if c.answer == "refused" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("the error is %v, want %s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			plain, got := described(t, first), described(t, n)
			switch c.answer {
			case "honoured":
				if !strings.Contains(got, c.want) || strings.Contains(plain, c.want) {
					t.Errorf("%s is not in\n%s\nor is in\n%s", c.want, got, plain)
				}
			case "no effect":
				if got != plain {
					t.Errorf("it is\n%s\nand without it\n%s", got, plain)
				}
			default:
				t.Errorf("no answer %q", c.answer)
			}
		})
	}
}

// TestAttributesAreDocumented: docs/configurations.md has a row for each case, with its answer, and no other rows.
func TestAttributesAreDocumented(t *testing.T) {
	answers := map[string]string{}
	for _, c := range attributes {
		answers[c.field] = c.answer
	}
	settingsdoc.Check(t, "ONNX", answers)
}
