package transfer

import (
	"math"
	"slices"
	"testing"
)

// The minimiser finds the bottom of Rosenbrock's valley, which bends.
func TestMinimiser(t *testing.T) {
	evaluations := 0
	valley := func(x, g []float64) float64 {
		evaluations++
		a, b := 1-x[0], x[1]-x[0]*x[0]
		g[0], g[1] = -2*a-400*x[0]*b, 200*b
		return a*a + 100*b*b
	}
	m := newMinimiser([]float64{-1.2, 1}, valley,
		func(_ float64, g []float64) bool { return math.Hypot(g[0], g[1]) < 1e-8 })
	last := m.value
	for m.step() {
		if m.value >= last {
			t.Fatalf("step %d goes up from %v to %v", m.steps, last, m.value)
		}
		last = m.value
	}
	near(t, "bottom", m.x, []float64{1, 1}, 1e-8)
	if m.steps > 60 || evaluations > 100 {
		t.Errorf("%d steps, %d evaluations", m.steps, evaluations)
	}
	// A function that panics now and then, as a kernel does whose helper thread died, changes nothing.
	calls := 0
	shaky := newMinimiser([]float64{-1.2, 1}, func(x, g []float64) float64 {
		if calls++; calls%3 == 2 {
			g[0] = math.NaN()
			panic("lost")
		}
		return valley(x, g)
	}, m.flat)
	for !shaky.done {
		func() {
			defer func() { _ = recover() }()
			shaky.step()
		}()
	}
	if !slices.Equal(shaky.x, m.x) || shaky.steps != m.steps {
		t.Errorf("with panics in between the bottom is %v after %d steps", shaky.x, shaky.steps)
	}
	// A function that stops being a number ends the search where it was one.
	cliff := newMinimiser([]float64{1}, func(x, g []float64) float64 {
		g[0] = 1
		if x[0] < 0.9 {
			return math.NaN()
		}
		return x[0]
	}, func(float64, []float64) bool { return false })
	for range 1000 {
		if !cliff.step() {
			break
		}
	}
	if !cliff.done || !(cliff.x[0] >= 0.9 && cliff.x[0] <= 1) {
		t.Errorf("the search ends at %v, done %v", cliff.x, cliff.done)
	}
}
