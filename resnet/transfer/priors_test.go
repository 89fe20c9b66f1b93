package transfer

import (
	"math"
	"slices"
	"testing"
)

// The frequencies are numpy's after 200,000 iterations. The last changes are below 1e-8, and the errors at the end of a
// linear convergence are at most some hundred times that.
func TestPriorsAreNumpys(t *testing.T) {
	for _, g := range readAdaptGoldens(t).Priors {
		near(t, "frequencies", EstimatePriors(g.Probabilities, g.Source), g.Target, 1e-4)
	}
	panics(t, badPriors, func() { EstimatePriors([]float64{0.5, 0.5, 1}, []float64{0.5, 0.5}) })
	panics(t, badPriors, func() { EstimatePriors(nil, []float64{0.5, 0.5}) })
}

// Shifted biases give the probabilities of Saerens's formula, whatever the temperature.
func TestShiftPriors(t *testing.T) {
	h := NewHead([]float32{1, 0, 0, 1, -1, 0.5}, []float32{0.1, 0.2, -0.3}, 2)
	h.Temperature = 1.7
	x := []float32{0.5, -1, 2, 0.25}
	from, to := []float64{0.5, 0.25, 0.25}, []float64{0.1, 0.9, 0}
	want := h.Probabilities(h.Logits(x))
	for at := 0; at < len(want); at += 3 {
		row := want[at:][:3]
		for c := range row {
			row[c] *= max(to[c], 0.5/20) / from[c] // half a picture of 20 at least
		}
		sum := row[0] + row[1] + row[2]
		for c := range row {
			row[c] /= sum
		}
	}
	before := slices.Clone(h.B)
	shifted := h.Clone()
	shifted.shiftPriors(from, to, 20)
	near(t, "probabilities", shifted.Probabilities(shifted.Logits(x)), want, 1e-6)
	if !slices.Equal(h.B, before) || math.IsInf(float64(shifted.B[2]), 0) {
		t.Errorf("the head itself has moved to %v, or the bias is %v", h.B, shifted.B)
	}
}
