package op

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBackwardIsAdjoint: a convolution y = x∗w is linear in x and in w, so for any dY the scalar product of dY and y is
// that of BackwardInput's dX and x, and that of BackwardWeights' dW and w. The shapes have strides, borders and odd
// sizes, and channels for each algorithm. Each value is off by some 1e-6 of its magnitude, and by ten times that where
// Winograd computes it; a scalar product's bound is that of the vectors' lengths.
func TestBackwardIsAdjoint(t *testing.T) {
	r := rand.New(rand.NewPCG(35, 36))
	for _, c := range []struct {
		in     Shape
		out    int
		window Window
	}{
		{Shape{8, 8, 8}, 16, Window{3, 2, 1}}, {Shape{7, 9, 5}, 6, Window{3, 2, 1}},
		{Shape{7, 8, 4}, 8, Window{1, 2, 0}}, {Shape{1, 1, 4}, 8, Window{1, 2, 0}},
		{Shape{9, 7, 3}, 4, Window{5, 3, 2}}, {Shape{6, 6, 3}, 8, Window{3, 1, 1}},
		{Shape{8, 5, 16}, 16, Window{3, 1, 1}}, {Shape{4, 9, 20}, 16, Window{3, 1, 1}},
		{Shape{5, 5, 8}, 12, Window{3, 1, 1}}, {Shape{6, 6, 8}, 8, Window{2, 2, 0}},
		{Shape{5, 5, 4}, 4, Window{2, 3, 0}},
	} {
		const n = 3
		conv := NewBatchConv2D(c.in, c.out, c.window)
		what := fmt.Sprintf("%v to %d, window %v", c.in, c.out, c.window)
		x, w := random(r, n*c.in.Len()), random(r, conv.Filters())
		y, dY := make([]float32, n*conv.Out.Len()), random(r, n*conv.Out.Len())
		// What stood in dX and dW must not matter.
		dX, dW, add := random(r, len(x)), random(r, len(w)), random(r, len(x))
		conv.Forward(y, x, w, nil, n, Epilogue{})
		conv.BackwardWeights(dW, dY, x, n)
		want := dot(dY, y)
		bound := 1e-5 * math.Sqrt(dot(dY, dY)*dot(y, y))
		for _, add := range [][]float32{nil, add} {
			conv.BackwardInput(dX, dY, w, add, n)
			got := dot(dX, x)
			if add != nil {
				got -= dot(add, x)
			}
			if !(math.Abs(got-want) <= bound) {
				t.Errorf("%s: dX·x is %v, want %v", what, got, want)
			}
		}
		if got := dot(dW, w); !(math.Abs(got-want) <= bound) {
			t.Errorf("%s: dW·w is %v, want %v", what, got, want)
		}
	}
}

// TestPackIn: convolutions that pack their weights in one place, one after the other, compute to the bit what they do
// with memory of their own. What stood there was of another shape.
func TestPackIn(t *testing.T) {
	r := rand.New(rand.NewPCG(37, 38))
	var room Room
	in := Shape{7, 7, 12}
	for range 2 {
		for _, window := range []Window{{1, 1, 0}, {3, 2, 1}, {3, 1, 1}, {1, 2, 0}} {
			for _, out := range []int{24, 5, 8} {
				const n = 2
				own, sharing := NewBatchConv2D(in, out, window), NewBatchConv2D(in, out, window)
				sharing.PackIn(&room)
				x, w, bias := random(r, n*in.Len()), random(r, own.Filters()), random(r, out)
				dY := random(r, n*own.Out.Len())
				var got [2][]float32
				for k, c := range []*BatchConv2D{own, sharing} {
					y, dX := make([]float32, len(dY)), make([]float32, len(x))
					c.Forward(y, x, w, bias, n, Epilogue{ReLU: true})
					c.BackwardInput(dX, dY, w, nil, n)
					got[k] = slices.Concat(y, dX)
				}
				if !slices.Equal(got[0], got[1]) {
					t.Errorf("%v to %d, window %v: another result where the memory is shared", in, out, window)
				}
			}
		}
	}
}

func dot(a, b []float32) float64 {
	sum := 0.
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
