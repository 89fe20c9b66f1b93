package transfer

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
)

// RankCap is how many pictures LogME looks at. Of more it takes a sample that has the classes in their shares: the time
// grows with the third power of their number, and the order of blocks and networks shows with some hundred.
const RankCap = 300

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
	sigma, along, err := spectrum(x, labels, classes, piece)
	if err != nil {
		return 0, err
	}
	score := 0.0
	counts := (Examples{Labels: labels, Classes: classes}).Counts()
	for c := range classes {
		score += evidence(sigma, along[c], float64(counts[c]), n, len(x)/n) / float64(classes)
	}
	return score, nil
}

// spectrum gives the eigenvalues of F·Fᵀ that are not 0, and for each class the squares of the components of its
// labels, y, along the eigenvectors. F is n×d; the smaller one of F·Fᵀ and FᵀF is factorised, whose eigenvalues are the
// same.
func spectrum(
	x []float32, labels []int, classes int, piece func() error,
) (sigma []float64, along [][]float64, err error) {
	n := len(labels)
	d := len(x) / n
	rows, products := n, []float64(nil)
	if d < n {
		rows = d
		products, err = scatter(x, d, piece)
	} else {
		products, err = uncentredGram(x, n, piece)
	}
	if err != nil {
		return nil, nil, err
	}
	values, vectors, err := eigenvectors(products, rows, piece)
	if err != nil {
		return nil, nil, err
	}
	// The components of y along the eigenvectors of F·Fᵀ; with FᵀF·v = σ·v they are (F·v)ᵀ·y/√σ.
	sums := make([]float64, classes*len(values)) // of each class's pictures: of the vectors, or of the features
	for i, label := range labels {
		to := sums[label*len(values):][:len(values)]
		for k := range to {
			if d < n {
				to[k] += float64(x[i*d+k])
			} else {
				to[k] += vectors.At(i, k)
			}
		}
	}
	if d < n {
		var turned mat.Dense
		turned.Mul(mat.NewDense(classes, d, sums), vectors)
		sums = turned.RawMatrix().Data
	}
	along = make([][]float64, classes)
	largest := values[len(values)-1]
	for k, v := range values {
		if !(v > 1e-12*largest) {
			continue // what rounding leaves of 0
		}
		sigma = append(sigma, v)
		for c := range classes {
			s := sums[c*len(values)+k]
			if s *= s; d < n {
				s /= v
			}
			along[c] = append(along[c], s)
		}
	}
	return sigma, along, piece()
}

// scatter is the upper triangle of FᵀF of the features x, n×d.
func scatter(x []float32, d int, piece func() error) ([]float64, error) {
	sums := make([]float64, d*d)
	for at := 0; at < len(x); at += d {
		row := x[at:][:d]
		for i, a := range row {
			to := sums[i*d:][:d]
			for j := i; j < d; j++ {
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

// evidence is the logarithm of the maximum evidence of one class, divided by n. sigma are the eigenvalues of FᵀF but
// for zeros, and along the squares of the components of y along them; count is ‖y‖².
func evidence(sigma, along []float64, count float64, n, d int) float64 {
	const (
		rounds = 100
		near   = 1e-6 // relative change of α/β: the score is flat there, and right to far more digits
		tiny   = 1e-12
	)
	outside := count // ‖y‖² beyond the features
	for _, s := range along {
		outside -= s
	}
	outside = max(outside, 0)
	alpha, beta := 1.0, 1.0
	var rest, m2 float64
	measure := func() (gamma float64) {
		t := alpha / beta
		rest, m2 = outside, 0
		for k, s := range sigma {
			gamma += s / (s + t)
			m2 += s * along[k] / ((s + t) * (s + t))
			rest += along[k] * t * t / ((s + t) * (s + t))
		}
		return gamma
	}
	for range rounds {
		before := alpha / beta
		gamma := measure()
		// Where the features fit y perfectly there is no noise, and where they say nothing no weight: the ratios would
		// leave the numbers.
		alpha = max(gamma, tiny) / max(m2, tiny)
		beta = max(float64(n)-gamma, tiny) / max(rest, tiny)
		if math.Abs(alpha/beta-before) <= near*before {
			break
		}
	}
	measure()
	nn, dd := float64(n), float64(d)
	determinant := (dd - float64(len(sigma))) * math.Log(alpha)
	for _, s := range sigma {
		determinant += math.Log(alpha + beta*s)
	}
	log := nn/2*math.Log(beta) + dd/2*math.Log(alpha) - nn/2*math.Log(2*math.Pi) - beta/2*rest - alpha/2*m2 -
		determinant/2
	return log / nn
}
