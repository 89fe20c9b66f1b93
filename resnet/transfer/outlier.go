package transfer

import (
	"math"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
	"gonum.org/v1/gonum/floats"
)

// A Threshold tells features that belong to none of the classes: those whose cosine with every class's mean is smaller
// than that of nearly all examples.
//
// Techapanurak, Suganuma and Okatani (2020) find outliers by the directions of features. Of what was compared in folds
// (docs/rationale-teaching.md) nothing is better: not the nearest example, Mahalanobis's distance with shrinkage, the
// largest probability, nor the energy. The features' lengths and the classifier's own scores are also high for much
// that is of no class: large photographs got a higher logit than the thumbnails that had been learnt.
type Threshold struct {
	D int
	// Means has a row of D for each class that has examples: the mean of its features' unit vectors, itself of unit
	// length.
	Means []float32
	// Limit is the largest distance, 1 - cosine, that is still of a class.
	Limit float64
	// Limit is the rank-th smallest distance of N different examples. Keep, rank/(N+1), is the part of new pictures of
	// the classes that stays within it on average. How much of them surely does says Confidence.
	Keep float64
	N    int
}

const badKeep = "transfer: the part of pictures to keep lies between 0 and 1"

// thresholdConfidence is how sure a Threshold must be of the part that it keeps.
const thresholdConfidence = 0.95

// FewestForThreshold is how many different examples LearnThreshold takes to keep the part keep of new pictures: 59 for
// 95 %.
func FewestForThreshold(keep float64) int {
	if !(keep > 0 && keep < 1) {
		panic(badKeep)
	}
	return fewestFor(keep, thresholdConfidence)
}

// LearnThreshold learns a threshold within which, with a confidence of 95 %, at least the part keep of new pictures of
// the classes will stay. That takes FewestForThreshold different examples; with fewer it returns nil. n is how many
// there are. Examples of a class with the same number in groups are nearly the same, as the frames of a recording, and
// only the first of them counts; without groups all are different.
//
// Each example is measured as a new picture would be: against its class's mean without itself and its group (leave one
// out). So all examples can be used, training and validation. The limit is a tolerance limit of their distances, see
// CoverageConfidence.
//
// The promise is for pictures like the examples. Pictures that were taken differently are farther away.
func LearnThreshold(examples Examples, groups []int, keep float64) (t *Threshold, n int) {
	examples.mustFit()
	if groups != nil && len(groups) != examples.Len() {
		panic(badExamples)
	}
	distances := leaveOneOut(unitExamples(examples), groups)
	return placeThreshold(examples, distances, keep), len(distances)
}

// placeThreshold places the threshold of the classes of some examples by the distances of held-out pictures.
func placeThreshold(examples Examples, distances []float64, keep float64) *Threshold {
	n := len(distances)
	if n < FewestForThreshold(keep) {
		return nil
	}
	t := newThreshold(examples)
	distances = slices.Sorted(slices.Values(distances))
	rank := toleranceRank(n, keep, thresholdConfidence)
	t.N, t.Limit, t.Keep = n, distances[rank-1], float64(rank)/float64(n+1)
	return t
}

// newThreshold is a threshold without a limit yet.
func newThreshold(examples Examples) *Threshold {
	t := &Threshold{D: examples.D}
	means := classMeans(unitExamples(examples))
	for class, n := range examples.Counts() {
		if n > 0 {
			t.Means = append(t.Means, unitVectors(means[class*t.D:][:t.D], t.D)...)
		}
	}
	return t
}

// Confidence is how sure one may be that at least the part keep of new pictures of the classes stays within the limit.
// It is 0 where N and Keep are of no threshold that was ever learnt.
func (t *Threshold) Confidence(keep float64) float64 {
	rank := int(math.Round(t.Keep * float64(t.N+1)))
	if rank < 1 || rank > t.N {
		return 0
	}
	return CoverageConfidence(t.N, rank, keep)
}

// unitExamples are examples with their features' unit vectors.
func unitExamples(e Examples) Examples {
	return Examples{unitVectors(e.X, e.D), e.Labels, e.D, e.Classes}
}

// leaveOneOut gives the distance of the first example of each group from the nearest class mean, that of its class
// without the group. The features are unit vectors.
func leaveOneOut(units Examples, groups []int) []float64 {
	d, counts, all := units.D, units.Counts(), map[[2]int][]int{}
	keyOf := func(i int) [2]int { return [2]int{units.Labels[i], groupOf(groups, i)} }
	for i := range units.Labels {
		all[keyOf(i)] = append(all[keyOf(i)], i)
	}
	t, means := newThreshold(units), classMeans(units)
	row, rows := make([]int, units.Classes), 0 // of each class in t.Means
	for class, n := range counts {
		if row[class] = rows; n > 0 {
			rows++
		}
	}
	cosines, rest := t.cosines(units.X), make([]float64, d)
	var distances []float64
	for i, label := range units.Labels {
		same := all[keyOf(i)]
		if same[0] != i || len(same) == counts[label] {
			continue // or nothing else stands for the class
		}
		for k, v := range means[label*d:][:d] {
			rest[k] = float64(v) * float64(counts[label])
		}
		for _, j := range same {
			for k, v := range units.Row(j) {
				rest[k] -= float64(v)
			}
		}
		along := 0.0
		for k, v := range units.Row(i) {
			along += float64(v) * rest[k]
		}
		theirs := cosines[i*rows:][:rows]
		theirs[row[label]] = along / max(floats.Norm(rest, 2), math.Sqrt(tiny))
		distances = append(distances, 1-slices.Max(theirs))
	}
	return distances
}

// groupOf is the group of example i. Without groups each has one of its own.
func groupOf(groups []int, i int) int {
	if groups == nil {
		return i
	}
	return groups[i]
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
