package op

import "github.com/seed8935e608/residua/resnet/kernel"

// Linear is y = W·x + b.
type Linear struct {
	In, Out int
	weights *kernel.Weights
	rows    *kernel.Rows
}

// NewLinear makes a linear layer of weights Out×In and bias Out.
func NewLinear(w, bias []float32, in, out int) *Linear {
	return &Linear{
		In:      in,
		Out:     out,
		weights: kernel.Pack(w, out, in, 1, 1, ones(out), bias),
		rows:    kernel.NewRows(1, 1, func(int, int) int { return 0 }),
	}
}

// Forward computes dst, Out floats, from x, In floats; they must not overlap.
func (l *Linear) Forward(dst, x []float32) {
	if len(x) != l.In {
		panic(badInput)
	}
	kernel.Conv(dst, l.Out, x, l.rows, l.weights, kernel.Epilogue{})
}
