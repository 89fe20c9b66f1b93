package resnet_test

import (
	"encoding/json"
	"math"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
)

// presetGolden is PyTorch's result for a preset with hashnet's weights, made by testdata/make_presets.py.
type presetGolden struct {
	Input  int
	Logits []float32
	Blocks [][3]float64 // the norms of x, F and y
}

// TestPresetsAreTorchs compares every preset with PyTorch. Between two orders of summation in float32 the logits of 20
// to 150 layers differ by some 1e-6 of their length; a thousandth is allowed. A block's norm is a mean over its values,
// and differs less.
func TestPresetsAreTorchs(t *testing.T) {
	text, err := os.ReadFile("testdata/presets.json")
	if err != nil {
		t.Fatal(err)
	}
	var goldens map[string]presetGolden
	if err := json.Unmarshal(text, &goldens); err != nil {
		t.Fatal(err)
	}
	names := resnet.PresetNames()
	if len(goldens) != len(names) {
		t.Errorf("%d goldens of %d presets", len(goldens), len(names))
	}
	for _, name := range names {
		if !slices.Contains(parityHere(names), name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			runtime.GC() // frees the last network first
			want := goldens[name]
			c, err := resnet.Preset(name)
			if err != nil {
				t.Fatal(err)
			}
			c.Classes = len(want.Logits)
			file, err := hashnet.File(c, want.Input)
			if err != nil {
				t.Fatal(err)
			}
			m, err := resnet.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			x := hashnet.Picture(want.Input)
			seen, worst := 0, 0.
			traced := m.Forward(x, func(block int, p resnet.Parts) {
				x, f, y := p.Norms()
				for i, got := range []float64{x, f, y} {
					off := math.Abs(got/want.Blocks[block][i] - 1)
					if !(off <= 1e-3) {
						t.Errorf("block %d: the norm of %s is %v, PyTorch's %v",
							block, []string{"x", "F", "y"}[i], got, want.Blocks[block][i])
					}
					worst = max(worst, off)
				}
				seen++
			})
			if seen != len(want.Blocks) {
				t.Errorf("%d blocks, want %d", seen, len(want.Blocks))
			}
			got := m.Forward(x, nil)
			if !slices.Equal(got.Logits, traced.Logits) {
				t.Error("a pass with an observer has other logits than one without")
			}
			off := lengthOff(got.Logits, want.Logits)
			if !(off <= 1e-3) {
				t.Errorf("the logits are off by %.2g relative", off)
			}
			t.Logf("logits off by %.2g relative, blocks' norms by %.2g", off, worst)
		})
	}
}

// lengthOff is the length of got − want divided by the length of want.
func lengthOff(got, want []float32) float64 {
	var diff, length float64
	for i, w := range want {
		d := float64(got[i]) - float64(w)
		diff += d * d
		length += float64(w) * float64(w)
	}
	return math.Sqrt(diff / length)
}

// BenchmarkPresets times a pass for one picture of the usual size.
func BenchmarkPresets(b *testing.B) {
	for _, name := range []string{"resnet18", "resnet50", "resnet50_v2", "resnext50_32x4d", "wide_resnet50_2",
		"resnet20", "resnet152"} {
		b.Run(name, func(b *testing.B) {
			runtime.GC()
			c, err := resnet.Preset(name)
			if err != nil {
				b.Fatal(err)
			}
			file, err := hashnet.File(c, c.InputSize())
			if err != nil {
				b.Fatal(err)
			}
			m, err := resnet.Load(file)
			if err != nil {
				b.Fatal(err)
			}
			x := hashnet.Picture(c.InputSize())
			for b.Loop() {
				m.Forward(x, nil)
			}
		})
	}
}
