package op

import (
	"math"

	"github.com/seed8935e608/residua/resnet/kernel"
)

// Join is how the shortcut x of a residual block and its F meet, value by value, before the activation. The sum is the
// residual network's; the others are of the more general form y = act(x ∘ F). JoinNone makes a plain network.
type Join string

const (
	JoinAdd     Join = "add"     // x + F
	JoinProduct Join = "product" // x·F
	JoinMaximum Join = "maximum" // max(x, F)
	JoinGate    Join = "gate"    // x·σ(F) + F, with the logistic function σ(t) = 1/(1 + e⁻ᵗ)
	JoinNone    Join = "none"    // F: there is no shortcut
)

// Known tells whether there is such a join.
func (j Join) Known() bool {
	switch j {
	case JoinAdd, JoinProduct, JoinMaximum, JoinGate, JoinNone:
		return true
	}
	return false
}

// Forward computes y = x ∘ f. y may be x or f. JoinNone does not read x, which may be nil.
func (j Join) Forward(y, x, f []float32) {
	if j == JoinNone {
		copy(y, f[:len(y)])
		return
	}
	x, f = x[:len(y)], f[:len(y)]
	switch j {
	case JoinAdd:
		kernel.Add(y, x, f)
	case JoinProduct:
		for i, a := range x {
			y[i] = a * f[i]
		}
	case JoinMaximum:
		for i, a := range x {
			y[i] = larger(a, f[i])
		}
	case JoinGate:
		for i, a := range x {
			y[i] = a*logistic(f[i]) + f[i]
		}
	default:
		panic(badJoin)
	}
}

// Backward computes dX and dF, the gradients with respect to x and f, from dY, that with respect to x ∘ f. Where x and
// f are equal, a maximum halves its gradient between them, as in PyTorch. dX or dF may be dY, but not both; neither may
// be x or f. JoinNone reads neither x nor f, which may be nil.
func (j Join) Backward(dX, dF, dY, x, f []float32) {
	if j == JoinNone {
		copy(dF, dY)
		clear(dX[:len(dY)])
		return
	}
	dX, dF, x, f = dX[:len(dY)], dF[:len(dY)], x[:len(dY)], f[:len(dY)]
	switch j {
	case JoinAdd:
		for i, d := range dY {
			dX[i], dF[i] = d, d
		}
	case JoinProduct:
		for i, d := range dY {
			dX[i], dF[i] = d*f[i], d*x[i]
		}
	case JoinMaximum:
		for i, d := range dY {
			switch a, b := x[i], f[i]; {
			case a > b:
				dX[i], dF[i] = d, 0
			case a < b:
				dX[i], dF[i] = 0, d
			default:
				dX[i], dF[i] = d/2, d/2
			}
		}
	case JoinGate:
		for i, d := range dY {
			s := logistic(f[i])
			dX[i], dF[i] = d*s, d*(1+x[i]*s*(1-s))
		}
	default:
		panic(badJoin)
	}
}

// GateForward is JoinGate's Forward, and keeps s = σ(f) for GateBackward, which is then without the logistic function:
// that is most of what the gate costs. y may be x or f.
func GateForward(y, s, x, f []float32) {
	x, f, s = x[:len(y)], f[:len(y)], s[:len(y)]
	for i, a := range x {
		g := logistic(f[i])
		y[i], s[i] = a*g+f[i], g
	}
}

// GateBackward is JoinGate's Backward with s as GateForward left it. dX or dF may be dY, but not both; neither may be x
// or s.
func GateBackward(dX, dF, dY, x, s []float32) {
	dX, dF, x, s = dX[:len(dY)], dF[:len(dY)], x[:len(dY)], s[:len(dY)]
	for i, d := range dY {
		g := s[i]
		dX[i], dF[i] = d*g, d*(1+x[i]*g*(1-g))
	}
}

// larger is max(a, b), by the sign of their difference: a branch would be mispredicted for half of all values.
func larger(a, b float32) float32 {
	less := uint32(int32(math.Float32bits(a-b)) >> 31) // all ones if a < b
	return math.Float32frombits(math.Float32bits(a)&^less | math.Float32bits(b)&less)
}

// logistic is 1/(1 + e⁻ᵗ), to float32's precision.
func logistic(t float32) float32 {
	x := -float64(t)
	if !(x < 100) { // 1/(1 + e¹⁰⁰) is 0 in float32
		return 0
	}
	if x < -100 {
		return 1
	}
	return float32(1 / (1 + exp(x)))
}

// exp is eˣ of |x| ≤ 700, to float32's precision; math.Exp, which is exact to float64's, takes three times as long.
// With n the integer nearest to x/ln 2 and r what is left, eˣ = 2ⁿ·eʳ, and |r| ≤ ln 2 / 2: eight terms of the series
// leave 1e-8.
func exp(x float64) float64 {
	n := math.Floor(x*math.Log2E + 0.5)
	r := x - n*math.Ln2
	e := 1 + r*(1+r*(1./2+r*(1./6+r*(1./24+r*(1./120+r*(1./720+r*(1./5040)))))))
	return e * math.Float64frombits(uint64(int64(n)+1023)<<52)
}

const badJoin = "op: there is no such join"
