package modelfile

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/weights"
)

// TestLab opens networks without shortcuts, without norms and with other activations again, from both kinds of files
// that they are saved as. They compute what they did, and nothing is assumed.
func TestLab(t *testing.T) {
	text, err := os.ReadFile("../testdata/lab.json")
	if err != nil {
		t.Fatal(err)
	}
	var networks map[string]struct{ Config resnet.Config }
	if err := json.Unmarshal(text, &networks); err != nil {
		t.Fatal(err)
	}
	for name, n := range networks {
		saved, err := hashnet.File(n.Config, 16)
		if err != nil {
			t.Fatal(err)
		}
		m, err := resnet.Load(saved)
		if err != nil {
			t.Fatal(err)
		}
		want := m.Forward(hashnet.Picture(16), nil)
		var graph bytes.Buffer
		if err := onnx.Export(&graph, m.File()); err != nil {
			t.Fatal(err)
		}
		for kind, file := range map[string][]byte{"network.safetensors": saved, "network.onnx": graph.Bytes()} {
			opened, err := Open(file, Options{Name: kind})
			if err != nil {
				t.Errorf("%s: %s: %v", name, kind, err)
				continue
			}
			again, err := resnet.LoadFile(opened.File)
			if err != nil {
				t.Errorf("%s: %s: %v", name, kind, err)
				continue
			}
			got := again.Forward(hashnet.Picture(16), nil)
			if !slices.Equal(got.Logits, want.Logits) || len(opened.Notes) != 0 {
				t.Errorf("%s: %s gives %v, want %v; the notes are %v",
					name, kind, got.Logits, want.Logits, opened.Notes)
			}
		}
	}
}

// TestWithoutNorms: without its metadata a network without norms is refused, and not taken for another.
func TestWithoutNorms(t *testing.T) {
	c := resnet.Config{Block: resnet.Basic, Layers: []int{1, 1}, Width: 4, Expansion: 1, Stem: resnet.StemCIFAR,
		Join: resnet.JoinAdd, NoNorm: true, Classes: 3}
	saved, err := hashnet.File(c, 16)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.Parse(saved)
	if err != nil {
		t.Fatal(err)
	}
	var bare bytes.Buffer
	if err := weights.Write(&bare, nil, f.Tensors()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(bare.Bytes(), Options{}); err == nil || !strings.Contains(err.Error(), "or instead of one") {
		t.Errorf("it gives %v", err)
	}
}
