// Package transfer teaches a residual network new classes from a few pictures, and tells honestly how well that went.
//
// [Split] divides the pictures into training and validation, and [Teach] does the rest. Its parts can be used by
// themselves: [TrainHead] fits a linear classifier to features, the network's own or the means of chosen blocks,
// [NewTuner] trains the last block with it, [Head.Calibrate] calibrates its probabilities, [LearnThreshold] learns when
// to answer "none of these", and [Evaluate], [CompareMethods], [CKA] and [NewPCAMap] show how good it is. [Inspect]
// finds what is wrong with the pictures themselves. [Probe], [LogME] and [Distance] look at the features of each of a
// network's blocks: what they know, how well they suit the classes, and how far apart two sets of pictures are. [Adapt]
// fits a classifier to pictures of another domain.
//
// The package decodes no pictures and knows no browser. All of it is deterministic: the same examples, settings and
// seed give the same result. Mistakes of the caller, such as lengths that do not fit, are panics, except in a [Lesson],
// where they are an [ArgumentError]; what a user's data can cause is an error.
package transfer

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Examples are feature vectors, each with the index of its class.
type Examples struct {
	X          []float32 // N×D
	Labels     []int     // N, each in 0…Classes-1
	D, Classes int
}

const (
	badExamples = "transfer: X is not N×D, or a label is no class"
	badFeatures = "transfer: the features' length does not fit"
)

// Errors of examples that nothing can be learnt from.
var (
	ErrOneClass  = errors.New("transfer: there is only one class; it takes two or more to tell them apart")
	ErrNotFinite = errors.New("transfer: a feature is infinite or not a number")
)

// An EmptyClassError names a class without an example to train on.
type EmptyClassError struct{ Class int }

func (e *EmptyClassError) Error() string {
	return fmt.Sprintf("transfer: class %d has no example to train on", e.Class)
}

// Len is N, how many examples there are.
func (e Examples) Len() int { return len(e.Labels) }

// Row is the features of example i.
func (e Examples) Row(i int) []float32 { return e.X[i*e.D:][:e.D] }

// Subset copies some examples, in the order of the indices.
func (e Examples) Subset(indices []int) Examples {
	s := Examples{D: e.D, Classes: e.Classes}
	s.X, s.Labels = make([]float32, 0, len(indices)*e.D), make([]int, len(indices))
	for to, i := range indices {
		s.X = append(s.X, e.Row(i)...)
		s.Labels[to] = e.Labels[i]
	}
	return s
}

// with gives the examples and then those of f.
func (e Examples) with(f Examples) Examples {
	e.X, e.Labels = slices.Concat(e.X, f.X), slices.Concat(e.Labels, f.Labels)
	return e
}

// Counts is how many examples each class has.
func (e Examples) Counts() []int {
	counts := make([]int, e.Classes)
	for _, label := range e.Labels {
		counts[label]++
	}
	return counts
}

// mustFit panics unless the lengths fit and each label is a class.
func (e Examples) mustFit() {
	if e.D < 1 || e.Classes < 0 || len(e.X) != len(e.Labels)*e.D {
		panic(badExamples)
	}
	for _, label := range e.Labels {
		if label < 0 || label >= e.Classes {
			panic(badExamples)
		}
	}
}

// check says whether a classifier can be trained on the examples.
func (e Examples) check() error {
	e.mustFit()
	if e.Classes < 2 {
		return ErrOneClass
	}
	for class, n := range e.Counts() {
		if n == 0 {
			return &EmptyClassError{class}
		}
	}
	return e.finite()
}

// finite says whether every feature is a number.
func (e Examples) finite() error {
	for _, v := range e.X {
		if v-v != 0 { // infinities and NaN alone
			return ErrNotFinite
		}
	}
	return nil
}

// argMax is the index of the largest value, the first if there are several.
func argMax[T float32 | float64](x []T) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// softmax computes the probabilities of logits/temperature, and logΣ, the logarithm of the sum of
// exp(logit/temperature). dst may be nil if only logΣ is wanted.
func softmax(dst []float64, logits []float32, temperature float64) (logSum float64) {
	top := float64(logits[argMax(logits)]) / temperature
	sum := 0.0
	for i, z := range logits {
		p := math.Exp(float64(z)/temperature - top) // at most 1: nothing overflows
		sum += p
		if dst != nil {
			dst[i] = p
		}
	}
	for i := range dst {
		dst[i] /= sum
	}
	return top + math.Log(sum)
}
