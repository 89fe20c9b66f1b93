package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/train"
)

// noise is the generator of testdata/make_training_goldens.py.
type noise struct{ seed uint32 }

func (n *noise) values(count int) []float32 {
	n.seed++
	state, out := n.seed, make([]float32, count)
	for i := range out {
		state = state*1664525 + 1013904223
		out[i] = float32(state>>8)/(1<<23) - 1
	}
	return out
}

// halves are values between −0.5 and 0.5, added to something.
func (n *noise) halves(count int, to float32) []float32 {
	x := n.values(count)
	for i := range x {
		x[i] = to + x[i]/2
	}
	return x
}

// convNorm is a convolution, [in, out, size, stride], and its norm.
func (n *noise) convNorm(name string, c [4]int) resnet.ConvWeights {
	s := resnet.ConvSpec{Conv: name + ".conv", Norm: name + ".bn", In: c[0], Out: c[1], Size: c[2], Stride: c[3]}
	return resnet.ConvWeights{
		Spec:   s,
		Weight: n.halves(s.In*s.Out*s.Size*s.Size, 0),
		Norm: op.BatchNorm{
			Weight: n.halves(s.Out, 1), Bias: n.halves(s.Out, 0), Mean: n.halves(s.Out, 0), Var: n.halves(s.Out, 1),
			Epsilon: 1e-3,
		},
	}
}

// block is a residual block.
func (n *noise) block(name string, in op.Shape, convs [][4]int, projection *[4]int) resnet.BlockWeights {
	b := resnet.BlockWeights{Name: name, In: in}
	for i, c := range convs {
		b.Residual = append(b.Residual, n.convNorm(name+"."+string(rune('1'+i)), c))
	}
	if projection != nil {
		c := n.convNorm(name+".projection", *projection)
		b.Projection = &c
	}
	return b
}

// trainingGoldens are testdata/training.json.
type trainingGoldens struct {
	LastBlock []struct {
		H, W       int
		Convs      [][4]int
		Projection *[4]int
		trained
	}
	LastBlocks []struct {
		H, W   int
		Blocks []struct {
			Convs      [][4]int
			Projection *[4]int
		}
		Discrimination float64
		trained
	}
	Scratch []struct {
		Size, Width, Depth int
		trained
	}
}

// trained is what PyTorch came to: the loss before each step, and the logits of all pictures after them.
type trained struct {
	Losses []float64
	Logits []float32
}

