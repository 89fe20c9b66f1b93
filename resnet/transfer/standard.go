package transfer

import (
	"math"
	"slices"
)

// nearlyConstant is the standard deviation, relative to the mean, under which a feature counts as constant. Below it
// the products of float32 features with weights that contain 1/std would be made of rounding errors.
const nearlyConstant = 1e-4

// Standardise computes the mean and the standard deviation (of the population, as scikit-learn's StandardScaler has it)
// of each of the d features of x, N×d. The standard deviation of a constant feature is given as 1: standardised it is
// 0, as it should be.
func Standardise(x []float32, d int) (mean, std []float32) {
	mean, std, _ = standardise(x, d)
	return mean, std
}

// standardise is Standardise, and tells which features are constant.
func standardise(x []float32, d int) (mean, std []float32, constant []bool) {
	if d < 1 || len(x) == 0 || len(x)%d != 0 {
		panic(badFeatures)
	}
	n := len(x) / d
	// Two passes with sums in float64: the first finds the mean, the second cannot lose the variance to it.
	center, square := make([]float64, d), make([]float64, d)
	for at := 0; at < len(x); at += d {
		for j, v := range x[at : at+d] {
			center[j] += float64(v)
		}
	}
	for j := range center {
		center[j] /= float64(n)
	}
	for at := 0; at < len(x); at += d {
		for j, v := range x[at : at+d] {
			off := float64(v) - center[j]
			square[j] += off * off
		}
	}
	mean, std, constant = make([]float32, d), make([]float32, d), make([]bool, d)
	for j, m := range center {
		mean[j] = float32(m)
		s := math.Sqrt(square[j] / float64(n))
		if constant[j] = !(s > nearlyConstant*math.Abs(m)); constant[j] {
			std[j] = 1
		} else {
			std[j] = float32(s)
		}
	}
	return mean, std, constant
}

// moderate takes standard deviations of n examples as if there were one more, in which each feature is off by the
// median deviation:
//
//	std = √((n·std² + median²) / (n + 1))
//
// In a few examples some of a thousand features hardly vary, by chance. Divided by their deviation they would get
// weights of up to a million, which would throw off a training of the block that computes the features. So each
// deviation is shrunk towards the median, as is done for the variances of genes in few samples (Tibshirani et al. 2002,
// nearest shrunken centroids; Smyth 2004, moderated t-statistics). Constant features stay as they are.
func moderate(std []float32, constant []bool, n int) {
	var varying []float32
	for j, s := range std {
		if !constant[j] {
			varying = append(varying, s)
		}
	}
	if len(varying) == 0 {
		return
	}
	slices.Sort(varying)
	median := float64(varying[len(varying)/2])
	for j, s := range std {
		if !constant[j] {
			std[j] = float32(math.Sqrt((float64(n)*float64(s)*float64(s) + median*median) / float64(n+1)))
		}
	}
}
