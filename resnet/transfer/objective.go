package transfer

import (
	"github.com/seed8935e608/residua/resnet/op"
	"gonum.org/v1/gonum/floats"
)

// An objective is what training a head minimises: the mean cross-entropy of the examples under softmax, plus
// strength/2 · ‖W‖². W weighs standardised features; the bias is free.
//
// The features are not standardised in memory. Instead the standardisation is folded into the weights, before each product and,
// for the gradient, after it: of 10,000 pictures a copy would be 82 MB.
type objective struct {
	parts     []part
	n         int // examples in all parts
	d, c      int
	mean, std []float32
	constant  []bool // features that get no weight: what is left of them is rounding
	strength  float64

	folded   []float32 // c×d: W/std
	bias     []float64 // c
	gradient []float32 // d×c: by the folded weights
	score    Score     // of the last evaluation
}

// A part is some of the examples, in both layouts. The products read a matrix that stands on the left row by row, where it is;
// one that is transposed, or stands on the right, they would have to copy at each evaluation.
type part struct {
	Examples
	transposed []float32 // D×N
	logits     []float32 // N×Classes; then their errors, probability - label
}

func newPart(e Examples) part {
	n := e.Len()
	p := part{Examples: e, transposed: make([]float32, len(e.X)), logits: make([]float32, n*e.Classes)}
	// In squares, so that lines of both matrices stay in the cache.
	const side = 32
	for i0 := 0; i0 < n; i0 += side {
		for j0 := 0; j0 < e.D; j0 += side {
			for j := j0; j < min(j0+side, e.D); j++ {
				line := p.transposed[j*n:][:n]
				for i := i0; i < min(i0+side, n); i++ {
					line[i] = e.X[i*e.D+j]
				}
			}
		}
	}
	return p
}

// newObjective makes an objective of all examples of the parts, standardised over them with moderate deviations.
func newObjective(strength float64, parts ...part) *objective {
	o := &objective{parts: parts, d: parts[0].D, c: parts[0].Classes, strength: strength}
	var xs [][]float32
	for _, p := range parts {
		o.n += p.Len()
		xs = append(xs, p.X)
	}
	o.mean, o.std, o.constant = standardise(o.d, xs...)
	moderate(o.std, o.constant, o.n)
	o.folded, o.bias, o.gradient = make([]float32, o.c*o.d), make([]float64, o.c), make([]float32, o.d*o.c)
	return o
}

// evaluate computes the objective and its gradient at theta, which is W, c×d, and then the bias, c.
func (o *objective) evaluate(theta, gradient []float64) float64 {
	o.fold(theta)
	clear(gradient)
	byBias := gradient[o.c*o.d:]
	o.score = Score{}
	for i, p := range o.parts {
		op.MatMul(p.logits, p.X, o.folded, p.Len(), o.d, o.c, op.Product{TransposeB: true})
		o.score = o.score.plus(o.errors(p, byBias))
		op.MatMul(o.gradient, p.transposed, p.logits, o.d, p.Len(), o.c, op.Product{Add: i > 0})
	}
	n, squares := float64(o.n), 0.0
	for c := range o.c {
		w, g := theta[c*o.d:][:o.d], gradient[c*o.d:][:o.d]
		for j, v := range w {
			squares += v * v
			if o.constant[j] {
				g[j] = o.strength * v
				continue
			}
			product := float64(o.gradient[j*o.c+c]) - float64(o.mean[j])*byBias[c]
			g[j] = product/(float64(o.std[j])*n) + o.strength*v
		}
		byBias[c] /= n
	}
	return o.score.Loss + o.strength/2*squares
}

// flat tells whether the objective is within the given part of its minimum. A function that curves with at least strength (as this one
// does, but for the bias) lies at most ‖gradient‖²/(2·strength) above its minimum.
func (o *objective) flat(part float64) func(value float64, gradient []float64) bool {
	return func(value float64, gradient []float64) bool {
		return floats.Dot(gradient, gradient) <= 2*o.strength*part*value
	}
}

// theta makes parameters of a head, which may have another standardisation; zeros of nil.
func (o *objective) theta(from *Head) []float64 {
	theta := make([]float64, o.c*o.d+o.c)
	if from == nil {
		return theta
	}
	for c := range o.c {
		bias := float64(from.B[c])
		for j := range o.d {
			w := float64(from.W[c*o.d+j]) / float64(from.Std[j])
			if !o.constant[j] {
				theta[c*o.d+j] = w * float64(o.std[j])
			}
			bias += w * (float64(o.mean[j]) - float64(from.Mean[j]))
		}
		theta[o.c*o.d+c] = bias
	}
	return theta
}

// head makes a head of parameters.
func (o *objective) head(theta []float64) *Head {
	h := &Head{Classes: o.c, D: o.d, Mean: o.mean, Std: o.std, Strength: o.strength, Temperature: 1}
	h.W, h.B = make([]float32, o.c*o.d), make([]float32, o.c)
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
	for c := range o.c {
		w, to := theta[c*o.d:][:o.d], o.folded[c*o.d:][:o.d]
		bias := theta[o.c*o.d+c]
		for j, v := range w {
			to[j] = float32(v / float64(o.std[j]))
			bias -= float64(to[j]) * float64(o.mean[j])
		}
		o.bias[c] = bias
	}
}

// errors makes of the logits, without bias, the gradients of each example's cross-entropy by them, and adds those to byBias.
func (o *objective) errors(p part, byBias []float64) Score {
	s := Score{N: p.Len()}
	probabilities := make([]float64, o.c)
	for i, label := range p.Labels {
		z := p.logits[i*o.c:][:o.c]
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
