package kernel

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// The kernels take sixteen values at a time. The last fifteen at most are done here.

// flatJob is the one job of these kernels, so that a call allocates nothing.
var flatJob layout.Flat

// runFlat runs the job on vectors of n values, and tells how many of them it has done.
func runFlat(kind layout.Kind, n int) int {
	if n &^= 15; n > 0 {
		flatJob.Header = layout.Header{Kind: kind, Count: int32(ceil(n, flatUnit))}
		flatJob.Len, flatJob.Unit = int32(n), flatUnit
		run(unsafe.Pointer(&flatJob))
	}
	flatJob = layout.Flat{}
	return n
}

func addVectors(y, a, b []float32, relu bool) {
	flatJob = layout.Flat{Dst: pointer(y), A: pointer(a), B: pointer(b)}
	if relu {
		flatJob.ReLU = 1
	}
	n := runFlat(layout.Add, len(y))
	addReference(y[n:], a[n:], after(b, n), relu)
}

func reluBackward(dX, dY, y []float32) {
	flatJob = layout.Flat{Dst: pointer(dX), A: pointer(dY), B: pointer(y)}
	n := runFlat(layout.ReLUBackward, len(y))
	reluBackwardReference(dX[n:], dY[n:], y[n:])
}

func (s SGD) descend(w, g, v []float32) {
	byVelocity, byGradient := float32(1), float32(0)
	if s.Nesterov {
		byVelocity, byGradient = s.Momentum, 1
	}
	flatJob = layout.Flat{Dst: pointer(w), A: pointer(g), B: pointer(v)}
	flatJob.S = [8]float32{s.Factor, s.Decay, s.Momentum, -s.Rate, byVelocity, byGradient}
	n := runFlat(layout.SGD, len(w))
	s.descendReference(w[n:], g[n:], v[n:])
}

func (s AdamW) descend(w, g, m, v []float32) {
	f := s.factors()
	flatJob = layout.Flat{Dst: pointer(w), A: pointer(g), B: pointer(m), C: pointer(v)}
	flatJob.S = [8]float32{f.factor, f.first, f.second, f.keep, f.rate, f.correct, f.epsilon}
	n := runFlat(layout.AdamW, len(w))
	f.descendReference(w[n:], g[n:], m[n:], v[n:])
}
