package resnet

import (
	"cmp"
	"math"
	"slices"
)

// Prediction is a class and how probable the network finds it.
type Prediction struct {
	Index       int
	Probability float64
}

// Top gives the k most probable classes for logits, best first; equals in the order of their index.
func Top(logits []float32, k int) []Prediction {
	all := make([]Prediction, len(logits))
	for i, p := range Softmax(logits) {
		all[i] = Prediction{i, p}
	}
	slices.SortStableFunc(all, func(a, b Prediction) int { return cmp.Compare(b.Probability, a.Probability) })
	return all[:min(k, len(all))]
}

// Softmax gives exp(x) / Σ exp(x), computed so that large logits do not overflow.
func Softmax(logits []float32) []float64 {
	out := make([]float64, len(logits))
	if len(out) == 0 {
		return out
	}
	most := float64(slices.Max(logits))
	var sum float64
	for i, x := range logits {
		out[i] = math.Exp(float64(x) - most)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}
