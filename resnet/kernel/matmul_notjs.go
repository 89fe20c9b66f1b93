//go:build !js

package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

func matMul(dst, a, b []float32, m, k, n int, p Product) {
	var beta float32
	if p.Add {
		beta = 1
	}
	left, right := blas32.General{Rows: m, Cols: k, Stride: k, Data: a},
		blas32.General{Rows: k, Cols: n, Stride: n, Data: b}
	turnA, turnB := blas.NoTrans, blas.NoTrans
	if p.TransposeA {
		turnA, left = blas.Trans, blas32.General{Rows: k, Cols: m, Stride: m, Data: a}
	}
	if p.TransposeB {
		turnB, right = blas.Trans, blas32.General{Rows: n, Cols: k, Stride: k, Data: b}
	}
	blas32.Gemm(turnA, turnB, 1, left, right, beta, blas32.General{Rows: m, Cols: n, Stride: n, Data: dst})
}
