package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// vectorSizes has every tail of the sixteen values that go together, and several units.
func vectorSizes() []int {
	var sizes []int
	for n := range 50 {
		sizes = append(sizes, n)
	}
	return append(sizes, flatUnit, 3*flatUnit+21)
}

func TestAdd(t *testing.T) {
	r := rand.New(rand.NewPCG(37, 38))
	for _, n := range vectorSizes() {
		a, b := random(r, n), random(r, n)
		for name, f := range map[string]struct {
			call func(y, a []float32)
			b    []float32
			relu bool
		}{
			"Add":     {func(y, a []float32) { Add(y, a, b) }, b, false},
			"AddReLU": {func(y, a []float32) { AddReLU(y, a, b) }, b, true},
			"ReLU":    {ReLU, nil, true},
		} {
			want := make([]float32, n)
			addReference(want, a, f.b, f.relu)
			got, check := guarded(n)
			f.call(got, a)
			check(t)
			if !slices.Equal(got, want) {
				t.Fatalf("%s of %d: %v, want %v", name, n, got, want)
			}
			copy(got, a)
			f.call(got, got)
			check(t)
			if !slices.Equal(got, want) {
				t.Fatalf("%s of %d in place: %v, want %v", name, n, got, want)
			}
		}
	}
}

func TestReLUBackward(t *testing.T) {
	r := rand.New(rand.NewPCG(39, 40))
	for _, n := range vectorSizes() {
		dY, y := random(r, n), random(r, n)
		for i := range y {
			switch i % 4 {
			case 0:
				y[i] = 0
			case 1:
				y[i] = float32(math.NaN())
			}
		}
		want := make([]float32, n)
		reluBackwardReference(want, dY, y)
		got, check := guarded(n)
		ReLUBackward(got, dY, y)
		check(t)
		if !slices.Equal(got, want) {
			t.Fatalf("%d: %v, want %v", n, got, want)
		}
	}
}

func TestSquareSum(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	for _, n := range vectorSizes() {
		x := random(r, n)
		want := 0.
		for _, v := range x {
			want += float64(v) * float64(v)
		}
		if got := SquareSum(x); !(math.Abs(got-want) <= 1e-6*want) { // see TestMoments
			t.Fatalf("%d: %v, want %v", n, got, want)
		}
	}
}

// TestDescend takes some steps of each kind. A step is some products and sums of values below 5, and each is rounded.
func TestDescend(t *testing.T) {
	r := rand.New(rand.NewPCG(43, 44))
	for _, n := range vectorSizes() {
		for i, s := range []SGD{
			{Rate: 0.1, Factor: 1},
			{Rate: 0.1, Momentum: 0.9, Decay: 1e-2, Factor: 0.5},
			{Rate: 0.1, Momentum: 0.9, Decay: 1e-2, Factor: 1, Nesterov: true},
		} {
			w, checkW := guarded(n)
			v, checkV := guarded(n)
			copy(w, random(r, n))
			copy(v, random(r, n))
			wantW, wantV := slices.Clone(w), slices.Clone(v)
			for range 3 {
				g := random(r, n)
				s.Descend(w, g, v)
				s.descendReference(wantW, g, wantV)
			}
			checkW(t)
			checkV(t)
			closeTo(t, fmt.Sprint("SGD ", i, " weights"), w, wantW, 1e-5)
			closeTo(t, fmt.Sprint("SGD ", i, " velocities"), v, wantV, 1e-5)
		}
		w, checkW := guarded(n)
		m, checkM := guarded(n)
		v, checkV := guarded(n)
		copy(w, random(r, n))
		clear(m)
		clear(v)
		wantW, wantM, wantV := slices.Clone(w), slices.Clone(m), slices.Clone(v)
		for step := range 3 {
			s := AdamW{Rate: 0.1, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Decay: 0.01, Factor: 0.5, Step: step + 1}
			g := random(r, n)
			s.Descend(w, g, m, v)
			s.factors().descendReference(wantW, g, wantM, wantV)
		}
		checkW(t)
		checkM(t)
		checkV(t)
		closeTo(t, "AdamW weights", w, wantW, 1e-5)
		closeTo(t, "AdamW first means", m, wantM, 1e-5)
		closeTo(t, "AdamW second means", v, wantV, 1e-5)
	}
}

func TestVectorsPanic(t *testing.T) {
	x := make([]float32, 6)
	for _, call := range []func(){
		func() { Add(x, x, x[:5]) },
		func() { AddReLU(x, x[:5], x) },
		func() { ReLU(x[:5], x) },
		func() { ReLUBackward(x, x[:5], x) },
		func() { SGD{}.Descend(x, x[:5], x) },
		func() { AdamW{}.Descend(x, x, x, x[:5]) },
	} {
		testPanics(t, map[string]func(){badLengths: call})
	}
}