func readTrainingGoldens(t testing.TB) trainingGoldens {
	t.Helper()
	text, err := os.ReadFile("testdata/training.json")
	if err != nil {
		t.Fatal(err)
	}
	var g trainingGoldens
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// goldenPictures are those of the goldens: six, of three classes.
func goldenPictures(n *noise, each int) Pictures {
	x := n.values(6 * each)
	return Pictures{
		Labels: []int{0, 1, 2, 0, 1, 2},
		Read:   func(dst []float32, i, _ int) { copy(dst, x[i*each:][:each]) },
	}
}

// goldenOptions are those of the goldens: all pictures in each step, so that their order does not matter.
func goldenOptions(epochs int) SGDOptions {
	return SGDOptions{Seed: 7, Epochs: epochs, Batch: 6, Rate: 0.1, Momentum: 0.9, WeightDecay: 1e-2, Smoothing: 0.1}
}

// follows fails if a training has other losses than PyTorch's, or ends with other logits. Both compute in float32; five
// steps make of its 6e-8 some 1e-6.
func (want trained) follows(t *testing.T, net train.Learner, of *training) {
	t.Helper()
	var losses []float64
	if err := of.Run(t.Context(), func(s Step) { losses = append(losses, s.Train.Loss) }); err != nil {
		t.Fatal(err)
	}
	if len(losses) != len(want.Losses) {
		t.Fatalf("%d steps, want %d", len(losses), len(want.Losses))
	}
	for i, l := range losses {
		if math.Abs(l-want.Losses[i]) > 1e-5 {
			t.Errorf("the loss of step %d is %v, PyTorch's %v", i, l, want.Losses[i])
		}
	}
	x := make([]float32, 6*net.Input().Len())
	for i := range 6 {
		of.train.Read(x[i*net.Input().Len():][:net.Input().Len()], i, 0)
	}
	for i, z := range net.Logits(x, 6) {
		if math.Abs(float64(z-want.Logits[i])) > 1e-4 {
			t.Errorf("logit %d after all steps is %v, PyTorch's %v", i, z, want.Logits[i])
		}
	}
}

// slopes compares the gradient by each parameter of a learner with finite differences of its loss, along the gradient
// itself and along two random directions. First it moves every norm's output so far from zero, up in one channel and
// down in the next, that no step takes a ReLU across its kink. The loss is of float32 logits, exact to some 1e-6; its
// difference is divided by 2e-2 and so exact to 1e-4, and its curvature adds a part of the gradient that is of the
// order of the step.
func slopes(t *testing.T, net train.Learner, x []float32, labels []int) {
	t.Helper()
	for _, p := range net.Params() {
		inNorm := strings.Contains(p.Name, "bn") || strings.Contains(p.Name, ".downsample.1.")
		for i := range p.Value {
			switch {
			case inNorm && strings.HasSuffix(p.Name, ".weight"):
				p.Value[i] = 0.5
			case inNorm:
				p.Value[i] = float32(4 - i%2*8)
			}
		}
	}
	loss := func() float64 { return net.Learn(slices.Clone(x), labels, 0.1).Loss }
	loss()
	gradients := make([][]float32, len(net.Params()))
	for i, p := range net.Params() {
		gradients[i] = slices.Clone(p.Gradient)
	}
	r := rand.New(rand.NewPCG(31, 32))
	for i, p := range net.Params() {
		whole := length(gradients[i])
		for direction := range 3 {
			v := slices.Clone(gradients[i])
			if direction > 0 {
				v = gaussian(r, len(v))
			}
			unit, want := 1/length(v), 0.
			for k := range v {
				v[k] *= float32(unit)
				want += float64(v[k]) * float64(gradients[i][k])
			}
			was := slices.Clone(p.Value)
			at := func(step float32) float64 {
				for k := range v {
					p.Value[k] = was[k] + step*v[k]
				}
				l := loss()
				copy(p.Value, was)
				return l
			}
			if off := math.Abs((at(1e-2)-at(-1e-2))/2e-2 - want); !(off <= whole/25+1e-4) {
				t.Errorf("along direction %d the gradient of %s, of length %v, is %v, off by %v", direction, p.Name,
					whole, want, off)
			}
		}
	}
}

// gaussian is n normal values.
func gaussian(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// length is that of a vector.
func length(x []float32) float64 {
	var squares float64
	for _, v := range x {
		squares += float64(v) * float64(v)
	}
	return math.Sqrt(squares)
}

// values are copies of all that a training changes: its weights, the best so far, and the optimiser's moments, which
// are in its state.
func (t *training) values() map[string][]float32 {
	out := map[string][]float32{}
	for i, p := range t.all() {
		out[p.Name] = slices.Clone(p.Value)
		if t.best >= 0 {
			out["best "+p.Name] = slices.Clone(t.bestValues[i])
		}
	}
	state, err := t.trainer.StateFile()
	if err != nil {
		panic(err)
	}
	for _, tensor := range state.Tensors() {
		values, err := tensor.AppendFloat32(nil)
		if err != nil {
			panic(err)
		}
		out["state "+tensor.Name] = values
	}
	return out
}

// use puts another network in the place of a training's, before its first step.
func (t *training) use(net train.Learner) {
	t.net = net
	t.trainer = t.newTrainer()
}

// resumes runs trainings that make makes anew, always the same, and interrupts one of them after every step in turn: by
// its context, or by putting its state into another. Each has to end with the very same weights and history as one that
// runs through.
func resumes(t *testing.T, make func() *training) {
	t.Helper()
	whole, steps := make(), 0
	if err := whole.Run(t.Context(), func(Step) { steps++ }); err != nil {
		t.Fatal(err)
	}
	if steps < 5 || whole.Best() < 0 {
		t.Fatalf("%d steps, the best epoch %d: this would test little", steps, whole.Best())
	}
	want := whole.values()
	for stop := 1; stop <= steps; stop++ {
		ctx, cancel := context.WithCancel(t.Context())
		first, done := make(), 0
		err := first.Run(ctx, func(Step) {
			if done++; done == stop {
				cancel()
			}
		})
		if stop < steps && (!errors.Is(err, context.Canceled) || done != stop || first.Done()) {
			t.Fatalf("cancelled after step %d it went on to step %d with %v", stop, done, err)
		}
		state, err := first.State()
		if err != nil {
			t.Fatal(err)
		}
		again, _ := first.State()
		if !bytes.Equal(state, again) {
			t.Error("the same state is written in two ways")
		}
		second := make()
		if err := second.Restore(state); err != nil {
			t.Fatal(err)
		}
		for name, next := range map[string]*training{"goes on": first, "is restored": second} {
			if err := next.Run(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(next.History(), whole.History()) || next.Best() != whole.Best() {
				t.Errorf("stopped after step %d it %s to another history", stop, name)
			}
			for what, v := range next.values() {
				if !slices.Equal(v, want[what]) {
					t.Errorf("stopped after step %d it %s to another %s", stop, name, what)
				}
			}
		}
	}
}

// cutOff is a learner that panics at some of its calls, as a kernel does when a helper thread dies: some way into the
// work.
type cutOff struct {
	train.Learner
	calls, at int
}

func (c *cutOff) Learn(x []float32, labels []int, smoothing float64) Score {
	if c.calls++; c.calls == c.at {
		c.Learner.Logits(x, len(labels)-1)
		panic("cut off")
	}
	return c.Learner.Learn(x, labels, smoothing)
}

func (c *cutOff) Logits(x []float32, n int) []float32 {
	z := c.Learner.Logits(x, n)
	if c.calls++; c.calls == c.at {
		panic("cut off")
	}
	return z
}

// survives runs trainings that make makes anew, always the same, and cuts one off at every call of its network in turn.
// When it is run again it has to end with the very same weights and history as one that runs through.
func survives(t *testing.T, make func() *training) {
	t.Helper()
	whole := make()
	count := &cutOff{Learner: whole.net}
	whole.use(count)
	if err := whole.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	want := whole.values()
	for at := 1; at <= count.calls; at++ {
		next := make()
		next.use(&cutOff{Learner: next.net, at: at})
		func() {
			defer func() {
				if recover() == nil {
					t.Fatalf("call %d was not cut off", at)
				}
			}()
			next.Run(t.Context(), nil)
		}()
		if err := next.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(next.History(), whole.History()) {
			t.Errorf("cut off at call %d it ends with another history", at)
		}
		for what, v := range next.values() {
			if !slices.Equal(v, want[what]) {
				t.Errorf("cut off at call %d it ends with another %s", at, what)
			}
		}
	}
}
