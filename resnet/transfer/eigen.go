package transfer

import (
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/floats"
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

// tridiagonal turns a symmetric matrix, n×n, into Q·T·Qᵀ with a tridiagonal matrix T, of which it gives the diagonal
// and what is beside it, and c, of n rows, into Qᵀ·c. It uses up the matrix, of which it reads the lower triangle.
func tridiagonal(matrix []float64, c *mat.Dense, piece func() error) (diagonal, off []float64, err error) {
	const block = 32 // columns at a time, as LAPACK has it; they need as many rows of workspace
	var lapackFor gonum.Implementation
	n, columns := c.Dims()
	diagonal, off = make([]float64, n), make([]float64, max(n-1, 0))
	tau, work := make([]float64, max(n-1, 0)), make([]float64, block*max(n, columns))
	lapackFor.Dsytrd(blas.Lower, n, matrix, n, diagonal, off, tau, work, len(work))
	if n > 1 { // Q leaves the first row as it is, and is a product of reflections of the others
		rest := c.Slice(1, n, 0, columns).(*mat.Dense).RawMatrix()
		lapackFor.Dormqr(blas.Left, blas.Trans, n-1, columns, n-1, matrix[n:], n, tau, rest.Data, rest.Stride, work,
			len(work))
	}
	return diagonal, off, piece()
}

// eigenvalues gives those of a symmetric tridiagonal matrix, from small to large.
func eigenvalues(diagonal, off []float64) []float64 {
	values := slices.Clone(diagonal)
	if !(gonum.Implementation{}).Dsterf(len(values), values, slices.Clone(off)) {
		panic("transfer: a symmetric matrix of finite numbers has eigenvalues")
	}
	return values
}

// solveTridiagonal gives z with (T + t·I)·z = u, where T is symmetric and tridiagonal, and T + t·I has no eigenvalue
// below 0.
func solveTridiagonal(diagonal, off []float64, t float64, u []float64) []float64 {
	shifted, z := slices.Clone(diagonal), slices.Clone(u)
	floats.AddConst(t, shifted)
	if !(gonum.Implementation{}).Dptsv(len(z), 1, shifted, slices.Clone(off), z, 1) {
		panic("transfer: a positive definite matrix has an inverse")
	}
	return z
}

// tridiagonalProduct is T·z of a symmetric tridiagonal matrix T.
func tridiagonalProduct(diagonal, off, z []float64) []float64 {
	product := make([]float64, len(z))
	for i, v := range z {
		product[i] += diagonal[i] * v
		if i+1 < len(z) {
			product[i] += off[i] * z[i+1]
			product[i+1] += off[i] * v
		}
	}
	return product
}
