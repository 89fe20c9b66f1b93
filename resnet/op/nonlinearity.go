package op

import "github.com/seed8935e608/residua/resnet/kernel"

// Activation is the function that follows a layer, value by value. In JSON, ReLU is the empty string.
type Activation string

const (
	ActivationReLU      Activation = ""           // max(0, x)
	ActivationLeakyReLU Activation = "leaky-relu" // x, and 0.01·x below 0 (Maas, Hannun and Ng 2013)
	ActivationTanh      Activation = "tanh"
	ActivationSiLU      Activation = "silu" // x·σ(x), also called swish, with the logistic function σ
)

// LeakyReLUSlope is the slope of a leaky ReLU below 0: PyTorch's default.
const LeakyReLUSlope = 0.01

// Known tells whether there is such an activation.
func (a Activation) Known() bool {
	switch a {
	case ActivationReLU, ActivationLeakyReLU, ActivationTanh, ActivationSiLU:
		return true
	}
	return false
}

// ReadsInput reports whether Backward reads the input x. For the others, which only read the output, x may be nil.
func (a Activation) ReadsInput() bool { return a == ActivationSiLU }

// Forward computes y = act(x). y may be x.
func (a Activation) Forward(y, x []float32) {
	y = y[:len(x)]
	switch a {
	case ActivationReLU:
		ReLU(y, x)
	case ActivationLeakyReLU:
		for i, v := range x {
			y[i] = larger(v, LeakyReLUSlope*v)
		}
	case ActivationTanh:
		for i, v := range x {
			y[i] = tanh(v)
		}
	case ActivationSiLU:
		for i, v := range x {
			y[i] = v * logistic(v)
		}
	default:
		panic(badActivation)
	}
}

// Backward computes dX, the gradient with respect to the input x, from dY, that with respect to the output y. dX may be
// dY. See ReadsInput for x.
func (a Activation) Backward(dX, dY, x, y []float32) {
	dX, dY = dX[:len(y)], dY[:len(y)]
	switch a {
	case ActivationReLU:
		ReLUBackward(dX, dY, y)
	case ActivationLeakyReLU:
		for i, v := range y {
			if v > 0 {
				dX[i] = dY[i]
			} else {
				dX[i] = LeakyReLUSlope * dY[i]
			}
		}
	case ActivationTanh:
		for i, v := range y {
			dX[i] = dY[i] * (1 - v*v)
		}
	case ActivationSiLU:
		for i, v := range x[:len(y)] {
			s := logistic(v)
			dX[i] = dY[i] * (s + y[i]*(1-s))
		}
	default:
		panic(badActivation)
	}
}

// Affine computes y = scale·x + bias channel by channel: a folded norm by itself. y may be x.
func Affine(y, x, scale, bias []float32) { kernel.Affine(y, x, scale, bias, Epilogue{}) }

// AffineBackward computes dX, the gradient with respect to Affine's x, from dY, that with respect to its output. dX may
// be dY.
func AffineBackward(dX, dY, scale []float32) {
	for at := 0; at < len(dY); at += len(scale) {
		to := dX[at:][:len(scale)]
		for i, d := range dY[at:][:len(scale)] {
			to[i] = scale[i] * d
		}
	}
}

// tanh is the hyperbolic tangent, to float32's precision. Near 0 the error of exp falls faster than x, so that the
// difference of two numbers near 1 costs nothing.
func tanh(t float32) float32 {
	switch x := -2 * float64(t); {
	case x > 40: // beyond ±20 it is ±1 in float32
		return -1
	case x < -40:
		return 1
	case x == x:
		e := exp(x)
		return float32((1 - e) / (1 + e))
	}
	return t // not a number
}

const badActivation = "op: there is no such activation"
