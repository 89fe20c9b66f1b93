package kernel

// Product says how MatMul reads its operands, and what becomes of the destination's values.
type Product struct {
	TransposeA bool // a is k×m and not m×k
	TransposeB bool // b is n×k and not k×n
	Add        bool // dst += instead of dst =
}

// MatMul computes a product of matrices, all row-major without gaps; dst is m×n:
//
//	for i := range m {
//		for j := range n {
//			for l := range k {
//				// dst from 0, if not Add; a[l*m+i] if TransposeA; b[j*k+l] if TransposeB
//				dst[i*n+j] += a[i*k+l] * b[l*n+j]
//			}
//		}
//	}
//
// dst must not overlap a or b. The order of the sums does not depend on the number of threads.
func MatMul(dst, a, b []float32, m, k, n int, p Product) {
	if m < 0 || k < 0 || n < 0 || len(a) < m*k || len(b) < k*n {
		panic(badSrc)
	}
	if len(dst) < m*n {
		panic(badDst)
	}
	if m == 0 || n == 0 {
		return
	}
	if k == 0 {
		if !p.Add {
			clear(dst[:m*n])
		}
		return
	}
	enter()
	defer leave()
	matMul(dst, a, b, m, k, n, p)
}

// matMulReference is MatMul as its comment has it, its sums in float64.
func matMulReference(dst, a, b []float32, m, k, n int, p Product) {
	for i := range m {
		for j := range n {
			var sum float64
			if p.Add {
				sum = float64(dst[i*n+j])
			}
			for l := range k {
				x, y := i*k+l, l*n+j
				if p.TransposeA {
					x = l*m + i
				}
				if p.TransposeB {
					y = j*k + l
				}
				sum += float64(a[x]) * float64(b[y])
			}
			dst[i*n+j] = float32(sum)
		}
	}
}
