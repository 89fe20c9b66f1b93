package kernel

// The sides of the blocks that a product is cut into, so that what is packed at a time is small.
const (
	matMulDepth = 1024    // of the sums
	matMulA     = 4 << 20 // floats of a, transposed
	matMulB     = 2 << 20 // floats of b, packed
)

// matMulSpace is the packed operands of a product.
var matMulSpace struct{ a, b []float32 }

func matMul(dst, a, b []float32, m, k, n int, p Product) {
	space := &matMulSpace
	for l := 0; l < k; l += matMulDepth {
		depth := min(matMulDepth, k-l)
		across := min(n, max(8, matMulB/(1+depth)/8*8))
		down := m
		if p.TransposeA {
			down = min(m, max(60, matMulA/depth/60*60)) // whole tiles of any kernel
		}
		for j := 0; j < n; j += across {
			n1 := min(across, n-j)
			space.b = grown(space.b, ceil(n1, 8)*8*(1+depth))
			w := Weights{N: n1, Depth: depth, data: space.b}
			w.SetBias(nil)
			if p.TransposeB {
				packColumns(w.data, depth, b[j*k+l:], k, n1)
			} else {
				packRows(w.data, depth, b[l*n+j:], matrixRows(depth, n, 1), n1, 1, 0)
			}
			for i := 0; i < m; i += down {
				m1 := min(down, m-i)
				rows, ld := a, k
				if p.TransposeA {
					space.a, ld = grown(space.a, m1*depth), depth
					rows = space.a
					transpose(rows, depth, transposeUnit, a[l*m+i:], m, depth, m1, transposeUnit)
				} else {
					rows = a[i*k+l:]
				}
				var e Epilogue
				if p.Add || l > 0 {
					// The kernel reads all of a tile's residuals before it writes the first sum.
					e.Residual = dst[i*n+j:]
				}
				convRows(dst[i*n+j:], n, rows, matrixRows(m1, ld, 0), &w, e)
			}
		}
	}
}
