package transfer

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"
)

// eigenvectors gives the eigenvalues of a symmetric matrix, n×n, from small to large, and the eigenvectors, one a
// column. It uses up the matrix, of which it reads the upper triangle.
//
// It is what gonum's EigenSym does, to the bit, in three pieces of work: of some hundred rows they are what takes the
// longest without a pause. It leaves out the scaling that saves numbers beyond 1e±140 or so from under- and overflow.
func eigenvectors(matrix []float64, n int, piece func() error) (values []float64, vectors *mat.Dense, err error) {
	const block = 32 // columns at a time, as LAPACK has it; they need as many rows of workspace
	var lapackFor gonum.Implementation
	values, vectors = make([]float64, n), mat.NewDense(n, n, matrix)
	off, tau, work := make([]float64, n), make([]float64, n), make([]float64, max(block*n, 2*n))
	lapackFor.Dsytrd(blas.Upper, n, matrix, n, values, off, tau, work, block*n) // to a tridiagonal matrix
	if err := piece(); err != nil {
		return nil, nil, err
	}
	lapackFor.Dorgtr(blas.Upper, n, matrix, n, tau, work, block*n)
	if err := piece(); err != nil {
		return nil, nil, err
	}
	if !lapackFor.Dsteqr(lapack.EVOrig, n, values, off, matrix, n, work) {
		panic("transfer: a symmetric matrix of finite numbers has eigenvectors")
	}
	return values, vectors, piece()
}
