package op

import "math"

// CrossEntropy is the mean over n rows of logits, n×classes, of the cross-entropy between softmax(logits) and the
// label, of which smoothing is spread over all classes (Szegedy et al. 2016):
//
//	loss = −1/n · Σ over rows, classes c of target[c]·log softmax(logits)[c]
//	target[c] = smoothing/classes + (1 − smoothing, if c is the label)
//
// It writes the gradient with respect to the logits, (softmax(logits) − target)/n, to dLogits, which may be nil or
// logits, and tells how many rows have their largest logit at the label.
func CrossEntropy(dLogits, logits []float32, labels []int, classes int, smoothing float64) (loss float64, correct int) {
	n := float64(len(labels))
	p := make([]float64, classes)
	for row, label := range labels {
		z := logits[row*classes:][:classes]
		best := 0
		for c, v := range z {
			if v > z[best] {
				best = c
			}
		}
		if best == label {
			correct++
		}
		top, sum, mean := float64(z[best]), 0., 0.
		for c, v := range z {
			p[c] = math.Exp(float64(v) - top)
			sum += p[c]
			mean += float64(v)
		}
		mean /= float64(classes)
		loss += top + math.Log(sum) - (1-smoothing)*float64(z[label]) - smoothing*mean
		if dLogits == nil {
			continue
		}
		d := dLogits[row*classes:][:classes]
		for c := range d {
			target := smoothing / float64(classes)
			if c == label {
				target += 1 - smoothing
			}
			d[c] = float32((p[c]/sum - target) / n)
		}
	}
	return loss / n, correct
}
