package resnet

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
)

// central is the formula for finite differences of the float64 reference. The step is so small that no ReLU changes
// sign within it, and rounding leaves an error of only 1e-9.
var central = fd.Settings{Formula: fd.Central, Step: 1e-7}

// logitAfter is a class's logit by the reference, from a block's output on.
func (n both) logitAfter(class, block int, y array, cut map[int]Part) float64 {
	logits, _ := n.reference.from(block+1, y, cut)
	return logits[class]
}

// TestGradient compares the gradient with respect to every block's output with finite differences of the reference, at
// some of its values, for the whole network and with parts cut.
func TestGradient(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		r := n.recorded()
		random := rand.New(rand.NewPCG(5, 6))
		for _, cut := range n.cuts() {
			if _, err := r.Ablate(cut); err != nil {
				t.Fatal(err)
			}
			inputs := n.inputs(cut)
			for block := range n.blocks {
				class := block % n.Config.Classes
				y := inputs[block+1]
				places := random.Perm(len(y.x))[:4]
				want := fd.Gradient(nil, func(change []float64) float64 {
					changed := array{y.h, y.w, y.c, slices.Clone(y.x)}
					for i, at := range places {
						changed.x[at] += change[i]
					}
					return n.logitAfter(class, block, changed, cut)
				}, make([]float64, len(places)), &central)
				p := r.model.pass()
				d := r.gradient(p, class, block)
				p.end()
				for i, at := range places {
					if (cut[block+1] == Residual || n.Config.Join == JoinMaximum) && y.x[at] == 0 {
						continue // the next ReLU may get this 0, where it has no derivative
					}
					if math.Abs(float64(d[at])-want[i]) > 1e-5 {
						t.Errorf("without %v the gradient by block %d's value %d is %v, want %v",
							cut, block, at, d[at], want[i])
					}
				}
			}
		}
	})
}

// TestGradCAM computes each map and each channel's contribution by definition, from finite differences of the
// reference. The mean of a channel's gradient is the derivative for a change of the whole channel; its product with the
// source is the derivative for a change in proportion.
func TestGradCAM(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		const class = 1
		r, inputs := n.recorded(), n.inputs(nil)
		for block := range n.blocks {
			x, f := n.reference.block(block, inputs[block], "")
			for source, a := range map[Source]array{SourceX: x, SourceF: f, SourceSum: n.reference.join(x, f, ""),
				SourceY: inputs[block+1]} {
				logit := func(changed array) float64 {
					switch source {
					case SourceX:
						changed = n.reference.act(n.reference.join(changed, f, ""))
					case SourceF:
						changed = n.reference.act(n.reference.join(x, changed, ""))
					case SourceSum:
						changed = n.reference.act(changed)
					}
					return n.logitAfter(class, block, changed, nil)
				}
				change := func(c int, to func(v float64) float64) array {
					out := array{a.h, a.w, a.c, slices.Clone(a.x)}
					for i := c; i < len(out.x); i += a.c {
						out.x[i] = to(out.x[i])
					}
					return out
				}
				want, contributions := make([]float64, a.h*a.w), make([]float64, a.c)
				scale := make([]float64, len(want)) // of the terms: where they cancel out, their rounding errors do not
				for c := range a.c {
					sum := fd.Derivative(func(d float64) float64 {
						return logit(change(c, func(v float64) float64 { return v + d }))
					}, 0, &central)
					for i := range want {
						term := sum / float64(len(want)) * a.x[i*a.c+c]
						want[i] += term
						scale[i] += math.Abs(term)
					}
					contributions[c] = fd.Derivative(func(d float64) float64 {
						return logit(change(c, func(v float64) float64 { return v * (1 + d) }))
					}, 0, &central)
				}
				what := fmt.Sprintf("block %d, source %s", block, source)
				got, err := r.GradCAM(class, block, source)
				if err != nil || got.H != a.h || got.W != a.w {
					t.Fatalf("%s: a map of %d×%d and error %v, want %d×%d", what, got.H, got.W, err, a.h, a.w)
				}
				for i, v := range got.Values {
					if math.Abs(float64(v)-max(0, want[i])) > 1e-5*slices.Max(scale) {
						t.Errorf("%s: the map has %v at %d, want %v", what, v, i, max(0, want[i]))
					}
				}
				adds, err := r.Contributions(class, block, source)
				if err != nil {
					t.Fatal(err)
				}
				if e := off(adds, contributions); e > 1e-5 {
					t.Errorf("%s: the contributions are off by %.2g", what, e)
				}
			}
		}
	})
}

