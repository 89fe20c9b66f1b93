package transfer

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Sums of float32 products: some 1e-6.
const float32Sum = 2e-6

func TestCKA(t *testing.T) {
	for _, g := range readGoldens(t).CKA {
		near1(t, "CKA", CKA(g.X, g.Y, g.N), g.CKA, 1e-5)
		near1(t, "CKA the other way", CKA(g.Y, g.X, g.N), g.CKA, 1e-5)
	}
}

// What the paper says does not change CKA: a scale, an offset, a rotation. Equal features give exactly 1, at any size
// and in more than one block of rows.
func TestCKALaws(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for _, n := range []int{2, 17, 300} {
		const d = 9
		x, y := make([]float32, n*d), make([]float32, n*d)
		for i := range x {
			x[i] = float32(r.NormFloat64())
			y[i] = x[i] + float32(r.NormFloat64())
		}
		for _, scale := range []float32{1, 1e-30, 1e30} {
			scaled := make([]float32, len(x))
			for i, v := range x {
				scaled[i] = v * scale
			}
			if got := CKA(scaled, slices.Clone(scaled), n); got != 1 {
				t.Errorf("%d equal rows of scale %v: %v", n, scale, got)
			}
			near1(t, "scaled", CKA(scaled, y, n), CKA(x, y, n), float32Sum)
		}
		turned := slices.Clone(x)
		for at := 0; at < len(x); at += d { // in the plane of the features 1 and 4; and an offset
			a, b := x[at+1], x[at+4]
			turned[at+1], turned[at+4] = 0.6*a-0.8*b, 0.8*a+0.6*b
			for j := range d {
				turned[at+j] += 3 - float32(j)
			}
		}
		near1(t, "turned", CKA(turned, y, n), CKA(x, y, n), float32Sum)
		near1(t, "turned itself", CKA(turned, x, n), 1, float32Sum)
		if got := CKA(x, y, n); n > 2 && (got < 0.1 || got > 0.95) {
			t.Errorf("%d related rows: %v", n, got)
		}
	}
	if got := CKA([]float32{1, 2, 1, 2}, []float32{1, 2, 3, 4}, 2); !math.IsNaN(got) {
		t.Errorf("of features that are all the same: %v", got)
	}
	panics(t, badFeatures, func() { CKA(make([]float32, 5), make([]float32, 4), 2) })
}

// mapOf is NewPCAMap without an end to its context.
func mapOf(t *testing.T, x []float32, d int) *PCAMap {
	t.Helper()
	m, err := NewPCAMap(t.Context(), x, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A map that is cancelled in a round ends with that round.
func TestPCAMapIsCancelled(t *testing.T) {
	e := likeFeatures(rand.New(rand.NewPCG(9, 9)), 20, 3, 30)
	ctx, cancel := context.WithCancel(t.Context())
	rounds := 0
	m, err := NewPCAMap(ctx, e.X, e.D, func() {
		if rounds++; rounds == 2 {
			cancel()
		}
	})
	if m != nil || !errors.Is(err, context.Canceled) || rounds != 2 {
		t.Errorf("cancelled in round 2: %v, error %v after %d rounds", m, err, rounds)
	}
}

func TestPCAMap(t *testing.T) {
	for _, g := range readGoldens(t).PCA {
		m := mapOf(t, g.X, g.D)
		// The iteration ends when a variance changes by 1e-7 a round; the axes then are off by the root of that, at
		// most.
		near(t, "axes", m.Axes, g.Axes, 5e-4)
		near(t, "variance", m.Variance[:], g.Variance, 1e-5)
		near1(t, "total", m.Total, g.Total, 1e-5)
		near(t, "points", m.Project(g.X), g.Points, 5e-3)
	}
}

// With more features than fit the iteration's width, and many rows, the map is that of gonum's whole decomposition.
func TestPCAMapIsGonums(t *testing.T) {
	e := likeFeatures(rand.New(rand.NewPCG(9, 9)), 30, 5, 60)
	n := e.Len()
	values := make([]float64, len(e.X))
	for i, v := range e.X {
		values[i] = float64(v)
	}
	var pc stat.PC
	if !pc.PrincipalComponents(mat.NewDense(n, e.D, values), nil) {
		t.Fatal("gonum finds no components")
	}
	var vectors mat.Dense
	pc.VectorsTo(&vectors)
	m := mapOf(t, e.X, e.D)
	near(t, "variance", m.Variance[:], pc.VarsTo(nil)[:2], 1e-5)
	for axis := range 2 {
		along := 0.0
		for j, v := range m.Axes[axis*e.D:][:e.D] {
			along += float64(v) * vectors.At(j, axis)
		}
		near1(t, "cosine of the axes", math.Abs(along), 1, 1e-5)
	}
	// The points of the pictures that made the map have mean 0 and the variances.
	points := m.Project(e.X)
	for axis := range 2 {
		sum, squares := 0.0, 0.0
		for i := range n {
			v := float64(points[2*i+axis])
			sum, squares = sum+v, squares+v*v
		}
		near1(t, "mean", sum/float64(n), 0, 1e-5)
		near1(t, "variance", squares/float64(n-1), m.Variance[axis], 1e-5)
	}
}

// The smallest maps, and the sign of the axes.
func TestPCAMapOfFew(t *testing.T) {
	m := mapOf(t, []float32{1, 2, 3}, 3)
	if got := m.Project([]float32{1, 2, 3, 4, 5, 6}); !slices.Equal(got, []float32{0, 0, 0, 0}) || m.Total != 0 {
		t.Errorf("one picture: %v", got)
	}
	m = mapOf(t, []float32{0, 0, 0, -3, 0, 4}, 3)
	near(t, "two pictures", m.Axes, []float64{-0.6, 0, 0.8, 0, 0, 0}, float32Sum)
	near(t, "two pictures", m.Project([]float32{0, 0, 0, -3, 0, 4}), []float64{-2.5, 0, 2.5, 0}, float32Sum)
	m = mapOf(t, []float32{1, 2, 4}, 1)
	near(t, "one feature", m.Project([]float32{1, 2, 4}), []float64{-4. / 3, 0, -1. / 3, 0, 5. / 3, 0}, float32Sum)
	m = mapOf(t, []float32{1, float32(math.NaN()), 2, 3}, 2)
	near(t, "no numbers", m.Project([]float32{5, 6}), []float64{0, 0}, 0)
	panics(t, badPCA, func() { mapOf(t, nil, 2) })
	panics(t, badPCA, func() { mapOf(t, make([]float32, 3), 2) })
	panics(t, badFeatures, func() { m.Project(make([]float32, 3)) })
}
