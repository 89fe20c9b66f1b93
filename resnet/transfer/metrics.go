package transfer

import (
	"math"

	"github.com/seed8935e608/residua/resnet/train"
)

// A Score says how well a classifier does on some examples.
type Score = train.Score

// ScoreOf scores logits, N×classes, by the labels.
func ScoreOf(logits []float32, labels []int, classes int) Score {
	if classes < 1 || len(logits) != len(labels)*classes {
		panic(badExamples)
	}
	return train.ScoreOf(logits, labels, classes)
}

// A Confusion counts test examples by their class and by the answer.
type Confusion struct {
	Classes int
	// Counts is Classes × (Classes+1): row the true class, column the answer; the last column counts "none of these".
	Counts []int
}

// None, as an answer, is "none of these".
const None = -1

const badAnswer = "transfer: an answer or a label is no class"

// NewConfusion counts answers, each a class or None, by the labels.
func NewConfusion(labels, answers []int, classes int) *Confusion {
	if len(labels) != len(answers) {
		panic(badAnswer)
	}
	m := &Confusion{classes, make([]int, classes*(classes+1))}
	for i, label := range labels {
		answer := answers[i]
		if label < 0 || label >= classes || answer < None || answer >= classes {
			panic(badAnswer)
		}
		if answer == None {
			answer = classes
		}
		m.Counts[label*(classes+1)+answer]++
	}
	return m
}

// At is how many examples of a class got an answer, a class or None.
func (m *Confusion) At(class, answer int) int {
	if answer == None {
		answer = m.Classes
	}
	return m.Counts[class*(m.Classes+1)+answer]
}

// A Rate is a proportion K of N with its confidence interval.
type Rate struct {
	K, N     int
	Low, Mid float64 // Mid is K/N, NaN if N is 0
	High     float64
}

// z95 is the 97.5 % quantile of the standard normal distribution: of a two-sided interval of 95 %.
const z95 = 1.959963984540054

const badRate = "transfer: a rate is k of n, 0 ≤ k ≤ n"

// Wilson gives a proportion with its score interval of 95 % (Wilson, 1927). Unlike the textbook's p ± 1.96·√(p(1-p)/n)
// it holds for few examples and near 0 and 1: 5 of 5 is 57 % to 100 %, not "100 % ± 0".
func Wilson(k, n int) Rate {
	if k < 0 || n < k {
		panic(badRate)
	}
	if n == 0 {
		return Rate{Low: 0, Mid: math.NaN(), High: 1}
	}
	p := float64(k) / float64(n)
	low, high := wilson(p, float64(n))
	return Rate{K: k, N: n, Low: low, Mid: p, High: high}
}

// wilson is the interval of a proportion p of n, which need be no whole numbers.
func wilson(p, n float64) (low, high float64) {
	const zz = z95 * z95
	center := (p + zz/(2*n)) / (1 + zz/n)
	half := z95 / (1 + zz/n) * math.Sqrt(p*(1-p)/n+zz/(4*n*n))
	low, high = center-half, center+half
	if p == 0 {
		low = 0 // which it is but for rounding
	}
	if p == 1 {
		high = 1
	}
	return low, high
}

// Accuracy is the rate of right answers. "None of these" is never right for an example of a class.
func (m *Confusion) Accuracy() Rate {
	right, n := 0, 0
	for class := range m.Classes {
		r := m.Recall(class)
		right, n = right+r.K, n+r.N
	}
	return Wilson(right, n)
}

// Recall is the rate of a class's examples that were named rightly: its accuracy.
func (m *Confusion) Recall(class int) Rate {
	n := 0
	for _, k := range m.Counts[class*(m.Classes+1):][:m.Classes+1] {
		n += k
	}
	return Wilson(m.At(class, class), n)
}

// Precision is the rate of the answers for a class that were right.
func (m *Confusion) Precision(class int) Rate {
	n := 0
	for truth := range m.Classes {
		n += m.At(truth, class)
	}
	return Wilson(m.At(class, class), n)
}

// F1 is the harmonic mean of a class's precision and recall; 0 if nothing of it was named rightly, NaN if it neither
// came up nor was answered.
func (m *Confusion) F1(class int) float64 {
	recall, precision := m.Recall(class), m.Precision(class)
	return 2 * float64(recall.K) / float64(recall.N+precision.N)
}

// A Macro holds means over the classes, each counting the same, however many examples it has.
type Macro struct{ Recall, Precision, F1 float64 }

// Macro averages over the classes that have examples. A class that was never answered has precision 0.
func (m *Confusion) Macro() Macro {
	var sum Macro
	n := 0.0
	for class := range m.Classes {
		recall := m.Recall(class)
		if recall.N == 0 {
			continue
		}
		n++
		sum.Recall += recall.Mid
		sum.F1 += m.F1(class)
		if precision := m.Precision(class); precision.N > 0 {
			sum.Precision += precision.Mid
		}
	}
	return Macro{sum.Recall / n, sum.Precision / n, sum.F1 / n}
}
