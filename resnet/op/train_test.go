package op

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
)

// goldens is testdata/goldens.json: PyTorch's results.
type goldens struct {
	Conv []struct {
		N                                int
		In, Window                       [3]int
		Out                              int
		X, W, Bias, Y, DY, DX, DW, DBias []float32
	}
	Norm []struct {
		N                                                                                  int
		In                                                                                 [3]int
		X, Weight, Bias, Mean, Var, Y, MeanAfter, VarAfter, Frozen, DY, DX, DWeight, DBias []float32
	}
	Pool []struct {
		In, Window   [3]int
		X, Y, DY, DX []float32
	}
	Loss []struct {
		N, Inputs, Classes, Correct                int
		Smoothing, Loss                            float64
		Labels                                     []int
		X, W, Bias, Logits, DLogits, DX, DW, DBias []float32
	}
}

func readGoldens(t *testing.T) goldens { return readTestdata[goldens](t, "goldens.json") }

// readTestdata reads what a script in testdata has written.
func readTestdata[T any](t *testing.T, name string) (v T) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func shape(s [3]int) Shape   { return Shape{s[0], s[1], s[2]} }
func window(s [3]int) Window { return Window{s[0], s[1], s[2]} }

// near fails if values differ by more than 1e-5 of the largest: the goldens are sums of at most some hundred float32
// products, each rounded to 6e-8.
func near(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	largest := 1.
	for _, v := range want {
		largest = max(largest, math.Abs(float64(v)))
	}
	for i := range want {
		if !(math.Abs(float64(got[i]-want[i])) <= 1e-5*largest) {
			t.Fatalf("%s: value %d is %v, PyTorch's %v", what, i, got[i], want[i])
		}
	}
}

func TestBatchConv2DIsPyTorchs(t *testing.T) {
	for i, g := range readGoldens(t).Conv {
		c := NewBatchConv2D(shape(g.In), g.Out, window(g.Window))
		in, taps := c.In.C, g.Window[0]*g.Window[0]
		w := ToChannelsLast(g.W, g.Out, in, taps)
		y, dX, dW, dBias := make([]float32, len(g.Y)), make([]float32, len(g.X)), make([]float32, len(w)),
			make([]float32, g.Out)
		c.Forward(y, g.X, w, g.Bias, g.N, Epilogue{})
		c.BackwardInput(dX, g.DY, w, nil, g.N)
		c.BackwardWeights(dW, g.DY, g.X, g.N)
		SumRows(dBias, g.DY)
		near(t, fmt.Sprint(i, " y"), y, g.Y)
		near(t, fmt.Sprint(i, " dX"), dX, g.DX)
		near(t, fmt.Sprint(i, " dW"), FromChannelsLast(dW, g.Out, in, taps), g.DW)
		near(t, fmt.Sprint(i, " dBias"), dBias, g.DBias)
	}
}

func TestBatchNormTrainIsPyTorchs(t *testing.T) {
	for i, g := range readGoldens(t).Norm {
		n := BatchNorm{Weight: g.Weight, Bias: g.Bias, Mean: slices.Clone(g.Mean), Var: slices.Clone(g.Var),
			Epsilon: 1e-5}
		y := make([]float32, len(g.X))
		b := n.Train(y, g.X)
		n.Follow(b, 0.1)
		near(t, fmt.Sprint(i, " y"), y, g.Y)
		near(t, fmt.Sprint(i, " mean"), n.Mean, g.MeanAfter)
		near(t, fmt.Sprint(i, " var"), n.Var, g.VarAfter)
		dX, dWeight, dBias := slices.Clone(g.DY), make([]float32, len(g.Weight)), make([]float32, len(g.Weight))
		n.TrainBackward(dX, dWeight, dBias, dX, g.X, b)
		near(t, fmt.Sprint(i, " dX"), dX, g.DX)
		near(t, fmt.Sprint(i, " dWeight"), dWeight, g.DWeight)
		near(t, fmt.Sprint(i, " dBias"), dBias, g.DBias)
		n.Apply(y, g.X)
		near(t, fmt.Sprint(i, " frozen"), y, g.Frozen)
	}
}

func TestMaxPool2DBackwardIsPyTorchs(t *testing.T) {
	for i, g := range readGoldens(t).Pool {
		p := NewMaxPool2D(shape(g.In), window(g.Window))
		y, dX := make([]float32, len(g.Y)), []float32(slices.Repeat([]float32{7}, len(g.X)))
		p.Forward(y, g.X)
		p.Backward(dX, g.DY, g.X)
		near(t, fmt.Sprint(i, " y"), y, g.Y)
		near(t, fmt.Sprint(i, " dX"), dX, g.DX)
	}
}

