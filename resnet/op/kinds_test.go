package op

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
)

// This file tests the layers that only some networks have: joins, grouped convolutions, norms by themselves, shortcuts
// that pad.

// kinds is testdata/kinds.json: PyTorch's results.
type kinds struct {
	Join []struct {
		Join                Join
		X, F, Y, DY, DX, DF []float32
	}
	Conv []struct {
		In, Window            [3]int
		Out, Groups           int
		X, W, Bias, Y, DY, DX []float32
	}
	Affine []struct {
		In                        [3]int
		X, Scale, Bias, Y, DY, DX []float32
	}
	Pad []struct {
		In           [3]int
		Out, Stride  int
		X, Y, DY, DX []float32
	}
}

func readKinds(t *testing.T) kinds { return readTestdata[kinds](t, "kinds.json") }

func TestJoinIsPyTorchs(t *testing.T) {
	seen := readKinds(t).Join
	if len(seen) != 4 {
		t.Fatalf("%d joins, want 4", len(seen))
	}
	for _, g := range seen {
		y := make([]float32, len(g.Y))
		g.Join.Forward(y, g.X, g.F)
		near(t, string(g.Join)+" y", y, g.Y)
		x, f := slices.Clone(g.X), slices.Clone(g.F)
		g.Join.Forward(x, x, g.F)
		near(t, string(g.Join)+" y in the place of x", x, g.Y)
		g.Join.Forward(f, g.X, f)
		near(t, string(g.Join)+" y in the place of F", f, g.Y)
		dX, dF := make([]float32, len(y)), make([]float32, len(y))
		g.Join.Backward(dX, dF, g.DY, g.X, g.F)
		near(t, string(g.Join)+" dX", dX, g.DX)
		near(t, string(g.Join)+" dF", dF, g.DF)
		same := slices.Clone(g.DY)
		g.Join.Backward(same, dF, same, g.X, g.F)
		near(t, string(g.Join)+" dX in place", same, g.DX)
		near(t, string(g.Join)+" dF beside it", dF, g.DF)
	}
}

// TestJoinBackward compares with finite differences in float64, of the joins by their definitions. float32 rounds the
// gradients by 1e-7.
func TestJoinBackward(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for join, define := range map[Join]func(x, f float64) float64{
		JoinAdd:     func(x, f float64) float64 { return x + f },
		JoinProduct: func(x, f float64) float64 { return x * f },
		JoinMaximum: math.Max,
		JoinGate:    func(x, f float64) float64 { return x/(1+math.Exp(-f)) + f },
		JoinNone:    func(_, f float64) float64 { return f },
	} {
		x, f, dY := random(r, 50), random(r, 50), random(r, 50)
		y, dX, dF := make([]float32, 50), make([]float32, 50), make([]float32, 50)
		join.Forward(y, x, f)
		join.Backward(dX, dF, dY, x, f)
		for i := range x {
			a, b := float64(x[i]), float64(f[i])
			settings := &fd.Settings{Formula: fd.Central, Step: 1e-6}
			byX := float64(dY[i]) * fd.Derivative(func(a float64) float64 { return define(a, b) }, a, settings)
			byF := float64(dY[i]) * fd.Derivative(func(b float64) float64 { return define(a, b) }, b, settings)
			for what, v := range map[string][2]float64{
				"y": {float64(y[i]), define(a, b)}, "dX": {float64(dX[i]), byX}, "dF": {float64(dF[i]), byF},
			} {
				if math.Abs(v[0]-v[1]) > 1e-5*(1+math.Abs(v[1])) {
					t.Errorf("%s of %v and %v: %s is %v, want %v", join, a, b, what, v[0], v[1])
				}
			}
		}
	}
}

