package transfer

import (
	"github.com/seed8935e608/residua/resnet/op"
	"gonum.org/v1/gonum/floats"
)

// An objective is what training a head minimises: the mean cross-entropy of the examples under softmax, plus
// l2/2 · ‖W‖². W weighs standardised features; the bias has no penalty.
//
// The features are not standardised in memory, since a copy for 10,000 pictures would take 82 MB. Instead the
// standardisation is folded into the weights before each product and, for the gradient, applied after it.
type objective struct {
	Examples
	// transposed is X as D×N. A product reads its left matrix row by row, where it lies; a transposed one, or one on
	// the right, it would have to copy at each evaluation.
	transposed []float32
	mean, std  []float32
	constant   []bool // features that get no weight: what is left of them is rounding
	l2         float64

	folded   []float32 // Classes×D: W/std
	bias     []float64 // Classes
	logits   []float32 // N×Classes; then their errors, probability - label
	gradient []float32 // D×Classes: by the folded weights
	score    Score     // of the last evaluation
}

// newObjective makes an objective of the examples, standardised with moderate deviations.
func newObjective(l2 float64, e Examples) *objective {
	o := &objective{Examples: e, transposed: transposed(e), l2: l2}
	o.mean, o.std, o.constant = standardise(e.X, e.D)
	moderate(o.std, o.constant, e.Len())
	o.folded, o.bias = make([]float32, e.Classes*e.D), make([]float64, e.Classes)
	o.logits, o.gradient = make([]float32, e.Len()*e.Classes), make([]float32, e.D*e.Classes)
	return o
}

// transposed is X as D×N.
func transposed(e Examples) []float32 {
	n, t := e.Len(), make([]float32, len(e.X))
	// In squares, so that lines of both matrices stay in the cache.
	const side = 32
	for i0 := 0; i0 < n; i0 += side {
		for j0 := 0; j0 < e.D; j0 += side {
			for j := j0; j < min(j0+side, e.D); j++ {
				line := t[j*n:][:n]
				for i := i0; i < min(i0+side, n); i++ {
					line[i] = e.X[i*e.D+j]
				}
			}
		}
	}
	return t
}

// evaluate computes the objective and its gradient at theta, which is W, Classes×D, and then the bias, Classes.
func (o *objective) evaluate(theta, gradient []float64) float64 {
	o.fold(theta)
	clear(gradient)
	byBias := gradient[o.Classes*o.D:]
	op.MatMul(o.logits, o.X, o.folded, o.Len(), o.D, o.Classes, op.Product{TransposeB: true})
	o.score = o.errors(byBias)
	op.MatMul(o.gradient, o.transposed, o.logits, o.D, o.Len(), o.Classes, op.Product{})
	n, squares := float64(o.Len()), 0.0
	for c := range o.Classes {
		w, g := theta[c*o.D:][:o.D], gradient[c*o.D:][:o.D]
		for j, v := range w {
			squares += v * v
			if o.constant[j] {
				g[j] = o.l2 * v
				continue
			}
			product := float64(o.gradient[j*o.Classes+c]) - float64(o.mean[j])*byBias[c]
			g[j] = product/(float64(o.std[j])*n) + o.l2*v
		}
		byBias[c] /= n
	}
	return o.score.Loss + o.l2/2*squares
}

// flat tells whether the objective is within the given part of its minimum. A function whose curvature is at least l2
// (as is this one's, but for the bias) lies at most ‖gradient‖²/(2·l2) above its minimum.
func (o *objective) flat(part float64) func(value float64, gradient []float64) bool {
	return func(value float64, gradient []float64) bool {
		return floats.Dot(gradient, gradient) <= 2*o.l2*part*value
	}
}

// theta makes parameters of a head, which may have another standardisation; zeros of nil.
func (o *objective) theta(from *Head) []float64 {
	theta := make([]float64, o.Classes*o.D+o.Classes)
	if from == nil {
		return theta
	}
	for c := range o.Classes {
		bias := float64(from.B[c])
		for j := range o.D {
			w := float64(from.W[c*o.D+j]) / float64(from.Std[j])
			if !o.constant[j] {
				theta[c*o.D+j] = w * float64(o.std[j])
			}
			bias += w * (float64(o.mean[j]) - float64(from.Mean[j]))
		}
		theta[o.Classes*o.D+c] = bias
	}
	return theta
}

// head makes a head of parameters.
func (o *objective) head(theta []float64) *Head {
	h := &Head{Classes: o.Classes, D: o.D, Mean: o.mean, Std: o.std, L2: o.l2, Temperature: 1}
	h.W, h.B = make([]float32, o.Classes*o.D), make([]float32, o.Classes)
	for i := range h.W {
		h.W[i] = float32(theta[i])
	}
	for i := range h.B {
		h.B[i] = float32(theta[len(h.W)+i])
	}
	return h
}

// fold makes weights for plain features of theta's, which are for standardised ones.
func (o *objective) fold(theta []float64) {
	for c := range o.Classes {
		w, to := theta[c*o.D:][:o.D], o.folded[c*o.D:][:o.D]
		bias := theta[o.Classes*o.D+c]
		for j, v := range w {
			to[j] = float32(v / float64(o.std[j]))
			bias -= float64(to[j]) * float64(o.mean[j])
		}
		o.bias[c] = bias
	}
}

// errors makes of the logits, without bias, the gradients of each example's cross-entropy by them, and adds those to
// byBias.
func (o *objective) errors(byBias []float64) Score {
	s := Score{N: o.Len()}
	probabilities := make([]float64, o.Classes)
	for i, label := range o.Labels {
		z := o.logits[i*o.Classes:][:o.Classes]
		for c := range z {
			z[c] += float32(o.bias[c])
		}
		if argMax(z) == label {
			s.Correct++
		}
		s.Loss += softmax(probabilities, z, 1) - float64(z[label])
		probabilities[label]--
		for c, v := range probabilities {
			z[c] = float32(v)
			byBias[c] += float64(z[c])
		}
	}
	s.Loss /= float64(max(s.N, 1))
	return s
}
