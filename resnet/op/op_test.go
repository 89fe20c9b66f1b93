package op

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// close fails if two sums of depth products of standard normal values differ by more than float32's rounding may make
// them: depth roundings of 2⁻²⁴ each, of partial sums that seldom exceed 4·√depth, adding up like a random walk; ten
// times that where Winograd's transforms come in.
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

// convGradientLoop is the gradient of convLoop by src, in float64: every product of the sum gives its weight back to
// the value it read.
func convGradientLoop(dY, w, scale []float32, in Shape, out Shape, win Window) []float64 {
	dX := make([]float64, in.Len())
	for y := range out.H {
		for x := range out.W {
			for o := range out.C {
				for ky := range win.Size {
					for kx := range win.Size {
						sy, sx := y*win.Stride+ky-win.Pad, x*win.Stride+kx-win.Pad
						if sy < 0 || sy >= in.H || sx < 0 || sx >= in.W {
							continue
						}
						for i := range in.C {
							weight := float64(w[((o*in.C+i)*win.Size+ky)*win.Size+kx]) * float64(scale[o])
							dX[(sy*in.W+sx)*in.C+i] += float64(dY[(y*out.W+x)*out.C+o]) * weight
						}
					}
				}
			}
		}
	}
	return dX
}

func TestConv2DBackwardInput(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, win := range []Window{{1, 1, 0}, {1, 2, 0}, {3, 1, 1}, {3, 2, 1}, {7, 2, 3}, {5, 3, 0}} {
		for _, in := range []Shape{{7, 7, 3}, {9, 13, 8}, {8, 5, 11}, {7, 7, 16}, {9, 10, 32},
			{4, 5, 2*backwardGroup + 5}} {
			for _, out := range []int{1, 8, 13, 20} {
				what := fmt.Sprint(win, in, out)
				w := random(r, out*in.C*win.Size*win.Size)
				scale := random(r, out)
				c := NewConv2D(w, in, out, win, scale, random(r, out))
				dY, add := random(r, c.Out.Len()), random(r, in.Len())
				want := convGradientLoop(dY, w, scale, in, c.Out, win)
				weights := func(o, first, n int) []float32 {
					taps := win.Size * win.Size
					return w[(o*in.C+first)*taps:][:n*taps]
				}
				got := random(r, in.Len()) // what stood there must not matter
				c.BackwardInput(got, dY, weights, scale, nil)
				close(t, what, got, want, out*win.Size*win.Size)
				c.BackwardInput(got, dY, weights, scale, add)
				for i, v := range add {
					want[i] += float64(v)
				}
				close(t, what+" add", got, want, out*win.Size*win.Size)
			}
		}
	}
}

func TestReLU(t *testing.T) {
	x := []float32{3, -2, 0, float32(math.Copysign(0, -1)), 1e-45, -1e-45, float32(math.Inf(1)), float32(math.Inf(-1))}
	want := []float32{3, 0, 0, 0, 1e-45, 0, float32(math.Inf(1)), 0}
	y := make([]float32, len(x))
	ReLU(y, x)
	if !slices.Equal(y, want) {
		t.Errorf("ReLU of %v is %v, want %v", x, y, want)
	}
	dY := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	ReLUBackward(dY, dY, y)
	if want := []float32{1, 0, 0, 0, 5, 0, 7, 0}; !slices.Equal(dY, want) {
		t.Errorf("the gradient is %v, want %v", dY, want)
	}
}

// TestAddReLU: the sums are of 96,000 products of normal values; those of a position in float32 are off by at most
// 2,000 roundings of 2⁻²⁴ and in fact by the root of that, 3e-6; 1e-5 of the greatest sum leaves room for the smaller
// x·f.
func TestAddReLU(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, channels := range []int{1, 3, 2000} {
		n := 48 * channels
		x, f := random(r, n), random(r, n)
		y := make([]float32, n)
		m := AddReLU(y, x, f, channels)
		var want Moments
		for i := range x {
			sum := max(0, x[i]+f[i])
			if y[i] != sum {
				t.Fatalf("%d channels: y[%d] is %v, want %v", channels, i, y[i], sum)
			}
			want.XX += float64(x[i]) * float64(x[i])
			want.FF += float64(f[i]) * float64(f[i])
			want.YY += float64(sum) * float64(sum)
			want.XF += float64(x[i]) * float64(f[i])
		}
		for name, v := range map[string][2]float64{"x²": {m.XX, want.XX}, "f²": {m.FF, want.FF}, "y²": {m.YY, want.YY},
			"x·f": {m.XF, want.XF}} {
			if math.Abs(v[0]-v[1]) > 1e-5*want.XX {
				t.Errorf("%d channels: the sum of %s is %v, want %v", channels, name, v[0], v[1])
			}
		}
	}
}

func BenchmarkAddReLU(b *testing.B) {
	r := rand.New(rand.NewPCG(13, 14))
	const n = 56 * 56 * 256
	x, f, y := random(r, n), random(r, n), make([]float32, n)
	b.SetBytes(4 * n)
	for b.Loop() {
		AddReLU(y, x, f, 256)
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

func TestGlobalMeanPool(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	in := Shape{5, 3, 7}
	src, got, want := random(r, in.Len()), make([]float32, in.C), make([]float64, in.C)
	GlobalMeanPool(got, src, in)
	for i, v := range src {
		want[i%in.C] += float64(v) / 15
	}
	close(t, "mean", got, want, 15)
	// The mean is linear: the gradient's product with any src is that of dY with src's means.
	dY, dX := random(r, in.C), make([]float32, in.Len())
	GlobalMeanPoolBackward(dX, dY, in)
	var one, other float64
	for i := range want {
		one += want[i] * float64(dY[i])
	}
	for i := range src {
		if dX[i] != dX[i%in.C] {
			t.Fatalf("position %d has another gradient than the first", i/in.C)
		}
		other += float64(src[i]) * float64(dX[i])
	}
	if math.Abs(one-other) > 1e-6*math.Sqrt(float64(len(src))) {
		t.Errorf("dY·mean(src) is %v, but dX·src is %v", one, other)
	}
}

func TestBatchNormFold(t *testing.T) {
	n := BatchNorm{Weight: []float32{2, -1}, Bias: []float32{0.5, 3}, Mean: []float32{4, -2}, Var: []float32{9, 0},
		Epsilon: 1e-3}
	scale, bias := n.Fold()
	for i := range scale {
		for _, x := range []float64{-3, 0, 10} {
			normal := (x - float64(n.Mean[i])) / math.Sqrt(float64(n.Var[i])+n.Epsilon)
			want := normal*float64(n.Weight[i]) + float64(n.Bias[i])
			got := float64(scale[i])*x + float64(bias[i])
			// scale and bias are rounded to float32 once each.
			if math.Abs(got-want) > 1e-6*(math.Abs(want)+math.Abs(float64(bias[i]))+1) {
				t.Errorf("channel %d at %v: %v, want %v", i, x, got, want)
			}
		}
	}
}