// TestCAM compares with the definition, computed in float64 from the reference's activations, and the map's mean with
// the logit.
func TestCAM(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		r, inputs := n.recorded(), n.inputs(nil)
		y := inputs[len(n.blocks)]
		if len(n.Config.HeadBlocks) == 0 {
			y = n.reference.final(y)
		}
		d := n.Config.Features()
		for class := range n.Config.Classes {
			want := make([]float64, y.h*y.w)
			mean := float64(n.reference.tensors["fc.bias"][class])
			for i := range want {
				for c := range y.c {
					want[i] += float64(n.reference.tensors["fc.weight"][(class+1)*d-y.c+c]) * y.x[i*y.c+c]
				}
				mean += want[i] / float64(len(want))
			}
			got, err := r.CAM(class)
			if err != nil || got.H != y.h || got.W != y.w {
				t.Fatalf("a map of %d×%d and error %v, want %d×%d", got.H, got.W, err, y.h, y.w)
			}
			if e := off(got.Values, want); e > 1e-5 {
				t.Errorf("class %d: the map is off by %.2g", class, e)
			}
			if len(n.Config.HeadBlocks) < 2 && math.Abs(mean-float64(r.Logits[class])) > 1e-4 {
				t.Errorf("class %d: the map's mean and the bias are %v, the logit %v", class, mean, r.Logits[class])
			}
		}
	})
}

func TestCAMRefuses(t *testing.T) {
	c := small["basic"]
	m, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	r := m.NewRecord()
	r.Forward(make([]float32, m.InputLen()), nil)
	_, noClass := r.CAM(7)
	_, negative := r.GradCAM(-1, 0, SourceY)
	_, noBlock := r.GradCAM(0, 5, SourceY)
	_, noSource := r.Contributions(0, 0, "z")
	_, noParts := r.Block(-1)
	for _, c := range []struct {
		err  error
		want string
	}{
		{noClass, "no class 7; the network has the classes 0 to 6"},
		{negative, "no class -1"},
		{noBlock, "no block 5; the network has the blocks 0 to 4"},
		{noSource, `not "z"`},
		{noParts, "no block -1"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", c.err, c.want)
		}
	}
}

// goldenCAM compares the CAM of the best class of the photo that was recorded last.
func goldenCAM(t *testing.T, r *Record, g golden, tolerance float64) {
	got, err := r.CAM(Top(r.Logits, 1)[0].Index)
	if err != nil || got.H != 7 || got.W != 7 {
		t.Fatalf("a map of %d×%d and error %v", got.H, got.W, err)
	}
	off := relative(got.Values, g.tensors["cam"])
	if off > tolerance {
		t.Errorf("the CAM is off by %.2g relative, want ≤ %.0g", off, tolerance)
	}
	t.Logf("CAM off by %.2g relative", off)
}

// goldenGradCAM compares Grad-CAMs of the best class of the photo that was recorded last. A gradient jumps where
// another order of summing moves a value across a ReLU's corner, which happens to a few of a pass's ten million: with
// this photo PyTorch itself is off by 4e-4 in block 2 if it computes without oneDNN, and Winograd's sums are off by ten
// times what direct ones are.
func goldenGradCAM(t *testing.T, r *Record, g golden, sources map[int][]Source) {
	top := Top(r.Logits, 1)[0].Index
	tolerances := map[int]float64{2: 5e-3, 7: 5e-3, 12: 1e-3, 15: 1e-5}
	for block, of := range sources {
		tolerance := tolerances[block]
		for _, source := range of {
			got, err := r.GradCAM(top, block, source)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Values) > 512 {
				got.Values = sampled(got.Values)
			}
			off := relative(got.Values, g.tensors[fmt.Sprintf("gradcam%d.%s", block, source)])
			if off > tolerance {
				t.Errorf("block %d, source %s: Grad-CAM is off by %.2g relative, want ≤ %.0g",
					block, source, off, tolerance)
			}
			t.Logf("block %d, source %s: Grad-CAM off by %.2g relative", block, source, off)
		}
	}
}

// gradCAMGolden is the photo whose golden file has Grad-CAM maps.
const gradCAMGolden = 2

func BenchmarkGradCAM(b *testing.B) {
	m := model(b, false)
	r := m.NewRecord()
	r.Forward(input(m, goldens(b)[0].rgb), nil)
	for _, block := range []int{0, 7, 14} {
		b.Run(fmt.Sprint("block", block), func(b *testing.B) {
			for b.Loop() {
				if _, err := r.GradCAM(0, block, SourceF); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
