package transfer

import (
	"math"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
)

// A Threshold tells features that belong to none of the classes: those whose cosine with every class's mean is smaller
// than that of nearly all examples.
//
// Techapanurak, Suganuma and Okatani (2020) find outliers by the directions of features. The features' lengths and the
// classifier's own scores (its largest probability or logit, and its energy) were tried too, but they are high for much
// that is of no class: large photographs got a higher logit than the thumbnails that had been learnt. Distances in
// standardised features (Mahalanobis's with a diagonal covariance) are much smaller for the examples that the
// standardisation was made of than for new pictures.
type Threshold struct {
	D int
	// Means has a row of D for each class that has examples: the mean of its features' unit vectors, itself of unit
	// length.
	Means []float32
	// Limit is the largest distance, 1 - cosine, that is still of a class.
	Limit float64
	// Keep is the part of new pictures of the classes that stays within the limit, as promised by the N examples that
	// it was learnt from: what was asked for, or a little more; or N/(N+1), where they are too few to promise that.
	Keep float64
	N    int
}

const badKeep = "transfer: the part of pictures to keep lies between 0 and 1"

// LearnThreshold learns a threshold within which the part keep of new pictures of the classes will stay. It returns nil
// if no class has two examples.
//
// Each example is measured as a new picture would be: against its class's mean without itself (leave one out). So all
// examples can be used, training and validation. The limit is their ⌈(n+1)·keep⌉-th smallest distance, which keeps the
// promise on average for any n (split conformal prediction; Vovk, Gammerman and Shafer, 2005).
func LearnThreshold(examples Examples, keep float64) *Threshold {
	examples.mustFit()
	if !(keep > 0 && keep < 1) {
		panic(badKeep)
	}
	t := &Threshold{D: examples.D}
	units := unitVectors(examples.X, examples.D)
	counts := examples.Counts()
	row := make([]int, examples.Classes) // of each class among Means
	var lengths []float64                // of the sums of each class's unit vectors
	means := classMeans(Examples{units, examples.Labels, examples.D, examples.Classes})
	for class, n := range counts {
		if row[class] = len(lengths); n > 0 {
			mean := means[class*t.D:][:t.D]
			lengths = append(lengths, float64(n)*lengthOf(mean))
			t.Means = append(t.Means, unitVectors(mean, t.D)...)
		}
	}
	all := t.cosines(units)
	var own []float64
	for i, label := range examples.Labels {
		if counts[label] < 2 {
			continue
		}
		c := all[i*len(lengths):][:len(lengths)]
		// u·(s-u)/‖s-u‖ for the example u and the sum s of its class, from the cosine of u and s: u·s = ‖s‖·cosine.
		r := row[label]
		along := lengths[r] * c[r]
		c[r] = (along - 1) / math.Sqrt(max(lengths[r]*lengths[r]-2*along+1, tiny))
		own = append(own, 1-slices.Max(c))
	}
	if t.N = len(own); t.N == 0 {
		return nil
	}
	slices.Sort(own)
	at := min(int(math.Ceil(float64(t.N+1)*keep)), t.N)
	t.Limit, t.Keep = own[at-1], float64(at)/float64(t.N+1)
	return t
}

// tiny stands for the squared length of a zero vector where something is divided by it.
const tiny = 1e-12

// Distances gives for features, N×D, 1 - the cosine with the nearest class mean: from 0 to 2.
func (t *Threshold) Distances(x []float32) []float64 {
	if len(x)%t.D != 0 {
		panic(badFeatures)
	}
	all, width := t.cosines(unitVectors(x, t.D)), len(t.Means)/t.D
	d := make([]float64, len(x)/t.D)
	for i := range d {
		d[i] = 1 - slices.Max(all[i*width:][:width])
	}
	return d
}

// Outliers reports which of the features, N×D, are of none of the classes. Features that are no numbers are of none.
func (t *Threshold) Outliers(x []float32) []bool {
	out := make([]bool, len(x)/t.D)
	for i, d := range t.Distances(x) {
		out[i] = !(d <= t.Limit)
	}
	return out
}

// cosines gives the cosines of unit vectors, N×D, with each row of Means.
func (t *Threshold) cosines(units []float32) []float64 {
	n, width := len(units)/t.D, len(t.Means)/t.D
	products := make([]float32, n*width)
	op.MatMul(products, units, t.Means, n, t.D, width, op.Product{TransposeB: true})
	cosines := make([]float64, len(products))
	for i, v := range products {
		cosines[i] = float64(v)
	}
	return cosines
}

// unitVectors is x, rows of d, each divided by its length. Zeros stay.
func unitVectors(x []float32, d int) []float32 {
	units := make([]float32, len(x))
	for at := 0; at < len(x); at += d {
		length := max(lengthOf(x[at:at+d]), math.Sqrt(tiny))
		for j, v := range x[at : at+d] {
			units[at+j] = float32(float64(v) / length)
		}
	}
	return units
}

// lengthOf is the length of a vector.
func lengthOf(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// classMeans computes the mean features of each class, Classes×D; zeros for a class without examples.
func classMeans(e Examples) []float32 {
	e.mustFit()
	counts := e.Counts()
	// The transposed one-hot matrix of the labels times the features, each row by 1/its class's count.
	share := make([]float32, e.Len()*e.Classes)
	for i, label := range e.Labels {
		share[i*e.Classes+label] = 1 / float32(counts[label])
	}
	means := make([]float32, e.Classes*e.D)
	op.MatMul(means, share, e.X, e.Classes, e.Len(), e.D, op.Product{TransposeA: true})
	return means
}
