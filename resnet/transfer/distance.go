package transfer

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
)

// A DistanceVerdict says in one word how far apart two sets of pictures are.
type DistanceVerdict string

// The verdicts of a Gap; see its Verdict for the rule. Same is "no difference found": a small one there may be.
const (
	Far         DistanceVerdict = "far"
	Near        DistanceVerdict = "near" // told apart, but not by much
	Same        DistanceVerdict = "same"
	FewPictures DistanceVerdict = "few" // too few pictures to tell
)

// A Gap is how far apart two sets of pictures are by their features.
type Gap struct {
	A, B int // pictures of each set that were looked at
	// Proxy is the proxy A-distance (Ben-David, Blitzer, Crammer and Pereira 2007), 2·(1 − 2·ε), where ε is the error
	// of a linear classifier that tells which set a picture is of, in folds. It is 0 if that does no better than
	// chance, and 2 if it is never wrong. Low and High are those of ε's Wilson interval of 95 %. An error above one
	// half counts as one half. Near chance the interval is too narrow, since the folds' classifiers depend on each
	// other: that Low is above 0 is no proof of a difference.
	Proxy, Low, High float64
	// MMD2 is the unbiased squared maximum mean discrepancy (Gretton, Borgwardt, Rasch, Schölkopf and Smola 2012) of
	// the standardised features, with a Gaussian kernel as wide as their median distance. It can be below 0. P is its
	// p-value, by permutation.
	MMD2, P float64
	// Verdict is FewPictures if a set has fewer than FewestPictures. Otherwise, if the sets differ for sure, it is Far
	// from a proxy distance of 1 on, where three of four pictures are told apart, and else Near. They differ for sure
	// if P ≤ 0.05, which happens in 5 % of cases by chance, or if Low ≥ 1. If they do not, it is Same where High is at
	// most 0.6, so that at most 65 % of pictures would be told apart, and else FewPictures.
	Verdict DistanceVerdict
}

// DistanceOptions are the settings of Distance. The zero value is good for most.
type DistanceOptions struct {
	Permutations int // of the test; 0 means DefaultPermutations
	Seed         uint64
}

const (
	// DefaultPermutations give p-values down to 0.002.
	DefaultPermutations = 499
	// DistanceCap is how many pictures of each set are looked at: of more a sample is drawn. The time grows with the
	// square of their number.
	DistanceCap = 500
	// FewestPictures is how many pictures of each set it takes to say anything. Of two sets of four, even ones that
	// have nothing in common, every 35th order has as large a discrepancy.
	FewestPictures = 5
)

// domainL2 is the strength of the penalty of the classifier that tells sets apart. It is fixed: one chosen by folds
// would make the error too small. From 0.01 to 1 the error of simulated sets changes by less than a point.
const domainL2 = 0.1

// The limits of Gap.Verdict.
const (
	surely    = 0.05
	farFrom   = 1.0
	sameBelow = 0.6
)

// ErrNoPictures says that a set of pictures is empty.
var ErrNoPictures = errors.New("transfer: a set has no pictures; a distance needs some of both")

