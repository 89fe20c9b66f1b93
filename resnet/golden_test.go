package resnet

import (
	"fmt"
	"image/png"
	"math"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/weights"
)

// model loads ResNet-50 with its real weights.
func model(t testing.TB, float32Weights bool) *Model {
	t.Helper()
	runtime.GC() // frees the last test's model: a browser has no memory for both
	file, err := os.ReadFile(modelPath(t, float32Weights))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// golden is PyTorch's result for one photo, made by testdata/make_goldens.py.
type golden struct {
	name    string
	rgb     []byte // the crop, 224×224×3
	tensors map[string][]float32
}

// goldens reads all golden files.
func goldens(t testing.TB) []golden {
	t.Helper()
	var out []golden
	for _, name := range []string{"acanthus-mollis", "dust-bowl-home", "march-pastoral", "nagasaki-boats"} {
		path := "testdata/" + name
		b, err := os.ReadFile(path + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		f, err := weights.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		g := golden{name: name, rgb: crop(t, path+".png"), tensors: map[string][]float32{}}
		for _, x := range f.Tensors() {
			if g.tensors[x.Name], err = x.AppendFloat32(nil); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, g)
	}
	return out
}

// crop reads a PNG as R, G, B bytes.
func crop(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	var rgb []byte
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, b, _ := img.At(x, y).RGBA()
			rgb = append(rgb, byte(r>>8), byte(g>>8), byte(b>>8))
		}
	}
	return rgb
}

// input prepares a crop as the model's card says.
func input(m *Model, rgb []byte) []float32 {
	x := make([]float32, len(rgb))
	imageio.SpecFor(m.Card).Normalise(x, rgb)
	return x
}

// sampleAt gives the index of sample i of a golden file in an array of the given size.
func sampleAt(i, size int) int { return int((uint32(i)*2654435761 + 12345) % uint32(size)) }

// relative is the length of got − want divided by the length of want.
func relative(got, want []float32) float64 {
	var diff, length float64
	for i := range want {
		d := float64(got[i]) - float64(want[i])
		diff += d * d
		length += float64(want[i]) * float64(want[i])
	}
	return math.Sqrt(diff / length)
}

// sampled picks the values that make_goldens.py has kept of x.
func sampled(x []float32) []float32 {
	out := make([]float32, 512)
	for i := range out {
		out[i] = x[sampleAt(i, len(x))]
	}
	return out
}

func furthest(got, want []float32) float64 {
	var most float64
	for i := range want {
		most = max(most, math.Abs(float64(got[i])-float64(want[i])))
	}
	return most
}

// TestGolden compares ResNet-50 with PyTorch. With the same float32 weights only the order of the sums and the folded
// norms differ: logits of about ±20 agree to 1e-3. Float16 has 11 bits, so each weight is off by up to 2⁻¹², and the
// errors of thousands of products in 50 layers mostly cancel: 2e-2 on the logits, 1e-2 on the blocks. CAMs agree as the
// blocks do. A probability changes by at most half of a logit's change. Float16 rounds the stem's filters by at most
// 2⁻¹¹, and by much less in the mean.
func TestGolden(t *testing.T) {
	for _, c := range goldenHere([]goldenCase{
		{
			name: "float32", float32: true, logits: 1e-3, blocks: 1e-3, cam: 1e-5, probability: 5e-4,
			photos: []int{0, 1, 2, 3}, ablated: []int{0},
			// The first source of each block is another one.
			gradCAM: map[int][]Source{
				2: {SourceX, SourceF, SourceSum, SourceY}, 7: {SourceF, SourceSum, SourceY, SourceX},
				12: {SourceSum, SourceY, SourceX, SourceF}, 15: {SourceY, SourceX, SourceF, SourceSum},
			},
		},
		{
			name: "float16", logits: 2e-2, blocks: 1e-2, cam: 1e-2, probability: 1e-2, filters: 0x1p-11,
			photos: []int{0, 1, 2, 3}, ablated: []int{2},
		},
	}) {
		t.Run(c.name, func(t *testing.T) {
			m := model(t, c.float32) // once for all cases: in a browser it takes seconds
			photos := goldens(t)
			r := m.NewRecord()
			for _, i := range c.photos {
				g := photos[i]
				t.Run(g.name, func(t *testing.T) { goldenForward(t, r, g, c.logits, c.blocks) })
				t.Run(g.name+"/CAM", func(t *testing.T) { goldenCAM(t, r, g, c.cam) })
				if slices.Contains(c.ablated, i) {
					t.Run(g.name+"/ablations", func(t *testing.T) { goldenAblations(t, r, g, c.probability) })
				}
				if len(c.gradCAM) > 0 && i == gradCAMGolden {
					t.Run(g.name+"/Grad-CAM", func(t *testing.T) { goldenGradCAM(t, r, g, c.gradCAM) })
				}
			}
			t.Run("filters", func(t *testing.T) { goldenFilters(t, m, photos[0], c.filters) })
			t.Run("blocks", func(t *testing.T) { goldenBlocks(t, m) })
			t.Run("algorithms", func(t *testing.T) { goldenAlgorithms(t, m) })
		})
	}
}

