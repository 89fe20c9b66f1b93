package transfer

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// RankCap is how many pictures LogME looks at. Of more it takes a sample that has the classes in their shares: the time
// grows with the third power of their number, and the order of blocks and networks shows with some hundred.
const RankCap = 250

// LogME scores how well features suit classes, without any training: the logarithm of the maximum evidence, for each
// picture and class, of a Bayesian linear model of the labels (You, Liu, Wang and Long 2021). The higher, the better.
// It compares features of the same pictures: of a network's blocks, or of several networks.
//
// For each class let y be 1 for its pictures and 0 for the others, w ~ N(0, I/α) and y ~ N(F·w, I/β), with the features
// F, n×D. Then
//
//	n·score = n/2·log β + D/2·log α − n/2·log 2π − β/2·‖F·m − y‖² − α/2·‖m‖² − ½·log|A|
//	A = α·I + β·FᵀF,  m = β·A⁻¹·Fᵀy
//
// where α and β maximise it, found by the fixed point α = γ/‖m‖², β = (n−γ)/‖F·m − y‖² with γ = Σ βσ/(α + βσ) over the
// eigenvalues σ of FᵀF. The score is the mean over the classes.
//
// labels has the class of each of the rows. Errors: ErrOneClass, an EmptyClassError, ErrNotFinite, and the context's,
// when it ends.
func LogME(ctx context.Context, rows Rows, labels []int, classes int, progress func()) (float64, error) {
	if err := checkLabels(labels, classes); err != nil {
		return 0, err
	}
	sample := StratifiedSample(labels, classes, RankCap, 0)
	x, err := rows.of(sample)
	if err != nil {
		return 0, err
	}
	sampled := make([]int, len(sample))
	for k, i := range sample {
		sampled[k] = labels[i]
	}
	return logME(x, sampled, classes, watch(ctx, progress))
}

// logME is LogME of features that are in memory.
func logME(x []float32, labels []int, classes int, piece func() error) (float64, error) {
	n := len(labels)
	e, err := newEvidence(x, labels, classes, piece)
	if err != nil {
		return 0, err
	}
	score := 0.0
	for c, count := range (Examples{Labels: labels, Classes: classes}).Counts() {
		score += e.largest(c, float64(count)) / float64(n*classes)
	}
	return score, piece()
}

// roundedAway is how large an eigenvalue is, relative to the largest one, that may be what rounding leaves of 0.
const roundedAway = 1e-12

// An evidence is what the evidence of every class is computed from. The smaller one of F·Fᵀ and FᵀF is Q·T·Qᵀ, with a
// tridiagonal matrix T. So eigenvectors, which take several times as long, are not needed: a system of equations with T
// is solved in as many steps as T has rows.
type evidence struct {
	n, d          int
	diagonal, off []float64 // of T
	sigma         []float64 // the eigenvalues of T, which are those of FᵀF but for zeros; 0 where rounding may hide one
	// along has a column for each class, whose labels are y: Qᵀ·y if T is of F·Fᵀ, and Qᵀ·Fᵀ·y if it is of FᵀF.
	along *mat.Dense
}

func newEvidence(x []float32, labels []int, classes int, piece func() error) (*evidence, error) {
	n := len(labels)
	d := len(x) / n
	rows, products := min(n, d), uncentredGram
	if d < n {
		products = scatter
	}
	matrix, err := products(x, n, piece)
	if err != nil {
		return nil, err
	}
	along := mat.NewDense(rows, classes, nil)
	for i, label := range labels {
		if d >= n {
			along.Set(i, label, 1)
			continue
		}
		for j, v := range x[i*d:][:d] {
			along.Set(j, label, along.At(j, label)+float64(v))
		}
	}
	e := &evidence{n: n, d: d, along: along}
	e.diagonal, e.off, err = tridiagonal(matrix, along, piece)
	if err != nil {
		return nil, err
	}
	e.sigma = eigenvalues(e.diagonal, e.off)
	for k, v := range e.sigma {
		if !(v > roundedAway*e.sigma[rows-1]) {
			e.sigma[k] = 0
		}
	}
	return e, piece()
}

