//go:build !js

package transfer

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// These run natively only: hundreds of simulated pairs take long, and their code is the same under js/wasm.

// Of 200 pairs of domains without a difference, the verdict on every method is wrong in at most one of twenty, and
// AdaptNone stays chosen in all but a few: the test for a gap is at 1 %.
func TestAdaptWithoutGap(t *testing.T) {
	const pairs = 200
	wrong, judged, moved := 0, 0, 0
	for seed := range uint64(pairs) {
		source, target := simulatedPair(seed, 36, 0)
		a, err := Adapt(t.Context(), Adaptation{
			Source: source, Target: target.X, TargetLabels: target.Labels, Seed: seed,
			Methods: []AdaptMethod{AdaptStandardise, AdaptCORAL},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.Chosen != AdaptNone {
			moved++
		}
		for _, m := range a.Methods[1:] {
			judged++
			if m.Against.Verdict == Helps || m.Against.Verdict == Hurts {
				wrong++
			}
		}
	}
	t.Logf("%d of %d verdicts are wrong; of %d pairs %d are adapted", wrong, judged, pairs, moved)
	if judged != 2*pairs || wrong > judged/20 {
		t.Errorf("%d of %d verdicts are wrong", wrong, judged)
	}
	if moved > pairs/20 {
		t.Errorf("of %d pairs without a gap %d are adapted", pairs, moved)
	}
}

// With a gap the method found without labels of the target helps. Where the gap makes the plain classifier lose
// classes, it is only IfAllCome, since nobody can tell that from classes which are not there.
func TestAdaptWithGap(t *testing.T) {
	const pairs = 20
	chosen, helps, hurts := 0, 0, 0
	for seed := range uint64(pairs) {
		source, target := simulatedPair(seed, 90, 2)
		a, err := Adapt(t.Context(), Adaptation{
			Source: source, Target: target.X, TargetLabels: target.Labels, Seed: seed,
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !a.Gap || a.Judged != 90 || len(a.Methods) != 5 || a.Methods[0].Against != nil {
			t.Fatalf("gap %v, %d judged, %d methods", a.Gap, a.Judged, len(a.Methods))
		}
		for _, m := range a.Methods {
			if a.Chosen != AdaptNone && (a.Chosen != a.IfAllCome || len(a.Missing) > 0) {
				t.Errorf("chosen %s, if all come %s, missing %v", a.Chosen, a.IfAllCome, a.Missing)
			}
			if m.Method == a.IfAllCome && m.Method != AdaptNone {
				chosen++
				switch m.Against.Verdict {
				case Helps:
					helps++
				case Hurts:
					hurts++
				}
			}
		}
	}
	t.Logf("of %d pairs %d are adapted; it helps %d and hurts %d", pairs, chosen, helps, hurts)
	if chosen < pairs*3/4 || helps < chosen/2 || hurts > 0 {
		t.Errorf("of %d pairs %d are adapted; it helps %d and hurts %d", pairs, chosen, helps, hurts)
	}
}

// Frames of a recording come into one fold, and count as one where there is something to prove: as a gap, and for a
// threshold.
func TestAdaptCountsRecordings(t *testing.T) {
	const pairs = 20
	found, alone := 0, 0
	for seed := range uint64(pairs) {
		r := rand.New(rand.NewPCG(seed, 34))
		a := Adaptation{Seed: seed, Methods: []AdaptMethod{AdaptMean}}
		a.Source, a.SourceGroups = recordings(r, 12, 6)
		target, groups := recordings(r, 12, 6)
		a.Target, a.TargetGroups = target.X, groups
		a.Source.Classes = 2
		for i, group := range a.SourceGroups {
			a.Source.Labels[i] = group % 2
		}
		w := newAdapter(t.Context(), a, nil)
		for _, fold := range w.folds {
			for i, group := range a.SourceGroups {
				first := slices.Index(a.SourceGroups, group)
				if slices.Contains(fold, i) != slices.Contains(fold, first) {
					t.Errorf("frames %d and %d of a recording are in two folds", first, i)
				}
			}
		}
		gap, err := w.gap()
		if err != nil {
			t.Fatal(err)
		}
		if gap {
			found++
		}
		w.SourceGroups, w.TargetGroups = nil, nil
		if gap, _ = w.gap(); gap {
			alone++
		}
	}
	// Of 20 with a probability of 1 %, two or more come up once in 60 times.
	if found > 1 || alone < pairs/2 {
		t.Errorf("of %d pairs without a gap %d have one, and %d would have one by their frames", pairs, found, alone)
	}
	source, target := simulatedPair(3, 60, 0)
	a := Adaptation{Source: source, Target: target.X, SourceGroups: make([]int, 60)}
	for i := range a.SourceGroups {
		a.SourceGroups[i] = i / 6
	}
	for _, groups := range [][]int{nil, a.SourceGroups} {
		a.SourceGroups = groups
		adapted, err := Adapt(t.Context(), a, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range adapted.Methods {
			if (m.Head.Threshold == nil) != (groups != nil) {
				t.Errorf("%s: with groups %v the threshold is %v", m.Method, groups, m.Head.Threshold)
			}
		}
	}
	a.SourceGroups = a.SourceGroups[1:]
	var argument *ArgumentError
	if _, err := Adapt(t.Context(), a, nil); !errors.As(err, &argument) {
		t.Error("groups of too few pictures:", err)
	}
}

// Of methods that truly are equal, "helps" or "hurts" is said of at most one in twenty where the judges are recordings
// of eight frames, too, whose answers go together; by their frames it would be many more. Without groups the comparison
// is that of the pictures.
func TestJudgeCountsRecordings(t *testing.T) {
	const tests, scenes, frames = 200, 30, 8
	r := rand.New(rand.NewPCG(9, 9))
	wrong, alone := 0, 0
	said := func(c *Comparison) int {
		if c.Verdict == Helps || c.Verdict == Hurts {
			return 1
		}
		return 0
	}
	for range tests {
		var labels, groups []int
		a := Adapted{Methods: make([]AdaptedMethod, 2)}
		for scene := range scenes {
			outcome := r.IntN(4)
			for range frames {
				labels, groups = append(labels, 1), append(groups, scene)
				now := outcome
				if r.IntN(10) == 0 {
					now = r.IntN(4)
				}
				a.Methods[0].Answers = append(a.Methods[0].Answers, now&1)
				a.Methods[1].Answers = append(a.Methods[1].Answers, now>>1)
			}
		}
		labels[0] = Unknown
		a.Judge(labels, groups)
		m := a.Methods[1]
		wrong += said(m.Against)
		if m.Against.N != scenes || m.Accuracy.N != scenes*frames-1 || a.Judged != m.Accuracy.N {
			t.Fatalf("%d are compared, %d judged", m.Against.N, m.Accuracy.N)
		}
		a.Judge(labels, nil)
		alone += said(a.Methods[1].Against)
		if want := CompareMethods(labels[1:], a.Methods[0].Answers[1:], m.Answers[1:]); *a.Methods[1].Against != want {
			t.Fatalf("%+v, want %+v", *a.Methods[1].Against, want)
		}
	}
	if wrong > tests/20 || alone < tests/4 {
		t.Errorf("of %d verdicts %d are wrong, and %d by the frames alone", tests, wrong, alone)
	}
}

// Classes that are not in the target are no gap to close: CORAL and the like would name its pictures as some of every
// class. Without another gap the frequencies explain it, and AdaptPriors is chosen, which does not hurt; with one,
// nothing is.
func TestAdaptWithMissingClasses(t *testing.T) {
	const pairs = 20
	var gaps, explained, chosen, missed, hurts, wouldHurt int
	for seed := range uint64(2 * pairs) {
		gap := float64(seed % 2)
		source, target := simulatedPair(seed, 90, gap/3)
		var some []int
		for i, label := range target.Labels {
			if label > 0 {
				some = append(some, i)
			}
		}
		target = target.Subset(some)
		a, err := Adapt(t.Context(), Adaptation{
			Source: source, Target: target.X, TargetLabels: target.Labels, Seed: seed,
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if gap == 0 && a.Gap {
			gaps++
		}
		if gap == 0 && a.ByFrequencies {
			explained++
		}
		if a.Chosen != AdaptNone && a.Chosen != AdaptPriors {
			chosen++
		}
		if a.Gap && !slices.Equal(a.Missing, []int{0}) {
			missed++
		}
		for _, m := range a.Methods[1:] {
			if m.Against.Verdict == Hurts && m.Method == a.Chosen {
				hurts++
			}
			if m.Against.Verdict == Hurts && m.Method == AdaptCORAL {
				wouldHurt++
			}
		}
	}
	t.Logf("of %d without another gap %d differ, which the frequencies explain of %d; of all %d in %d not the class "+
		"is missed, %d are adapted, %d are hurt; CORAL would hurt %d",
		pairs, gaps, explained, 2*pairs, missed, chosen, hurts, wouldHurt)
	if gaps < pairs/2 || explained < gaps/2 || missed > pairs/10 || chosen > 0 || hurts > 0 || wouldHurt < pairs {
		t.Errorf("of %d differing the frequencies explain %d; %d do not miss the class, %d are adapted, %d are hurt, "+
			"and CORAL would hurt %d", gaps, explained, missed, chosen, hurts, wouldHurt)
	}
}
