package kernel

// filterGradient computes dYᵀ · (what the taps read), some pictures at a time: dY transposed, src packed tap by tap.
func filterGradient(dW, dY, src []float32, srcLen int, rows *Rows, n, c, pictures int) {
	space := &matMulSpace
	panels := ceil(c, 8)
	wide := 8 * panels * rows.Taps // floats of a packed row
	// As many pictures as matMul would put into one block, but at least one.
	group := min(pictures, max(1, min(matMulDepth/rows.M, matMulB/(wide*rows.M), matMulA/(n*rows.M))))
	e := Epilogue{}
	for first := 0; first < pictures; first += group {
		count := min(group, pictures-first)
		depth := count * rows.M
		space.a = grown(space.a, n*depth)
		transpose(space.a, depth, transposeUnit, dY[first*rows.M*n:], n, depth, n, transposeUnit)
		space.b = grown(space.b, wide*(1+depth))
		all := Weights{N: wide, Depth: depth, data: space.b}
		all.SetBias(nil)
		packRows(space.b, depth, src[first*srcLen:], rows, c, count, srcLen)
		w := Weights{N: c, Depth: depth, data: space.b}
		convBatch(dW, rows.Taps*c, c, space.a, 0, matrixRows(n, depth, 0), &w, 8*panels*(1+depth), rows.Taps, e)
		e.Residual = dW // the next pictures' sums are added
	}
}
