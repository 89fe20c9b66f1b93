package transfer

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

func TestEigenvectorsAreGonums(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	for _, n := range []int{1, 2, 3, 31, 32, 33, 100} {
		matrix := mat.NewSymDense(n, nil)
		for i := range n {
			for j := range i + 1 {
				matrix.SetSym(i, j, r.NormFloat64())
			}
		}
		var want mat.EigenSym
		if !want.Factorize(matrix, true) {
			t.Fatal("gonum finds no eigenvectors")
		}
		var wantVectors mat.Dense
		want.VectorsTo(&wantVectors)
		values, vectors, err := eigenvectors(slices.Clone(matrix.RawSymmetric().Data), n, noPause)
		if err != nil || !slices.Equal(values, want.Values(nil)) || !mat.Equal(vectors, &wantVectors) {
			t.Errorf("%d rows: the values are %v, want %v; %v", n, values, want.Values(nil), err)
		}
	}
	for pieces := range 3 {
		stop := func() error {
			if pieces--; pieces < 0 {
				return context.Canceled
			}
			return nil
		}
		if _, _, err := eigenvectors([]float64{2, 1, 1, 2}, 2, stop); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

// A system of equations with a symmetric matrix A, (A + t·I)·x = c, has the same lengths and angles in the basis in
// which A is tridiagonal: there z stands for x, and u for c. 1e-9: a matrix of Gaussian numbers has a condition of at
// most some thousand with this t.
func TestTridiagonal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	for _, n := range []int{1, 2, 3, 31, 33, 100} {
		half := mat.NewDense(n, n, nil)
		half.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, half)
		var a mat.Dense
		a.Mul(half, half.T())
		c := mat.NewDense(n, 2, nil)
		c.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, c)
		shifted := mat.DenseCopyOf(&a)
		const shift = 0.5
		for i := range n {
			shifted.Set(i, i, shifted.At(i, i)+shift)
		}
		var x mat.Dense
		if err := x.Solve(shifted, c); err != nil {
			t.Fatal(err)
		}
		along := mat.DenseCopyOf(c)
		diagonal, off, err := tridiagonal(slices.Clone(a.RawMatrix().Data), along, noPause)
		if err != nil {
			t.Fatal(err)
		}
		for k := range 2 {
			u := mat.Col(nil, k, along)
			z := solveTridiagonal(diagonal, off, shift, u)
			xk, ck := mat.Col(nil, k, &x), mat.Col(nil, k, c)
			near := func(what string, got, want float64) {
				if math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
					t.Errorf("%d rows: %s is %g, want %g", n, what, got, want)
				}
			}
			near("‖z‖²", floats.Dot(z, z), floats.Dot(xk, xk))
			near("z·u", floats.Dot(z, u), floats.Dot(xk, ck))
			near("z·T·z", floats.Dot(z, tridiagonalProduct(diagonal, off, z)),
				floats.Dot(xk, ck)-shift*floats.Dot(xk, xk))
		}
		var want mat.EigenSym
		if !want.Factorize(mat.NewSymDense(n, a.RawMatrix().Data), false) {
			t.Fatal("gonum finds no eigenvalues")
		}
		if got := eigenvalues(diagonal, off); !floats.EqualApprox(got, want.Values(nil), 1e-9*want.Values(nil)[n-1]) {
			t.Errorf("%d rows: the eigenvalues are %v, want %v", n, got, want.Values(nil))
		}
	}
}
