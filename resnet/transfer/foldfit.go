package transfer

import (
	"math"

	"github.com/seed8935e608/residua/resnet/op"
	"gonum.org/v1/gonum/floats"
)

// A foldFit fits a linear classifier for each of k folds, from all examples but the fold's, and one more, number k,
// from all. Each minimises what an objective does; the fits run as one, which minimises the sum.
type foldFit struct {
	n, d, classes int
	labels, folds []int // n
	k             int
	learn         []float64 // k+1: how many examples each classifier learns from
	mean, std     []float32 // of the features
	x             []float32 // n×d: standardised features, or what stands for them
	transposed    []float32 // d×n
	original      []float32 // n×len(mean): the standardised features, if others stand for them
	triangle      []float64 // n×n: then the Cholesky factor, whose rows are x
	tolerance     float64
	piece         func() error // is called after each piece of work; its error ends it

	theta    []float64 // for each classifier W, classes×d, and the bias, classes
	w        []float32 // (k+1)·classes × d
	logits   []float32 // n × (k+1)·classes; then their errors, probability − label
	gradient []float32 // d × (k+1)·classes
	held     heldOut   // of the last evaluation
}

// reduceFrom is how many times more features than pictures there must be to replace them: the replacement costs about
// as much as some products with the features.
const reduceFrom = 1.5

// newFoldFit standardises the features x, n×d, in place.
func newFoldFit(
	x []float32, d int, labels []int, classes int, folds []int, k int, piece func() error,
) (*foldFit, error) {
	f := &foldFit{
		n: len(labels), d: d, classes: classes, labels: labels, folds: folds, k: k, x: x, tolerance: 1e-2,
		piece: piece, learn: make([]float64, k+1),
	}
	f.mean, f.std = standardiseInPlace(x, d)
	for _, fold := range folds {
		for g := range f.learn {
			if g != fold {
				f.learn[g]++
			}
		}
	}
	if float64(d) > reduceFrom*float64(f.n) {
		if err := f.reduce(); err != nil {
			return nil, err
		}
	}
	f.transposed = transposed(Examples{X: f.x, Labels: labels, D: f.d})
	rows := (k + 1) * classes
	f.theta = make([]float64, rows*(f.d+1))
	f.w, f.logits = make([]float32, rows*f.d), make([]float32, f.n*rows)
	f.gradient = make([]float32, f.d*rows)
	f.held = heldOut{make([]float64, f.n), make([]bool, f.n)}
	return f, piece()
}

// standardiseInPlace standardises features, with moderate deviations. Constant ones become 0.
func standardiseInPlace(x []float32, d int) (mean, std []float32) {
	mean, std, constant := standardise(x, d)
	moderate(std, constant, len(x)/d)
	for at := 0; at < len(x); at += d {
		row := x[at:][:d]
		for j, v := range row {
			if constant[j] {
				row[j] = 0
			} else {
				row[j] = float32((float64(v) - float64(mean[j])) / float64(std[j]))
			}
		}
	}
	return mean, std
}

// reduce replaces the d features by n with the same scalar products: the rows of L, where L·Lᵀ = X·Xᵀ (Cholesky).
func (f *foldFit) reduce() error {
	products, err := gram(f.x, f.n, f.piece)
	if err != nil {
		return err
	}
	l, err := cholesky(products, f.n, f.piece)
	if err != nil {
		return err
	}
	f.original, f.triangle, f.d = f.x, l, f.n
	f.x = make([]float32, len(l))
	for i, v := range l {
		f.x[i] = float32(v)
	}
	return nil
}

