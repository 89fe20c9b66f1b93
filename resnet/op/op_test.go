package op

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// close fails if two sums of depth products of standard normal values differ by more than float32's rounding may make them:
// depth roundings of 2⁻²⁴ each, of partial sums that seldom exceed 4·√depth, adding up like a random walk; ten times that where
// Winograd's transforms come in.
func close(t *testing.T, what string, got []float32, want []float64, depth int) {
	t.Helper()
	for i := range want {
		if math.Abs(float64(got[i])-want[i]) > 160*float64(depth+1)*0x1p-24 {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// convLoop is the definition of a convolution with border, in float64.
func convLoop(src, w, scale, bias []float32, in Shape, out Shape, win Window) []float64 {
	dst := make([]float64, out.Len())
	for y := range out.H {
		for x := range out.W {
			for o := range out.C {
				sum := float64(bias[o])
				for ky := range win.Size {
					for kx := range win.Size {
						sy, sx := y*win.Stride+ky-win.Pad, x*win.Stride+kx-win.Pad
						if sy < 0 || sy >= in.H || sx < 0 || sx >= in.W {
							continue
						}
						for i := range in.C {
							weight := float64(w[((o*in.C+i)*win.Size+ky)*win.Size+kx]) * float64(scale[o])
							sum += float64(src[(sy*in.W+sx)*in.C+i]) * weight
						}
					}
				}
				dst[(y*out.W+x)*out.C+o] = sum
			}
		}
	}
	return dst
}

func TestConv2D(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, win := range []Window{{1, 1, 0}, {1, 2, 0}, {3, 1, 1}, {3, 2, 1}, {7, 2, 3}, {5, 3, 0}} {
		for _, in := range []Shape{{7, 7, 3}, {9, 13, 8}, {8, 5, 11}, {7, 7, 16}, {9, 10, 32}} {
			for _, out := range []int{1, 8, 13, 20} {
				what := fmt.Sprint(win, in, out)
				w := random(r, out*in.C*win.Size*win.Size)
				scale, bias := random(r, out), random(r, out)
				c := NewConv2D(w, in, out, win, scale, bias)
				for range 2 { // the second pass uses the border of the first
					src := random(r, in.Len())
					shape := c.Out
					residual := random(r, shape.Len())
					want := convLoop(src, w, scale, bias, in, shape, win)
					got := make([]float32, shape.Len())
					c.Forward(got, src, Epilogue{})
					close(t, what, got, want, in.C*win.Size*win.Size)
					c.Forward(got, src, Epilogue{Residual: residual, ReLU: true})
					for i := range want {
						want[i] = max(0, want[i]+float64(residual[i]))
					}
					close(t, what+" residual relu", got, want, in.C*win.Size*win.Size)
				}
			}
		}
	}
}

func TestMaxPool2D(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, win := range []Window{{3, 2, 1}, {2, 2, 0}, {3, 1, 1}} {
		for _, in := range []Shape{{7, 9, 5}, {8, 8, 8}, {3, 3, 1}} {
			p := NewMaxPool2D(in, win)
			out := p.Out
			src := random(r, in.Len())
			got := make([]float32, out.Len())
			p.Forward(got, src)
			for i := range got {
				c, x, y := i%out.C, i/out.C%out.W, i/out.C/out.W
				want := float32(math.Inf(-1))
				for sy := max(0, y*win.Stride-win.Pad); sy < min(in.H, y*win.Stride-win.Pad+win.Size); sy++ {
					for sx := max(0, x*win.Stride-win.Pad); sx < min(in.W, x*win.Stride-win.Pad+win.Size); sx++ {
						want = max(want, src[(sy*in.W+sx)*in.C+c])
					}
				}
				if got[i] != want {
					t.Fatalf("%v %v: value %d is %v, want %v", win, in, i, got[i], want)
				}
			}
		}
	}
}

func TestLinear(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	w, bias, x := random(r, 10*33), random(r, 10), random(r, 33)
	got, want := make([]float32, 10), make([]float64, 10)
	for o := range want {
		want[o] = float64(bias[o])
		for i := range x {
			want[o] += float64(w[o*33+i]) * float64(x[i])
		}
	}
	NewLinear(w, bias, 33, 10).Forward(got, x)
	close(t, "linear", got, want, 33)
}

func TestBatchNormFold(t *testing.T) {
	n := BatchNorm{Weight: []float32{2, -1}, Bias: []float32{0.5, 3}, Mean: []float32{4, -2}, Var: []float32{9, 0}, Epsilon: 1e-3}
	scale, bias := n.Fold()
	for i := range scale {
		for _, x := range []float64{-3, 0, 10} {
			want := (x-float64(n.Mean[i]))/math.Sqrt(float64(n.Var[i])+n.Epsilon)*float64(n.Weight[i]) + float64(n.Bias[i])
			// scale and bias are rounded to float32 once each.
			if got := float64(scale[i])*x + float64(bias[i]); math.Abs(got-want) > 1e-6*(math.Abs(want)+math.Abs(float64(bias[i]))+1) {
				t.Errorf("channel %d at %v: %v, want %v", i, x, got, want)
			}
		}
	}
}
