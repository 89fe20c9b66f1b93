package transfer

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
)

// goldenScratch is the i-th network from scratch of the goldens, with their weights and without augmentation.
func goldenScratch(
	t testing.TB, i, epochs int, change func(train, validation *Pictures, o *SGDOptions),
) (*Scratch, trained) {
	t.Helper()
	g := readTrainingGoldens(t).Scratch[i]
	var n noise
	weights := map[string][]float32{}
	conv := func(name string, in, out, size int) {
		w := n.convNorm(name, [4]int{in, out, size, 1})
		weights[name+".weight"] = op.ToChannelsLast(w.Weight, out, in, size*size)
		weights[name+".norm.weight"], weights[name+".norm.bias"] = w.Norm.Weight, w.Norm.Bias
		weights[name+".norm.running_mean"], weights[name+".norm.running_var"] = w.Norm.Mean, w.Norm.Var
	}
	conv("conv1", 3, g.Width, 3)
	in := g.Width
	for stage := range 3 {
		for block := range g.Depth {
			name, out := fmt.Sprintf("layer%d.%d", stage+1, block), g.Width<<stage
			conv(name+".conv1", in, out, 3)
			conv(name+".conv2", out, out, 3)
			if in != out {
				conv(name+".downsample", in, out, 1)
			}
			in = out
		}
	}
	weights["fc.weight"], weights["fc.bias"] = n.halves(3*in, 0), n.halves(3, 0)
	train, validation, o := goldenPictures(&n, g.Size*g.Size*3), Pictures{}, goldenOptions(epochs)
	if change != nil {
		change(&train, &validation, &o)
	}
	s, err := NewScratch(SmallNetConfig{Size: g.Size, Width: g.Width, Blocks: g.Depth}, 3, train, validation, o)
	if err != nil {
		t.Fatal(err)
	}
	s.small.Augment = false
	for _, p := range s.all() {
		if w, ok := weights[p.name]; ok && copy(p.value, w) == len(p.value) {
			delete(weights, p.name)
		} else if p.name != "input.mean" && p.name != "input.std" {
			t.Fatalf("the goldens have no %s of %d values", p.name, len(p.value))
		}
	}
	if len(weights) > 0 {
		t.Fatalf("the network has no place for %v", weights)
	}
	for _, c := range s.small.convs() {
		c.norm.Epsilon = 1e-3
	}
	return s, g.trained
}

func TestScratchIsPyTorchs(t *testing.T) {
	for i := range readTrainingGoldens(t).Scratch {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			s, want := goldenScratch(t, i, 5, nil)
			want.follows(t, s.small, &s.training)
		})
	}
}

func TestScratchGradients(t *testing.T) {
	for i := range readTrainingGoldens(t).Scratch {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			s, _ := goldenScratch(t, i, 5, nil)
			each := s.small.inputLen()
			x := make([]float32, 6*each)
			for i := range 6 {
				s.train.Read(x[i*each:][:each], i, 0)
			}
			slopes(t, s.small, x, s.train.Labels)
		})
	}
}

func TestScratchResumes(t *testing.T) {
	resumes(t, func() *training {
		s, _ := goldenScratch(t, 0, 4, withValidation)
		s.small.Augment = true
		return &s.training
	})
}

func TestScratchSurvivesPanics(t *testing.T) {
	survives(t, func() *training {
		s, _ := goldenScratch(t, 0, 2, withValidation)
		return &s.training
	})
}

