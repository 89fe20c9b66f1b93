//go:build !js

package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

func convGroups(dst []float32, ld int, src []float32, rows *Rows, w *GroupedWeights, e Epilogue) {
	k, each := w.Depth/rows.Taps, w.N/w.Groups
	gathered := make([]float32, min(gatherRows, rows.M)*w.Depth)
	for first := 0; first < rows.M; first += gatherRows {
		count := min(gatherRows, rows.M-first)
		for g := range w.Groups {
			set := &w.sets[g]
			for i := range count {
				for t := range rows.Taps {
					at := rows.At(first+i, t)
					if at >= 0 {
						at += g * k
					}
					gather(gathered[i*w.Depth+t*k:][:k], src, at)
				}
				copy(dst[(first+i)*ld+g*each:], set.data[:each]) // the bias
			}
			a := blas32.General{Rows: count, Cols: w.Depth, Stride: w.Depth, Data: gathered}
			b := blas32.General{Rows: w.Depth, Cols: each, Stride: each, Data: set.data[each:]}
			blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 1,
				blas32.General{Rows: count, Cols: each, Stride: ld, Data: dst[first*ld+g*each:]})
		}
	}
	for m := range rows.M {
		for i := m * ld; i < m*ld+w.N; i++ {
			dst[i] = e.apply(dst[i], i)
		}
	}
}
