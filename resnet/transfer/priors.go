package transfer

import "math"

// The iterations of EstimatePriors end when no frequency changes by more than priorsDone, or after priorsRounds.
const (
	priorsDone   = 1e-8
	priorsRounds = 1000
)

const badPriors = "transfer: probabilities are N×classes, and there is a frequency for each class"

// EstimatePriors finds how often each class is in the target, from the probabilities, N×classes, that a calibrated
// classifier gives to the target's pictures, and from the classes' frequencies where it learnt. It assumes that within
// a class both domains look the same (label shift). It is the EM algorithm of Saerens, Latinne and Decaestecker (2002):
//
//	q(c|x) ∝ p(c|x) · target(c)/source(c),   target(c) = mean of q(c|x)
//
// from target = source on, to the frequencies that make the pictures the most likely.
func EstimatePriors(probabilities, source []float64) []float64 {
	return estimatePriors(probabilities, source, noPause)
}

// estimatePriors is EstimatePriors, which calls piece after each iteration, and ends with its error.
func estimatePriors(probabilities, source []float64, piece func() error) []float64 {
	classes := len(source)
	if classes == 0 || len(probabilities) == 0 || len(probabilities)%classes != 0 {
		panic(badPriors)
	}
	n := len(probabilities) / classes
	target := append([]float64(nil), source...)
	ratio, next := make([]float64, classes), make([]float64, classes)
	for range priorsRounds {
		for c := range ratio {
			ratio[c] = target[c] / max(source[c], tiny)
		}
		clear(next)
		for i := range n {
			p, sum := probabilities[i*classes:][:classes], 0.0
			for c, v := range p {
				sum += v * ratio[c]
			}
			for c, v := range p {
				next[c] += v * ratio[c] / (sum * float64(n))
			}
		}
		change := 0.0
		for c, v := range next {
			change = max(change, math.Abs(v-target[c]))
		}
		copy(target, next)
		if change <= priorsDone || piece() != nil {
			break
		}
	}
	return target
}

// shiftPriors makes the head's probabilities those for other frequencies of the classes: each bias moves by
// T·log(to/from), since the logits are divided by the temperature T. A frequency counts as half a picture of n at
// least; that of a class of which n pictures show none is not known better, and without it the class could never be an
// answer.
func (h *Head) shiftPriors(from, to []float64, n int) {
	least := 0.5 / float64(n)
	for c := range h.B {
		h.B[c] += float32(h.temperature() * math.Log(max(to[c], least)/max(from[c], least)))
	}
}
