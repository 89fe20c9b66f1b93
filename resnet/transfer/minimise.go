package transfer

import (
	"gonum.org/v1/gonum/optimize"
)

// A minimiser finds the minimum of a function by L-BFGS (Liu and Nocedal, 1989), one iteration a call. It keeps its
// state between them, so a caller that stops can go on later as if it had not stopped.
//
// optimize.Minimize would do the same, but in goroutines of its own: there nobody could recover the panic of a kernel
// whose helper thread has died. And it forgets the curvature at the end of a run.
type minimiser struct {
	f      func(x, gradient []float64) float64
	at     optimize.Location // the line search's
	method optimize.LinesearchMethod
	x      []float64 // the best place so far: the end of the last line search
	value  float64
	steps  int // that led lower
	done   bool
	asked  bool // the line search waits for the function's value
	// flat tells whether a place is as good as the minimum.
	flat func(value float64, gradient []float64) bool
}

// memory is how many past steps L-BFGS keeps; more take longer and save few iterations.
const memory = 10

// maxTries is how many places a line search may try. Usually one is enough.
const maxTries = 40

// newMinimiser starts from x0, which it does not change.
func newMinimiser(
	x0 []float64, f func(x, gradient []float64) float64, flat func(value float64, gradient []float64) bool,
) *minimiser {
	m := &minimiser{
		f:    f,
		at:   optimize.Location{X: append([]float64(nil), x0...), Gradient: make([]float64, len(x0))},
		x:    append([]float64(nil), x0...),
		flat: flat,
		method: optimize.LinesearchMethod{
			// Both factors of the Wolfe conditions are those that Nocedal and Wright (2006) recommend for quasi-Newton
			// methods.
			Linesearcher:    &optimize.MoreThuente{DecreaseFactor: 1e-4, CurvatureFactor: 0.9},
			NextDirectioner: &optimize.LBFGS{Store: memory},
		},
	}
	m.evaluate()
	m.settle()
	return m
}

// evaluate asks the function about the line search's place.
func (m *minimiser) evaluate() {
	m.asked = true
	m.at.F = m.f(m.at.X, m.at.Gradient)
	m.asked = false
}

// settle takes the line search's place, and ends the search where that is good enough, or where the function has left
// the numbers.
func (m *minimiser) settle() {
	m.value = m.at.F
	copy(m.x, m.at.X)
	m.done = m.flat(m.at.F, m.at.Gradient) || m.at.F-m.at.F != 0
}

// step does one iteration, a line search along the next direction, and reports whether there is more to do. If the
// function panics, step can be called again.
func (m *minimiser) step() bool {
	if m.done {
		return false
	}
	var op optimize.Operation
	var err error
	switch {
	case m.asked: // the function has panicked, and the caller has recovered and tries again
		op = optimize.FuncEvaluation
	case m.steps == 0:
		op, err = m.method.Init(&m.at)
	default:
		op, err = m.method.Iterate(&m.at)
	}
	for tries := 0; err == nil && op != optimize.MajorIteration && tries < maxTries; tries++ {
		m.evaluate()
		op, err = m.method.Iterate(&m.at)
	}
	if err != nil || op != optimize.MajorIteration {
		// The line search found nothing lower: the rounding of the function's float32 part hides what is left of the
		// slope.
		m.done = true
		return false
	}
	m.steps++
	m.settle()
	return !m.done
}
