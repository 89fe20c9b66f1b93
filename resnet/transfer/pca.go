package transfer

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/seed8935e608/residua/resnet/op"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// A PCAMap shows features as points of a plane: along the two directions in which they differ most.
type PCAMap struct {
	D    int
	Mean []float32 // D
	Axes []float32 // 2×D, unit vectors at right angles
	// Variance of the features along each axis, and of all features together: the part that the map shows is their
	// ratio.
	Variance [2]float64
	Total    float64
}

// Subspace iteration (Halko, Martinsson and Tropp, 2011, algorithm 4.4): how many directions are followed, and how long
// at most. The spare ones make the first two converge by the gap to the thirteenth variance, not to the third.
const (
	pcaWidth  = 12
	pcaRounds = 60
	pcaDone   = 1e-7 // relative change of both variances in a round
	// nothing is the part of all variance that counts as none: it is above the square of float32's rounding.
	nothing = 1e-10
)

const badPCA = "transfer: a map needs n ≥ 1 rows of d features"

// NewPCAMap finds the map of features, N×d. An axis along which nothing differs is zero, as both are for a single
// picture, and for features that are infinite or no numbers. The sign of an axis is such that its largest component is
// positive, so that a map does not flip between runs.
//
// Each round reads the features twice, and needs no copy of them: 10,000 pictures of 2,048 features stay 82 MB.
//
// progress, if not nil, hears of each round. When the context ends, NewPCAMap gives up and returns the context's error.
func NewPCAMap(ctx context.Context, x []float32, d int, progress func()) (*PCAMap, error) {
	if d < 1 || len(x) == 0 || len(x)%d != 0 {
		panic(badPCA)
	}
	n, width := len(x)/d, min(pcaWidth, d)
	m := &PCAMap{D: d, Axes: make([]float32, 2*d)}
	m.Mean, m.Total = spread(x, d)
	if m.Total-m.Total != 0 {
		return &PCAMap{D: d, Axes: m.Axes, Mean: make([]float32, d)}, nil
	}
	random := rand.New(rand.NewPCG(1, 2))
	basis := make([]float32, width*d) // the directions, one a row
	for i := range basis {
		basis[i] = float32(random.NormFloat64())
	}
	orthonormalise(basis, d)
	scores := make([]float32, n*width)
	for round := 0; ; round++ {
		m.project(scores, x, basis)
		last := m.Variance
		turn := m.ritz(scores, width)
		settled := true
		for axis, v := range m.Variance {
			settled = settled && math.Abs(v-last[axis]) <= pcaDone*v
		}
		if settled || round == pcaRounds {
			for axis, v := range m.Variance {
				if v > nothing*m.Total {
					m.axis(axis, basis, turn)
				}
			}
			return m, nil
		}
		if progress != nil {
			progress()
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// The covariance times n-1 is applied to each direction: the scores' columns have mean 0, so x needs no mean
		// taken away.
		op.MatMul(basis, scores, x, width, n, d, op.Product{TransposeA: true})
		orthonormalise(basis, d)
	}
}

// Explained is the part of all variance along each axis; zeros if nothing varies.
func (m *PCAMap) Explained() [2]float64 {
	if !(m.Total > 0) {
		return [2]float64{}
	}
	return [2]float64{m.Variance[0] / m.Total, m.Variance[1] / m.Total}
}

// Project gives the points of features, N×D, on the map: N×2. They need not be those that the map was made of.
func (m *PCAMap) Project(x []float32) []float32 {
	if len(x)%m.D != 0 {
		panic(badFeatures)
	}
	points := make([]float32, 2*(len(x)/m.D))
	m.project(points, x, m.Axes)
	return points
}

// project computes dst = (x-mean)·basisᵀ, n × rows of basis.
func (m *PCAMap) project(dst, x, basis []float32) {
	n, width := len(x)/m.D, len(basis)/m.D
	op.MatMul(dst, x, basis, n, m.D, width, op.Product{TransposeB: true})
	for w := range width {
		offset := 0.0
		for j, b := range basis[w*m.D:][:m.D] {
			offset += float64(b) * float64(m.Mean[j])
		}
		for i := w; i < len(dst); i += width {
			dst[i] -= float32(offset)
		}
	}
}

// ritz finds the principal components within the space that the directions span (Rayleigh and Ritz), from the scores
// along them: it notes the variances of the first two, and gives all as combinations of the directions, one a column.
func (m *PCAMap) ritz(scores []float32, width int) *mat.Dense {
	n := len(scores) / width
	covariance := mat.NewSymDense(width, nil)
	sums := make([]float64, width*width)
	for at := 0; at < len(scores); at += width {
		row := scores[at : at+width]
		for i, a := range row {
			for j, b := range row[:i+1] {
				sums[i*width+j] += float64(a) * float64(b)
			}
		}
	}
	for i := range width {
		for j := range i + 1 {
			covariance.SetSym(i, j, sums[i*width+j]/float64(max(n-1, 1)))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		panic("transfer: a symmetric matrix of finite numbers has eigenvectors")
	}
	values := eigen.Values(nil) // from small to large
	for axis := range min(2, width) {
		m.Variance[axis] = max(values[width-1-axis], 0)
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	return &vectors
}

// axis sets an axis from the directions and what ritz gave.
func (m *PCAMap) axis(axis int, basis []float32, turn *mat.Dense) {
	width := len(basis) / m.D
	a := m.Axes[axis*m.D:][:m.D]
	largest := float32(0)
	for j := range a {
		sum := 0.0
		for w := range width {
			sum += turn.At(w, width-1-axis) * float64(basis[w*m.D+j])
		}
		a[j] = float32(sum)
		if abs(a[j]) > abs(largest) {
			largest = a[j]
		}
	}
	if largest < 0 {
		for j := range a {
			a[j] = -a[j]
		}
	}
}

// orthonormalise makes the rows of basis, each d long, unit vectors at right angles, by Gram and Schmidt's method,
// twice over, as rounding makes the first time inexact. A row that is a combination of those before becomes zero.
func orthonormalise(basis []float32, d int) {
	var done [][]float64
	for at := 0; at < len(basis); at += d {
		row := make([]float64, d)
		for j, v := range basis[at : at+d] {
			row[j] = float64(v)
		}
		before := floats.Norm(row, 2)
		for range 2 {
			for _, other := range done {
				floats.AddScaled(row, -floats.Dot(row, other), other)
			}
		}
		// What is left of a dependent row is float32's rounding.
		if norm := floats.Norm(row, 2); norm > 1e-6*before {
			floats.Scale(1/norm, row)
		} else {
			clear(row)
		}
		done = append(done, row)
		for j, v := range row {
			basis[at+j] = float32(v)
		}
	}
}

// spread is the mean of each feature, and the sum of their variances.
func spread(x []float32, d int) (mean []float32, total float64) {
	n := len(x) / d
	sums := make([]float64, d)
	for at := 0; at < len(x); at += d {
		for j, v := range x[at : at+d] {
			sums[j] += float64(v)
		}
	}
	mean = make([]float32, d)
	for j := range sums {
		sums[j] /= float64(n)
		mean[j] = float32(sums[j])
	}
	for at := 0; at < len(x); at += d {
		for j, v := range x[at : at+d] {
			off := float64(v) - sums[j]
			total += off * off
		}
	}
	return mean, total / float64(max(n-1, 1))
}

func abs(x float32) float32 { return max(x, -x) }
