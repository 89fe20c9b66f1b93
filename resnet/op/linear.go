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

// BatchLinear computes y = x·Wᵀ + bias for n rows: x is n×in, w out×in, y n×out.
func BatchLinear(y, x, w, bias []float32, n, in, out int) {
	for i := range n {
		copy(y[i*out:][:out], bias)
	}
	MatMul(y, x, w, n, in, out, Product{TransposeB: true, Add: true})
}

// BatchLinearBackward computes the gradients of BatchLinear from dY; dX may be nil.
func BatchLinearBackward(dX, dW, dBias, dY, x, w []float32, n, in, out int) {
	if dX != nil {
		MatMul(dX, dY, w, n, out, in, Product{})
	}
	MatMul(dW, dY, x, out, n, in, Product{TransposeA: true})
	SumRows(dBias[:out], dY[:n*out])
}
