package transfer

import (
	"slices"
	"testing"
)

// withRefit is withValidation, and all of it learnt from after all.
func withRefit(train, validation *Pictures, o *SGDOptions) {
	withValidation(train, validation, o)
	validation.Variants = train.Variants
	o.Refit, o.Patience = true, 1
}

// refits fails unless the refit of a training is the training on all pictures for as many epochs as the best had, from
// the same start, and what comes before it is the training without one. make makes the training anew, with other
// pictures and options.
func refits(t *testing.T, make func(change func(train, validation *Pictures, o *SGDOptions)) *training) {
	t.Helper()
	var steps []Step
	got := make(withRefit)
	if err := got.Run(t.Context(), func(s Step) { steps = append(steps, s) }); err != nil {
		t.Fatal(err)
	}
	without := make(func(train, validation *Pictures, o *SGDOptions) {
		withRefit(train, validation, o)
		o.Refit = false
	})
	if err := without.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.History(), without.History()) || got.Best() != without.Best() || !got.refitted() ||
		without.refitted() {
		t.Errorf("with a refit the best epoch is %d, without %d", got.Best(), without.Best())
	}
	all := make(func(train, validation *Pictures, o *SGDOptions) {
		withRefit(train, validation, o)
		*train, *validation, o.Epochs = joined(*train, *validation), Pictures{}, got.Best()+1
	})
	if err := all.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	moved := false
	for i, p := range got.all() {
		if !slices.Equal(got.bestValues[i], without.bestValues[i]) {
			t.Errorf("the best %s is another with a refit", p.Name)
		}
		if !slices.Equal(p.Value, all.all()[i].Value) {
			t.Errorf("%s is refitted to something else than all pictures teach", p.Name)
		}
		moved = moved || !slices.Equal(p.Value, got.bestValues[i])
	}
	if !moved {
		t.Error("the refit has come to the same weights: this tests little")
	}

	last := 0
	for i, s := range steps {
		if s.Done <= last || s.Total != steps[0].Total || s.Refit && (s.Validation.N > 0 || s.Best) {
			t.Errorf("step %d of the training is told as %+v", i, s)
		}
		last = s.Done
	}
	if end := steps[len(steps)-1]; !end.Refit || end.Done != end.Total || end.Epochs != got.Best()+1 {
		t.Errorf("the last step is told as %+v", end)
	}
}

func TestTunerRefits(t *testing.T) {
	refits(t, func(change func(train, validation *Pictures, o *SGDOptions)) *training {
		tuner, _ := goldenTuner(t, 1, 6, change)
		return &tuner.training
	})
}

func TestScratchRefits(t *testing.T) {
	refits(t, func(change func(train, validation *Pictures, o *SGDOptions)) *training {
		// Its pictures are standardised by those to train on: here always the first.
		s, _ := goldenScratch(t, 0, 6, change)
		s.mean, s.std = [3]float32{0.1, 0.2, 0.3}, [3]float32{0.5, 0.6, 0.7}
		if s.start != nil {
			for i, p := range s.all() {
				copy(s.start[i], p.Value)
			}
		}
		return &s.training
	})
}

func TestRefitResumes(t *testing.T) {
	resumes(t, func() *training {
		tuner, _ := goldenTuner(t, 0, 3, withRefit)
		return &tuner.training
	})
}

func TestRefitSurvivesPanics(t *testing.T) {
	survives(t, func() *training {
		tuner, _ := goldenTuner(t, 2, 2, withRefit)
		return &tuner.training
	})
}

// TestRefitFrom: the refit from another classifier is the training of all pictures from there, and what comes before is
// as it was.
func TestRefitFrom(t *testing.T) {
	n := noise{99}
	w, b := n.halves(3*8, 0), n.halves(3, 0)
	without, _ := goldenTuner(t, 0, 3, withRefit)
	got, _ := goldenTuner(t, 0, 3, withRefit)
	got.RefitFrom(w, b)
	for _, tuner := range []*Tuner{without, got} {
		if err := tuner.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got.History(), without.History()) {
		t.Error("where the refit starts has changed what comes before it")
	}
	want, _ := goldenTuner(t, 0, got.Best()+1, func(train, validation *Pictures, o *SGDOptions) {
		withRefit(train, validation, o)
		*train, *validation = joined(*train, *validation), Pictures{}
	})
	copy(want.tuned.w.Value, w)
	copy(want.tuned.b.Value, b)
	if err := want.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	_, gotW, gotB, _ := got.Refitted()
	if _, wantW, wantB := want.Result(); !slices.Equal(gotW, wantW) || !slices.Equal(gotB, wantB) {
		t.Error("the refit did not start from the classifier that it was given")
	}
	panics(t, badHead, func() { got.RefitFrom(w, b[:2]) })
}

// TestRefitted: nothing is called refitted before it is, and then it is not the best of those that validated.
func TestRefitted(t *testing.T) {
	tuner, _ := goldenTuner(t, 0, 3, withRefit)
	if _, _, _, ok := tuner.Refitted(); ok {
		t.Error("a refit is there before the first step")
	}
	if err := tuner.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	block, w, _, ok := tuner.Refitted()
	_, best, _ := tuner.Result()
	if !ok || slices.Equal(w, best) ||
		!slices.Equal(block[0].Residual[0].Weight, tuner.tuned.weights((*blockConv).weights)[0].Residual[0].Weight) {
		t.Error("the refitted weights are not there, or those from before")
	}
	panics(t, badVariants, func() { joined(Pictures{Variants: 2}, Pictures{}) })
}