// TestLogistic: one rounding to float32, 6e-8, and the series' 1e-8.
func TestLogistic(t *testing.T) {
	for x := -130.; x < 130; x += 0.0137 {
		v := float32(x)
		want := 1 / (1 + math.Exp(-float64(v)))
		if got := float64(logistic(v)); math.Abs(got-want) > 1e-7*want+1e-43 {
			t.Errorf("of %v it is %v, want %v", v, got, want)
		}
	}
	for _, v := range []float32{math.MaxFloat32, float32(math.Inf(1))} {
		if logistic(v) != 1 || logistic(-v) != 0 {
			t.Errorf("of ±%v it is %v and %v", v, logistic(v), logistic(-v))
		}
	}
}

// TestGate: with what it keeps the gate gives the very same.
func TestGate(t *testing.T) {
	const n = 37
	r := rand.New(rand.NewPCG(3, 4))
	random := func() []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(4 * r.NormFloat64())
		}
		return x
	}
	x, f, dY := random(), random(), random()
	want, got, s := make([]float32, n), make([]float32, n), make([]float32, n)
	JoinGate.Forward(want, x, f)
	GateForward(got, s, x, f)
	if !slices.Equal(got, want) {
		t.Errorf("forward gives %v, want %v", got, want)
	}
	wantX, wantF, dX, dF := make([]float32, n), make([]float32, n), slices.Clone(dY), make([]float32, n)
	JoinGate.Backward(wantX, wantF, dY, x, f)
	GateBackward(dX, dF, dX, x, s)
	if !slices.Equal(dX, wantX) || !slices.Equal(dF, wantF) {
		t.Errorf("backward gives %v and %v, want %v and %v", dX, dF, wantX, wantF)
	}
}

func TestUnknownJoin(t *testing.T) {
	if Join("sum").Known() || Join("").Known() || !JoinGate.Known() || !JoinNone.Known() {
		t.Error("Known is wrong")
	}
	x := make([]float32, 1)
	for _, call := range []func(){func() { Join("sum").Forward(x, x, x) },
		func() { Join("sum").Backward(x, x, x, x, x) }} {
		func() {
			defer func() {
				if got := recover(); got != badJoin {
					t.Errorf("panic %v, want %q", got, badJoin)
				}
			}()
			call()
		}()
	}
}

// whole gives a grouped convolution's weights as those of one without groups: zeros between the groups.
func whole(w []float32, in, out, groups, taps int) []float32 {
	full := make([]float32, out*in*taps)
	k, each := in/groups, out/groups
	for o := range out {
		copy(full[(o*in+o/each*k)*taps:], w[o*k*taps:][:k*taps])
	}
	return full
}

// TestGroupedConv2D compares with the loops of a convolution of all channels.
func TestGroupedConv2D(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	for _, win := range []Window{{3, 1, 1}, {3, 2, 1}, {1, 2, 0}, {1, 1, 0}} {
		for _, in := range []Shape{{7, 7, 8}, {9, 5, 24}, {6, 6, 48}} {
			for _, c := range [][2]int{{8, 2}, {16, 2}, {48, 4}, {24, 8}, {8, 8}, {24, 1}} {
				out, groups := c[0], c[1]
				if in.C%groups != 0 {
					t.Fatal("the groups do not divide the channels")
				}
				what := fmt.Sprint(win, in, out, groups)
				taps, k := win.Size*win.Size, in.C/groups
				w, scale, bias := random(r, out*k*taps), random(r, out), random(r, out)
				full := whole(w, in.C, out, groups, taps)
				l := NewGroupedConv2D(w, in, out, groups, win, scale, bias)
				src, residual := random(r, in.Len()), random(r, l.Out.Len())
				want := convLoop(src, full, scale, bias, in, l.Out, win)
				got := make([]float32, l.Out.Len())
				l.Forward(got, src, Epilogue{Residual: residual, ReLU: true})
				for i := range want {
					want[i] = max(0, want[i]+float64(residual[i]))
				}
				close(t, what, got, want, k*taps)

				dY, add, dX := random(r, l.Out.Len()), random(r, in.Len()), random(r, in.Len())
				l.BackwardInput(dX, dY, func(o, first, n int) []float32 { return w[(o*k+first)*taps:][:n*taps] }, scale,
					add)
				want = convGradientLoop(dY, full, scale, in, l.Out, win)
				for i, v := range add {
					want[i] += float64(v)
				}
				close(t, what+" backward", dX, want, out*taps)
				if flop := int64(2 * l.Out.Len() * k * taps); l.FLOP() != flop {
					t.Errorf("%s: %d FLOP, want %d", what, l.FLOP(), flop)
				}
			}
		}
	}
}

