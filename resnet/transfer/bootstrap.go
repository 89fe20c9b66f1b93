package transfer

import (
	"math"
)

// A Verdict says in one word what a comparison found.
type Verdict string

// The verdicts of a Comparison. Undecided is not "no difference": there were too few pictures to tell.
const (
	Helps        Verdict = "helps"
	Hurts        Verdict = "hurts"
	NoDifference Verdict = "no-difference"
	Undecided    Verdict = "undecided"
)

// A Comparison holds two methods' answers to the same test pictures against each other.
type Comparison struct {
	N           int // test pictures
	Base, Other Rate
	OnlyBase    int // pictures that only the base named rightly
	OnlyOther   int
	// Difference is the other's accuracy minus the base's; 95 % of the bootstrap's samples lie between Low and High.
	Difference, Low, High float64
	Verdict               Verdict
	// Needed is about how many test pictures would settle an undecided comparison, if the methods went on to differ as
	// they do now: enough for four of five such tests.
	Needed int
}

// Margin is the difference in accuracy under which two methods count as equal.
const Margin = 0.03

// z80 is the 80 % quantile of the standard normal distribution.
const z80 = 0.8416212335729143

// CompareMethods compares the other method's answers with the base's, by the labels of the test pictures.
//
// The interval is the percentile interval of the paired bootstrap (Efron and Tibshirani, 1993): pictures are drawn with
// replacement, each with both answers. All that matters of a picture is which method it favours, if any, so the
// probability of every sample is known, and none has to be drawn. The interval is too narrow where few pictures tell
// the methods apart; of four pictures that all favour one method, it would already be sure. So "helps" and "hurts" also
// ask for McNemar's exact test (1947) at 5 %, and "no difference" for the interval of Agresti and Min (2005), which
// adds half a picture to each of the four cells, to lie within the margin too.
func CompareMethods(labels, base, other []int) Comparison {
	if len(base) != len(labels) || len(other) != len(labels) {
		panic(badAnswer)
	}
	c := Comparison{N: len(labels)}
	both := 0
	for i, label := range labels {
		switch a, b := base[i] == label, other[i] == label; {
		case a && b:
			both++
		case a:
			c.OnlyBase++
		case b:
			c.OnlyOther++
		}
	}
	c.Base, c.Other = Wilson(both+c.OnlyBase, c.N), Wilson(both+c.OnlyOther, c.N)
	c.Verdict = Undecided
	if c.N == 0 {
		c.Low, c.High = -1, 1
		return c
	}
	n := float64(c.N)
	c.Difference = float64(c.OnlyOther-c.OnlyBase) / n
	c.Low, c.High = c.bootstrap()
	center, variance := c.smoothed()
	half := z95 * math.Sqrt(variance/(n+2))
	switch {
	case c.Low > 0 && c.mcNemar() <= 0.05:
		c.Verdict = Helps
	case c.High < 0 && c.mcNemar() <= 0.05:
		c.Verdict = Hurts
	case max(c.High, center+half) <= Margin && min(c.Low, center-half) >= -Margin:
		c.Verdict = NoDifference
	default:
		c.Needed = c.needed(variance)
	}
	return c
}

// bootstrap gives the 2.5 % and 97.5 % quantiles of the difference when N pictures are drawn with replacement: of b -
// a, where a of those drawn favour the base and b the other, with the probabilities of the multinomial distribution.
func (c *Comparison) bootstrap() (low, high float64) {
	n := c.N
	m := newMultinomial(n, c.OnlyBase, c.OnlyOther)
	probability := make([]float64, 2*n+1) // of each difference, from -n on
	firstA, lastA := likely(n, c.OnlyBase)
	firstB, lastB := likely(n, c.OnlyOther)
	for a := firstA; a <= lastA; a++ {
		for b := firstB; b <= min(lastB, n-a); b++ {
			probability[n+b-a] += m.of(a, b)
		}
	}
	quantile := func(q float64) float64 {
		below := 0.0
		for i, p := range probability {
			if below += p; below >= q {
				return float64(i-n) / float64(n)
			}
		}
		return 1
	}
	return quantile(0.025), quantile(0.975)
}

// likely gives the range of a binomial count of n with mean k, but for tails of less than 1e-12.
func likely(n, k int) (first, last int) {
	p := float64(k) / float64(n)
	reach := int(10*math.Sqrt(float64(n)*p*(1-p))) + 20
	return max(k-reach, 0), min(k+reach, n)
}

// A multinomial is the distribution of how often each of three outcomes comes up in n draws.
type multinomial struct {
	n          int
	factorials []float64  // logarithms
	odds       [3]float64 // logarithms of the probabilities
}

// newMultinomial makes the distribution of n draws from n things, a of one kind, b of another.
func newMultinomial(n, a, b int) multinomial {
	m := multinomial{n: n, factorials: make([]float64, n+1)}
	for i := 1; i <= n; i++ {
		m.factorials[i] = m.factorials[i-1] + math.Log(float64(i))
	}
	for i, k := range []int{a, b, n - a - b} {
		m.odds[i] = math.Log(float64(k) / float64(n))
	}
	return m
}

// of is the probability that the first two outcomes come up a and b times.
func (m *multinomial) of(a, b int) float64 {
	log := m.factorials[m.n]
	for i, k := range [...]int{a, b, m.n - a - b} {
		if k > 0 { // 0 times is certain of what is impossible
			log += float64(k)*m.odds[i] - m.factorials[k]
		}
	}
	return math.Exp(log)
}

// mcNemar is the probability that pictures which favour one method divide as unevenly as these, or more so, if the
// methods were equally good: twice the smaller tail of a binomial distribution.
func (c *Comparison) mcNemar() float64 {
	few, apart := min(c.OnlyBase, c.OnlyOther), c.OnlyBase+c.OnlyOther
	tail, log := 0.0, -float64(apart)*math.Ln2 // of the probability of 0 of apart
	for k := range few + 1 {
		tail += math.Exp(log)
		log += math.Log(float64(apart-k) / float64(k+1))
	}
	return min(1, 2*tail)
}

// smoothed is the difference, and the variance of one picture's, with half a picture added to each cell.
func (c *Comparison) smoothed() (difference, variance float64) {
	n := float64(c.N) + 2
	a, b := (float64(c.OnlyBase)+0.5)/n, (float64(c.OnlyOther)+0.5)/n
	return b - a, a + b - (b-a)*(b-a)
}

// needed is how many pictures would show the difference, or that it is within the margin, whichever comes first.
func (c *Comparison) needed(variance float64) int {
	far := math.Abs(c.Difference)
	far = max(far, Margin-far)
	return max(c.N+1, int(math.Ceil((z95+z80)*(z95+z80)*variance/(far*far))))
}
