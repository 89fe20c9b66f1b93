package resnet_test

import (
	"math"
	"testing"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/train"
)

// TestNormsAreTrainings: for networks of all kinds, the statistics of one batch are those that a step of training
// finds, which is held to PyTorch elsewhere.
func TestNormsAreTrainings(t *testing.T) {
	base := resnet.Config{
		Block: resnet.Basic, Layers: []int{1, 2}, Width: 4, Expansion: 1, Stem: resnet.StemCIFAR, NormEpsilon: 1e-5,
		Join: resnet.JoinAdd, Classes: 3,
	}
	for name, change := range map[string]func(c *resnet.Config){
		"basic": func(*resnet.Config) {},
		"bottleneck, ImageNet": func(c *resnet.Config) {
			c.Block, c.StrideIn, c.Stem, c.Expansion = resnet.Bottleneck, resnet.StrideIn1x1, resnet.StemImageNet, 2
		},
		"groups": func(c *resnet.Config) {
			c.Block, c.StrideIn, c.Groups, c.GroupWidth, c.Width = resnet.Bottleneck, resnet.StrideIn3x3, 2, 32, 8
		},
		"padding":                 func(c *resnet.Config) { c.Shortcut = resnet.ShortcutPad },
		"no last norms":           func(c *resnet.Config) { c.LinearStem, c.NoLastNorm = true, true },
		"product":                 func(c *resnet.Config) { c.Join = resnet.JoinProduct },
		"gate":                    func(c *resnet.Config) { c.Join = resnet.JoinGate },
		"plain":                   func(c *resnet.Config) { c.Join = resnet.JoinNone },
		"tanh":                    func(c *resnet.Config) { c.Activation = resnet.ActivationTanh },
		"pre-activation":          func(c *resnet.Config) { c.PreActivation = true },
		"pre-activation, padding": func(c *resnet.Config) { c.PreActivation, c.Shortcut = true, resnet.ShortcutPad },
		"pre-activation, SiLU": func(c *resnet.Config) {
			c.PreActivation, c.Activation = true, resnet.ActivationSiLU
		},
		"pre-activation, maximum": func(c *resnet.Config) { c.PreActivation, c.Join = true, resnet.JoinMaximum },
	} {
		t.Run(name, func(t *testing.T) {
			const size, count = 16, 6
			c := base
			change(&c)
			file, err := hashnet.File(c, size)
			if err != nil {
				t.Fatal(err)
			}
			m, err := resnet.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			var x []float32
			for i := range count {
				picture := make([]float32, m.InputLen())
				normPicture(picture, i)
				x = append(x, picture...)
			}
			each := m.InputLen()
			norms, err := m.EstimateNorms(count, func(dst []float32, i int) error {
				copy(dst, x[i*each:])
				return nil
			}, resnet.NormOptions{Batch: count})
			if err != nil {
				t.Fatal(err)
			}
			net, err := train.Open(m.File(), train.Options{Batch: count})
			if err != nil {
				t.Fatal(err)
			}
			// Without statistics of before, those of a batch come in by PyTorch's momentum of 0.1.
			for _, p := range net.Statistics() {
				clear(p.Value)
			}
			net.Learn(x, []int{0, 1, 2, 0, 1, 2}, 0)
			at := map[string][]float32{}
			for _, p := range net.Statistics() {
				at[p.Name] = p.Value
			}
			if len(at) != 2*len(norms) {
				t.Errorf("%d norms, want half of %d", len(norms), len(at))
			}
			for _, n := range norms {
				for part, got := range map[string][]float32{"running_mean": n.Mean, "running_var": n.Var} {
					for k, v := range at[n.Name+"."+part] {
						// The order of the pictures and the kernels differ; float32 keeps some six digits.
						if want := 10 * float64(v); !(math.Abs(float64(got[k])-want) < 1e-4*max(1, math.Abs(want))) {
							t.Fatalf("%s.%s[%d] = %v, want %v", n.Name, part, k, got[k], want)
						}
					}
				}
			}
		})
	}
}
