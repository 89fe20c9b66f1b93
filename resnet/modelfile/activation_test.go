package modelfile

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/weights"
)

// withClasses is a network of torchvision's names with another number of classes, and without metadata.
func withClasses(t *testing.T, classes int) []byte {
	t.Helper()
	f, err := weights.Parse(read(t, "torchvision-basic.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, 8*classes)
	for i := range values {
		values[i] = float32(i%5)/4 - 0.3
	}
	w, err1 := weights.NewTensor("fc.weight", weights.F32, []int{classes, 8}, values)
	b, err2 := weights.NewTensor("fc.bias", weights.F32, []int{classes}, values[:classes])
	var file bytes.Buffer
	if err := f.With(nil, []weights.Tensor{w, b}).Write(&file); err != nil || err1 != nil || err2 != nil {
		t.Fatal(err, err1, err2)
	}
	return file.Bytes()
}

// fromGraph is the ONNX file of testdata that ends with a softmax, with another operator in its place.
func fromGraph(t *testing.T, op string) []byte {
	t.Helper()
	file := read(t, "resnext-folded.onnx")
	if bytes.Count(file, []byte("\x07Softmax")) != 1 || len(op) != len("Softmax") {
		t.Fatal("the file has not one node of the operator Softmax")
	}
	return bytes.Replace(file, []byte("\x07Softmax"), []byte("\x07"+op), 1)
}

const multiLabel = `{"model_type": "resnet", "problem_type": "multi_label_classification"}`

// TestActivation: what the files say of the outputs is in the card, and stays there through both formats.
func TestActivation(t *testing.T) {
	for _, c := range []struct {
		name   string
		file   []byte
		sides  []string
		want   string
		labels []string
		notes  []Note
	}{
		{"nothing is said", withClasses(t, 3), nil, "", []string{}, []Note{{NoteLabels, "numbers"}}},
		{"one output", withClasses(t, 1), nil, "sigmoid", []string{},
			[]Note{{NoteSigmoid, "one-output"}, {NoteLabels, "yes-no"}}},
		{"one output with its name", withClasses(t, 1), []string{`["dog"]`}, "sigmoid", []string{"dog"},
			[]Note{{NoteSigmoid, "one-output"}}},
		{"one output and the names of two classes", withClasses(t, 1), []string{`{"0": "cat", "1": "dog"}`},
			"sigmoid", []string{"dog", "cat"}, []Note{{NoteSigmoid, "one-output"}, {NoteOpposite, "dog"}}},
		{"one output of a single label", withClasses(t, 1),
			[]string{`{"model_type": "resnet", "problem_type": "single_label_classification"}`}, "sigmoid", []string{},
			[]Note{{NoteSigmoid, "one-output"}, {NoteLabels, "yes-no"}}},
		{"multi-label", withClasses(t, 3), []string{multiLabel}, "sigmoid", []string{},
			[]Note{{NoteLabels, "numbers"}}},
		{"multi-label in timm's file", withClasses(t, 3),
			[]string{`{"architecture": "resnet18", "problem_type": "multi_label_classification",
				"pretrained_cfg": {}}`},
			"sigmoid", []string{}, []Note{{NoteLabels, "numbers"}}},
		{"multi-label in timm's own part", withClasses(t, 3),
			[]string{`{"architecture": "resnet18", "pretrained_cfg": {"problem_type": "multi_label_classification"}}`},
			"sigmoid", []string{}, []Note{{NoteLabels, "numbers"}}},
		{"a sigmoid that pipelines apply", withClasses(t, 3),
			[]string{`{"model_type": "resnet", "function_to_apply": "sigmoid"}`}, "sigmoid", []string{},
			[]Note{{NoteLabels, "numbers"}}},
		{"a single label", withClasses(t, 3),
			[]string{`{"model_type": "resnet", "problem_type": "single_label_classification"}`}, "", []string{},
			[]Note{{NoteLabels, "numbers"}}},
		{"a problem that is null", withClasses(t, 3), []string{`{"model_type": "resnet", "problem_type": null}`}, "",
			[]string{}, []Note{{NoteLabels, "numbers"}}},
		{"a graph with a softmax", fromGraph(t, "Softmax"), nil, "", []string{},
			[]Note{{NoteSoftmax, "dropped"}, {NoteLabels, "numbers"}}},
		{"a graph with a sigmoid", fromGraph(t, "Sigmoid"), nil, "sigmoid", []string{},
			[]Note{{NoteSigmoid, "dropped"}, {NoteLabels, "numbers"}}},
		{"a graph and a file that agree", fromGraph(t, "Sigmoid"), []string{multiLabel}, "sigmoid", []string{},
			[]Note{{NoteSigmoid, "dropped"}, {NoteLabels, "numbers"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := Open(c.file, Options{Sides: given(c.sides)})
			if err != nil {
				t.Fatal(err)
			}
			about := slices.DeleteFunc(slices.Clone(o.Notes), func(n Note) bool {
				return !slices.Contains([]string{NoteSoftmax, NoteSigmoid, NoteOpposite, NoteLabels}, n.Code)
			})
			if o.Card.Activation != c.want || !slices.Equal(o.Card.Labels, c.labels) || !slices.Equal(about, c.notes) {
				t.Errorf("the activation is %q of %q with %v, want %q of %q with %v", o.Card.Activation, o.Card.Labels,
					about, c.want, c.labels, c.notes)
			}
			var plain, graph bytes.Buffer
			if err := o.File.Write(&plain); err != nil {
				t.Fatal(err)
			}
			if err := onnx.Export(&graph, o.File); err != nil {
				t.Fatal(err)
			}
			for _, file := range [][]byte{plain.Bytes(), graph.Bytes()} {
				again, err := Open(file, Options{})
				if err != nil || !reflect.DeepEqual(again.Card, o.Card) {
					t.Errorf("again it is %+v (%v), want %+v", again.Card, err, o.Card)
				}
			}
		})
	}
}

// TestSigmoids: the probabilities of one output, and of a network whose classes do not exclude each other.
func TestSigmoids(t *testing.T) {
	side := options.Sides[0]
	for _, classes := range []int{1, 3} {
		o, err := Open(withClasses(t, classes), Options{Sides: []Side{side, {"config.json", []byte(multiLabel)}}})
		if err != nil {
			t.Fatal(err)
		}
		m := loaded(t, o)
		logits := m.Forward(picture(), nil).Logits
		got := m.Probabilities(logits)
		for i, z := range logits {
			if want := 1 / (1 + math.Exp(-float64(z))); got[i] != want {
				t.Errorf("the probability of class %d of %d is %v, want %v", i, classes, got[i], want)
			}
		}
		if n := m.Config.Answers(); len(got) != n || len(m.Top(logits, 5)) != n || m.Activation() !=
			resnet.ActivationSigmoid {
			t.Errorf("%d classes have %d probabilities: %s", classes, len(got), m.Activation())
		}
	}
}

// TestActivationOfGraphWithCard: what another program has put behind a graph with a card counts, whatever the card
// says.
func TestActivationOfGraphWithCard(t *testing.T) {
	for op, want := range map[string]string{"Sigmoid": weights.Sigmoid, "Softmax": ""} {
		file := fromGraph(t, op)
		o, err := Open(file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		o.Card.Activation = map[string]string{"Sigmoid": "", "Softmax": weights.Sigmoid}[op]
		card, err := o.Card.Encode()
		if err != nil {
			t.Fatal(err)
		}
		var entry []byte // field 1 is the key and field 2 the value; the model's field 14 holds the entry
		entry = protowire.AppendString(protowire.AppendTag(entry, 1, protowire.BytesType), weights.CardKey)
		entry = protowire.AppendString(protowire.AppendTag(entry, 2, protowire.BytesType), card)
		file = protowire.AppendBytes(protowire.AppendTag(file, 14, protowire.BytesType), entry)
		again, err := Open(file, Options{})
		if err != nil || again.Card.Activation != want || again.Card.Title != o.Card.Title {
			t.Errorf("with a %s behind it the card is %+v (%v)", op, again.Card, err)
		}
	}
}

func TestActivationRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		side string
		want string
	}{
		{"a regression", withClasses(t, 1), `{"model_type": "resnet", "problem_type": "regression"}`,
			"estimates numbers (problem_type: regression)"},
		{"another problem", withClasses(t, 3), `{"model_type": "resnet", "problem_type": "detection"}`, `"detection"`},
		{"a problem that is a number", withClasses(t, 3), `{"model_type": "resnet", "problem_type": 3}`,
			"problem_type and function_to_apply are words, and not 3"},
		{"another function", withClasses(t, 3), `{"model_type": "resnet", "function_to_apply": "none"}`, `"none"`},
		{"a softmax of classes that do not exclude each other", fromGraph(t, "Softmax"), multiLabel,
			"wants the sigmoid of the network's outputs, and the graph ends with a softmax"},
	} {
		_, err := Open(c.file, Options{Sides: given([]string{c.side})})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %s", c.name, err, c.want)
		}
	}
}
