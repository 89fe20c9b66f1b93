package train

import (
	"cmp"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// stepsGolden is a case of testdata/steps.json: what PyTorch came to in five steps.
type stepsGolden struct {
	Name     string
	Config   resnet.Config
	Settings struct {
		Optimizer                                    string
		Nesterov                                     bool
		Momentum, Rate, WeightDecay, Clip, Smoothing float64
		Warmup                                       int
		Decay                                        Decay
	}
	Losses, Norms []float64
	Logits        []float32
	Tensors       map[string][3]float64 // Euclidean norm, and the values at a third and two thirds
}

// The pictures of the goldens: eight, of four classes, each a part of a larger one.
const goldenPictures, goldenSize = 8, 16

// trainer makes the training of a case.
func (g *stepsGolden) trainer(t *testing.T) (*Net, *Trainer, []float32) {
	t.Helper()
	file, err := hashnet.File(g.Config, goldenSize)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := Open(f, Options{Batch: goldenPictures})
	if err != nil {
		t.Fatal(err)
	}
	each := n.InputLen()
	x := hashnet.Picture(46)[:goldenPictures*each]
	pictures := Pictures{
		Labels: []int{0, 1, 2, 3, 0, 1, 2, 3},
		Read:   func(dst []float32, i, _ int) { copy(dst, x[i*each:]) },
	}
	s := g.Settings
	settings := Settings{
		Steps: len(g.Losses), Batch: goldenPictures, Optimizer: SGD{Momentum: s.Momentum, Nesterov: s.Nesterov},
		Schedule: Schedule{s.Rate, s.Warmup, s.Decay}, WeightDecay: s.WeightDecay, Clip: s.Clip, Smoothing: s.Smoothing,
	}
	if s.Optimizer == "adamw" {
		settings.Optimizer = AdamW{}
	}
	trainer, err := NewTrainer(n, pictures, settings)
	if err != nil {
		t.Fatal(err)
	}
	return n, trainer, x
}

// TestStepsArePyTorchs: five steps of ResNet-8, of its plain twin, with every join, without norms, with pre-activation,
// by SGD and by AdamW lead where they lead in PyTorch. Both compute in float32, in other orders: that is 1e-6 after one
// step, and some times as much after five. AdamW divides gradients by their own size, so that a gradient that is zero
// but for rounding moves its weight as far as any other: it is the reason for 1e-4. A value within rounding of a ReLU's
// kink would still be too much; the cases have none.
func TestStepsArePyTorchs(t *testing.T) {
	text, err := os.ReadFile("testdata/steps.json")
	if err != nil {
		t.Fatal(err)
	}
	var goldens []stepsGolden
	if err := json.Unmarshal(text, &goldens); err != nil {
		t.Fatal(err)
	}
	const tolerance = 1e-4
	near := func(t *testing.T, what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
			t.Errorf("%s is %v, PyTorch's %v", what, got, want)
		}
	}
	for _, g := range goldens {
		t.Run(g.Name, func(t *testing.T) {
			n, trainer, x := g.trainer(t)
			for i, want := range g.Losses {
				r, err := trainer.Step()
				if err != nil {
					t.Fatal(err)
				}
				near(t, "a loss", r.Score.Loss, want)
				near(t, "a gradient's norm", r.GradientNorm, g.Norms[i])
			}
			for i, z := range n.Logits(x, goldenPictures) {
				near(t, "a logit", float64(z), float64(g.Logits[i]))
			}
			all := slices.Concat(n.Params(), n.Statistics())
			if len(all) != len(g.Tensors) {
				t.Errorf("the network has %d tensors, PyTorch's %d", len(all), len(g.Tensors))
			}
			slices.SortFunc(all, func(a, b *Param) int { return cmp.Compare(a.Name, b.Name) })
			for _, p := range all {
				v, want := p.torch(p.Value), g.Tensors[p.Name]
				near(t, "the norm of "+p.Name, euclidean(v), want[0])
				near(t, "a value of "+p.Name, float64(v[len(v)/3]), want[1])
				near(t, "a value of "+p.Name, float64(v[len(v)/3*2]), want[2])
			}
		})
	}
}
