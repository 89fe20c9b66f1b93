package transfer

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
)

// TrainHead learns from the validation examples too, after they have chosen: what a caller gets without a word is as
// good as Teach's classifier. Cancelled on the way it gives what it had before.
func TestTrainHeadRefits(t *testing.T) {
	train, validation := sample(7)
	first, err := TrainHead(t.Context(), train, validation, HeadOptions{NoRefit: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	both := Examples{X: slices.Concat(train.X, validation.X), Labels: slices.Concat(train.Labels, validation.Labels),
		D: train.D, Classes: train.Classes}
	want, err := TrainHead(t.Context(), both, Examples{}, HeadOptions{L2s: []float64{first.L2}, Start: first}, nil)
	if err != nil {
		t.Fatal(err)
	}
	refits := 0
	got, err := TrainHead(t.Context(), train, validation, HeadOptions{}, func(s HeadStep) {
		if s.Refit {
			refits++
			if s.Train.N != both.Len() || s.Validation.N != 0 {
				t.Errorf("step %+v", s)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.W, want.W) || slices.Equal(got.W, first.W) || got.Temperature != first.Temperature ||
		got.L2 != first.L2 || refits == 0 {
		t.Errorf("after %d steps of the refit the head is another", refits)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h, err := TrainHead(ctx, train, validation, HeadOptions{}, func(s HeadStep) {
		if s.Refit {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || h == nil || !slices.Equal(h.W, first.W) {
		t.Errorf("cancelled during the refit it gives another head, and %v", err)
	}
}

// Options that cannot be honoured are refused, and not replaced in silence.
func TestHeadOptions(t *testing.T) {
	train, validation := sample(8)
	_, err := NewHeadTrainer(train, Examples{}, HeadOptions{L2s: []float64{1, 0.1}})
	if !errors.Is(err, ErrNoValidation) {
		t.Errorf("several strengths without validation: %v, want %v", err, ErrNoValidation)
	}
	trainer, err := NewHeadTrainer(train, validation, HeadOptions{L2s: []float64{}})
	if err != nil || !slices.Equal(trainer.options.L2s, DefaultL2s) {
		t.Errorf("no strengths are not the usual ones: %v", err)
	}
	for _, o := range []HeadOptions{{MaxIterations: -1}, {Tolerance: -1}, {Tolerance: math.NaN()}} {
		panics(t, badHeadOptions, func() { _, _ = NewHeadTrainer(train, validation, o) })
	}
}
