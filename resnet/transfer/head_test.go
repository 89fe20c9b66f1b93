package transfer

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
)

func TestStandardise(t *testing.T) {
	for _, g := range readGoldens(t).Heads {
		mean, std := Standardise(g.X, g.D)
		near(t, "mean", mean, g.Mean, 1e-6) // float32's 6e-8, and a little
		near(t, "std", std, g.Std, 1e-6)
	}
	// Rounding around a large mean is no variation; the same variation around zero is.
	mean, std := Standardise([]float32{1000, 1e-5, 0, 1000.03, -1e-5, 0}, 3)
	near(t, "mean", mean, []float64{1000.015, 0, 0}, 1e-6)
	near(t, "std", std, []float64{1, 1e-5, 1}, 1e-12)
	panics(t, badFeatures, func() { Standardise([]float32{1, 2, 3}, 2) })
	panics(t, badFeatures, func() { Standardise(nil, 2) })
}

// TestModerate: what hardly varies in few examples gets no huge weight, what varies in many keeps its deviation, and a
// constant its 1.
func TestModerate(t *testing.T) {
	for n, want := range map[int][]float64{
		3:   {0.25, math.Sqrt(0.1875 + 0.0625), math.Sqrt(12 + 0.0625), 1},
		1e6: {0.0005, 0.5, 4, 1},
	} {
		std := []float32{1e-6, 0.5, 4, 1}
		moderate(std, []bool{false, false, false, true}, n)
		near(t, "std", std, want, 1e-6)
	}
	moderate([]float32{1}, []bool{true}, 2) // nothing varies
}

// TestHeadIsPyTorchs trains until the loss gets no lower, which float32's products let it tell to some 1e-9. At that
// height above the minimum the weights are off by at most √(2·1e-9/l2). The bias has no penalty: along it the
// cross-entropy alone curves, with some p·(1-p), of which a tenth is a low estimate for these overlapping classes.
func TestHeadIsPyTorchs(t *testing.T) {
	for _, g := range readGoldens(t).Heads {
		e := Examples{X: g.X, Labels: g.Labels, D: g.D, Classes: g.Classes}
		h, err := TrainHead(context.Background(), e, Examples{},
			HeadOptions{L2s: []float64{g.L2}, Tolerance: 1e-12, MaxIterations: 2000}, nil)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "std", h.Std, g.Moderate, 1e-6)
		tolerance := math.Sqrt(2e-9 / g.L2)
		near(t, "W", h.W, g.W, tolerance)
		mean := float32(0)
		for _, b := range h.B {
			mean += b / float32(g.Classes)
		}
		for c := range h.B {
			h.B[c] -= mean
		}
		near(t, "B", h.B, g.B, math.Sqrt(2e-9/min(g.L2, 0.1)))
		near(t, "probabilities", h.Probabilities(h.Logits(g.X)), g.Probabilities, tolerance)
		near1(t, "loss", h.Score(e).Loss, g.Loss, tolerance)
	}
}

