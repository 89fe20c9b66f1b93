package transfer

import (
	"math"
	"math/rand/v2"
	"testing"
)

// outcomes makes labels and the answers of two methods with the given numbers of pictures that only one, both or none
// named rightly.
func outcomes(onlyBase, onlyOther, both, neither int) (labels, base, other []int) {
	add := func(n, a, b int) {
		for range n {
			labels, base, other = append(labels, 1), append(base, a), append(other, b)
		}
	}
	add(onlyBase, 1, 0)
	add(onlyOther, None, 1)
	add(both, 1, 1)
	add(neither, 0, None)
	return labels, base, other
}

// The interval is that of drawing picture by picture, as numpy has done 100,000 times. The differences come in steps of
// 1/n, and a random quantile may be one step off.
func TestBootstrapIsPictureByPicture(t *testing.T) {
	for _, g := range readGoldens(t).Bootstraps {
		labels, base, other := outcomes(g.OnlyBase, g.OnlyOther, g.Both, g.Neither)
		n := float64(len(labels))
		c := CompareMethods(labels, base, other)
		if math.Abs(c.Low-g.Low) > 1.001/n || math.Abs(c.High-g.High) > 1.001/n {
			t.Errorf("%v to %v, numpy has %v to %v", c.Low, c.High, g.Low, g.High)
		}
		if c.OnlyBase != g.OnlyBase || c.OnlyOther != g.OnlyOther || c.N != len(labels) ||
			c.Base.K != g.OnlyBase+g.Both || c.Other.K != g.OnlyOther+g.Both {
			t.Errorf("counts %+v", c)
		}
		near1(t, "difference", c.Difference, c.Other.Mid-c.Base.Mid, 1e-12)
	}
}

// The probabilities of all samples add up to 1, and the counts that are called likely miss none that matters.
func TestMultinomial(t *testing.T) {
	for _, g := range [][3]int{{30, 3, 5}, {30, 0, 30}, {30, 0, 0}, {1, 1, 0}, {2000, 90, 210}} {
		n := g[0]
		m := newMultinomial(n, g[1], g[2])
		firstA, lastA := likely(n, g[1])
		firstB, lastB := likely(n, g[2])
		sum := 0.0
		for a := firstA; a <= lastA; a++ {
			for b := firstB; b <= min(lastB, n-a); b++ {
				sum += m.of(a, b)
			}
		}
		near1(t, "sum", sum, 1, 1e-9)
	}
	// Of 4 draws from a, b and two others: 4!/(1!·1!·2!)·(1/4)(1/4)(2/4)².
	m := newMultinomial(4, 1, 1)
	near1(t, "probability", m.of(1, 1), 12*0.25*0.25*0.5*0.5, 1e-12)
	near1(t, "probability", m.of(0, 0), 1./16, 1e-12)
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		onlyBase, onlyOther, both, neither int
		want                               Verdict
	}{
		{10, 40, 100, 50, Helps},
		{40, 10, 100, 50, Hurts},
		{0, 6, 30, 10, Helps}, // McNemar: 2/2⁶ = 3 %
		// The bootstrap alone would be sure of four, and of five; McNemar's 2/2⁵ = 6 % is not.
		{0, 4, 30, 10, Undecided},
		{0, 5, 30, 10, Undecided},
		{20, 22, 100, 58, Undecided},
		{50, 52, 5000, 1000, NoDifference},
		{0, 0, 150, 50, NoDifference},
		// No picture tells them apart, but there are only a few: the next hundred may.
		{0, 0, 20, 10, Undecided},
		{0, 0, 0, 0, Undecided},
	} {
		labels, base, other := outcomes(c.onlyBase, c.onlyOther, c.both, c.neither)
		got := CompareMethods(labels, base, other)
		if got.Verdict != c.want {
			t.Errorf("%+v: %q from %v to %v", c, got.Verdict, got.Low, got.High)
		}
		if needs := got.Needed > got.N; needs != (c.want == Undecided && got.N > 0) {
			t.Errorf("%+v: needs %d of %d", c, got.Needed, got.N)
		}
	}
	panics(t, badAnswer, func() { CompareMethods([]int{1}, []int{1}, nil) })
}

// McNemar's exact test, by hand: with 5 and 1, 2·(1+6)/2⁶.
func TestMcNemar(t *testing.T) {
	for _, c := range []struct {
		base, other int
		want        float64
	}{{0, 0, 1}, {0, 1, 1}, {1, 1, 1}, {0, 5, 2. / 32}, {5, 1, 14. / 64}, {2, 8, 2 * (1 + 10 + 45) / 1024.}} {
		near1(t, "p", (&Comparison{OnlyBase: c.base, OnlyOther: c.other}).mcNemar(), c.want, 1e-12)
	}
}

// Of methods that truly are equal, "helps" or "hurts" is said of at most one in twenty.
func TestVerdictIsSeldomWrong(t *testing.T) {
	const tests, pictures = 400, 100
	r := rand.New(rand.NewPCG(6, 6))
	wrong := 0
	for range tests {
		var counts [4]int
		for range pictures {
			counts[[]int{0, 1, 2, 2, 2, 3, 3, 0, 1, 2}[r.IntN(10)]]++
		}
		labels, base, other := outcomes(counts[0], counts[1], counts[2], counts[3])
		if v := CompareMethods(labels, base, other).Verdict; v == Helps || v == Hurts {
			wrong++
		}
	}
	// Of 400 tests 20 are expected at most; 3 standard deviations of 4.4 more are 33.
	if wrong > 33 {
		t.Errorf("%d of %d comparisons of equal methods found a difference", wrong, tests)
	}
}

// With as many pictures as were said to be needed, four of five tests are decided.
func TestNeeded(t *testing.T) {
	labels, base, other := outcomes(8, 14, 60, 18)
	c := CompareMethods(labels, base, other)
	if c.Verdict != Undecided {
		t.Fatalf("verdict %q", c.Verdict)
	}
	const tests = 200
	r := rand.New(rand.NewPCG(7, 7))
	decided := 0
	for range tests {
		var counts [4]int
		for range c.Needed {
			switch k := r.IntN(100); {
			case k < 8:
				counts[0]++
			case k < 22:
				counts[1]++
			default:
				counts[2]++
			}
		}
		labels, base, other := outcomes(counts[0], counts[1], counts[2], counts[3])
		if CompareMethods(labels, base, other).Verdict == Helps {
			decided++
		}
	}
	// 160 of 200 are expected, give or take three standard deviations of 5.7, and the exact test is a little stricter
	// than the formula.
	if decided < 140 || decided > 180 {
		t.Errorf("with %d pictures %d of %d tests were decided", c.Needed, decided, tests)
	}
}