func TestGroupedConv2DIsPyTorchs(t *testing.T) {
	for i, g := range readKinds(t).Conv {
		c := NewGroupedConv2D(g.W, shape(g.In), g.Out, g.Groups, window(g.Window), ones(g.Out), g.Bias)
		y, dX := make([]float32, len(g.Y)), make([]float32, len(g.X))
		c.Forward(y, g.X, Epilogue{})
		near(t, fmt.Sprintf("convolution %d: y", i), y, g.Y)
		k, taps := g.In[2]/g.Groups, g.Window[0]*g.Window[0]
		c.BackwardInput(dX, g.DY, func(o, first, n int) []float32 { return g.W[(o*k+first)*taps:][:n*taps] },
			ones(g.Out), nil)
		near(t, fmt.Sprintf("convolution %d: dX", i), dX, g.DX)
	}
}

func TestAffineReLUIsPyTorchs(t *testing.T) {
	for _, g := range readKinds(t).Affine {
		y, dX := make([]float32, len(g.Y)), make([]float32, len(g.X))
		AffineReLU(y, g.X, g.Scale, g.Bias)
		near(t, "y", y, g.Y)
		AffineReLUBackward(dX, g.DY, y, g.Scale)
		near(t, "dX", dX, g.DX)
		AffineReLU(g.X, g.X, g.Scale, g.Bias)
		near(t, "y in place", g.X, g.Y)
		AffineReLUBackward(g.DY, g.DY, y, g.Scale)
		near(t, "dX in place", g.DY, g.DX)
	}
}

func TestPadShortcutIsPyTorchs(t *testing.T) {
	for i, g := range readKinds(t).Pad {
		p := NewPadShortcut(shape(g.In), g.Out, g.Stride)
		// what stood there must not matter
		y, dX := slices.Repeat([]float32{9}, len(g.Y)), slices.Repeat([]float32{9}, len(g.X))
		p.Forward(y, g.X)
		near(t, fmt.Sprintf("shortcut %d: y", i), y, g.Y)
		p.Backward(dX, g.DY)
		near(t, fmt.Sprintf("shortcut %d: dX", i), dX, g.DX)
	}
	defer func() {
		if got := recover(); got != badPadShortcut {
			t.Errorf("panic %v, want %q", got, badPadShortcut)
		}
	}()
	NewPadShortcut(Shape{2, 2, 3}, 2, 1)
}

// TestMomentsOf: AddReLU's moments are tested against their definitions, and these are the same sums.
func TestMomentsOf(t *testing.T) {
	r := rand.New(rand.NewPCG(35, 36))
	x, f, y := random(r, 60), random(r, 60), make([]float32, 60)
	want := AddReLU(y, x, f, 12)
	if got := MomentsOf(y, x, f, 12); got != want {
		t.Errorf("the moments are %v, want %v", got, want)
	}
}

// BenchmarkKinds times what stands between the convolutions of some networks, over the largest activation of ResNet-50.
func BenchmarkKinds(b *testing.B) {
	r := rand.New(rand.NewPCG(37, 38))
	const channels = 256
	n := 56 * 56 * channels
	x, f, y, scale, bias := random(r, n), random(r, n), make([]float32, n), random(r, channels), random(r, channels)
	run := func(name string, do func()) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(4 * n))
			for b.Loop() {
				do()
			}
		})
	}
	run("AffineReLU", func() { AffineReLU(y, x, scale, bias) })
	for _, j := range []Join{JoinAdd, JoinProduct, JoinMaximum, JoinGate} {
		run(string(j), func() { j.Forward(y, x, f) })
	}
}
