package onnx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/weights"
	"github.com/seed8935e608/residua/weights/pretrained"
)

// field is a field of a protocol buffer: bytes or a number.
type field struct {
	bytes  []byte
	number uint64
}

// fields parses a protocol buffer with the wire format's own parser, by field number.
func fields(t *testing.T, b []byte) map[protowire.Number][]field {
	t.Helper()
	out := map[protowire.Number][]field{}
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		var f field
		switch kind {
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var bits uint32
			bits, n = protowire.ConsumeFixed32(b)
			f.number = uint64(bits)
		default:
			t.Fatalf("field %d has wire type %d", number, kind)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		out[number] = append(out[number], f)
	}
	return out
}

// full is a writer that fails.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

// resnet50 is the file with ResNet-50's weights.
func resnet50(t *testing.T) *weights.File {
	t.Helper()
	path, err := pretrained.ResNet50(t.Context(), pretrained.Options{})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := weights.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestExport checks the structure of ResNet-50's graph: each node reads the input, a tensor or an earlier node's
// output, and counts and attributes are the network's. The benchmark checks that other runtimes compute the same.
func TestExport(t *testing.T) {
	parsed := resnet50(t)
	var model bytes.Buffer
	if err := Export(&model, parsed); err != nil {
		t.Fatal(err)
	}

	m := fields(t, model.Bytes())
	if v := fields(t, m[modelOpset][0].bytes)[opsetVersion][0].number; v != 13 {
		t.Errorf("opset %d, want 13", v)
	}
	g := fields(t, m[modelGraph][0].bytes)
	known := map[string]bool{"x": true}
	checkTensors(t, g[graphInitializer], parsed, known)
	checkNodes(t, g[graphNode], known)
	if !known["y"] {
		t.Error("nothing makes the output y")
	}

	properties := map[string]string{}
	for _, f := range m[modelMetadata] {
		property := fields(t, f.bytes)
		properties[string(property[propertyKey][0].bytes)] = string(property[propertyValue][0].bytes)
	}
	want := map[string]string{weights.CardKey: parsed.Metadata[weights.CardKey],
		weights.ConfigKey: parsed.Metadata[weights.ConfigKey]}
	if !maps.Equal(properties, want) {
		t.Errorf("the metadata are %.200v", properties)
	}
}

// checkTensors compares a graph's tensors with the file's, and adds their names to known.
func checkTensors(t *testing.T, initializers []field, parsed *weights.File, known map[string]bool) {
	t.Helper()
	for _, f := range initializers {
		x := fields(t, f.bytes)
		name := string(x[tensorName][0].bytes)
		known[name] = true
		tensor, ok := parsed.Tensor(name)
		if !ok {
			t.Fatalf("tensor %s is not the file's", name)
		}
		var shape []int
		for _, d := range x[tensorDim] {
			shape = append(shape, int(d.number))
		}
		if !slices.Equal(shape, tensor.Shape) || len(x[tensorRaw][0].bytes) != 4*tensor.Len() {
			t.Errorf("tensor %s has the shape %v and %d bytes, want %v in float32", name, shape,
				len(x[tensorRaw][0].bytes), tensor.Shape)
		}
		values, err := tensor.AppendFloat32(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, len(values) / 2, len(values) - 1} {
			if got := math.Float32frombits(binary.LittleEndian.Uint32(x[tensorRaw][0].bytes[4*i:])); got != values[i] {
				t.Errorf("number %d of tensor %s is %v, want %v", i, name, got, values[i])
			}
		}
	}
	if n := len(initializers); n != len(parsed.Tensors()) {
		t.Errorf("%d tensors, want %d", n, len(parsed.Tensors()))
	}
}

// checkNodes compares a graph's nodes with ResNet-50, and adds the names of their outputs to known.
func checkNodes(t *testing.T, nodes []field, known map[string]bool) {
	t.Helper()
	counts := map[string]int{}
	for _, f := range nodes {
		n := fields(t, f.bytes)
		op := string(n[nodeOp][0].bytes)
		counts[op]++
		for _, in := range n[nodeInput] {
			if !known[string(in.bytes)] {
				t.Errorf("%s reads %s before it is there", n[nodeName][0].bytes, in.bytes)
			}
		}
		if out := string(n[nodeOutput][0].bytes); known[out] {
			t.Errorf("%s is made twice", out)
		} else {
			known[out] = true
		}
		if op == "BatchNormalization" {
			a := fields(t, n[nodeAttribute][0].bytes)
			if e := math.Float32frombits(uint32(a[attributeFloat][0].number)); e != 1e-3 {
				t.Errorf("epsilon %v, want 1e-3", e)
			}
		}
		// Keras's ResNet-50 has its stride in the first 1×1.
		if string(n[nodeName][0].bytes) == "layer2.0.conv1" {
			a := fields(t, n[nodeAttribute][1].bytes)
			if string(a[attributeName][0].bytes) != "strides" || a[attributeInts][0].number != 2 {
				t.Errorf("layer2.0.conv1 has %s %d, want strides 2", a[attributeName][0].bytes,
					a[attributeInts][0].number)
			}
		}
	}
	for op, want := range map[string]int{
		"Conv": 53, "BatchNormalization": 53, "Relu": 49, "Add": 16, "MaxPool": 1, "GlobalAveragePool": 1, "Flatten": 1,
		"Gemm": 1,
	} {
		if counts[op] != want {
			t.Errorf("%d nodes %s, want %d", counts[op], op, want)
		}
	}
}

// TestExportRefuses: a network that does not fit its structure, and a writer that fails.
func TestExportRefuses(t *testing.T) {
	parsed := resnet50(t)
	wrong, err := weights.NewTensor("fc.bias", weights.F32, []int{2}, []float32{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := Export(io.Discard, parsed.With(nil, []weights.Tensor{wrong})); err == nil ||
		!strings.Contains(err.Error(), "fc.bias") {
		t.Errorf("a tensor of another shape was exported: %v", err)
	}
	if err := Export(io.Discard, parsed.With(map[string]string{weights.ConfigKey: "{}"}, nil)); err == nil {
		t.Error("a network without a structure was exported")
	}
	if err := Export(full{}, parsed); err == nil {
		t.Error("a writer's error is lost")
	}
}
