package transfer

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestThreshold(t *testing.T) {
	for _, g := range readGoldens(t).Thresholds {
		e := Examples{X: g.X, Labels: g.Labels, D: g.D, Classes: g.Classes}
		left := leaveOneOut(unitExamples(e), g.Groups)
		slices.Sort(left)
		near(t, "held-out distances", left, g.Left, float32Sum)
		for _, keep := range []float64{0.01, 0.5, 0.8, 0.95, 0.99} {
			th, n := LearnThreshold(e, g.Groups, keep)
			if n != len(g.Left) || (th == nil) != (n < FewestForThreshold(keep)) {
				t.Fatalf("threshold %+v of %d examples for %v", th, n, keep)
			}
			if th == nil {
				continue
			}
			rank := toleranceRank(n, keep, thresholdConfidence)
			near1(t, "limit", th.Limit, g.Left[rank-1], float32Sum)
			if th.N != n || th.Keep != float64(rank)/float64(n+1) || th.Confidence(keep) < thresholdConfidence {
				t.Errorf("threshold %+v for %v", th, keep)
			}
			near(t, "distances", th.Distances(g.X), g.Distances, float32Sum)
		}
	}
}

func TestCoverageConfidence(t *testing.T) {
	for _, g := range readGoldens(t).Tolerances {
		if rank := toleranceRank(g.N, g.Keep, thresholdConfidence); rank != g.Rank {
			t.Errorf("of %d values rank %d keeps %v, want %d", g.N, rank, g.Keep, g.Rank)
		}
		for k, want := range g.Confidences {
			// The incomplete beta function's continued fraction ends at a relative error of some 1e-14.
			near1(t, "confidence", CoverageConfidence(g.N, k+1, g.Keep), want, 1e-12)
		}
	}
	if n := FewestForThreshold(0.95); n != 59 { // as in Wilks's tables
		t.Errorf("it takes %d pictures", n)
	}
	panics(t, badRank, func() { CoverageConfidence(3, 4, 0.5) })
	panics(t, badRank, func() { CoverageConfidence(3, 1, 1) })
	panics(t, badKeep, func() { FewestForThreshold(0) })
}

// The bound in finite samples: in 95 % of cases and more, at least the part that was asked for stays.
func TestToleranceRankOfSamples(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 12))
	for _, n := range []int{59, 92, 93, 150} {
		const rounds, keep = 4000, 0.95
		rank, short := toleranceRank(n, keep, thresholdConfidence), 0
		values := make([]float64, n)
		for range rounds {
			for i := range values {
				values[i] = r.Float64() // of which the part x is below x
			}
			slices.Sort(values)
			if values[rank-1] < keep {
				short++
			}
		}
		// What CoverageConfidence says, and four standard errors of 4,000 rounds.
		want := 1 - CoverageConfidence(n, rank, keep)
		if got := float64(short) / rounds; math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/rounds) {
			t.Errorf("%d values: the limit keeps too little in %.3f of cases, want %.3f", n, got, want)
		}
	}
}

// The promise with features: in nearly all cases at least the part that was asked for stays of new pictures of the
// classes. And of something else more is outside, though it is much alike.
func TestThresholdKeepsItsPromise(t *testing.T) {
	const rounds, learnt, fresh, keep = 100, 30, 100, 0.95
	short, kept, others := 0, 0, 0
	for round := range uint64(rounds) {
		r := rand.New(rand.NewPCG(round, 10))
		e := likeFeatures(r, learnt+fresh, 3, 50)
		var learn, rest []int
		for i := range e.Len() {
			if i%(learnt+fresh) < learnt {
				learn = append(learn, i)
			} else {
				rest = append(rest, i)
			}
		}
		th, n := LearnThreshold(e.Subset(learn), nil, keep)
		if th == nil {
			t.Fatalf("no threshold of %d different examples", n)
		}
		inside := 0
		for _, outlier := range th.Outliers(e.Subset(rest).X) {
			if !outlier {
				inside++
			}
		}
		if kept += inside; inside < keep*3*fresh {
			short++
		}
		for _, outlier := range th.Outliers(likeFeatures(rand.New(rand.NewPCG(round, 11)), fresh, 1, 50).X) {
			if !outlier {
				others++
			}
		}
	}
	// At most 5 of 100 limits may be too near. 300 pictures say how much one keeps to 1 %, so some more of them seem to
	// be: 15 are four standard errors above 5, 2.2 each.
	if short > 15 {
		t.Errorf("%d of %d limits keep less than %v", short, rounds, keep)
	}
	if got := float64(kept) / (rounds * fresh * 3); got < keep {
		t.Errorf("%.3f of the classes' own pictures are kept", got)
	}
	if got := 1 - float64(others)/(rounds*fresh); got < 0.2 { // where 0.05 would be chance
		t.Errorf("only %.3f of other pictures are outside", got)
	}
}

