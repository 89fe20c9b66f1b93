// Package train trains residual networks from random weights, or further from a file: every resnet.Config, residual or
// plain, with norms or without. Learning is stochastic gradient descent on pictures with labels.
//
// A [Net] is a network that can learn: [Net.Learn] leaves the gradients of a batch's mean loss, [Net.Logits] answers,
// [Net.Layers] tells how the signal and the gradient fare from layer to layer. A [Trainer] does the steps: it chooses
// and augments the pictures, clips the gradients, and runs an [Optimizer] by a [Schedule]. [Net.File] gives the network
// as a model file that resnet.Load and PyTorch's load_state_dict take.
//
// All of it is deterministic: the same pictures, settings and seed give the same weights, to the bit and for any number
// of threads. A training that is put back from its state goes on to the very same result. Mistakes of the caller, such
// as lengths that do not fit, are panics; what a person's choices and data can cause is an error.
package train

import (
	"errors"
	"math"

	"github.com/seed8935e608/residua/resnet/op"
)

// A Score says how well a network does on some pictures.
type Score struct {
	N       int     // pictures; 0 if there were none to score on
	Correct int     // of them named rightly
	Loss    float64 // mean cross-entropy, in nats
}

// Accuracy is the part of the pictures named rightly, NaN if there are none.
func (s Score) Accuracy() float64 { return float64(s.Correct) / float64(s.N) }

// Plus is the score on both sets of pictures.
func (s Score) Plus(t Score) Score {
	n := s.N + t.N
	if n == 0 {
		return Score{}
	}
	return Score{n, s.Correct + t.Correct, (float64(s.N)*s.Loss + float64(t.N)*t.Loss) / float64(n)}
}

// Diverged tells whether the loss is infinite or not a number.
func (s Score) Diverged() bool { return !finite(s.Loss) }

// ScoreOf scores logits, N×classes, by the labels.
func ScoreOf(logits []float32, labels []int, classes int) Score {
	if classes < 1 || len(logits) != len(labels)*classes {
		panic(badBatch)
	}
	if len(labels) == 0 {
		return Score{}
	}
	loss, correct := op.CrossEntropy(nil, logits, labels, classes, 0)
	return Score{len(labels), correct, loss}
}

// Pictures are what a network learns from, or is scored on. They are read when they are needed, so they may lie
// anywhere, in any precision.
type Pictures struct {
	Labels []int
	// Variants is how many variants there are of each picture: the picture itself, number 0, and altered ones. 0 means
	// 1. In training every epoch takes one of them at random; scores always take number 0.
	Variants int
	// Read writes the network's input for a variant of picture i to dst. The same picture must always be the same
	// numbers.
	Read func(dst []float32, i, variant int)
}

// ErrDiverged says that the loss or the gradient has left the numbers: the rate is too high for this network and these
// pictures.
var ErrDiverged = errors.New(
	"train: the loss is beyond all numbers; a lower rate, a longer warm-up or clipped gradients may help")

const badBatch = "train: these are not pictures of the network's size, or more than a batch, or a label is no class"

// finite tells whether x is a number, and not infinite.
func finite(x float64) bool { return x-x == 0 }

// euclidean is the Euclidean norm of x.
func euclidean(x []float32) float64 { return math.Sqrt(squares(x)) }

// hypot is the Euclidean norm of x.
func hypot(x []float64) float64 {
	sum := 0.
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}

// squares is the sum of the squares of x. The kernel's sums are float32; where their range may not be enough it is
// computed once more in float64.
func squares(x []float32) float64 {
	if sum := op.SquareSum(x); sum > 1e-24 && finite(sum) {
		return sum
	}
	sum := 0.
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}