// TestScratchLearns: a network from random weights learns to tell bars from left to right from bars from top to bottom,
// of pictures that it has not seen; its result is the best epoch's.
func TestScratchLearns(t *testing.T) {
	const size = 8
	bars := func(seed uint64, n int) Pictures {
		labels := make([]int, n)
		for i := range labels {
			labels[i] = i % 2
		}
		return Pictures{Labels: labels, Read: func(dst []float32, i, _ int) {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			at := r.IntN(size)
			for k := range dst {
				dst[k] = 100 + 20*float32(r.NormFloat64())
				if along := [2]int{k / 3 / size, k / 3 % size}; along[labels[i]] == at {
					dst[k] += 100
				}
			}
		}}
	}
	train, validation := bars(1, 40), bars(2, 20)
	o := SGDOptions{Seed: 1, Epochs: 12, Batch: 10, Rate: 0.05, Momentum: 0.9, WeightDecay: 1e-4}
	s, err := NewScratch(SmallNetConfig{Size: size, Width: 4, Blocks: 1}, 2, train, validation, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	best := s.History()[s.Best()].Validation
	if best.Accuracy() < 0.9 {
		t.Errorf("the best epoch names %d of %d", best.Correct, best.N)
	}
	x := make([]float32, 20*size*size*3)
	for i := range 20 {
		validation.Read(x[i*size*size*3:][:size*size*3], i, 0)
	}
	before := slices.Clone(x)
	score := ScoreOf(s.Result().Logits(x, 20), validation.Labels, 2)
	if math.Abs(score.Loss-best.Loss) > 1e-6 || score.Correct != best.Correct {
		t.Errorf("the result scores %v, the best epoch scored %v", score, best)
	}
	if !slices.Equal(x, before) {
		t.Error("Logits has changed the pictures")
	}
}

// TestAugment: of a picture whose pixels are all different, what stands anywhere is a pixel of the picture from the
// same distance, or the mean.
func TestAugment(t *testing.T) {
	const size = 16
	n := newSmallNet(SmallNetConfig{Size: size, Width: 1, Blocks: 1}, 2, 1, 1)
	n.Augment = true
	copy(n.mean.value, []float32{-1, -2, -3})
	x := make([]float32, n.inputLen())
	seen := map[[3]int]bool{}
	for seed := range uint64(400) {
		for i := range x {
			x[i] = float32(i)
		}
		n.augment(x, rand.New(rand.NewPCG(seed, 0)))
		middle := int(x[(size/2*size+size/2)*3]) / 3
		next := int(x[(size/2*size+size/2+1)*3]) / 3
		step := next - middle // 1, or −1 in a mirrored picture
		if step != 1 && step != -1 {
			t.Fatalf("beside pixel %d stands %d", middle, next)
		}
		down, right := middle/size-size/2, middle%size-size/2
		if step < 0 {
			right++ // the middle of an even size lies between two pixels
		}
		seen[[3]int{step, down, right}] = true
		for i, v := range x {
			row, col := i/3/size+down, middle%size+step*(i/3%size-size/2)
			want := float32((row*size+col)*3 + i%3)
			if row < 0 || row >= size || col < 0 || col >= size {
				want = n.mean.value[i%3]
			}
			if v != want {
				t.Fatalf("seed %d: value %d is %v, want %v", seed, i, v, want)
			}
		}
	}
	if want := 2 * 5 * 5; len(seen) != want { // both ways, −2 … 2 down and to the right
		t.Errorf("%d ways to augment, want %d: %v", len(seen), want, seen)
	}
	n.Augment = false
	before := slices.Clone(x)
	if n.augment(x, rand.New(rand.NewPCG(3, 0))); !slices.Equal(x, before) {
		t.Error("a picture was augmented that should not be")
	}
}

// TestHe: the weights have the variance that He et al. (2015) ask for; of n normal values it is off by more than
// 5·√(2/n) of itself once in a million.
func TestHe(t *testing.T) {
	n := newSmallNet(SmallNetConfig{Size: 32, Width: 16, Blocks: 1}, 10, 1, 5)
	for _, c := range n.convs() {
		var squares float64
		for _, w := range c.weight.value {
			squares += float64(w) * float64(w)
		}
		count := float64(len(c.weight.value))
		inputs := count / float64(c.Out.C)
		if got, want := squares/count, 2/inputs; math.Abs(got/want-1) > 5*math.Sqrt(2/count) {
			t.Errorf("%s has the variance %v, want %v", c.weight.name, got, want)
		}
	}
}

func TestScratchRefuses(t *testing.T) {
	read := func(dst []float32, i, _ int) { dst[i] = float32(math.Inf(1)) }
	c := SmallNetConfig{Size: 4, Width: 1, Blocks: 1}
	two, one := Pictures{Labels: []int{0, 1}, Read: read}, Pictures{Labels: []int{0}, Read: read}
	if _, err := NewScratch(c, 2, two, Pictures{}, goldenOptions(1)); !errors.Is(err, ErrNotFinite) {
		t.Errorf("pictures that are not finite: %v", err)
	}
	if _, err := NewScratch(c, 1, one, Pictures{}, goldenOptions(1)); !errors.Is(err, ErrOneClass) {
		t.Errorf("one class: %v", err)
	}
	s, err := NewScratch(c, 2, Pictures{Labels: []int{0, 1}, Read: func(dst []float32, _, _ int) { clear(dst) }},
		Pictures{}, goldenOptions(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), nil); err != nil {
		t.Errorf("black pictures alone: %v", err)
	}
}
