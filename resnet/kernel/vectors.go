package kernel

import "math"

// This file has what goes value by value through vectors: sums, ReLU, and the steps of gradient descent.

// Add computes y = a + b; y may be a or b.
func Add(y, a, b []float32) {
	mustBeAsLong(y, a, b)
	enter()
	defer leave()
	addVectors(y, a, b, false)
}

// AddReLU computes y = max(0, a + b); y may be a or b. ReLU computes y = max(0, a).
func AddReLU(y, a, b []float32) {
	mustBeAsLong(y, a, b)
	enter()
	defer leave()
	addVectors(y, a, b, true)
}

func ReLU(y, a []float32) {
	mustBeAsLong(y, a)
	enter()
	defer leave()
	addVectors(y, a, nil, true)
}

// addReference is Add or AddReLU; with a b of nil it is ReLU.
func addReference(y, a, b []float32, relu bool) {
	for i, v := range a {
		if b != nil {
			v += b[i]
		}
		if relu && v < 0 {
			v = 0
		}
		y[i] = v
	}
}

// ReLUBackward computes dX = dY where y is above 0, and 0 elsewhere; dX may be dY or y.
func ReLUBackward(dX, dY, y []float32) {
	mustBeAsLong(dX, dY, y)
	enter()
	defer leave()
	reluBackward(dX, dY, y)
}

// reluBackwardReference is ReLUBackward.
func reluBackwardReference(dX, dY, y []float32) {
	for i, v := range y {
		if v > 0 {
			dX[i] = dY[i]
		} else {
			dX[i] = 0
		}
	}
}

var noMean = []float32{0}

// SquareSum is the sum of the squares of x. It does not depend on the number of threads.
func SquareSum(x []float32) float64 {
	var sum, square [1]float64
	enter()
	defer leave()
	gradientSums(sum[:], square[:], nil, x, x, nil, noMean)
	return square[0]
}

// SGD is a step of stochastic gradient descent with momentum, as PyTorch does it: for each weight w with the gradient g
// and the velocity v, in this order
//
//	g = Factor·g + Decay·w
//	v = Momentum·v + g
//	w −= Rate·v                    or, if Nesterov, Rate·(g + Momentum·v)
type SGD struct {
	Rate, Momentum, Decay float32
	Factor                float32 // 1, or less to clip gradients
	Nesterov              bool
}

// Descend takes the step for weights w with gradients g; it changes w and v.
func (s SGD) Descend(w, g, v []float32) {
	mustBeAsLong(w, g, v)
	enter()
	defer leave()
	s.descend(w, g, v)
}

// descendReference is Descend.
func (s SGD) descendReference(w, g, v []float32) {
	for i, x := range w {
		d := s.Factor*g[i] + s.Decay*x
		u := s.Momentum*v[i] + d
		v[i] = u
		if s.Nesterov {
			u = d + s.Momentum*u
		}
		w[i] = x - s.Rate*u
	}
}

// AdamW is a step of Adam with decoupled weight decay (Loshchilov and Hutter 2019), as PyTorch does it: for each weight
// w with the gradient g, and its means m and v, in this order
//
//	g = Factor·g
//	m = Beta1·m + (1 − Beta1)·g
//	v = Beta2·v + (1 − Beta2)·g²
//	w = (1 − Rate·Decay)·w − Rate·(m/(1 − Beta1ᵗ))/(√(v/(1 − Beta2ᵗ)) + Epsilon)
type AdamW struct {
	Rate, Beta1, Beta2, Epsilon, Decay float64
	Factor                             float64 // 1, or less to clip gradients
	Step                               int     // t, from 1
}

// Descend takes the step for weights w with gradients g; it changes w, m and v.
func (s AdamW) Descend(w, g, m, v []float32) {
	mustBeAsLong(w, g, m, v)
	enter()
	defer leave()
	s.descend(w, g, m, v)
}

// adamFactors are the numbers of a step that are the same for all weights.
type adamFactors struct{ factor, first, second, keep, rate, correct, epsilon float32 }

func (s AdamW) factors() adamFactors {
	t := float64(s.Step)
	return adamFactors{
		float32(s.Factor), float32(1 - s.Beta1), float32(1 - s.Beta2), float32(1 - s.Rate*s.Decay),
		float32(-s.Rate / (1 - math.Pow(s.Beta1, t))), float32(1 / math.Sqrt(1-math.Pow(s.Beta2, t))),
		float32(s.Epsilon),
	}
}

// descendReference is Descend.
func (f adamFactors) descendReference(w, g, m, v []float32) {
	for i, x := range w {
		d := f.factor * g[i]
		m[i] += f.first * (d - m[i])
		v[i] += f.second * (d*d - v[i])
		root := float32(math.Sqrt(float64(v[i])))
		w[i] = f.keep*x + f.rate*(m[i]/(root*f.correct+f.epsilon))
	}
}

// mustBeAsLong holds the operands to one length.
func mustBeAsLong(dst []float32, operands ...[]float32) {
	for _, x := range operands {
		if len(x) != len(dst) {
			panic(badLengths)
		}
	}
}
