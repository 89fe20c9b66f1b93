package resnet_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
)

// normPicture is picture i of testdata/make_norms.py.
func normPicture(dst []float32, i int) {
	state := uint32(i + 1)
	for k := range dst {
		state = state*1664525 + 1013904223
		dst[k] = float32((float64(state>>8)/(1<<23)-1)*float64(1+i%3) + float64(i%2)/2)
	}
}

// TestNormsArePyTorchs compares statistics that are taken anew, and the features under them, with PyTorch's.
func TestNormsArePyTorchs(t *testing.T) {
	text, err := os.ReadFile("testdata/norms.json")
	if err != nil {
		t.Fatal(err)
	}
	var goldens map[string]struct {
		Config   resnet.Config
		Size     int
		Features []float64
		Norms    map[string][2]float64 // the sums of the squares of the means and of the variances
	}
	if err := json.Unmarshal(text, &goldens); err != nil {
		t.Fatal(err)
	}
	for name, g := range goldens {
		t.Run(name, func(t *testing.T) {
			file, err := hashnet.File(g.Config, g.Size)
			if err != nil {
				t.Fatal(err)
			}
			m, err := resnet.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			next := 0 // the batches are PyTorch's, whatever order the sample has
			norms, err := m.EstimateNorms(10, func(dst []float32, _ int) error {
				normPicture(dst, next)
				next++
				return nil
			}, resnet.NormOptions{Batch: 4})
			if err != nil {
				t.Fatal(err)
			}
			// Both compute in float32, whose 6e-8 some twenty normalised layers make a hundred times larger.
			same := func(what string, got, want float64) {
				t.Helper()
				if !(math.Abs(got-want) < 1e-5*max(1, math.Abs(want))) {
					t.Errorf("%s: %v, want %v", what, got, want)
				}
			}
			squares := func(x []float32) (sum float64) {
				for _, v := range x {
					sum += float64(v) * float64(v)
				}
				return sum
			}
			if len(norms) != len(g.Norms) {
				t.Errorf("%d norms, want %d", len(norms), len(g.Norms))
			}
			for _, n := range norms {
				same(n.Name+".running_mean", squares(n.Mean), g.Norms[n.Name][0])
				same(n.Name+".running_var", squares(n.Var), g.Norms[n.Name][1])
			}
			adapted, err := m.WithNorms(norms)
			if err != nil {
				t.Fatal(err)
			}
			x := make([]float32, m.InputLen())
			normPicture(x, 0)
			features := adapted.Forward(x, nil).Features
			if len(features) != len(g.Features) {
				t.Fatalf("%d features, want %d", len(features), len(g.Features))
			}
			for i, v := range features {
				same("a feature", float64(v), g.Features[i])
			}
		})
	}
}
