package resnet

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed8935e608/residua/weights"
)

// Prediction is an answer and how probable the network finds it.
type Prediction struct {
	Index       int
	Probability float64
}

// Activation is what makes probabilities of logits.
type Activation string

const (
	// Softmax networks know classes of which one is right: the probabilities add up to 1.
	ActivationSoftmax Activation = "softmax"
	// Sigmoid networks give each class a probability of its own, 1 / (1 + exp(−x)): any number of them may be right
	// (multi-label classification). With one output it is the probability of a yes (binary classification).
	ActivationSigmoid Activation = "sigmoid"
)

// Activation is what makes probabilities of the network's logits: what the card says, and always the sigmoid for one
// output, whose softmax would be 1 for every picture.
func (m *Model) Activation() Activation {
	if m.Card.Activation == weights.Sigmoid || m.Config.Classes == 1 {
		return ActivationSigmoid
	}
	return ActivationSoftmax
}

// Answers is the number of answers to tell apart: the classes, or two if the network has one output. The answers of one
// output z are 0, what it says yes to, with the logit z, and 1, its opposite, with the logit −z: σ(z) + σ(−z) = 1. All
// methods that take a class take an answer's index.
func (c Config) Answers() int { return max(2, c.Classes) }

// Probabilities gives the probability of each answer, by the model's activation.
func (m *Model) Probabilities(logits []float32) []float64 {
	if m.Activation() == ActivationSoftmax {
		return Softmax(logits)
	}
	out := make([]float64, len(logits), m.Config.Answers())
	for i, x := range logits {
		out[i] = sigmoid(x)
	}
	if m.Config.Classes == 1 {
		out = append(out, sigmoid(-logits[0]))
	}
	return out
}

// Top gives the k most probable answers for logits, best first. Equal ones come in the order of their index.
func (m *Model) Top(logits []float32, k int) []Prediction {
	return mostProbable(m.Probabilities(logits), k)
}

// Top is Model.Top for a network whose activation is the softmax.
func Top(logits []float32, k int) []Prediction { return mostProbable(Softmax(logits), k) }

func mostProbable(probabilities []float64, k int) []Prediction {
	k = min(k, len(probabilities))
	best := make([]Prediction, 0, k+1)
	for i, p := range probabilities {
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

// Label names an answer, by its number if the model's card has no labels. The answers of one output are "yes" and "no"
// without labels, and "LABEL" and "not LABEL" with one.
func (m *Model) Label(class int) string {
	labels := m.Card.Labels
	switch {
	case class >= 0 && class < len(labels):
		return labels[class]
	case m.Config.Classes != 1:
		return fmt.Sprintf("class %d", class)
	case len(labels) == 1:
		return "not " + labels[0]
	case class == 0:
		return "yes"
	}
	return "no"
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

// sigmoid gives 1 / (1 + exp(−x)).
func sigmoid(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }
