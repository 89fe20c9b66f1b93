package transfer

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
)

// kernelMatrix gives the kernel of each pair of the n rows of x, n×n, and 0 on the diagonal:
//
//	k(x, y) = exp(−‖x − y‖² / (2·s²))
//
// s is the median of the distances (Gretton and others 2012, section 8). It is 0 where more than half of the pairs are
// equal; then s² is the mean of the squared distances, and if that is 0 too all pairs have the kernel 1.
func kernelMatrix(x []float32, n int, piece func() error) ([]float32, error) {
	products, err := gram(x, n, piece)
	if err != nil {
		return nil, err
	}
	squares := make([]float32, 0, n*(n-1)/2) // of the distances
	sum := 0.0
	for i := range n {
		for j := i + 1; j < n; j++ {
			s := products[i*n+i] + products[j*n+j] - 2*products[i*n+j]
			// What is below float32's rounding of the products is nothing.
			if s < 1e-6*(products[i*n+i]+products[j*n+j]) {
				s = 0
			}
			squares = append(squares, float32(s))
			sum += s
		}
	}
	width := 2 * median(squares)
	if width == 0 {
		width = 2 * sum / float64(max(len(squares), 1))
	}
	if err := piece(); err != nil {
		return nil, err
	}
	k := make([]float32, n*n)
	at := 0
	for i := range n {
		for j := i + 1; j < n; j++ {
			v := float32(1)
			if width > 0 {
				v = float32(math.Exp(-float64(squares[at]) / width))
			}
			k[i*n+j], k[j*n+i] = v, v
			at++
		}
	}
	return k, piece()
}

// median is the median of x; the mean of both in the middle, if their number is even. 0 of none.
func median(x []float32) float64 {
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (float64(sorted[(n-1)/2]) + float64(sorted[n/2])) / 2
}

// A twoSample tests by the kernel matrix of n things, n×n with zeros on the diagonal, whether the first of them, the
// set a, are of the same distribution as the others, b.
type twoSample struct {
	kernel []float32
	n, a   int
	sums   []float64 // of the kernel's rows
	total  float64
}

func newTwoSample(kernel []float32, n, a int) *twoSample {
	t := &twoSample{kernel: kernel, n: n, a: a, sums: make([]float64, n)}
	for i := range n {
		for _, v := range kernel[i*n:][:n] {
			t.sums[i] += float64(v)
		}
		t.total += t.sums[i]
	}
	return t
}

// permutations draws orders of n things.
func permutations(n, count int, seed uint64) [][]int {
	r := rand.New(rand.NewPCG(seed, 2))
	orders := make([][]int, count)
	for i := range orders {
		orders[i] = r.Perm(n)
	}
	return orders
}

// test gives the unbiased squared maximum mean discrepancy of a and b,
//
//	Σ k(a, a')/(m·(m−1)) + Σ k(b, b')/(n·(n−1)) − 2·Σ k(a, b)/(m·n)
//
// over different things (Gretton and others 2012, lemma 6), and its p-value: (1 + those of the orders under which the
// first things, taken for a, have as large a discrepancy) / (1 + all orders). It is exact: if both sets are of one
// distribution, it is at most p with a probability of at most p.
func (t *twoSample) test(orders [][]int, piece func() error) (mmd2, p float64, err error) {
	identity := make([]int, t.n)
	for i := range identity {
		identity[i] = i
	}
	all := append([][]int{identity}, orders...)
	const each = 64 // orders at a time
	indicators, products := make([]float32, t.n*each), make([]float32, t.n*each)
	count := 0
	for first := 0; first < len(all); first += each {
		some := all[first:min(first+each, len(all))]
		clear(indicators)
		for k, order := range some {
			for _, i := range order[:t.a] {
				indicators[i*len(some)+k] = 1
			}
		}
		op.MatMul(products, t.kernel, indicators, t.n, t.n, len(some), op.Product{})
		for k, order := range some {
			within, toAll := 0.0, 0.0 // Σ k(a, a'), and that of a with all
			for _, i := range order[:t.a] {
				within += float64(products[i*len(some)+k])
				toAll += t.sums[i]
			}
			value := t.discrepancy(within, toAll)
			switch {
			case first+k == 0:
				mmd2 = value
			case value >= mmd2-tied:
				count++
			}
		}
		if err := piece(); err != nil {
			return 0, 0, err
		}
	}
	return mmd2, float64(1+count) / float64(1+len(orders)), nil
}

// tied is the difference under which two discrepancies count as equal. The sums are in float32: of numbers up to 1,
// with a relative rounding of 1e-7 of each.
const tied = 1e-6

// discrepancy is that of a set whose kernels with each other and with all have these sums.
func (t *twoSample) discrepancy(within, toAll float64) float64 {
	m, n := float64(t.a), float64(t.n-t.a)
	across := toAll - within
	other := t.total - 2*across - within
	return within/(m*(m-1)) + other/(n*(n-1)) - 2*across/(m*n)
}