func TestLinearAndLossArePyTorchs(t *testing.T) {
	for i, g := range readGoldens(t).Loss {
		z, dX, dW, dBias := make([]float32, len(g.Logits)), make([]float32, len(g.X)), make([]float32, len(g.W)),
			make([]float32, len(g.Bias))
		BatchLinear(z, g.X, g.W, g.Bias, g.N, g.Inputs, g.Classes)
		near(t, fmt.Sprint(i, " logits"), z, g.Logits)
		without, _ := CrossEntropy(nil, z, g.Labels, g.Classes, g.Smoothing)
		loss, correct := CrossEntropy(z, z, g.Labels, g.Classes, g.Smoothing)
		if math.Abs(loss-g.Loss) > 1e-6*g.Loss || correct != g.Correct || without != loss {
			t.Errorf("%d: loss %v, without the gradient %v, %d right; PyTorch's are %v and %d",
				i, loss, without, correct, g.Loss, g.Correct)
		}
		near(t, fmt.Sprint(i, " dLogits"), z, g.DLogits)
		BatchLinearBackward(dX, dW, dBias, z, g.X, g.W, g.N, g.Inputs, g.Classes)
		near(t, fmt.Sprint(i, " dX"), dX, g.DX)
		near(t, fmt.Sprint(i, " dW"), dW, g.DW)
		near(t, fmt.Sprint(i, " dBias"), dBias, g.DBias)
	}
}

// filterLoop is the gradient of convLoop by its weights, in PyTorch's order, in float64.
func filterLoop(dY, src []float32, in, out Shape, win Window) []float64 {
	dW := make([]float64, out.C*in.C*win.Size*win.Size)
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
							at := ((o*in.C+i)*win.Size+ky)*win.Size + kx
							dW[at] += float64(dY[(y*out.W+x)*out.C+o]) * float64(src[(sy*in.W+sx)*in.C+i])
						}
					}
				}
			}
		}
	}
	return dW
}

// TestBatchConv2D compares with the definitions: geometries and channels of every tail, batches of one and of some.
func TestBatchConv2D(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 26))
	for _, win := range []Window{{1, 1, 0}, {1, 2, 0}, {3, 1, 1}, {3, 2, 1}, {5, 3, 0}} {
		for _, in := range []Shape{{7, 7, 3}, {9, 13, 8}, {8, 5, 11}} {
			for _, out := range []int{1, 8, 13} {
				c := NewBatchConv2D(in, out, win)
				taps := win.Size * win.Size
				for _, n := range []int{1, 3} {
					what := fmt.Sprint(win, in, out, n)
					w, bias := random(r, c.Filters()), random(r, out)
					x, dY := random(r, n*in.Len()), random(r, n*c.Out.Len())
					residual, add := random(r, len(dY)), random(r, len(x))
					y, dX, dW := make([]float32, len(dY)), random(r, len(x)), random(r, len(w))
					last := ToChannelsLast(w, out, in.C, taps)
					c.Forward(y, x, last, bias, n, Epilogue{Residual: residual, ReLU: true})
					c.BackwardInput(dX, dY, last, add, n)
					c.BackwardWeights(dW, dY, x, n)
					dW = FromChannelsLast(dW, out, in.C, taps)
					wantW := make([]float64, len(w))
					for p := range n {
						x, dY := x[p*in.Len():][:in.Len()], dY[p*c.Out.Len():][:c.Out.Len()]
						want := convLoop(x, w, ones(out), bias, in, c.Out, win)
						for i := range want {
							want[i] = max(0, want[i]+float64(residual[p*len(want)+i]))
						}
						close(t, what+" y", y[p*len(want):][:len(want)], want, in.C*taps)
						wantX := convGradientLoop(dY, w, ones(out), in, c.Out, win)
						for i := range wantX {
							wantX[i] += float64(add[p*len(wantX)+i])
						}
						close(t, what+" dX", dX[p*len(wantX):][:len(wantX)], wantX, out*taps)
						for i, v := range filterLoop(dY, x, in, c.Out, win) {
							wantW[i] += v
						}
					}
					close(t, what+" dW", dW, wantW, n*c.Out.H*c.Out.W)
				}
			}
		}
	}
}

