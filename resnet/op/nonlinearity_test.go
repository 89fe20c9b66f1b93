package op

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
)

// activations are the definitions, in float64.
var activations = map[Activation]func(x float64) float64{
	ActivationReLU:      func(x float64) float64 { return max(0, x) },
	ActivationLeakyReLU: func(x float64) float64 { return max(0.01*x, x) },
	ActivationTanh:      math.Tanh,
	ActivationSiLU:      func(x float64) float64 { return x / (1 + math.Exp(-x)) },
}

// TestActivation compares with the definitions, and with finite differences of them. float32 rounds a few numbers of
// about 1 by 6e-8 each; the difference of a tanh near 1 from 1 is such a number, too.
func TestActivation(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	x := random(r, 200)
	for i := range 100 {
		x[i] *= 5
	}
	x = append(x, 1e-6, -1e-6, 1e-3, -1e-3, 30, -30)
	dY := random(r, len(x))
	for a, define := range activations {
		y, dX := make([]float32, len(x)), make([]float32, len(x))
		a.Forward(y, x)
		a.Backward(dX, dY, x, y)
		for i, v := range x {
			want := define(float64(v))
			if math.Abs(float64(y[i])-want) > 3e-7*math.Abs(want)+1e-12 {
				t.Errorf("%q of %v is %v, want %v", a, v, y[i], want)
			}
			slope := fd.Derivative(define, float64(v), &fd.Settings{Formula: fd.Central, Step: 1e-7})
			if got, want := float64(dX[i]), float64(dY[i])*slope; math.Abs(got-want) > 1e-6*(1+math.Abs(want)) {
				t.Errorf("%q backward at %v is %v, want %v", a, v, got, want)
			}
		}
		place, gradient := slices.Clone(x), slices.Clone(dY)
		if a.Forward(place, place); !slices.Equal(place, y) {
			t.Errorf("%q differs in place", a)
		}
		input := x
		if !a.ReadsInput() {
			input = nil
		}
		if a.Backward(gradient, gradient, input, y); !slices.Equal(gradient, dX) {
			t.Errorf("%q backward differs in place", a)
		}
	}
}

// TestActivationAtTheEnds: what a network that diverges computes with.
func TestActivationAtTheEnds(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		a    Activation
		x, y float32
	}{
		{ActivationTanh, inf, 1}, {ActivationTanh, -inf, -1}, {ActivationTanh, 1e30, 1}, {ActivationTanh, nan, nan},
		{ActivationTanh, 0, 0}, {ActivationLeakyReLU, inf, inf}, {ActivationLeakyReLU, -inf, -inf},
		{ActivationLeakyReLU, nan, nan}, {ActivationSiLU, inf, inf}, {ActivationSiLU, -1e30, 0},
		{ActivationSiLU, nan, nan}, {ActivationSiLU, 0, 0},
	} {
		y := []float32{0}
		c.a.Forward(y, []float32{c.x})
		if same := y[0] == c.y || y[0] != y[0] && c.y != c.y; !same {
			t.Errorf("%q of %v is %v, want %v", c.a, c.x, y[0], c.y)
		}
	}
}

func TestUnknownActivation(t *testing.T) {
	if Activation("relu").Known() || !ActivationReLU.Known() || !ActivationSiLU.Known() {
		t.Error("Known is wrong")
	}
	x := make([]float32, 1)
	for _, call := range []func(){func() { Activation("relu").Forward(x, x) },
		func() { Activation("relu").Backward(x, x, x, x) }} {
		func() {
			defer func() {
				if got := recover(); got != badActivation {
					t.Errorf("panic %v, want %q", got, badActivation)
				}
			}()
			call()
		}()
	}
}
