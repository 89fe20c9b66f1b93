package resnet

import (
	"fmt"
	"math"
	"slices"
)

// Prediction is a class and how probable the network finds it.
type Prediction struct {
	Index       int
	Probability float64
}

// Top gives the k most probable classes for logits, best first. Equal ones come in the order of their index.
func Top(logits []float32, k int) []Prediction {
	k = min(k, len(logits))
	best := make([]Prediction, 0, k+1)
	for i, p := range Softmax(logits) {
		at := len(best)
		for at > 0 && best[at-1].Probability < p {
			at--
		}
		if at < k {
			best = slices.Insert(best, at, Prediction{i, p})[:min(k, len(best)+1)]
		}
	}
	return best
}

// Label names a class, by its number if the model's card has no labels.
func (m *Model) Label(class int) string {
	if class < len(m.Card.Labels) {
		return m.Card.Labels[class]
	}
	return fmt.Sprintf("class %d", class)
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
