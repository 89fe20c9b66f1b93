package transfer

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// normal makes n rows of d features, the first two of which are off by gap deviations.
func normal(r *rand.Rand, n, d int, gap float64) Examples {
	e := Examples{D: d}
	for range n {
		for j := range d {
			v := r.NormFloat64()
			if j < 2 {
				v += gap
			}
			e.X = append(e.X, float32(v))
		}
	}
	e.Labels = make([]int, n)
	return e
}

// between is the gap of two sets that are in memory.
func between(t *testing.T, a, b Examples, o DistanceOptions) *Gap {
	t.Helper()
	g, err := Distance(t.Context(), rowsOf(a), a.Len(), rowsOf(b), b.Len(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestDistanceVerdicts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	zeros := Examples{D: 6, X: make([]float32, 6*40), Labels: make([]int, 40)}
	some := normal(r, 60, 6, 0)
	twice := Examples{D: 6, X: slices.Concat(some.X, some.X), Labels: make([]int, 120)}
	for name, c := range map[string]struct {
		a, b Examples
		want DistanceVerdict
	}{
		"far apart":                       {normal(r, 60, 6, 0), normal(r, 60, 6, 5), Far},
		"near":                            {normal(r, 150, 6, 0), normal(r, 150, 6, 0.6), Near},
		"of one kind":                     {normal(r, 150, 6, 0), normal(r, 150, 6, 0), Same},
		"equal sets":                      {some, some, Same},
		"each picture twice in one":       {some, twice, Same},
		"one picture":                     {some, normal(r, 1, 6, 0), FewPictures},
		"five of one kind":                {normal(r, 5, 6, 0), normal(r, 5, 6, 0), FewPictures},
		"seven that are far":              {normal(r, 7, 6, 0), normal(r, 7, 6, 9), Far},
		"few and many of one kind":        {normal(r, 300, 6, 0), normal(r, 8, 6, 0), FewPictures},
		"nothing varies":                  {zeros, zeros, Same},
		"one set is constant":             {normal(r, 40, 6, 0), zeros, Far},
		"more features than pictures":     {normal(r, 60, 300, 0), normal(r, 60, 300, 0), Same},
		"far in two of 300 features":      {normal(r, 60, 300, 0), normal(r, 60, 300, 8), Far},
		"more than are looked at":         {normal(r, 700, 3, 0), normal(r, 600, 3, 4), Far},
		"one kind, more than looked at":   {normal(r, 700, 3, 0), normal(r, 600, 3, 0), Same},
		"numbers that are far from small": {scaled(normal(r, 40, 6, 0)), scaled(normal(r, 40, 6, 5)), Far},
	} {
		g := between(t, c.a, c.b, DistanceOptions{Permutations: 99})
		finite := g.MMD2-g.MMD2 == 0 && g.P > 0 && g.P <= 1
		if g.Verdict != c.want || !finite || g.Low > g.Proxy || g.Proxy > g.High || g.Low < 0 || g.High > 2 ||
			g.A != min(c.a.Len(), DistanceCap) || g.B != min(c.b.Len(), DistanceCap) {
			t.Errorf("%s: %+v, want %s", name, g, c.want)
		}
		if again := between(t, c.a, c.b, DistanceOptions{Permutations: 99}); *again != *g {
			t.Errorf("%s: a second time it is %+v", name, again)
		}
	}
}

func scaled(e Examples) Examples {
	for i := range e.X {
		e.X[i] = e.X[i]*1e4 + 3e5
	}
	return e
}

// Under no gap the p-values of 200 pairs of sets are uniform, and the verdict finds a gap in few cases; with a gap of
// 1.5 deviations in two features it finds it.
//
// The limit of Kolmogorov and Smirnov's statistic at 1 % is 1.63/√200 = 0.115. The p-values are multiples of 1/100,
// which adds at most that.
func TestDistanceCoverage(t *testing.T) {
	const pairs = 200
	var p []float64
	found, missed := 0, 0
	for seed := range uint64(pairs) {
		r := rand.New(rand.NewPCG(seed, 8))
		a, b := normal(r, 24, 6, 0), normal(r, 20, 6, 0)
		o := DistanceOptions{Permutations: 99, Seed: seed}
		g := between(t, a, b, o)
		p = append(p, g.P)
		if g.Verdict == Far || g.Verdict == Near {
			found++
		}
		if g = between(t, a, normal(r, 20, 6, 1.5), o); g.Verdict != Far && g.Verdict != Near {
			missed++
		}
	}
	slices.Sort(p)
	statistic := 0.0
	for i, v := range p {
		statistic = max(statistic, math.Abs(v-float64(i)/pairs), math.Abs(v-float64(i+1)/pairs))
	}
	if statistic > 0.115+0.01 {
		t.Errorf("Kolmogorov-Smirnov: %.3f", statistic)
	}
	// Of 200 cases with a probability of 5 %, 16 or more come up once in 30 times.
	if found > 16 {
		t.Errorf("of %d pairs without a gap %d are told apart", pairs, found)
	}
	if missed > pairs/20 {
		t.Errorf("of %d pairs with a gap %d are not told apart", pairs, missed)
	}
	t.Logf("statistic %.3f, told apart %d without a gap, missed %d with one", statistic, found, missed)
}

func TestDistanceErrors(t *testing.T) {
	e := normal(rand.New(rand.NewPCG(1, 1)), 20, 4, 0)
	rows := rowsOf(e)
	nan := Rows{4, func(dst []float32, row int) { dst[row%4] = float32(math.Inf(1)) }}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var argument *ArgumentError
	isArgument := func(err error) bool { return errors.As(err, &argument) }
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	for name, c := range map[string]struct {
		ctx context.Context
		b   Rows
		n   int
		o   DistanceOptions
		is  func(error) bool
	}{
		"cancelled":      {ctx, rows, 20, DistanceOptions{}, is(context.Canceled)},
		"no pictures":    {t.Context(), rows, 0, DistanceOptions{}, is(ErrNoPictures)},
		"infinite":       {t.Context(), nan, 20, DistanceOptions{}, is(ErrNotFinite)},
		"other features": {t.Context(), Rows{5, nan.Read}, 20, DistanceOptions{}, isArgument},
		"permutations":   {t.Context(), rows, 20, DistanceOptions{Permutations: -1}, isArgument},
	} {
		if _, err := Distance(c.ctx, rows, 20, c.b, c.n, c.o, nil); err == nil || !c.is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
