package transfer

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/weights"
)

// changed are heads that go with another network: with two trained blocks, and with statistics of norms.
func changed(t *testing.T, m *resnet.Model) map[string]*Taught {
	t.Helper()
	deep, adapted := smallTaught(m, false), smallTaught(m, false)
	deep.Tuned = m.LastBlocks(2)
	var n noise
	n.seed = 77
	for i := range deep.Tuned {
		for _, c := range deep.Tuned[i].Convs() {
			c.Weight = n.halves(len(c.Weight), 0)
			c.Norm.Bias = n.halves(len(c.Norm.Bias), 1)
		}
	}
	norms, err := m.EstimateNorms(5, func(dst []float32, i int) error {
		copy(dst, n.values(len(dst)))
		return nil
	}, resnet.NormOptions{})
	if err != nil {
		t.Fatal(err)
	}
	adapted.Norms = norms
	return map[string]*Taught{"two blocks": deep, "norms": adapted}
}

// TestAppliedFiles: a head's file, and the whole network as safetensors and as ONNX, keep what goes with the head, and
// the network as it was taught computes what the whole network does.
func TestAppliedFiles(t *testing.T) {
	m := smallModel(t)
	var n noise
	x := n.halves(m.InputLen(), 0)
	for name, want := range changed(t, m) {
		t.Run(name, func(t *testing.T) {
			same := func(what string, got *Taught) {
				t.Helper()
				if !reflect.DeepEqual(got.Norms, want.Norms) || len(got.Tuned) != len(want.Tuned) {
					t.Fatalf("%s: other norms, or %d blocks", what, len(got.Tuned))
				}
				for i := range want.Tuned {
					if !reflect.DeepEqual(got.Tuned[i].Convs(), want.Tuned[i].Convs()) {
						t.Errorf("%s: block %d is another", what, i)
					}
				}
			}
			file, err := want.Encode()
			if err != nil {
				t.Fatal(err)
			}
			got, err := DecodeTaught(file, m)
			if err != nil {
				t.Fatal(err)
			}
			same("the head's file", got)
			if again, err := got.Encode(); err != nil || !bytes.Equal(again, file) {
				t.Errorf("read and written again it differs (%v)", err)
			}
			network, err := want.Network(m)
			if err != nil {
				t.Fatal(err)
			}
			if got, err = FromNetwork(network, m); err != nil {
				t.Fatal(err)
			}
			same("the whole network", got)
			var graph bytes.Buffer
			if err := onnx.Export(&graph, network); err != nil {
				t.Fatal(err)
			}
			imported, err := onnx.Import(graph.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			back, err := weights.NewFile(imported.Metadata, imported.Tensors)
			if err != nil {
				t.Fatal(err)
			}
			if got, err = FromNetwork(back, m); err != nil {
				t.Fatal(err)
			}
			same("ONNX", got)

			applied, err := want.Apply(m)
			if err != nil {
				t.Fatal(err)
			}
			loaded, err := resnet.LoadFile(network)
			if err != nil {
				t.Fatal(err)
			}
			features := applied.Forward(x, nil).Features
			if !slices.Equal(features, loaded.Forward(x, nil).Features) ||
				slices.Equal(features, m.Forward(x, nil).Features) {
				t.Error("the network as taught does not compute what the whole network does")
			}
		})
	}
	if plain, err := smallTaught(m, false).Apply(m); err != nil || plain != m {
		t.Errorf("a head alone needs another network (%v)", err)
	}
}

// TestAppliedRefuses: files that contradict themselves or the network are refused, and say why.
func TestAppliedRefuses(t *testing.T) {
	m := smallModel(t)
	of := changed(t, m)
	both := *of["two blocks"]
	both.Norms = of["norms"].Norms
	_, err1 := both.Encode()
	_, err2 := both.Network(m)
	_, err3 := both.Apply(m)
	for _, err := range []error{err1, err2, err3} {
		if err == nil || !strings.Contains(err.Error(), "not with both") {
			t.Errorf("norms and blocks: %v", err)
		}
	}
	edited := func(taught *Taught, change func(c *taughtCard), tensors ...weights.Tensor) error {
		file, err := taught.Encode()
		if err != nil {
			t.Fatal(err)
		}
		f, err := weights.Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		var c taughtCard
		if err := json.Unmarshal([]byte(f.Metadata[TaughtKey]), &c); err != nil {
			t.Fatal(err)
		}
		change(&c)
		text, _ := json.Marshal(c)
		var b bytes.Buffer
		if err := f.With(map[string]string{TaughtKey: string(text)}, tensors).Write(&b); err != nil {
			t.Fatal(err)
		}
		_, err = DecodeTaught(b.Bytes(), m)
		return err
	}
	tensor := func(name string, values ...float32) weights.Tensor {
		x, err := weights.NewTensor(name, weights.F32, []int{len(values)}, values)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	nothing := func(*taughtCard) {}
	for want, err := range map[string]error{
		"has 3 trained blocks":    edited(of["two blocks"], func(c *taughtCard) { c.Depth = 3 }),
		"has -1 trained blocks":   edited(of["two blocks"], func(c *taughtCard) { c.Depth = -1 }),
		"which nothing wants":     edited(of["two blocks"], func(c *taughtCard) { c.Depth = 1 }),
		"layer1.0":                edited(smallTaught(m, true), func(c *taughtCard) { c.Depth = 2 }),
		"not with both":           edited(of["norms"], func(c *taughtCard) { c.Depth = 1 }),
		"no tensor bn1.":          edited(smallTaught(m, false), func(c *taughtCard) { c.Norms = true }),
		"no tensor layer2.0.conv": edited(of["norms"], func(c *taughtCard) { c.Norms = false }),
		"variance -1": edited(of["norms"], nothing,
			tensor("bn1.running_var", slices.Repeat([]float32{-1}, 8)...)),
		"bn1.running_mean": edited(of["norms"], nothing, tensor("bn1.running_mean", 1)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	// A network whose early norms and last weights are both others was taught by nobody here.
	network, err := of["two blocks"].Network(m)
	if err != nil {
		t.Fatal(err)
	}
	var mean weights.Tensor
	tensors, err := of["norms"].Norms.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tensors {
		if x.Name == "bn1.running_mean" {
			mean = x
		}
	}
	if _, err := FromNetwork(network.With(nil, []weights.Tensor{mean}), m); err == nil ||
		!strings.Contains(err.Error(), "bn1.running_mean") {
		t.Errorf("norms and blocks of a whole network: %v", err)
	}
}
