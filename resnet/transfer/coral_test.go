package transfer

import (
	_ "embed"
	"encoding/json"
	"testing"
)

//go:embed testdata/adapt.json
var adaptGoldenFile []byte

// adaptGolden is what testdata/make_adapt_goldens.py has computed.
type adaptGolden struct {
	CORAL []struct {
		D                                  int
		Source, Target, ToTarget, ToSource []float32
	}
	Priors  []struct{ Source, Probabilities, Target []float64 }
	Adapted []struct {
		D, Classes      int
		L2, Temperature float64
		Labels          []int
		Source, Target  []float32
		Folds           [][]int
		Methods         []struct {
			Method  AdaptMethod
			Reverse []float64
			Answers []int
		}
	}
}

func readAdaptGoldens(t *testing.T) adaptGolden {
	t.Helper()
	var g adaptGolden
	if err := json.Unmarshal(adaptGoldenFile, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.CORAL) < 2 || len(g.Priors) < 3 || len(g.Adapted) < 2 {
		t.Fatal("goldens are missing")
	}
	return g
}

// The map is numpy's, which takes the roots of D×D matrices. The products are in float32, with sums of some twenty
// terms of up to about 10: 1e-4 is a hundred times their rounding.
func TestCORALIsNumpys(t *testing.T) {
	for _, g := range readAdaptGoldens(t).CORAL {
		c := NewCORAL(g.Source, g.Target, g.D, 1)
		near(t, "to the target", c.ToTarget(g.Source), g.ToTarget, 1e-4)
		near(t, "to the source", c.ToSource(g.Target), g.ToSource, 1e-4)
		panics(t, badFeatures, func() { c.ToTarget(g.Source[:g.D+1]) })
	}
}

// Of more pictures than coralSample the covariance is from a sample, the mean is from all, and the seed decides.
func TestCORALSample(t *testing.T) {
	const d = 3
	source, target := make([]float32, 2*coralSample*d), make([]float32, 2*coralSample*d)
	for i := range source {
		source[i], target[i] = float32(i*i%97), 5+3*float32(i*i*i%89)
	}
	a, b := NewCORAL(source, target, d, 1), NewCORAL(source, target, d, 2)
	if len(a.source.values) != coralSample || a.source.pictures != 2*coralSample {
		t.Fatalf("the covariance is from %d pictures", len(a.source.values))
	}
	x, y := a.ToTarget(source), b.ToTarget(source)
	mean, _ := Standardise(x, d)
	want, _ := Standardise(target, d)
	near(t, "mean", mean, want, 1e-4)
	same := true
	for i := range x {
		same = same && x[i] == y[i]
	}
	if same {
		t.Error("another seed takes the same sample")
	}
	near(t, "with the same seed", NewCORAL(source, target, d, 1).ToTarget(source), x, 0)
}