// largest is the logarithm of the maximum evidence of the class c, which has so many pictures.
func (e *evidence) largest(c int, count float64) float64 {
	const (
		rounds = 100
		near   = 1e-6 // relative change of α/β: the score is flat there, and right to far more digits
		tiny   = 1e-12
	)
	u := mat.Col(nil, c, e.along)
	alpha, beta := 1.0, 1.0
	var gamma, m2, rest float64 // Σ βσ/(α + βσ), ‖m‖², ‖F·m − y‖²
	measure := func() {
		t := alpha / beta
		gamma = 0
		for _, s := range e.sigma {
			gamma += s / (s + t)
		}
		z := e.solve(t, u)
		product := tridiagonalProduct(e.diagonal, e.off, z)
		m2, rest = floats.Dot(z, product), t*t*floats.Dot(z, z) // m = Fᵀ·Q·z, F·m − y = −t·Q·z
		if e.d < e.n {
			m2, rest = floats.Dot(z, z), max(0, count-2*floats.Dot(z, u)+m2) // m = Q·z
		}
	}
	for range rounds {
		before := alpha / beta
		measure()
		// Where the features fit y perfectly there is no noise, and where they say nothing no weight: the ratios would
		// leave the numbers.
		alpha = max(gamma, tiny) / max(m2, tiny)
		beta = max(float64(e.n)-gamma, tiny) / max(rest, tiny)
		if math.Abs(alpha/beta-before) <= near*before {
			break
		}
	}
	measure()
	n, d := float64(e.n), float64(e.d)
	determinant := (d - float64(len(e.sigma))) * math.Log(alpha)
	for _, s := range e.sigma {
		determinant += math.Log(alpha + beta*s)
	}
	return n/2*math.Log(beta) + d/2*math.Log(alpha) - n/2*math.Log(2*math.Pi) - beta/2*rest - alpha/2*m2 - determinant/2
}

// solve gives z with (T + t·I)·z = u. Of a T that has no inverse, t is at least what rounding would leave of 0.
func (e *evidence) solve(t float64, u []float64) []float64 {
	t = max(t, roundedAway*e.sigma[len(e.sigma)-1], math.SmallestNonzeroFloat32)
	return solveTridiagonal(e.diagonal, e.off, t, u)
}

// scatter is the lower triangle of FᵀF of the features x, n×d.
func scatter(x []float32, n int, piece func() error) ([]float64, error) {
	d := len(x) / n
	sums := make([]float64, d*d)
	for at := 0; at < len(x); at += d {
		row := x[at:][:d]
		for i, a := range row {
			to := sums[i*d:][:i+1]
			for j := range to {
				to[j] += float64(a) * float64(row[j])
			}
		}
	}
	return sums, piece()
}

// uncentredGram is F·Fᵀ of the features x, n×d. The means of features are much larger than their deviations, and
// float32's rounding of their products would hide the small eigenvalues. So only the deviations are multiplied in
// float32, and the means' part is added in float64.
func uncentredGram(x []float32, n int, piece func() error) ([]float64, error) {
	d := len(x) / n
	mean, _ := spread(x, d)
	off := make([]float32, len(x))
	square := 0.0
	for _, m := range mean {
		square += float64(m) * float64(m)
	}
	byMean := make([]float64, n) // the products of the deviations with the means
	for i := range n {
		for j, m := range mean {
			v := x[i*d+j] - m
			off[i*d+j] = v
			byMean[i] += float64(v) * float64(m)
		}
	}
	products, err := gram(off, n, piece)
	if err != nil {
		return nil, err
	}
	for i := range n {
		for j := range n {
			products[i*n+j] += byMean[i] + byMean[j] + square
		}
	}
	return products, nil
}
