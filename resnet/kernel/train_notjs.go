//go:build !js

package kernel

// packColumns lays columns out as a panel: what stands in column r and row i of src goes to row r, column i.
func packColumns(dst []float32, depth int, src []float32, ld, n int) {
	for i := range n {
		for r, x := range src[i*ld:][:depth] {
			dst[(1+r)*n+i] = x
		}
	}
}

// packRows lays rows of src, found by a table of one tap, out as a panel.
func packRows(dst []float32, _ int, src []float32, rows *Rows, n, _, _ int) {
	for r := range rows.M {
		gather(dst[(1+r)*n:][:n], src, rows.At(r, 0))
	}
}

// gather copies a run that a table of rows names.
func gather(dst, src []float32, at int) {
	if at < 0 {
		clear(dst)
	} else {
		copy(dst, src[at:])
	}
}

func convPictures(dst []float32, ld, dstLen int, src []float32, srcLen int, rows *Rows,
	w *Weights, pictures int, e Epilogue) {
	for p := range pictures {
		each := e
		if e.Residual != nil {
			each.Residual = e.Residual[p*dstLen:][:dstLen]
		}
		convPicture(dst[p*dstLen:], ld, src[p*srcLen:], rows, w, each)
	}
}

// convPicture is convRows, which scatters the rows.
func convPicture(dst []float32, ld int, src []float32, rows *Rows, w *Weights, e Epilogue) {
	if rows.lines == nil {
		convRows(dst, ld, src, rows, w, e)
		return
	}
	sums := make([]float32, rows.M*w.N)
	convRows(sums, w.N, src, rows, w, Epilogue{})
	for m := range rows.M {
		for n, sum := range sums[m*w.N:][:w.N] {
			at := rows.line(m, ld) + n
			dst[at] = e.apply(sum, at)
		}
	}
}

// filterGradient is dYᵀ · (what the taps read), picture by picture.
func filterGradient(dW, dY, src []float32, srcLen int, rows *Rows, n, c, pictures int) {
	wide := rows.Taps * c
	gathered := make([]float32, rows.M*wide)
	for p := range pictures {
		from := src[p*srcLen:][:srcLen]
		for m := range rows.M {
			for t := range rows.Taps {
				gather(gathered[m*wide+t*c:][:c], from, rows.At(m, t))
			}
		}
		matMul(dW, dY[p*rows.M*n:][:rows.M*n], gathered, n, rows.M, wide, Product{TransposeA: true, Add: p > 0})
	}
}