// Frames of one recording are one picture: they are no evidence, and do not bring the limit nearer.
func TestThresholdOfRecordings(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 10))
	e := likeFeatures(r, 30, 3, 50)
	frames := Examples{D: e.D, Classes: e.Classes}
	var groups []int
	for i := range e.Len() {
		for range 5 {
			for _, v := range e.Row(i) {
				frames.X = append(frames.X, v+0.01*float32(r.NormFloat64()))
			}
			frames.Labels, groups = append(frames.Labels, e.Labels[i]), append(groups, i)
		}
	}
	alone, n := LearnThreshold(e, nil, 0.95)
	recorded, recordings := LearnThreshold(frames, groups, 0.95)
	if n != e.Len() || recordings != n {
		t.Fatalf("%d pictures and %d recordings count, want %d", n, recordings, e.Len())
	}
	if math.Abs(recorded.Limit-alone.Limit) > 0.01*alone.Limit { // by what the noise of 0.01 does to features of 0.5
		t.Errorf("the limit is %v, of frames %v", alone.Limit, recorded.Limit)
	}
	pair := []int{0, 1, 2, 3, 4, 150, 151, 152, 153, 154}
	if th, n := LearnThreshold(frames.Subset(pair), []int{1, 1, 1, 1, 1, 2, 2, 2, 2, 2}, 0.5); th != nil || n != 0 {
		t.Errorf("one recording a class: %+v of %d", th, n)
	}
	panics(t, badExamples, func() { LearnThreshold(frames, groups[1:], 0.95) })
}

func TestThresholdOfFew(t *testing.T) {
	// A class of one, an empty class, and a class of three, one of which has no features at all.
	e := Examples{X: []float32{1, 0, 0, 1, 1, 1, 0, 0}, Labels: []int{0, 2, 2, 2}, D: 2, Classes: 3}
	th, n := LearnThreshold(e, nil, 0.01)
	if n != 3 || th == nil || th.N != 3 || len(th.Means) != 2*2 || th.Keep != 0.25 {
		t.Errorf("threshold %+v of %d", th, n)
	}
	h := NewHead([]float32{1, 0, -1, -1, 0, 1}, []float32{0, 0, 0}, 2)
	// The third is as far from both classes and as likely of either; the fourth is far, but surely of the first class.
	h.Threshold = &Threshold{D: 2, Means: []float32{1, 0, 0, 1}, Limit: 0.1, Keep: 0.75, N: 3}
	answers := h.Predict([]float32{5, 0.1, 0.1, 5, 3, 3, 9, 6, float32(math.NaN()), 1})
	if got := classesOf(answers); !slices.Equal(got, []int{0, 2, None, 0, None}) {
		t.Errorf("answers %v", got)
	}
	for i, unlike := range []bool{false, false, true, true, true} {
		if answers[i].Unlike != unlike {
			t.Errorf("answer %d: %+v", i, answers[i])
		}
	}
	if th, n := LearnThreshold(e, nil, 0.95); th != nil || n != 3 {
		t.Errorf("of three: %+v of %d", th, n)
	}
	singles := Examples{X: []float32{1, 2}, Labels: []int{0, 1}, D: 1, Classes: 2}
	if th, n := LearnThreshold(singles, nil, 0.9); th != nil || n != 0 {
		t.Errorf("of single examples: %+v", th)
	}
	if th, n := LearnThreshold(Examples{D: 1, Classes: 2}, nil, 0.9); th != nil || n != 0 {
		t.Errorf("of none: %+v", th)
	}
	panics(t, badKeep, func() { LearnThreshold(e, nil, 1) })
	panics(t, badFeatures, func() { th.Distances(make([]float32, 3)) })
}

// A threshold says itself what it stands on, in old files too.
func TestThresholdConfidence(t *testing.T) {
	for _, c := range []struct {
		n    int
		keep float64
		want float64
	}{
		{16, 16.0 / 17, 1 - math.Pow(0.95, 16)}, // an older program's, of 16 pictures: the largest distance
		{59, 59.0 / 60, 1 - math.Pow(0.95, 59)},
		{0, 0.95, 0}, {-1, 0.95, 0}, {5, 1, 0}, {5, 1e300, 0}, {5, 0, 0},
	} {
		near1(t, "confidence", (&Threshold{N: c.n, Keep: c.keep}).Confidence(0.95), c.want, 1e-12)
	}
}
