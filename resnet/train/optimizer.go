package train

import "github.com/seed8935e608/residua/resnet/op"

// An Optimizer is a rule for how weights follow their gradients: SGD or AdamW.
type Optimizer interface {
	// name is what a state calls it.
	name() string
	// moments is how many numbers it keeps for each weight.
	moments() int
	// check tells whether its settings are sensible.
	check() bool
	// update does step number step, from 0, of weights w with the gradient factor·g; moments are as long as w.
	update(w, g []float32, moments [][]float32, step int, rate, decay, factor float64)
}

// SGD is stochastic gradient descent with momentum, as PyTorch does it. For each weight w with the gradient g, in this
// order
//
//	g += decay·w
//	v = Momentum·v + g
//	w −= rate·v                    with Nesterov rate·(g + Momentum·v)
type SGD struct {
	Momentum float64
	Nesterov bool // Sutskever et al. 2013
}

func (SGD) name() string        { return "sgd" }
func (SGD) moments() int        { return 1 }
func (o SGD) check() bool       { return isFraction(o.Momentum) }
func isFraction(x float64) bool { return x >= 0 && x < 1 }

func (o SGD) update(w, g []float32, moments [][]float32, _ int, rate, decay, factor float64) {
	op.SGD{
		Rate: float32(rate), Momentum: float32(o.Momentum), Decay: float32(decay), Factor: float32(factor),
		Nesterov: o.Nesterov,
	}.Descend(w, g, moments[0])
}

// AdamW is Adam with decoupled weight decay (Kingma and Ba 2015, Loshchilov and Hutter 2019), as PyTorch does it. For
// each weight w with the gradient g in step t, from 1,
//
//	w −= rate·decay·w
//	m = Beta1·m + (1 − Beta1)·g
//	v = Beta2·v + (1 − Beta2)·g²
//	w −= rate·(m/(1 − Beta1ᵗ))/(√(v/(1 − Beta2ᵗ)) + Epsilon)
//
// Zeros stand for PyTorch's settings: 0.9, 0.999 and 1e-8.
type AdamW struct{ Beta1, Beta2, Epsilon float64 }

func (AdamW) name() string { return "adamw" }
func (AdamW) moments() int { return 2 }

func (o AdamW) check() bool {
	o = o.withDefaults()
	return isFraction(o.Beta1) && isFraction(o.Beta2) && o.Epsilon > 0 && finite(o.Epsilon)
}

func (o AdamW) withDefaults() AdamW {
	for _, d := range []struct {
		of *float64
		is float64
	}{{&o.Beta1, 0.9}, {&o.Beta2, 0.999}, {&o.Epsilon, 1e-8}} {
		if *d.of == 0 {
			*d.of = d.is
		}
	}
	return o
}

func (o AdamW) update(w, g []float32, moments [][]float32, step int, rate, decay, factor float64) {
	o = o.withDefaults()
	op.AdamW{
		Rate: rate, Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon, Decay: decay, Factor: factor, Step: step + 1,
	}.Descend(w, g, moments[0], moments[1])
}

// clipFactor is by what gradients of a norm are multiplied so that it is at most clip, as PyTorch's clip_grad_norm_ has
// it; 0 clips nothing.
func clipFactor(clip, norm float64) float64 {
	if clip == 0 {
		return 1
	}
	return min(1, clip/(norm+1e-6))
}