func double(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// TestFoldBackward compares with finite differences of Σ (scale·w)·g + bias·h in float64, whose error is some 1e-9; the
// float32 sums' is some 1e-6.
func TestFoldBackward(t *testing.T) {
	const channels, each = 4, 7
	r := rand.New(rand.NewPCG(27, 28))
	w, g, h := random(r, channels*each), random(r, channels*each), random(r, channels)
	n := BatchNorm{Weight: random(r, channels), Bias: random(r, channels), Mean: random(r, channels),
		Var: []float32{0.1, 2, 0, 1}, Epsilon: 1e-2}
	value := func(w, weight, bias []float64) float64 {
		sum := 0.
		for i := range channels {
			scale := weight[i] / math.Sqrt(float64(n.Var[i])+n.Epsilon)
			for j := range each {
				sum += scale * w[i*each+j] * float64(g[i*each+j])
			}
			sum += (bias[i] - float64(n.Mean[i])*scale) * float64(h[i])
		}
		return sum
	}
	central := &fd.Settings{Formula: fd.Central}
	wantW := fd.Gradient(nil, func(x []float64) float64 { return value(x, double(n.Weight), double(n.Bias)) },
		double(w), central)
	wantWeight := fd.Gradient(nil, func(x []float64) float64 { return value(double(w), x, double(n.Bias)) },
		double(n.Weight), central)
	dWeight := make([]float32, channels)
	dW := slices.Clone(g)
	n.FoldBackward(dW, dWeight, dW, h, w)
	for i := range wantW {
		if math.Abs(float64(dW[i])-wantW[i]) > 1e-5 {
			t.Errorf("dW[%d] is %v, want %v", i, dW[i], wantW[i])
		}
	}
	for i := range wantWeight {
		if math.Abs(float64(dWeight[i])-wantWeight[i]) > 1e-4 { // of sums that are 1/√(0.01) as large
			t.Errorf("dWeight[%d] is %v, want %v", i, dWeight[i], wantWeight[i])
		}
	}
}

// TestBatchNormTrainBackward compares with finite differences of Σ y·g, the norm by its definition in float64. The
// batch's values are some units, so float32 rounds its sums to some 1e-6.
func TestBatchNormTrainBackward(t *testing.T) {
	const rows, channels = 6, 3
	r := rand.New(rand.NewPCG(29, 30))
	x, g := random(r, rows*channels), random(r, rows*channels)
	n := BatchNorm{Weight: random(r, channels), Bias: random(r, channels), Mean: make([]float32, channels),
		Var: ones(channels), Epsilon: 1e-3}
	value := func(x, weight, bias []float64) float64 {
		sum := 0.
		for c := range channels {
			mean, variance := 0., 0.
			for i := range rows {
				mean += x[i*channels+c] / rows
			}
			for i := range rows {
				variance += (x[i*channels+c] - mean) * (x[i*channels+c] - mean) / rows
			}
			for i := range rows {
				normal := (x[i*channels+c] - mean) / math.Sqrt(variance+n.Epsilon)
				sum += (normal*weight[c] + bias[c]) * float64(g[i*channels+c])
			}
		}
		return sum
	}
	y := make([]float32, len(x))
	b := n.Train(y, x)
	dX, dWeight, dBias := make([]float32, len(x)), make([]float32, channels), make([]float32, channels)
	n.TrainBackward(dX, dWeight, dBias, g, x, b)
	weight, bias := double(n.Weight), double(n.Bias)
	for what, c := range map[string]struct {
		got []float32
		at  []float64
		f   func(v []float64) float64
	}{
		"dX":      {dX, double(x), func(v []float64) float64 { return value(v, weight, bias) }},
		"dWeight": {dWeight, weight, func(v []float64) float64 { return value(double(x), v, bias) }},
		"dBias":   {dBias, bias, func(v []float64) float64 { return value(double(x), weight, v) }},
	} {
		for i, want := range fd.Gradient(nil, c.f, c.at, &fd.Settings{Formula: fd.Central}) {
			if math.Abs(float64(c.got[i])-want) > 1e-5 {
				t.Errorf("%s[%d] is %v, want %v", what, i, c.got[i], want)
			}
		}
	}
	var whole float64
	for i, v := range y {
		whole += float64(v) * float64(g[i])
	}
	if want := value(double(x), weight, bias); math.Abs(whole-want) > 1e-5 {
		t.Errorf("Σ y·g is %v, want %v", whole, want)
	}
}

// TestCrossEntropy compares with finite differences, and has logits that would overflow.
func TestCrossEntropy(t *testing.T) {
	labels := []int{2, 0, 1}
	z := []float32{1, -2, 0.5, 200, 100, -300, 0, 0, 0}
	value := func(z []float64) float64 {
		sum := 0.
		for row, label := range labels {
			var s float64
			top := slices.Max(z[3*row:][:3])
			for _, v := range z[3*row:][:3] {
				s += math.Exp(v - top)
			}
			for c, v := range z[3*row:][:3] {
				target := 0.2 / 3
				if c == label {
					target += 0.8
				}
				sum -= target * (v - top - math.Log(s)) / 3
			}
		}
		return sum
	}
	d := make([]float32, len(z))
	loss, correct := CrossEntropy(d, z, labels, 3, 0.2)
	if want := value(double(z)); math.Abs(loss-want) > 1e-9*want || correct != 1 {
		t.Errorf("loss %v and %d right, want %v and 1", loss, correct, want)
	}
	for i, want := range fd.Gradient(nil, value, double(z), &fd.Settings{Formula: fd.Central}) {
		if math.Abs(float64(d[i])-want) > 1e-6 {
			t.Errorf("the gradient's value %d is %v, want %v", i, d[i], want)
		}
	}
}