// The default tolerance promises an objective at most 0.1 % above the minimum.
func TestHeadTolerance(t *testing.T) {
	for _, g := range readGoldens(t).Heads {
		e := Examples{X: g.X, Labels: g.Labels, D: g.D, Classes: g.Classes}
		h, err := TrainHead(context.Background(), e, Examples{}, HeadOptions{L2s: []float64{g.L2}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		squares := 0.0
		for _, w := range h.W {
			squares += float64(w) * float64(w)
		}
		if got := h.Score(e).Loss + g.L2/2*squares; got > g.Objective*1.001 || got < g.Objective*(1-1e-6) {
			t.Errorf("L2 %v: objective %v, the minimum is %v", g.L2, got, g.Objective)
		}
	}
}

// objectiveLoop is the objective by its definition, in float64.
func objectiveLoop(theta []float64, e Examples, mean, std []float32, l2 float64) float64 {
	sum := 0.0
	for i, label := range e.Labels {
		logits, total := make([]float64, e.Classes), 0.0
		for c := range logits {
			logits[c] = theta[e.Classes*e.D+c]
			for j, v := range e.Row(i) {
				logits[c] += theta[c*e.D+j] * (float64(v) - float64(mean[j])) / float64(std[j])
			}
			total += math.Exp(logits[c])
		}
		sum += math.Log(total) - logits[label]
	}
	sum /= float64(e.Len())
	for _, w := range theta[:e.Classes*e.D] {
		sum += l2 / 2 * w * w
	}
	return sum
}

// The objective is its definition's, and its gradient that one's finite differences. Its products are of float32: sums
// of 13 terms of size 10, off by at most 1e-5. The differences themselves are off by 1e-8.
func TestObjectiveGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 2 {
		e := likeFeatures(r, 7, 4, 13)
		for i := range e.X {
			e.X[i] = 3*e.X[i] + float32(i%13) // scales and offsets
		}
		o := newObjective(0.07, e)
		mean, std := Standardise(e.X, e.D)
		moderate(std, make([]bool, e.D), e.Len())
		near(t, "mean", o.mean, mean, 1e-12)
		near(t, "std", o.std, std, 1e-12)
		theta := make([]float64, e.Classes*e.D+e.Classes)
		for i := range theta {
			theta[i] = r.NormFloat64()
		}
		gradient := make([]float64, len(theta))
		got := o.evaluate(theta, gradient)
		loop := func(x []float64) float64 { return objectiveLoop(x, e, mean, std, o.l2) }
		near1(t, "objective", got, loop(theta), 1e-5)
		near(t, "gradient", gradient, fd.Gradient(nil, loop, theta, &fd.Settings{Formula: fd.Central}), 1e-5)
		if o.score.N != e.Len() {
			t.Errorf("scored %d examples of %d", o.score.N, e.Len())
		}
	}
}

// without is 0…n-1 but for some.
func without(n int, some ...int) []int {
	var rest []int
	for i := range n {
		if !slices.Contains(some, i) {
			rest = append(rest, i)
		}
	}
	return rest
}

// sample is a small problem with both sides.
func sample(seed uint64) (train, validation Examples) {
	e := likeFeatures(rand.New(rand.NewPCG(seed, 1)), 12, 3, 20)
	return divided(e, Split(itemsOf(e.Labels), 0.25, seed))
}

// classesOf are the classes of some answers.
func classesOf(answers []Answer) []int {
	classes := make([]int, len(answers))
	for i, a := range answers {
		classes[i] = a.Class
	}
	return classes
}

// divided are the examples of two sides.
func divided(e Examples, sides []Side) (training, validation Examples) {
	var of [Test + 1][]int
	for i, side := range sides {
		of[side] = append(of[side], i)
	}
	return e.Subset(of[Training]), e.Subset(of[Validation])
}

// The chosen L2 is that of the candidate with the lowest calibrated loss, and the head is the candidate.
func TestHeadChooses(t *testing.T) {
	chosen := map[float64]bool{}
	for seed := range uint64(8) {
		train, validation := sample(seed)
		trainer, err := NewHeadTrainer(train, validation, HeadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if trainer.Head() != nil || trainer.Done() {
			t.Error("there is a head before the first step")
		}
		if err := trainer.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		candidates := trainer.Candidates()
		if len(candidates) != len(DefaultL2s) || !trainer.Done() {
			t.Fatalf("%d candidates, done %v", len(candidates), trainer.Done())
		}
		h := trainer.Head()
		chosen[h.L2] = true
		for i, c := range candidates {
			if c.L2 != DefaultL2s[i] || c.Train.N != train.Len() || c.Validation.N != validation.Len() ||
				c.Calibrated.Correct != c.Validation.Correct {
				t.Errorf("candidate %+v", c)
			}
			if c.Calibrated.Loss < h.Score(validation).Loss {
				t.Errorf("L2 %v is better than the chosen %v", c.L2, h.L2)
			}
			if c.L2 == h.L2 && (c.Temperature != h.Temperature || c.Calibrated != h.Score(validation)) {
				t.Errorf("the head is not the candidate %+v", c)
			}
		}
	}
	if len(chosen) < 2 {
		t.Error("the same L2 is chosen for all problems")
	}
}

// The curves begin where training starts, and come to the end of it.
func TestHeadProgress(t *testing.T) {
	train, validation := sample(3)
	var steps []HeadStep
	h, err := TrainHead(context.Background(), train, validation, HeadOptions{L2s: []float64{0.01}, NoRefit: true},
		func(s HeadStep) { steps = append(steps, s) })
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) < 4 || math.Abs(steps[0].Train.Loss-math.Log(3)) > 1e-12 || steps[0].Iteration != 0 {
		t.Fatalf("steps %+v", steps)
	}
	for i, s := range steps {
		if s.Iteration != i || s.Train.N != train.Len() || s.Validation.N != validation.Len() || s.L2 != 0.01 {
			t.Errorf("step %d: %+v", i, s)
		}
	}
	h.Temperature = 1
	last := steps[len(steps)-1]
	if last.Train.Correct != h.Score(train).Correct || last.Validation.Correct != h.Score(validation).Correct {
		t.Errorf("the curves end at %+v", last)
	}
	near1(t, "loss", last.Train.Loss, h.Score(train).Loss, 1e-6)
	near1(t, "validation loss", last.Validation.Loss, h.Score(validation).Loss, 1e-6)
}

// A training that is cancelled at any step and goes on gives the very same head.
func TestHeadCancelAndResume(t *testing.T) {
	train, validation := sample(4)
	o := HeadOptions{NoRefit: true}
	want, err := TrainHead(context.Background(), train, validation, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := NewHeadTrainer(train, validation, o)
	if err != nil {
		t.Fatal(err)
	}
	cancelled := 0
	for !trainer.Done() {
		ctx, cancel := context.WithCancel(context.Background())
		if err := trainer.Run(ctx, func(HeadStep) { cancel() }); err != nil {
			cancelled++
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if h := trainer.Head(); h == nil || h.Score(train).Accuracy() < 1./3 {
				t.Fatal("there is no head of the steps so far")
			}
		}
		cancel()
	}
	got := trainer.Head()
	if cancelled < 20 || !slices.Equal(got.W, want.W) || !slices.Equal(got.B, want.B) ||
		got.Temperature != want.Temperature {
		t.Errorf("after %d interruptions the head is another", cancelled)
	}
	// At once cancelled there is nothing.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if h, err := TrainHead(ctx, train, validation, o, nil); h != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("head %v, error %v", h, err)
	}
}

// From another head, as that of fewer examples, training comes to the same minimum, sooner.
func TestHeadStart(t *testing.T) {
	train, validation := sample(5)
	count := func(o HeadOptions) (h *Head, steps int) {
		o.L2s, o.Tolerance, o.NoRefit = []float64{0.1}, 1e-9, true
		h, err := TrainHead(context.Background(), train, validation, o, func(HeadStep) { steps++ })
		if err != nil {
			t.Fatal(err)
		}
		return h, steps
	}
	cold, coldSteps := count(HeadOptions{})
	start, err := TrainHead(context.Background(), train.Subset(without(train.Len(), 8)), Examples{},
		HeadOptions{L2s: []float64{0.1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	warm, warmSteps := count(HeadOptions{Start: start})
	near(t, "W", warm.W, cold.W, 2e-4) // √(2·1e-9·2/0.1)
	if warmSteps >= coldSteps {
		t.Errorf("%d steps from a good start, %d from zeros", warmSteps, coldSteps)
	}
	again, steps := count(HeadOptions{Start: cold})
	near(t, "W", again.W, cold.W, 2e-4)
	if steps > 3 {
		t.Errorf("%d steps from the minimum", steps)
	}
}

func TestHeadErrors(t *testing.T) {
	ctx, o := context.Background(), HeadOptions{}
	x := []float32{1, 2, 3, 4}
	one := Examples{X: x, Labels: []int{0, 0}, D: 2, Classes: 1}
	if _, err := TrainHead(ctx, one, Examples{}, o, nil); err != ErrOneClass {
		t.Errorf("one class: %v", err)
	}
	var empty *EmptyClassError
	gap := Examples{X: x, Labels: []int{0, 2}, D: 2, Classes: 3}
	if _, err := TrainHead(ctx, gap, Examples{}, o, nil); !errors.As(err, &empty) || empty.Class != 1 {
		t.Errorf("an empty class: %v", err)
	}
	good := Examples{X: x, Labels: []int{0, 1}, D: 2, Classes: 2}
	for _, v := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		bad := Examples{X: []float32{1, 2, v, 4}, Labels: []int{0, 1}, D: 2, Classes: 2}
		if _, err := TrainHead(ctx, bad, Examples{}, o, nil); err != ErrNotFinite {
			t.Errorf("trained on %v: %v", v, err)
		}
		if _, err := TrainHead(ctx, good, bad, o, nil); err != ErrNotFinite {
			t.Errorf("validated on %v: %v", v, err)
		}
		if _, err := NewClassMeans(bad); err != ErrNotFinite {
			t.Errorf("means of %v: %v", v, err)
		}
	}
	for _, bad := range []Examples{
		{X: x, Labels: []int{0, 1}, D: 3, Classes: 2}, {X: x, Labels: []int{0, 2}, D: 2, Classes: 2},
		{X: x, Labels: []int{0, -1}, D: 2, Classes: 2}, {},
	} {
		panics(t, badExamples, func() { _, _ = TrainHead(ctx, bad, Examples{}, o, nil) })
	}
	panics(t, badExamples, func() {
		_, _ = TrainHead(ctx, good, Examples{X: x, Labels: []int{0}, D: 4, Classes: 2}, o, nil)
	})
	panics(t, badExamples, func() {
		_, _ = TrainHead(ctx, good, Examples{}, HeadOptions{Start: NewHead(x, x, 1)}, nil)
	})
	panics(t, badL2, func() { _, _ = TrainHead(ctx, good, Examples{}, HeadOptions{L2s: []float64{0}}, nil) })
}

// A constant feature, however large, has no weight, whatever training started from.
func TestHeadIgnoresConstants(t *testing.T) {
	train, _ := sample(8)
	for at := 0; at < len(train.X); at += train.D {
		train.X[at+4] = 12345.678
	}
	start := NewHead(make([]float32, 3*train.D), make([]float32, 3), train.D)
	for i := range start.W {
		start.W[i] = 0.5
	}
	for _, from := range []*Head{nil, start} {
		h, err := TrainHead(context.Background(), train, Examples{}, HeadOptions{L2s: []float64{0.001}, Start: from},
			nil)
		if err != nil {
			t.Fatal(err)
		}
		for c := range 3 {
			if w := h.W[c*train.D+4]; w != 0 {
				t.Errorf("class %d gives a constant the weight %v", c, w)
			}
		}
		if got := h.Score(train).Accuracy(); got < 0.99 {
			t.Errorf("accuracy %v on the training examples", got)
		}
	}
}

// The smallest problem: one example each, which are equal but for one feature. And pictures that are all the same teach
// nothing.
func TestHeadOfFew(t *testing.T) {
	e := Examples{X: []float32{5, 0, 7, 5, 1, 7}, Labels: []int{0, 1}, D: 3, Classes: 2}
	h, err := TrainHead(context.Background(), e, Examples{}, HeadOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := classesOf(h.Predict(e.X)); !slices.Equal(got, e.Labels) {
		t.Errorf("answers %v", got)
	}
	if h.W[0] != 0 || h.W[2] != 0 || h.L2 != WithoutValidationL2 || h.Temperature != 1 {
		t.Errorf("head %+v", h)
	}
	same := Examples{X: make([]float32, 12), Labels: []int{0, 1, 0, 0}, D: 3, Classes: 2}
	h, err = TrainHead(context.Background(), same, Examples{}, HeadOptions{Tolerance: 1e-9}, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "what is left is how frequent they are", h.Probabilities(h.Logits(same.X[:3])), []float64{0.75, 0.25}, 1e-3)
}

// A folded head, and one of plain weights made of it, answer alike.
func TestHeadFold(t *testing.T) {
	train, validation := sample(6)
	h, err := TrainHead(context.Background(), train, validation, HeadOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w, b := h.Fold()
	plain := NewHead(w, b, h.D)
	near(t, "logits", plain.Logits(train.X), h.Logits(train.X), 1e-5)
	want := make([]float64, 0, train.Len()*h.Classes)
	for i := range train.Len() {
		for c := range h.Classes {
			sum := float64(h.B[c])
			for j, v := range train.Row(i) {
				sum += float64(h.W[c*h.D+j]) * (float64(v) - float64(h.Mean[j])) / float64(h.Std[j])
			}
			want = append(want, sum)
		}
	}
	near(t, "logits", h.Logits(train.X), want, 1e-5)
	copied := h.Clone()
	copied.W[0]++
	if copied.W[0] == h.W[0] {
		t.Error("a clone shares its weights")
	}
	panics(t, badHead, func() { NewHead(w[1:], b, h.D) })
	panics(t, badFeatures, func() { h.Logits(train.X[1:]) })
}

// The class means' answers are those of the largest cosine.
func TestClassMeans(t *testing.T) {
	train, validation := sample(7)
	h, err := NewClassMeans(train)
	if err != nil {
		t.Fatal(err)
	}
	means := make([]float64, train.Classes*train.D)
	for i, label := range train.Labels {
		for j, v := range train.Row(i) {
			means[label*train.D+j] += float64(v)
		}
	}
	for i, got := range classesOf(h.Predict(validation.X)) {
		best, most := -1, math.Inf(-1)
		for c := range train.Classes {
			along, square := 0.0, 0.0
			for j, v := range validation.Row(i) {
				m := means[c*train.D+j]
				along, square = along+m*float64(v), square+m*m
			}
			if cosine := along / math.Sqrt(square); cosine > most {
				best, most = c, cosine
			}
		}
		if got != best {
			t.Errorf("picture %d is nearest to %d, not %d", i, best, got)
		}
	}
	if _, err := NewClassMeans(Examples{X: []float32{1}, Labels: []int{0}, D: 1, Classes: 1}); err != ErrOneClass {
		t.Errorf("one class: %v", err)
	}
}
