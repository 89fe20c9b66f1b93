package transfer

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

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
