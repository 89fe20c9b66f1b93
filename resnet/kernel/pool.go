package kernel

// MaxPool computes, for rows.M rows of c channels:
//
//	for m := range rows.M {
//		for i := range c {
//			dst[m*c+i] = max(src[rows.At(m, 0)+i], …, src[rows.At(m, rows.Taps-1)+i])
//		}
//	}
//
// No offset may be Zeros: a tap outside of the picture repeats one inside. dst must not overlap src.
func MaxPool(dst, src []float32, rows *Rows, c int) {
	if len(dst) < rows.M*c {
		panic(badDst)
	}
	if !rows.covers(len(src), c) {
		panic(badSrc)
	}
	if rows.tile != 1 {
		panic(badPoolRows)
	}
	if rows.M == 0 || c == 0 {
		return
	}
	enter()
	defer leave()
	maxPool(dst, src, rows, c)
}

// maxPoolReference is MaxPool as its comment has it.
func maxPoolReference(dst, src []float32, rows *Rows, c int) {
	for m := range rows.M {
		to := dst[m*c : (m+1)*c]
		copy(to, src[rows.At(m, 0):])
		for t := 1; t < rows.Taps; t++ {
			for i, x := range src[rows.At(m, t):][:c] {
				to[i] = max(to[i], x)
			}
		}
	}
}

// MeanPool computes the mean of each of c channels over the m rows of src: dst[i] = Σ src[j*c+i] / m.
func MeanPool(dst, src []float32, m, c int) {
	if len(dst) < c {
		panic(badDst)
	}
	if len(src) < m*c {
		panic(badSrc)
	}
	sums := dst[:c]
	clear(sums)
	for j := range m {
		for i, x := range src[j*c : (j+1)*c] {
			sums[i] += x
		}
	}
	for i := range sums {
		sums[i] /= float32(m)
	}
}