// Distance measures how far apart two sets of pictures are by their features, of which the first reads nA rows and the
// second nB. Both measures look at features that are standardised by all pictures together. The classifier sees as many
// pictures of one set as of the other, so that chance is an error of one half; the larger set is sampled for it.
//
// Near-duplicates within one set, as frames of one recording, make the sets seem further apart and more surely so than
// they are.
//
// progress, if not nil, hears of each piece of work, some 50 ms in a browser. When the context ends, Distance gives up
// and returns the context's error. Other errors: an ArgumentError, ErrNoPictures and ErrNotFinite. A single picture is
// none: the verdict says that it is too few.
func Distance(
	ctx context.Context, a Rows, nA int, b Rows, nB int, o DistanceOptions, progress func(),
) (*Gap, error) {
	switch {
	case a.D < 1 || a.D != b.D || a.Read == nil || b.Read == nil || nA < 0 || nB < 0 || o.Permutations < 0:
		return nil, &ArgumentError{
			"a distance needs two sets with the same features, and a number of permutations that is not negative",
		}
	case nA == 0 || nB == 0:
		return nil, ErrNoPictures
	}
	if o.Permutations == 0 {
		o.Permutations = DefaultPermutations
	}
	r := rand.New(rand.NewPCG(o.Seed, 3))
	first, second := sampled(r, nA, DistanceCap), sampled(r, nB, DistanceCap)
	x, err := a.of(first)
	if err != nil {
		return nil, err
	}
	y, err := b.of(second)
	if err != nil {
		return nil, err
	}
	g := &Gap{A: len(first), B: len(second), High: 2, P: 1, Verdict: FewPictures}
	if min(g.A, g.B) < FewestPictures {
		return g, nil
	}
	m := measured{x: append(x, y...), d: a.D, a: g.A, n: g.A + g.B}
	m.orders = permutations(m.n, o.Permutations, o.Seed)
	m.chosen = slices.Concat(sampled(r, g.A, min(g.A, g.B)), shifted(sampled(r, g.B, min(g.A, g.B)), g.A))
	labels := make([]int, len(m.chosen))
	for k := len(labels) / 2; k < len(labels); k++ {
		labels[k] = 1
	}
	m.folds, m.k = foldsOf(labels, 2, ProbeFolds, o.Seed)
	if err := m.measure(g, 1e-2, watch(ctx, progress)); err != nil {
		return nil, err
	}
	g.Verdict = g.verdict()
	return g, nil
}

// shifted adds to each number.
func shifted(x []int, by int) []int {
	for i := range x {
		x[i] += by
	}
	return x
}

// verdict is the rule of Verdict, for sets that are large enough.
func (g *Gap) verdict() DistanceVerdict {
	switch {
	case g.P <= surely || g.Low >= farFrom:
		if g.Proxy >= farFrom {
			return Far
		}
		return Near
	case g.High <= sameBelow:
		return Same
	}
	return FewPictures
}

// measured is what Distance measures by.
type measured struct {
	x       []float32 // n×d: the features of a, and then of b
	d, n, a int
	orders  [][]int // permutations of all
	chosen  []int   // that the classifier sees: as many of a as of b, those of a first
	folds   []int   // of each of the chosen, 0…k−1
	k       int
}

// measure sets the gap's numbers. It standardises x in place.
func (m *measured) measure(g *Gap, tolerance float64, piece func() error) error {
	standardiseInPlace(m.x, m.d)
	kernel, err := kernelMatrix(m.x, m.n, piece)
	if err != nil {
		return err
	}
	if g.MMD2, g.P, err = newTwoSample(kernel, m.n, m.a).test(m.orders, piece); err != nil {
		return err
	}
	wrong, err := m.mistakes(tolerance, piece)
	if err != nil {
		return err
	}
	proxy := func(e float64) float64 { return max(0, 2*(1-2*e)) }
	// More than half wrong is chance too: with few pictures, folds are often wrong more often than a coin.
	e := Wilson(min(wrong, len(m.chosen)/2), len(m.chosen))
	g.Proxy, g.Low, g.High = proxy(e.Mid), proxy(e.High), proxy(e.Low)
	return nil
}

// mistakes is how many of the chosen pictures a linear classifier takes for ones of the other set, each by the
// classifier that has not learnt from its fold.
func (m *measured) mistakes(tolerance float64, piece func() error) (int, error) {
	half := len(m.chosen) / 2
	x, labels := make([]float32, 0, len(m.chosen)*m.d), make([]int, len(m.chosen))
	for k, i := range m.chosen {
		x = append(x, m.x[i*m.d:][:m.d]...)
		if k >= half {
			labels[k] = 1
		}
	}
	f, err := newFoldFit(x, m.d, labels, 2, m.folds, m.k, piece)
	if err != nil {
		return 0, err
	}
	f.tolerance = tolerance
	if err := f.fit(domainL2); err != nil {
		return 0, err
	}
	wrong := 0
	for _, right := range f.held.right {
		if !right {
			wrong++
		}
	}
	return wrong, nil
}
