package onnx

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// malformed lists models that Import must refuse, with a part of the error.
var malformed = []struct {
	name string
	file []byte
	want string
}{
	{"nothing", nil, "no graph"},
	{"a text", []byte("this is a text and no model"), "is this an ONNX file?"},
	{"a field of an unknown kind", []byte{0x0f}, "unknown kind"},
	{"cut in the middle", small().bytes()[:400], "cut short"},
	{"cut by one byte", small().bytes()[:len(small().bytes())-1], "cut short"},
	{"a length beyond the file", []byte{0x08, 0x08, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f}, "cut short"},
	{"a varint without an end", []byte{0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"cut short"},
	{"two graphs", slices.Concat(small().bytes(), small().bytes()), "two graphs"},
	{"functions", changed(func(g *testGraph) { g.extra.bytes(modelFunctions, nil) }), "functions of its own"},
	{"metadata without end", changed(func(g *testGraph) { g.extra.bytes(modelMetadata, make([]byte, maxMetadata+1)) }),
		"metadata have more than"},
	{"too many nodes", changed(func(g *testGraph) { g.nodes = slices.Repeat(g.nodes[1:2], maxNodes+1) }),
		"more than 10000 nodes"},
	{"a node without an operator", changed(func(g *testGraph) { g.node("r0").op = "" }), "no operator"},
	{"operators of a vendor", changed(func(g *testGraph) { g.node("r0").domain = "com.vendor" }), `"com.vendor"`},
	{"an unknown operator", changed(func(g *testGraph) { g.node("r1").op = "HardSwish" }), `"HardSwish"`},
	{"an attribute twice",
		changed(func(g *testGraph) { n := g.node("c0"); n.attributes = append(n.attributes, n.attributes[0]) }),
		"two attributes"},
	{"a hundred inputs", changed(func(g *testGraph) { g.node("a").in = slices.Repeat([]string{"r0"}, 100) }),
		"more than 64 parts"},
	{"one tensor twice", changed(func(g *testGraph) { g.tensors = append(g.tensors, g.tensors[0]) }),
		`two tensors have the name "w0"`},
	{"external data", changed(func(g *testGraph) {
		x := g.tensor("w1")
		x.raw = nil
		x.extra.integer(tensorLocation, 1)
	}), "external data"},
	{"doubles", changed(func(g *testGraph) { g.tensor("w1").kind = 11 }), "elements of type 11"},
	{"too few bytes", changed(func(g *testGraph) { x := g.tensor("w1"); x.raw = x.raw[:20] }),
		`"w1" of shape [2 2 3 3]`},
	{"a negative dimension", changed(func(g *testGraph) { g.tensor("w1").shape[0] = -2 }), "negative"},
	{"nine dimensions", changed(func(g *testGraph) { g.tensor("w1").shape = make([]int64, 9) }), "too many"},
	{"a shape that wraps", changed(func(g *testGraph) { g.tensor("w1").shape = []int64{1 << 32, 1 << 32, 1, 1} }),
		"too large to count"},
	{"a shape of terabytes", changed(func(g *testGraph) { g.tensor("w1").shape = []int64{1 << 30, 1 << 10, 1, 1} }),
		"needs 4398046511104 bytes"},
	{"a NaN", changed(func(g *testGraph) { copy(g.tensor("w1").raw[4:], []byte{0, 0, 0xc0, 0x7f}) }), "NaN at index 1"},
	{"an infinite bias", changed(func(g *testGraph) { copy(g.tensor("fb").raw, []byte{0, 0, 0x80, 0x7f}) }),
		`"fc.bias" holds +Inf`},
	{"a circle", changed(func(g *testGraph) { g.node("c1").in[0] = "r" }), `reads "r", which nothing before it makes`},
	{"a value made twice", changed(func(g *testGraph) { g.node("r1").out = "r0" }), `makes "r0" a second time`},
	{"a tensor that is missing", changed(func(g *testGraph) { g.tensors = g.tensors[1:] }), `reads "w0"`},
	{"two pictures", changed(func(g *testGraph) { g.in = append(g.in, "x2") }), "2 inputs"},
	{"two answers", changed(func(g *testGraph) { g.out = append(g.out, "f") }), "1 input and 2 outputs"},
	{"pictures prepared inside", changed(func(g *testGraph) {
		g.insert("c0", testNode{op: "Relu", in: []string{"x"}, out: "x2"})
		g.node("c0").in[0] = "x2"
	}), "export it without that step"},
	{"a convolution of 1×3", changed(func(g *testGraph) { g.tensor("w1").shape = []int64{2, 6, 1, 3} }), "not square"},
	{"a stride of 3", changed(func(g *testGraph) { g.node("c1").attribute("strides", ints("strides", 3, 3)) }),
		"1 and 2 are known"},
	{"a dilated convolution",
		changed(func(g *testGraph) { g.node("c1").attribute("dilations", ints("dilations", 2, 2)) }), "dilated"},
	{"a convolution without a border",
		changed(func(g *testGraph) { g.node("c1").attribute("pads", ints("pads", 0, 0, 0, 0)) }), "border [0 0 0 0]"},
	{"five groups", changed(func(g *testGraph) { g.node("c1").attribute("group", integer("group", 5)) }),
		"5 groups for 2 channels"},
	{"minus one group", changed(func(g *testGraph) { g.node("c1").attribute("group", integer("group", -1)) }),
		"-1 groups"},
	{"groups in a basic block", changed(func(g *testGraph) {
		g.node("c1").attribute("group", integer("group", 2))
		x := g.tensor("w1")
		x.shape, x.raw = []int64{2, 1, 3, 3}, x.raw[:72]
	}), "2 groups; at its place"},
	{"a stride in one convolution only",
		changed(func(g *testGraph) { g.node("c2").attribute("strides", ints("strides", 2, 2)) }), "with stride 2"},
	{"weights that are computed", changed(func(g *testGraph) {
		g.insert("c1", testNode{op: "Transpose", in: []string{"w1"}, out: "w1t"})
		g.node("c1").in[1] = "w1t"
	}), "is computed and no constant"},
	{"no block", changed(func(g *testGraph) {
		g.nodes = slices.DeleteFunc(g.nodes,
			func(n testNode) bool { return slices.Contains([]string{"c1", "r1", "c2", "a", "r"}, n.out) })
		g.node("p").in[0] = "r0"
	}), "no residual block"},
	{"three branches",
		changed(func(g *testGraph) { g.insert("p", testNode{op: "Relu", in: []string{"r0"}, out: "third"}) }),
		"3 nodes read"},
	{"branches that do not meet", changed(func(g *testGraph) { g.node("a").in[1] = "c0" }), "0 convolutions"},
	{"no ReLU between convolutions", changed(func(g *testGraph) { g.node("c2").in[0] = "c1" }), "1 convolutions"},
	{"no ReLU after the sum", changed(func(g *testGraph) { g.node("p").in[0] = "a" }), "0 convolutions"},
	{"a sum of concatenation", changed(func(g *testGraph) { g.node("a").op = "Concat" }), "do not meet in a sum"},
	{"a sigmoid that is no gate", changed(func(g *testGraph) {
		g.insert("a", testNode{op: "Sigmoid", in: []string{"c2"}, out: "s"})
		g.insert("a", testNode{op: "Mul", in: []string{"c2", "s"}, out: "m"})
		g.node("a").in[0] = "m"
	}), "no part of a gate"},
	{"a shortcut of every second row", changed(func(g *testGraph) {
		g.shortcut(testNode{op: "Slice", in: []string{"r0", "zero", "end", "rows", "two"}, out: "s"})
	}), "every second index of the axes [2]"},
	{"a shortcut of every second channel", changed(func(g *testGraph) {
		g.whole("rows", 1)
		g.shortcut(testNode{op: "Slice", in: []string{"r0", "zero", "end", "rows", "two"}, out: "s"})
	}), "of axis 1"},
	{"a shortcut that leaves rows out", changed(func(g *testGraph) {
		g.shortcut(testNode{op: "Slice", in: []string{"r0", "two", "end", "rows", "two"}, out: "s"})
	}), "takes 2:"},
	{"a slice without axes",
		changed(func(g *testGraph) { g.shortcut(testNode{op: "Slice", in: []string{"r0", "zero", "end"}, out: "s"}) }),
		"no slice with axes"},
	{"channels that are not needed", changed(func(g *testGraph) {
		g.whole("pads", 0, 0, 0, 0, 0, 3, 0, 0)
		g.shortcut(testNode{op: "Pad", in: []string{"r0", "pads"}, out: "s"})
	}), "gets 3 channels of zeros"},
	{"minus one channel", changed(func(g *testGraph) {
		g.whole("pads", 0, -1, 0, 0, 0, 1, 0, 0)
		g.shortcut(testNode{op: "Pad", in: []string{"r0", "pads"}, out: "s"})
	}), "pads by [0 -1"},
	{"a padding of rows", changed(func(g *testGraph) {
		g.whole("pads", 0, 0, 1, 0, 0, 0, 0, 0)
		g.shortcut(testNode{op: "Pad", in: []string{"r0", "pads"}, out: "s"})
	}), "pads by [0 0 1"},
	{"a padding by computed numbers", changed(func(g *testGraph) {
		g.insert("a", testNode{op: "Shape", in: []string{"r0"}, out: "pads"})
		g.shortcut(testNode{op: "Pad", in: []string{"r0", "pads"}, out: "s"})
	}), "are computed and no constants"},
	{"a mean over rows", changed(func(g *testGraph) {
		g.node("p").op = "ReduceMean"
		g.node("p").attribute("axes", ints("axes", 2))
	}), "not the mean over the whole picture"},
	{"features only", changed(func(g *testGraph) {
		g.nodes = g.nodes[:len(g.nodes)-1]
		g.out[0] = "f"
	}), "it has no classifier"},
	{"a classifier that scales", changed(func(g *testGraph) { g.node("y").attribute("alpha", float("alpha", 0.5)) }),
		"scales or transposes"},
	{"a classifier for other features", changed(func(g *testGraph) { g.tensor("fw").shape = []int64{2, 3} }), "shape"},
	{"something after the classifier", changed(func(g *testGraph) {
		g.nodes = append(g.nodes, testNode{op: "Relu", in: []string{"y"}, out: "z"})
		g.out[0] = "z"
	}), "goes on after its classifier"},
	{"a network that still learns", changed(func(g *testGraph) {
		for _, name := range []string{"n1", "n2", "n3", "n4"} {
			g.floats(name, 2)
		}
		g.insert("r1", testNode{op: "BatchNormalization", in: []string{"c1", "n1", "n2", "n3", "n4"}, out: "n",
			attributes: []message{integer("training_mode", 1)}})
		g.node("r1").in[0] = "n"
	}), "still learns"},
	{"a variance below zero", changed(func(g *testGraph) {
		for _, name := range []string{"n1", "n2", "n3", "n4"} {
			g.floats(name, 2)
		}
		g.tensor("n4").raw[3] = 0xbf
		g.insert("r1", testNode{op: "BatchNormalization", in: []string{"c1", "n1", "n2", "n3", "n4"}, out: "n"})
		g.node("r1").in[0] = "n"
	}), "the variance"},
	{"an epsilon that is no number", changed(func(g *testGraph) {
		for _, name := range []string{"n1", "n2", "n3", "n4"} {
			g.floats(name, 2)
		}
		g.insert("r1", testNode{op: "BatchNormalization", in: []string{"c1", "n1", "n2", "n3", "n4"}, out: "n",
			attributes: []message{float("epsilon", float32(math.NaN()))}})
		g.node("r1").in[0] = "n"
	}), "epsilon"},
}

func TestImportRefuses(t *testing.T) {
	for _, c := range malformed {
		t.Run(c.name, func(t *testing.T) {
			n, err := Import(c.file)
			if err == nil {
				t.Fatalf("accepted as %+v", n.Config)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nand does not say\n%s", err, c.want)
			}
		})
	}
}

// TestImport finds the small network in the forms that exporters give it.
func TestImport(t *testing.T) {
	want := resnet.Config{
		Block: resnet.Basic, Layers: []int{1}, Width: 2, Expansion: 1, Stem: resnet.StemCIFAR, NormEpsilon: 1e-5,
		Join: resnet.JoinAdd, Classes: 3,
	}
	for _, c := range []struct {
		name   string
		change func(*testGraph)
	}{
		{"as it is", func(*testGraph) {}},
		{"with names of the same value", func(g *testGraph) {
			g.insert("c1", testNode{op: "Identity", in: []string{"r0"}, out: "i1"})
			g.insert("c1", testNode{op: "Dropout", in: []string{"i1"}, out: "i2"})
			g.node("c1").in[0] = "i2"
			g.insert("c0", testNode{op: "Identity", in: []string{"w1"}, out: "w1i"})
			g.node("c1").in[1] = "w1i"
		}},
		{"with a mean and a product", func(g *testGraph) {
			p := g.node("p")
			p.op, p.attributes = "ReduceMean", []message{ints("axes", -1, -2), integer("keepdims", 0)}
			g.nodes = slices.DeleteFunc(g.nodes, func(n testNode) bool { return n.out == "f" })
			y := g.node("y")
			*y = testNode{op: "MatMul", in: []string{"p", "fw"}, out: "m"}
			g.nodes = append(g.nodes, testNode{op: "Add", in: []string{"fb", "m"}, out: "y"})
			x := g.tensor("fw") // In×Out in this form
			x.shape, x.raw = []int64{2, 3}, transposed(x.raw, 3, 2, 4)
		}},
		{"with a pooling as large as the picture", func(g *testGraph) {
			p := g.node("p")
			p.op, p.attributes = "AveragePool", []message{ints("kernel_shape", 8, 8)}
		}},
		{"with a reshape that asks for the batch", func(g *testGraph) {
			g.insert("f", testNode{op: "Shape", in: []string{"p"}, out: "s"})
			g.insert("f", testNode{op: "Gather", in: []string{"s", "fb"}, out: "s0"})
			f := g.node("f")
			f.op, f.in = "Reshape", []string{"p", "s0"}
		}},
		{"with a 1×1 convolution and a softmax", func(g *testGraph) {
			y := g.node("y")
			*y = testNode{op: "Conv", in: []string{"p", "fw", "fb"}, out: "c"}
			g.tensor("fw").shape = []int64{3, 2, 1, 1}
			g.nodes = slices.DeleteFunc(g.nodes, func(n testNode) bool { return n.out == "f" })
			g.nodes = append(g.nodes, testNode{op: "Flatten", in: []string{"c"}, out: "f"},
				testNode{op: "Softmax", in: []string{"f"}, out: "y"})
		}},
		{"with floats in their own field", func(g *testGraph) {
			for _, name := range []string{"w1", "fw"} {
				x := g.tensor(name)
				if name == "fw" {
					x.extra.bytes(tensorFloats, x.raw)
				} else {
					for at := 0; at < len(x.raw); at += 4 { // not packed, as older files have it
						x.extra = append(protowire.AppendTag(x.extra, tensorFloats, protowire.Fixed32Type),
							x.raw[at:at+4]...)
						x.extra = message(x.extra)
					}
				}
				x.raw = nil
			}
		}},
		{"with weights among the inputs", func(g *testGraph) { g.in = append(g.in, "w0", "w1") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := Import(changed(c.change))
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(n.Config) != fmt.Sprint(want) || n.InputHeight != 8 || n.InputWidth != 8 {
				t.Errorf("it is %+v for %d pixels, want %+v", n.Config, n.InputHeight, want)
			}
			plain, err := Import(small().bytes())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := fc(t, n), fc(t, plain); !slices.Equal(got, want) {
				t.Errorf("the classifier is %v, want %v", got, want)
			}
		})
	}
}

// fc gives the classifier's weights.
func fc(t *testing.T, n *Network) []float32 {
	t.Helper()
	at := slices.IndexFunc(n.Tensors, func(t weights.Tensor) bool { return t.Name == "fc.weight" })
	values, err := n.Tensors[at].AppendFloat32(nil)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// TestImportBias: a bias before a norm becomes part of the norm's mean.
func TestImportBias(t *testing.T) {
	n, err := Import(changed(func(g *testGraph) {
		for _, name := range []string{"n1", "n2", "n3", "n4"} {
			g.floats(name, 2)
		}
		g.insert("r1", testNode{op: "BatchNormalization", in: []string{"c1", "n1", "n2", "n3", "n4"}, out: "n",
			attributes: []message{float("epsilon", 1e-3)}})
		g.node("r1").in[0] = "n"
	}))
	if err != nil {
		t.Fatal(err)
	}
	if n.Config.NormEpsilon != 1e-3 {
		t.Errorf("the epsilon is %v", n.Config.NormEpsilon)
	}
	for _, x := range n.Tensors {
		values, err := x.AppendFloat32(nil)
		if err != nil {
			t.Fatal(err)
		}
		switch x.Name {
		case "layer1.0.bn1.running_mean": // bias and mean are the same numbers here
			if !slices.Equal(values, []float32{0, 0}) {
				t.Errorf("the mean is %v, want the mean less the bias", values)
			}
		case "layer1.0.bn2.running_var": // of a convolution that has no norm in the graph
			if !slices.Equal(values, []float32{0.999, 0.999}) {
				t.Errorf("the variance is %v, want one less epsilon", values)
			}
		}
	}
}

// TestImportAllocates: refusing a file allocates no more than the graph's nodes need, whatever sizes the tensors claim.
func TestImportAllocates(t *testing.T) {
	file := changed(func(g *testGraph) {
		g.floats("large", 1<<20) // 4 MB that no node reads; the NaN is found last
		copy(g.tensor("fb").raw, []byte{0, 0, 0x80, 0x7f})
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Import(file); err == nil {
		t.Fatal("accepted")
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<19 {
		t.Errorf("refusing a file of %d bytes allocated %d", len(file), got)
	}
}

// FuzzImport: Import refuses any bytes, or gives a network that can be written.
func FuzzImport(f *testing.F) {
	for _, c := range malformed {
		if len(c.file) < 1<<16 {
			f.Add(c.file)
		}
	}
	f.Add(small().bytes())
	files, err := filepath.Glob(filepath.Join("..", "modelfile", "testdata", "*.onnx"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no files to begin with: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	graph, _ := inOneFile()
	f.Add(graph)
	f.Fuzz(func(t *testing.T, b []byte) {
		// The same bytes are the graph and every other file.
		n, err := ImportWith(b, func(string) ([]byte, error) { return b, nil })
		if err != nil {
			return
		}
		if _, err := weights.NewFile(nil, n.Tensors); err != nil {
			t.Fatal(err)
		}
	})
}

// TestWholeNumbersIn: a network for pictures of bytes is prepared for otherwise than one of floats, and is refused.
func TestWholeNumbersIn(t *testing.T) {
	for kind, isRefused := range map[uint64]bool{0: false, typeFloat: false, typeFloat16: false, 2: true, 3: true} {
		err := new(parts).readShape(value{name: "x", kind: kind})
		if isRefused != (err != nil && strings.Contains(err.Error(), "takes whole numbers")) {
			t.Errorf("elements of type %d: %v", kind, err)
		}
	}
	in, err := readValue(valueInfo("x", []int64{1, 3, 8, 8}))
	if err != nil || in.kind != typeFloat {
		t.Errorf("the type is read as %d: %v", in.kind, err)
	}
}
