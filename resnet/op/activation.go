package op

import (
	"math"

	"github.com/seed8935e608/residua/resnet/kernel"
)

// ReLU computes y = max(0, x); y may be x.
func ReLU(y, x []float32) { kernel.ReLU(y[:len(x)], x) }

// ReLUBackward computes dX, the gradient with respect to ReLU's input, from dY, the gradient with respect to its output
// y: where ReLU gave 0 it is 0. dX may be dY.
func ReLUBackward(dX, dY, y []float32) { kernel.ReLUBackward(dX[:len(y)], dY[:len(y)], y) }

// Add computes y = x + f, and AddReLUTrain y = ReLU(x + f), without the moments that AddReLU computes; y may be x or f.
func Add(y, x, f []float32) { kernel.Add(y, x, f) }

func AddReLUTrain(y, x, f []float32) { kernel.AddReLU(y, x, f) }

// SquareSum is the sum of the squares of x: of a gradient's norm, or of an activation's root mean square.
func SquareSum(x []float32) float64 { return kernel.SquareSum(x) }

// AddReLU computes y = ReLU(x + f), the end of a residual block. In the same pass over the memory it computes the sums
// of squares and the scalar product from which the norms and the cosine of x, f and y follow. x, f and y are
// positions×channels. ReLUBackward gives the gradient with respect to x + f, which is also that of x and of f.
func AddReLU(y, x, f []float32, channels int) Moments {
	var m Moments
	for at := 0; at < len(x); at += channels {
		m.add(y[at:at+channels], x[at:at+channels], f[at:at+channels])
	}
	return m
}

// MomentsOf computes the moments of parts of the same length that are computed already.
func MomentsOf(y, x, f []float32, channels int) Moments {
	var m Moments
	for at := 0; at < len(x); at += channels {
		m.sum(y[at:at+channels], x[at:at+channels], f[at:at+channels])
	}
	return m
}

// Moments are sums over all values of the parts of a block: x, f and what becomes of them, y.
type Moments struct {
	XX, FF, YY float64 // of x², f², y²
	XF         float64 // of x·f
}

// Norms gives the Euclidean norms of x, f and y.
func (m Moments) Norms() (x, f, y float64) {
	return math.Sqrt(m.XX), math.Sqrt(m.FF), math.Sqrt(m.YY)
}

// Cosine is that of the angle between x and f; 0 if one of them is 0.
func (m Moments) Cosine() float64 {
	if m.XX == 0 || m.FF == 0 {
		return 0
	}
	return m.XF / math.Sqrt(m.XX*m.FF)
}

// add computes y = ReLU(x + f) at one position. Its own sums are float32: over the at most 2,048 channels of a position
// they are off by some 1e-6, and float64 would cost half as much again under js/wasm.
func (m *Moments) add(y, x, f []float32) {
	f, y = f[:len(x)], y[:len(x)]
	var xx, ff, yy, xf float32
	for i, a := range x {
		b := f[i]
		c := positive(a + b)
		y[i] = c
		xx += a * a
		ff += b * b
		yy += c * c
		xf += a * b
	}
	m.XX += float64(xx)
	m.FF += float64(ff)
	m.YY += float64(yy)
	m.XF += float64(xf)
}

// sum adds one position's values, as add does.
func (m *Moments) sum(y, x, f []float32) {
	f, y = f[:len(x)], y[:len(x)]
	var xx, ff, yy, xf float32
	for i, a := range x {
		b, c := f[i], y[i]
		xx += a * a
		ff += b * b
		yy += c * c
		xf += a * b
	}
	m.XX += float64(xx)
	m.FF += float64(ff)
	m.YY += float64(yy)
	m.XF += float64(xf)
}

// positive is max(0, x), by x's sign bit: a branch would be mispredicted for a third of all activations, and the
// builtin max is a call under js/wasm.
func positive(x float32) float32 {
	bits := math.Float32bits(x)
	return math.Float32frombits(bits &^ uint32(int32(bits)>>31))
}
