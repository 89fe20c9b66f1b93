package transfer

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/train"
)

// goldenScratch is the i-th network from scratch of the goldens, with their weights and without augmentation.
func goldenScratch(
	t testing.TB, i, epochs int, change func(train, validation *Pictures, o *SGDOptions),
) (*Scratch, trained) {
	t.Helper()
	g := readTrainingGoldens(t).Scratch[i]
	var n noise
	weights := map[string][]float32{}
	conv := func(name, norm string, in, out, size int) {
		w := n.convNorm(name, [4]int{in, out, size, 1})
		weights[name+".weight"] = op.ToChannelsLast(w.Weight, out, in, size*size)
		weights[norm+".weight"], weights[norm+".bias"] = w.Norm.Weight, w.Norm.Bias
		weights[norm+".running_mean"], weights[norm+".running_var"] = w.Norm.Mean, w.Norm.Var
	}
	conv("conv1", "bn1", 3, g.Width, 3)
	in := g.Width
	for stage := range 3 {
		for block := range g.Depth {
			name, out := fmt.Sprintf("layer%d.%d", stage+1, block), g.Width<<stage
			conv(name+".conv1", name+".bn1", in, out, 3)
			conv(name+".conv2", name+".bn2", out, out, 3)
			if in != out {
				conv(name+".downsample.0", name+".downsample.1", in, out, 1)
			}
			in = out
		}
	}
	weights["fc.weight"], weights["fc.bias"] = n.halves(3*in, 0), n.halves(3, 0)
	learnt, validation, o := goldenPictures(&n, g.Size*g.Size*3), Pictures{}, goldenOptions(epochs)
	if change != nil {
		change(&learnt, &validation, &o)
	}
	c := ScratchNetwork(3)
	c.Width, c.Layers, c.NormEpsilon = g.Width, []int{g.Depth, g.Depth, g.Depth}, 1e-3
	s, err := NewScratch(c, g.Size, learnt, validation, o)
	if err != nil {
		t.Fatal(err)
	}
	s.augment = train.Augment{}
	s.trainer = s.newTrainer()
	for _, p := range s.all() {
		if w, ok := weights[p.Name]; ok && copy(p.Value, w) == len(p.Value) {
			delete(weights, p.Name)
		} else {
			t.Fatalf("the goldens have no %s of %d values", p.Name, len(p.Value))
		}
	}
	if len(weights) > 0 {
		t.Fatalf("the network has no place for %v", weights)
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
			each := s.small.InputLen()
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
		s.augment = train.Augment{Mirror: true, Shift: 1}
		s.trainer = s.newTrainer()
		return &s.training
	})
}

func TestScratchSurvivesPanics(t *testing.T) {
	survives(t, func() *training {
		s, _ := goldenScratch(t, 0, 2, withValidation)
		return &s.training
	})
}

// What is brighter on the left and what is brighter on the right are mirror images: a network that mirrors them at
// random learns nothing from them, and one that does not tells them apart.
func TestScratchMirrors(t *testing.T) {
	const size, n = 8, 32
	pictures := Pictures{Read: func(dst []float32, i, _ int) {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		for k := range dst {
			dst[k] = float32(r.NormFloat64())
			if left := k/3%size < size/2; left == (i%2 == 0) {
				dst[k] += 3
			}
		}
	}}
	for i := range n {
		pictures.Labels = append(pictures.Labels, i%2)
	}
	c := ScratchNetwork(2)
	c.Width = 4
	for _, noMirror := range []bool{false, true} {
		o := SGDOptions{Seed: 1, Epochs: 12, Batch: 16, Rate: 0.1, Momentum: 0.9, NoMirror: noMirror}
		s, err := NewScratch(c, size, pictures, Pictures{}, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		last := s.History()[o.Epochs-1].Train
		if learnt := last.Accuracy() > 0.9; learnt != noMirror {
			t.Errorf("without mirroring %t: %d of %d are right", noMirror, last.Correct, last.N)
		}
	}
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
	c := ScratchNetwork(2)
	c.Width = 4
	s, err := NewScratch(c, size, train, validation, o)
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
	s.Standardise(x)
	before := slices.Clone(x)
	score := ScoreOf(s.Result().Logits(x, 20), validation.Labels, 2)
	if math.Abs(score.Loss-best.Loss) > 1e-6 || score.Correct != best.Correct {
		t.Errorf("the result scores %v, the best epoch scored %v", score, best)
	}
	if !slices.Equal(x, before) {
		t.Error("Logits has changed the pictures")
	}
}

func TestScratchRefuses(t *testing.T) {
	read := func(dst []float32, i, _ int) { dst[i] = float32(math.Inf(1)) }
	const size = 4
	c, single := ScratchNetwork(2), ScratchNetwork(1)
	two, one := Pictures{Labels: []int{0, 1}, Read: read}, Pictures{Labels: []int{0}, Read: read}
	if _, err := NewScratch(c, size, two, Pictures{}, goldenOptions(1)); !errors.Is(err, ErrNotFinite) {
		t.Errorf("pictures that are not finite: %v", err)
	}
	if _, err := NewScratch(single, size, one, Pictures{}, goldenOptions(1)); !errors.Is(err, ErrOneClass) {
		t.Errorf("one class: %v", err)
	}
	s, err := NewScratch(c, size, Pictures{Labels: []int{0, 1}, Read: func(dst []float32, _, _ int) { clear(dst) }},
		Pictures{}, goldenOptions(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), nil); err != nil {
		t.Errorf("black pictures alone: %v", err)
	}
}
