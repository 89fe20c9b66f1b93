//go:build !js

package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// panelWidth is how many of a convolution's n output channels stand side by side in a panel of its weights.
// BLAS wants the whole matrix.
func panelWidth(n int) int { return n }

// gatherRows is how many rows are gathered for one matrix product: 64 rows of the deepest layer (4,608) are 1.2 MB.
const gatherRows = 64

func convRows(dst []float32, ld int, src []float32, rows *Rows, w *Weights, e Epilogue) {
	k := w.Depth / rows.Taps
	b := blas32.General{Rows: w.Depth, Cols: w.N, Stride: w.N, Data: w.data[w.N:]}
	gathered := make([]float32, min(gatherRows, rows.M)*w.Depth)
	for first := 0; first < rows.M; first += gatherRows {
		count := min(gatherRows, rows.M-first)
		for i := range count {
			for t := range rows.Taps {
				gather(gathered[i*w.Depth+t*k:][:k], src, rows.At(first+i, t))
			}
			copy(dst[(first+i)*ld:], w.data[:w.N]) // the bias
		}
		a := blas32.General{Rows: count, Cols: w.Depth, Stride: w.Depth, Data: gathered}
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 1,
			blas32.General{Rows: count, Cols: w.N, Stride: ld, Data: dst[first*ld:]})
	}
	for m := range rows.M {
		for i := m * ld; i < m*ld+w.N; i++ {
			dst[i] = e.apply(dst[i], i)
		}
	}
}
