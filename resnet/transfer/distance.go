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
	// Different is how many of A and of B count as different pictures: near-duplicates count as one.
	Different [2]int
	// Proxy is the proxy A-distance (Ben-David, Blitzer, Crammer and Pereira 2007), 2·(1 − 2·ε), where ε is the error
	// of a linear classifier that tells which set a picture is of, in folds. It is 0 if that does no better than
	// chance, and 2 if it is never wrong. An error above one half counts as one half. Low and High are those of ε's
	// Wilson interval of 95 %, for as many pictures as the folds' answers are worth, which depend on each other: see
	// foldDependence.
	Proxy, Low, High float64
	// MMD2 is the unbiased squared maximum mean discrepancy (Gretton, Borgwardt, Rasch, Schölkopf and Smola 2012) of
	// the standardised features, with a Gaussian kernel as wide as their median distance. It can be below 0. P is its
	// p-value, by permutation.
	MMD2, P float64
	// Verdict is FewPictures if a set has fewer than FewestPictures different ones. Otherwise, if the sets differ for
	// sure, it is Far from a proxy distance of 1 on, where three of four pictures are told apart, and else Near. They
	// differ for sure if P ≤ 0.05, which happens in 5 % of cases by chance, or if Low ≥ 1. If they do not, it is Same
	// where High is at most 0.6, so that at most 65 % of pictures would be told apart, and else FewPictures.
	Verdict DistanceVerdict
}

// DistanceOptions are the settings of Distance. The zero value is good for most.
type DistanceOptions struct {
	Permutations int // of the test; 0 means DefaultPermutations
	// GroupsA and GroupsB tell which pictures of each set are nearly the same, as the frames of a recording are: those
	// with the same number. nil: all are different.
	GroupsA, GroupsB []int
	Seed             uint64
}

const (
	// DefaultPermutations give p-values down to 0.002.
	DefaultPermutations = 499
	// DistanceCap is how many pictures of each set are looked at: of more a sample is drawn. The time grows with the
	// square of their number.
	DistanceCap = 500
	// FewestPictures is how many different pictures of each set it takes to say anything. Of two sets of four, even
	// ones that have nothing in common, every 35th order has as large a discrepancy.
	FewestPictures = 5
)

// domainL2 is the strength of the penalty of the classifier that tells sets apart. It is fixed: one chosen by folds
// would make the error too small. From 0.01 to 1 the error of simulated sets changes by less than a point.
const domainL2 = 0.1

// foldDependence is how many times more the error in folds varies than that of as many independent answers, since the
// folds' classifiers share most of what they learn from, and each answers many pictures. In simulated sets of 10 to 150
// pictures and 6 to 1,024 features it is 1.2 to 1.85, the more the nearer to chance, and intervals that go by 1.75 hold
// in 94 to 100 % of cases; without it in 85 to 97 %. Nadeau and Bengio's (2003) 1 + 4/3 would be too careful.
const foldDependence = 1.75

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
// Pictures that are nearly the same, by the groups of the options, count as one: the test and the folds keep them
// together. Otherwise any two sets of recordings would be apart for sure. Pictures that depend on each other in other
// ways, as all of one afternoon, still make the sets seem further apart than they are.
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
	case o.GroupsA != nil && len(o.GroupsA) != nA || o.GroupsB != nil && len(o.GroupsB) != nB:
		return nil, &ArgumentError{"a distance's groups are a number for each picture"}
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
	sets := slices.Concat(make([]int, g.A), slices.Repeat([]int{1}, g.B))
	groups := slices.Concat(picked(o.GroupsA, first), picked(o.GroupsB, second))
	for _, cluster := range clustersOf(sets, groups) {
		g.Different[sets[cluster[0]]]++
	}
	if min(g.A, g.B) < FewestPictures || max(g.Different[0], g.Different[1]) < 2 {
		return g, nil
	}
	m := measured{x: append(x, y...), d: a.D, a: g.A, n: g.A + g.B}
	m.drawn = permuted(sets, groups, o.Permutations, o.Seed)
	m.chosen = slices.Concat(sampled(r, g.A, min(g.A, g.B)), shifted(sampled(r, g.B, min(g.A, g.B)), g.A))
	labels := picked(sets, m.chosen)
	m.folds, m.k = foldsOf(labels, picked(groups, m.chosen), 2, ProbeFolds, o.Seed)
	m.different = len(clustersOf(labels, picked(groups, m.chosen)))
	if err := m.measure(g, 1e-2, watch(ctx, progress)); err != nil {
		return nil, err
	}
	g.Verdict = g.verdict()
	return g, nil
}

// picked are some of the values. Without groups, it numbers each picture itself.
func picked(values, indices []int) []int {
	if values == nil {
		return slices.Clone(indices)
	}
	some := make([]int, len(indices))
	for k, i := range indices {
		some[k] = values[i]
	}
	return some
}

// shifted adds to each number.
func shifted(x []int, by int) []int {
	for i := range x {
		x[i] += by
	}
	return x
}

// verdict is the rule of Verdict.
func (g *Gap) verdict() DistanceVerdict {
	switch {
	case min(g.Different[0], g.Different[1]) < FewestPictures:
		return FewPictures
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
	drawn   [][]int // sets that could as well have been a; see permuted
	chosen  []int   // that the classifier sees: as many of a as of b, those of a first
	folds   []int   // of each of the chosen, 0…k−1
	k       int
	// different is how many of the chosen count as different pictures.
	different int
}

// measure sets the gap's numbers. It standardises x in place.
func (m *measured) measure(g *Gap, tolerance float64, piece func() error) error {
	standardiseInPlace(m.x, m.d)
	kernel, err := kernelMatrix(m.x, m.n, piece)
	if err != nil {
		return err
	}
	if g.MMD2, g.P, err = newTwoSample(kernel, m.n, m.a).test(m.drawn, piece); err != nil {
		return err
	}
	wrong, err := m.mistakes(tolerance, piece)
	if err != nil {
		return err
	}
	proxy := func(e float64) float64 { return max(0, 2*(1-2*e)) }
	// More than half wrong is chance too: with few pictures, folds are often wrong more often than a coin.
	e := min(float64(wrong)/float64(len(m.chosen)), 0.5)
	low, high := wilson(e, float64(m.different)/foldDependence)
	g.Proxy, g.Low, g.High = proxy(e), proxy(high), proxy(low)
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
