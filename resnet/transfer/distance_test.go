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

// Under no gap the p-values of 200 pairs of sets are uniform, and the verdict finds a gap in few cases, as few have an
// interval above chance; with a gap of 1.5 deviations in two features it finds it. The same holds of recordings whose
// frames are grouped: without groups each of these pairs would be apart for sure.
//
// The limit of Kolmogorov and Smirnov's statistic at 1 % is 1.63/√200 = 0.115. The p-values are multiples of 1/100,
// which adds at most that.
func TestDistanceCoverage(t *testing.T) {
	const pairs = 200
	var p, ofRecordings []float64
	found, above, missed := 0, 0, 0
	for seed := range uint64(pairs) {
		r := rand.New(rand.NewPCG(seed, 8))
		a, b := normal(r, 24, 6, 0), normal(r, 20, 6, 0)
		o := DistanceOptions{Permutations: 99, Seed: seed}
		g := between(t, a, b, o)
		p = append(p, g.P)
		if g.Verdict == Far || g.Verdict == Near {
			found++
		}
		if g.Low > 0 {
			above++
		}
		a6, groupsA := recordings(r, 12, 6)
		b6, groupsB := recordings(r, 10, 6)
		grouped := DistanceOptions{Permutations: 99, Seed: seed, GroupsA: groupsA, GroupsB: groupsB}
		ofRecordings = append(ofRecordings, between(t, a6, b6, grouped).P)
		if g = between(t, a, normal(r, 20, 6, 1.5), o); g.Verdict != Far && g.Verdict != Near {
			missed++
		}
	}
	statistic, recorded := kolmogorovSmirnov(p), kolmogorovSmirnov(ofRecordings)
	if max(statistic, recorded) > 0.115+0.01 {
		t.Errorf("Kolmogorov-Smirnov: %.3f, of recordings %.3f", statistic, recorded)
	}
	// Of 200 cases with a probability of 5 %, 16 or more come up once in 30 times; of 2.5 %, 10 or more.
	if found > 16 || above > 10 {
		t.Errorf("of %d pairs without a gap %d are told apart, and %d have an interval above it", pairs, found, above)
	}
	if missed > pairs/20 {
		t.Errorf("of %d pairs with a gap %d are not told apart", pairs, missed)
	}
	t.Logf("statistic %.3f, of recordings %.3f, told apart %d without a gap, missed %d with one",
		statistic, recorded, found, missed)
}

// recordings makes some recordings of up to six frames, which differ little, of d features, with their numbers.
func recordings(r *rand.Rand, n, d int) (frames Examples, groups []int) {
	frames.D = d
	for k := range n {
		scene := normal(r, 1, d, 0)
		for range 1 + r.IntN(6) {
			groups, frames.Labels = append(groups, k), append(frames.Labels, 0)
			for _, v := range scene.X {
				frames.X = append(frames.X, v+float32(0.2*r.NormFloat64()))
			}
		}
	}
	return frames, groups
}

// kolmogorovSmirnov is the statistic of p-values that should be uniform.
func kolmogorovSmirnov(p []float64) float64 {
	sorted, n, statistic := slices.Sorted(slices.Values(p)), float64(len(p)), 0.0
	for i, v := range sorted {
		statistic = max(statistic, math.Abs(v-float64(i)/n), math.Abs(v-float64(i+1)/n))
	}
	return statistic
}

// Frames of a recording stay in one fold and count as one picture; groups are for their own set only.
func TestDistanceCountsRecordings(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	a, groupsA := recordings(r, 9, 6)
	b, groupsB := recordings(r, 4, 6)
	g := between(t, a, b, DistanceOptions{Permutations: 19, GroupsA: groupsA, GroupsB: groupsB})
	if g.Different != [2]int{9, 4} || g.A != a.Len() || g.Verdict != FewPictures || g.MMD2 == 0 {
		t.Errorf("%d frames of 9 recordings, %d of 4: %+v", a.Len(), b.Len(), g)
	}
	one := DistanceOptions{Permutations: 19, GroupsA: make([]int, a.Len()), GroupsB: make([]int, b.Len())}
	if g = between(t, a, b, one); g.Different != [2]int{1, 1} || g.Verdict != FewPictures || g.P != 1 {
		t.Errorf("of two recordings: %+v", g)
	}
	if g = between(t, a, b, DistanceOptions{Permutations: 19}); g.Different != [2]int{a.Len(), b.Len()} {
		t.Errorf("without groups: %+v", g)
	}
	sets := slices.Concat(make([]int, a.Len()), slices.Repeat([]int{1}, b.Len()))
	groups := slices.Concat(groupsA, groupsB)
	folds, _ := foldsOf(sets, groups, 2, 4, 1)
	for _, cluster := range clustersOf(sets, groups) {
		for _, i := range cluster {
			if sets[i] != sets[cluster[0]] || groups[i] != groups[cluster[0]] || folds[i] != folds[cluster[0]] {
				t.Errorf("%d and %d are of one cluster", i, cluster[0])
			}
		}
	}
	for _, drawn := range permuted(sets, groups, 9, 1) {
		in := slices.Repeat([]int{0}, len(sets))
		for _, i := range drawn {
			in[i]++
		}
		whole := 0
		for _, cluster := range clustersOf(sets, groups) {
			whole += in[cluster[0]]
			for _, i := range cluster {
				if in[i] != in[cluster[0]] {
					t.Errorf("a permutation parts %d from %d", i, cluster[0])
				}
			}
		}
		if whole != 9 || slices.Max(in) > 1 {
			t.Errorf("a permutation has %d clusters", whole)
		}
	}
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
		"groups":         {t.Context(), rows, 20, DistanceOptions{GroupsB: make([]int, 19)}, isArgument},
	} {
		if _, err := Distance(c.ctx, rows, 20, c.b, c.n, c.o, nil); err == nil || !c.is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
