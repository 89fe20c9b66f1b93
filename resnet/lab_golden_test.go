package resnet_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
)

// TestLabIsTorchs compares networks without shortcuts, without norms and with other activations with PyTorch: the
// logits, every block's parts, and what comes back through all of it, which testdata/make_lab.py made. Eight layers in
// float32 leave 1e-6 of the largest value; the file has seven digits.
func TestLabIsTorchs(t *testing.T) {
	text, err := os.ReadFile("testdata/lab.json")
	if err != nil {
		t.Fatal(err)
	}
	var goldens map[string]struct {
		Config  resnet.Config
		Logits  []float32
		Blocks  [][]float32 // the norms of x, F and y
		Adds    []map[resnet.Source][]float32
		Gradcam []float32
	}
	if err := json.Unmarshal(text, &goldens); err != nil {
		t.Fatal(err)
	}
	if len(goldens) != 11 {
		t.Errorf("%d networks, want 11", len(goldens))
	}
	const size, class, block = 16, 2, 1
	for name, want := range goldens {
		t.Run(name, func(t *testing.T) {
			file, err := hashnet.File(want.Config, size)
			if err != nil {
				t.Fatal(err)
			}
			m, err := resnet.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			compare := func(what string, got, want []float32) {
				t.Helper()
				most := 0.
				for _, v := range want {
					most = max(most, math.Abs(float64(v)))
				}
				if len(got) != len(want) {
					t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
				}
				for i, v := range want {
					if !(math.Abs(float64(got[i])-float64(v)) <= 1e-5*most) {
						t.Errorf("%s: value %d is %v, PyTorch's %v", what, i, got[i], v)
					}
				}
			}
			r := m.NewRecord()
			r.Forward(hashnet.Picture(size), func(i int, p resnet.Parts) {
				x, f, y := p.Norms()
				compare("norms", []float32{float32(x), float32(f), float32(y)}, want.Blocks[i])
			})
			compare("logits", r.Logits, want.Logits)
			if quiet := m.Forward(hashnet.Picture(size), nil); !slices.Equal(quiet.Logits, r.Logits) {
				t.Error("a pass with an observer has other logits than one without")
			}
			for i, sources := range want.Adds {
				for source, adds := range sources {
					got, err := r.Contributions(class, i, source)
					if err != nil {
						t.Fatal(err)
					}
					compare("contributions of "+string(source), got, adds)
				}
			}
			got, err := r.GradCAM(class, block, resnet.SourceY)
			if err != nil {
				t.Fatal(err)
			}
			compare("Grad-CAM", got.Values, want.Gradcam)
		})
	}
}
