package transfer

import (
	"math"
)

// The temperatures that FitTemperature chooses from.
const (
	minTemperature = 0.05
	maxTemperature = 20
)

// FitTemperature finds the temperature at which the cross-entropy of softmax(logits/temperature) is the lowest
// (temperature scaling; Guo, Pleiss, Sun and Weinberger, 2017). logits are N×classes, of examples that were not trained
// on. The answers stay the same; only how sure they are changes. Without examples the temperature is 1.
//
// If all of a few examples are answered rightly, the cross-entropy is the lowest for a classifier that is certain of
// everything. So the target probability of an example's class is not 1 but (N+1)/(N+2), Laplace's rule after N right
// answers, and the other classes share the rest (Platt 1999, for two classes).
func FitTemperature(logits []float32, labels []int, classes int) float64 {
	if classes < 1 || len(logits) != len(labels)*classes {
		panic(badExamples)
	}
	if len(labels) == 0 {
		return 1
	}
	// In β = 1/T the loss is convex, so its derivative only grows, and bisection finds its zero.
	low, high := 1/float64(maxTemperature), 1/float64(minTemperature)
	for range 60 {
		mid := math.Sqrt(low * high)
		if slope(logits, labels, classes, mid) > 0 {
			high = mid
		} else {
			low = mid
		}
	}
	return 1 / math.Sqrt(low*high)
}

// slope is the derivative by β of the summed cross-entropy of softmax(β·logits), with FitTemperature's target
// probabilities.
func slope(logits []float32, labels []int, classes int, beta float64) float64 {
	p := make([]float64, classes)
	rest := 1 / float64(len(labels)+2)
	other := rest / float64(max(classes-1, 1))
	sum := 0.0
	for i, label := range labels {
		z := logits[i*classes:][:classes]
		softmax(p, z, 1/beta)
		for c, v := range z {
			sum += (p[c] - other) * float64(v)
		}
		sum -= (1 - rest - other) * float64(z[label])
	}
	return sum
}

// Calibrate sets the head's temperature by examples that it was not trained on.
func (h *Head) Calibrate(validation Examples) {
	validation.mustFit()
	h.Temperature = FitTemperature(h.Logits(validation.X), validation.Labels, h.Classes)
}

// A ReliabilityBin is the answers whose probability lies in one interval.
type ReliabilityBin struct {
	N          int
	Confidence float64 // mean probability of the answers
	Accuracy   float64 // how many of them were right
}

// A Calibration compares the probabilities of answers with how often they are right.
type Calibration struct {
	Bins []ReliabilityBin // of equal width, from 0 to 1
	// ECE is the expected calibration error (Naeini, Cooper and Hauskrecht, 2015): the mean over the bins of |accuracy
	// - confidence|, each weighed by its answers. With few examples it is too large by chance: with n in each bin, by
	// some 0.4/√n even if all is well.
	ECE float64
}

// NewCalibration sorts the likeliest classes of probabilities, N×classes, into bins.
func NewCalibration(probabilities []float64, labels []int, classes, bins int) Calibration {
	if classes < 1 || bins < 1 || len(probabilities) != len(labels)*classes {
		panic(badExamples)
	}
	c := Calibration{Bins: make([]ReliabilityBin, bins)}
	for i, label := range labels {
		p := probabilities[i*classes:][:classes]
		best := argMax(p)
		// A bin holds its upper end, and not its lower: 1 is in the last.
		at := min(max(int(math.Ceil(p[best]*float64(bins)))-1, 0), bins-1)
		b := &c.Bins[at]
		b.N++
		b.Confidence += p[best]
		if best == label {
			b.Accuracy++
		}
	}
	for i := range c.Bins {
		b := &c.Bins[i]
		if b.N == 0 {
			continue
		}
		c.ECE += math.Abs(b.Accuracy-b.Confidence) / float64(len(labels))
		b.Confidence /= float64(b.N)
		b.Accuracy /= float64(b.N)
	}
	return c
}
