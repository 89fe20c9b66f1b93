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

// permuted draws, count times, which things could as well have been the set 0, if both sets, 0 and 1, were of one
// distribution. Clusters of things, see clustersOf, stay together, since only they are independent of each other; so a
// set that is drawn may have another size.
func permuted(sets, groups []int, count int, seed uint64) [][]int {
	clusters, first := clustersOf(sets, groups), 0 // clusters of the set 0
	for _, cluster := range clusters {
		if sets[cluster[0]] == 0 {
			first++
		}
	}
	r := rand.New(rand.NewPCG(seed, 2))
	drawn := make([][]int, count)
	for k := range drawn {
		for _, u := range r.Perm(len(clusters))[:first] {
			drawn[k] = append(drawn[k], clusters[u]...)
		}
	}
	return drawn
}

// test gives the unbiased squared maximum mean discrepancy of a and b,
//
//	Σ k(a, a')/(m·(m−1)) + Σ k(b, b')/(n·(n−1)) − 2·Σ k(a, b)/(m·n)
//
// over different things (Gretton and others 2012, lemma 6), and its p-value: (1 + those of the sets drawn which, taken
// for a, have as large a discrepancy) / (1 + all sets drawn). It is exact: if both sets are of one distribution, it is
// at most p with a probability of at most p.
func (t *twoSample) test(sets [][]int, piece func() error) (mmd2, p float64, err error) {
	itself := make([]int, t.a)
	for i := range itself {
		itself[i] = i
	}
	all := append([][]int{itself}, sets...)
	const each = 64 // orders at a time
	indicators, products := make([]float32, t.n*each), make([]float32, t.n*each)
	count := 0
	for first := 0; first < len(all); first += each {
		some := all[first:min(first+each, len(all))]
		clear(indicators)
		for k, set := range some {
			for _, i := range set {
				indicators[i*len(some)+k] = 1
			}
		}
		op.MatMul(products, t.kernel, indicators, t.n, t.n, len(some), op.Product{})
		for k, set := range some {
			within, toAll := 0.0, 0.0 // Σ k(a, a'), and that of a with all
			for _, i := range set {
				within += float64(products[i*len(some)+k])
				toAll += t.sums[i]
			}
			value := t.discrepancy(len(set), within, toAll)
			switch {
			case first+k == 0:
				mmd2 = value
			case !(value < mmd2-tied): // of a set of one there is no discrepancy, which is no evidence
				count++
			}
		}
		if err := piece(); err != nil {
			return 0, 0, err
		}
	}
	return mmd2, float64(1+count) / float64(1+len(sets)), nil
}

// tied is the difference under which two discrepancies count as equal. The sums are in float32: of numbers up to 1,
// with a relative rounding of 1e-7 of each.
const tied = 1e-6

// discrepancy is that of a set of some size whose kernels with each other and with all have these sums.
func (t *twoSample) discrepancy(size int, within, toAll float64) float64 {
	m, n := float64(size), float64(t.n-size)
	across := toAll - within
	other := t.total - 2*across - within
	return within/(m*(m-1)) + other/(n*(n-1)) - 2*across/(m*n)
}