// gram gives all scalar products of the n rows of x, n×n.
func gram(x []float32, n int, piece func() error) ([]float64, error) {
	g, d := make([]float64, n*n), len(x)/n
	const rows = 128 // at a time
	some := make([]float32, min(rows, n)*n)
	for first := 0; first < n; first += rows {
		m, width := min(rows, n-first), n-first
		matmulT(some, x[first*d:][:m*d], x[first*d:], m, d, width)
		for i := range m {
			for j := i; j < width; j++ {
				v := float64(some[i*width+j])
				g[(first+i)*n+first+j], g[(first+j)*n+first+i] = v, v
			}
		}
		if err := piece(); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// jitter is added to the diagonal before the Cholesky factorisation, relative to its mean: above the rounding of the
// scalar products in float32, and far below what a penalty makes of differences between pictures. Without it a matrix
// of centred features would have no factor, since they depend on each other.
const jitter = 1e-6

// cholesky gives the lower triangle L with L·Lᵀ = g, a symmetric n×n matrix without negative eigenvalues, in g's place.
func cholesky(g []float64, n int, piece func() error) ([]float64, error) {
	mean := 0.0
	for i := range n {
		mean += g[i*n+i] / float64(n)
	}
	ridge := max(jitter*mean, math.SmallestNonzeroFloat32)
	for i := range n {
		row := g[i*n:][:n]
		for j := range i {
			other := g[j*n:][:n]
			row[j] = (row[j] - floats.Dot(row[:j], other[:j])) / other[j]
		}
		rest := row[i] + ridge - floats.Dot(row[:i], row[:i])
		row[i] = math.Sqrt(max(rest, ridge)) // which only rounding makes less
		clear(row[i+1:])
		if i%32 == 31 {
			if err := piece(); err != nil {
				return nil, err
			}
		}
	}
	return g, nil
}

// fit fits all classifiers with one strength of the penalty, from where the last fit has ended.
func (f *foldFit) fit(l2 float64) error {
	flat := func(value float64, gradient []float64) bool {
		return floats.Dot(gradient, gradient) <= 2*l2*f.tolerance*value
	}
	m := newMinimiser(f.theta, func(theta, gradient []float64) float64 { return f.evaluate(l2, theta, gradient) }, flat)
	const most = 200 // iterations, as of a head
	for m.steps < most && m.step() {
		if err := f.piece(); err != nil {
			return err
		}
	}
	copy(f.theta, m.x)
	// The held-out answers of the last evaluation may be of a place that the line search has left.
	f.answer(f.theta)
	f.errors(nil)
	return f.piece()
}

// part gives classifier g's weights and bias of a vector like theta.
func (f *foldFit) part(theta []float64, g int) (w, b []float64) {
	each := f.classes * (f.d + 1)
	of := theta[g*each:][:each]
	return of[:f.classes*f.d], of[f.classes*f.d:]
}

// answer computes all logits, without the biases.
func (f *foldFit) answer(theta []float64) {
	for g := range f.k + 1 {
		w, _ := f.part(theta, g)
		to := f.w[g*len(w):][:len(w)]
		for i, v := range w {
			to[i] = float32(v)
		}
	}
	matmulT(f.logits, f.x, f.w, f.n, f.d, (f.k+1)*f.classes)
}

// evaluate computes the sum of the objectives, and its gradient.
func (f *foldFit) evaluate(l2 float64, theta, gradient []float64) float64 {
	copy(f.theta, theta)
	f.answer(theta)
	clear(gradient)
	value := f.errors(gradient)
	rows := (f.k + 1) * f.classes
	op.MatMul(f.gradient, f.transposed, f.logits, f.d, f.n, rows, op.Product{})
	for g := range f.k + 1 {
		w, _ := f.part(theta, g)
		to, _ := f.part(gradient, g)
		squares := 0.0
		for c := range f.classes {
			column := g*f.classes + c
			for j := range f.d {
				v := w[c*f.d+j]
				squares += v * v
				to[c*f.d+j] = float64(f.gradient[j*rows+column]) + l2*v
			}
		}
		value += l2 / 2 * squares
	}
	return value
}

// errors makes of the logits the gradients of the mean cross-entropies by them, adds those to the biases of gradient,
// if it is not nil, and gives the sum of the mean cross-entropies. It notes how the held-out examples are answered.
func (f *foldFit) errors(gradient []float64) float64 {
	sum := 0.0
	probabilities := make([]float64, f.classes)
	for g := range f.k + 1 {
		_, bias := f.part(f.theta, g)
		var byBias []float64
		if gradient != nil {
			_, byBias = f.part(gradient, g)
		}
		for i, label := range f.labels {
			z := f.logits[(i*(f.k+1)+g)*f.classes:][:f.classes]
			for c := range z {
				z[c] += float32(bias[c])
			}
			loss := softmax(probabilities, z, 1) - float64(z[label])
			if f.folds[i] == g {
				f.held.loss[i], f.held.right[i] = loss, argMax(z) == label
				clear(z)
				continue
			}
			sum += loss / f.learn[g]
			probabilities[label]--
			for c, v := range probabilities {
				z[c] = float32(v / f.learn[g])
				if byBias != nil {
					byBias[c] += v / f.learn[g]
				}
			}
		}
	}
	return sum
}

// headOf makes a head, for plain features, of classifier g's part of theta.
func (f *foldFit) headOf(theta []float64, g int) *Head {
	w, b := f.part(theta, g)
	h := &Head{
		Classes: f.classes, D: len(f.mean), Mean: f.mean, Std: f.std, W: make([]float32, f.classes*len(f.mean)),
		B: make([]float32, f.classes), Temperature: 1,
	}
	for c := range b {
		h.B[c] = float32(b[c])
		from, to := w[c*f.d:][:f.d], h.W[c*h.D:][:h.D]
		if f.triangle == nil {
			for j, v := range from {
				to[j] = float32(v)
			}
			continue
		}
		// L·v are the scores, and so are X·w of w = Xᵀ·a with X·Xᵀ·a = L·v: a solves Lᵀ·a = v.
		a := append([]float64(nil), from...)
		for i := f.n - 1; i >= 0; i-- {
			a[i] /= f.triangle[i*f.n+i]
			floats.AddScaled(a[:i], -a[i], f.triangle[i*f.n:][:i])
		}
		sums := make([]float64, h.D)
		for i, v := range a {
			for j, feature := range f.original[i*h.D:][:h.D] {
				sums[j] += v * float64(feature)
			}
		}
		for j, v := range sums {
			to[j] = float32(v)
		}
	}
	return h
}