// goldenCase is a file of weights, its tolerances, and what TestGolden looks at.
type goldenCase struct {
	name                                      string
	float32                                   bool
	logits, blocks, cam, probability, filters float64
	photos                                    []int
	ablated                                   []int            // photos whose blocks are ablated one by one
	gradCAM                                   map[int][]Source // by block
}

// goldenForward compares a pass for a photo: the largest difference of the logits, and features and blocks relative to
// their length. The record keeps the pass for what is compared afterwards.
func goldenForward(t *testing.T, record *Record, g golden, logits, blocks float64) {
	seen, worst := 0, 0.0
	m := record.model
	x := input(m, g.rgb)
	traced := record.Forward(x, func(block int, p Parts) {
		for name, part := range map[string][]float32{"x": p.X, "f": p.F, "y": p.Y} {
			off := relative(sampled(part), g.tensors[fmt.Sprintf("block%d.%s", block, name)])
			if off > blocks {
				t.Errorf("%s of block %d is off by %.2g relative, want ≤ %.0g", name, block, off, blocks)
			}
			worst = max(worst, off)
		}
		seen++
	})
	if seen != 16 {
		t.Errorf("%d blocks were observed, want 16", seen)
	}
	r := m.Forward(x, nil)
	if !slices.Equal(r.Logits, traced.Logits) {
		t.Error("a recorded pass with an observer has other logits than a plain one")
	}
	off := furthest(r.Logits, g.tensors["logits"])
	if off > logits {
		t.Errorf("logits are off by %.2g, want ≤ %.0g", off, logits)
	}
	if f := relative(r.Features, g.tensors["features"]); f > blocks {
		t.Errorf("features are off by %.2g relative, want ≤ %.0g", f, blocks)
	}
	if got, want := indices(Top(r.Logits, 5)), indices(Top(g.tensors["logits"], 5)); !slices.Equal(got, want) {
		t.Errorf("top 5 is %v, want %v", got, want)
	}
	t.Logf("logits off by %.2g, blocks by at most %.2g relative", off, worst)
}

func goldenBlocks(t *testing.T, m *Model) {
	infos := m.Blocks()
	if len(infos) != 16 {
		t.Fatalf("%d blocks, want 16", len(infos))
	}
	for i, want := range map[int]BlockInfo{
		0:  {"layer1.0", 1, 56, 56, 256, true},
		1:  {"layer1.1", 1, 56, 56, 256, false},
		3:  {"layer2.0", 2, 28, 28, 512, true},
		12: {"layer3.5", 3, 14, 14, 1024, false},
		15: {"layer4.2", 4, 7, 7, 2048, false},
	} {
		if infos[i] != want {
			t.Errorf("block %d is %v, want %v", i, infos[i], want)
		}
	}
}

func indices(top []Prediction) []int {
	var out []int
	for _, p := range top {
		out = append(out, p.Index)
	}
	return out
}

func BenchmarkForward(b *testing.B) {
	m := model(b, false)
	x := input(m, goldens(b)[0].rgb)
	record := m.NewRecord()
	for _, c := range []struct {
		name    string
		forward func()
	}{
		{"plain", func() { m.Forward(x, nil) }},
		{"kept", func() { record.Forward(x, nil) }},
		{"traced", func() { m.Forward(x, func(int, Parts) {}) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.forward()
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	file, err := os.ReadFile(modelPath(b, false))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Load(file); err != nil {
			b.Fatal(err)
		}
	}
}
