package transfer

import (
	"math"

	"github.com/seed8935e608/residua/resnet/op"
)

// CKA is the linear centred kernel alignment (Kornblith, Norouzi, Lee and Hinton, 2019) of two sets of features of the
// same n pictures:
//
//	‖Yᵀ·X‖² / (‖Xᵀ·X‖ · ‖Yᵀ·Y‖)
//
// of the centred features, with Frobenius norms. It is between 0 and 1. A rotation or a common scale of the features
// does not change it, and features that are equal give exactly 1. x is n×(len(x)/n), and so is y with its own length.
// If all pictures of one have the same features there is nothing to compare: NaN.
//
// With fewer pictures than features it is too high by chance, so it is for comparing values of the same pictures with
// each other, as blocks before and after training.
//
// It takes n² × features products: for 2,000 pictures of 2,048 features about a second in a browser.
func CKA(x, y []float32, n int) float64 {
	similarity, _ := cka(x, y, n, noPause)
	return similarity
}

// cka is CKA. It calls progress some times a second, and ends with its error.
func cka(x, y []float32, n int, progress func() error) (float64, error) {
	if n < 1 || len(x)%n != 0 || len(y)%n != 0 {
		panic(badFeatures)
	}
	x, y = centred(x, n), centred(y, n)
	// Each norm is a sum over pairs of pictures of products of scalar products; so the features may be many more than
	// the pictures.
	var xx, yy, xy float64
	const rows = 256 // of the Gram matrices at a time
	gram := [2][]float32{make([]float32, rows*n), make([]float32, rows*n)}
	for first := 0; first < n; first += rows {
		// The matrices are symmetric: of each pair above and below the diagonal one is enough.
		k, l := gramRows(gram[0], x, n, first, rows), gramRows(gram[1], y, n, first, rows)
		m, width := min(rows, n-first), n-first
		for i := range m {
			for j := i; j < width; j++ {
				a, b := float64(k[i*width+j]), float64(l[i*width+j])
				if j > i {
					a, b = a*math.Sqrt2, b*math.Sqrt2
				}
				xx += a * a
				yy += b * b
				xy += a * b
			}
		}
		if err := progress(); err != nil {
			return 0, err
		}
	}
	return xy / math.Sqrt(xx*yy), nil
}

// gramRows computes the scalar products of the rows from first on, at most m, with all rows from first on.
func gramRows(dst, x []float32, n, first, m int) []float32 {
	m = min(m, n-first)
	d := len(x) / n
	op.MatMul(dst, x[first*d:][:m*d], x[first*d:], m, d, n-first, op.Product{TransposeB: true})
	return dst
}

// centred is x with each feature's mean taken away, and scaled so that the squares below cannot overflow.
func centred(x []float32, n int) []float32 {
	d := len(x) / n
	sums := make([]float64, d)
	for at := 0; at < len(x); at += d {
		for j, v := range x[at : at+d] {
			sums[j] += float64(v)
		}
	}
	c := make([]float32, len(x))
	largest := float32(0)
	for i, v := range x {
		c[i] = float32(float64(v) - sums[i%d]/float64(n))
		largest = max(largest, abs(c[i]))
	}
	if largest > 0 {
		// A power of two: nothing is rounded, so equal features stay equal.
		_, exponent := math.Frexp(float64(largest))
		scale := float32(math.Ldexp(1, -exponent))
		for i := range c {
			c[i] *= scale
		}
	}
	return c
}
