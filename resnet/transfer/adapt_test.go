package transfer

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

const simulatedD, simulatedClasses = 12, 3

// simulatedPair gives n pictures of each of two domains, normal around the classes' centres. Where gap is not 0 the
// target's features are shifted and stretched by up to that many deviations.
func simulatedPair(seed uint64, n int, gap float64) (source, target Examples) {
	r := rand.New(rand.NewPCG(seed, 16))
	centres := make([]float64, simulatedClasses*simulatedD)
	for i := range centres {
		centres[i] = 0.8 * r.NormFloat64()
	}
	draw := func() Examples {
		e := Examples{D: simulatedD, Classes: simulatedClasses}
		for i := range n {
			e.Labels = append(e.Labels, i%simulatedClasses)
			for j := range simulatedD {
				e.X = append(e.X, float32(centres[i%simulatedClasses*simulatedD+j]+r.NormFloat64()))
			}
		}
		return e
	}
	source, target = draw(), draw()
	shift, stretch := make([]float32, simulatedD), make([]float32, simulatedD)
	for j := range shift {
		shift[j], stretch[j] = float32(gap*r.NormFloat64()), float32(math.Exp(gap/4*r.NormFloat64()))
	}
	for i := range target.X {
		target.X[i] = target.X[i]*stretch[i%simulatedD] + shift[i%simulatedD]
	}
	return source, target
}

// The labels of the target judge, and do nothing else. The same seed gives the same heads.
func TestAdaptDoesNotLearnTargetLabels(t *testing.T) {
	source, target := simulatedPair(1, 40, 1)
	unlabelled := Adaptation{Source: source, Target: target.X}
	a, err := Adapt(t.Context(), unlabelled, nil)
	if err != nil {
		t.Fatal(err)
	}
	labelled := unlabelled
	labelled.TargetLabels = slices.Repeat([]int{2, Unknown}, 20)
	done, total := 0, 0
	b, err := Adapt(t.Context(), labelled, func(d, of int) {
		if d < done || d > of || total != 0 && of != total {
			t.Errorf("progress from %d of %d to %d of %d", done, total, d, of)
		}
		done, total = d, of
	})
	if err != nil {
		t.Fatal(err)
	}
	if done != total || a.Judged != 0 || b.Judged != 20 || a.Chosen != b.Chosen {
		t.Errorf("%d of %d done; judged %d and %d, chosen %s and %s",
			done, total, a.Judged, b.Judged, a.Chosen, b.Chosen)
	}
	for i, m := range a.Methods {
		other := b.Methods[i]
		if m.Method != other.Method || m.Criterion != other.Criterion || !slices.Equal(m.Head.W, other.Head.W) ||
			!slices.Equal(m.Answers, other.Answers) || m.Accuracy != nil || other.Accuracy.N != 20 {
			t.Errorf("%s depends on the target's labels", m.Method)
		}
	}
}

// The heads of AdaptMean and AdaptStandardise give a picture of the target the logits that the source's head gives to
// its like in the source.
func TestAdaptedHeadsSeeTheTarget(t *testing.T) {
	source, target := simulatedPair(2, 40, 1)
	a, err := Adapt(t.Context(), Adaptation{Source: source, Target: target.X}, nil)
	if err != nil {
		t.Fatal(err)
	}
	fromMean, fromStd, _ := deviations(source.X, source.D)
	toMean, toStd, _ := deviations(target.X, target.D)
	like := map[AdaptMethod][]float32{}
	for i, v := range target.X {
		j := i % target.D
		like[AdaptNone] = append(like[AdaptNone], v)
		like[AdaptMean] = append(like[AdaptMean], v-toMean[j]+fromMean[j])
		like[AdaptStandardise] = append(like[AdaptStandardise], (v-toMean[j])/toStd[j]*fromStd[j]+fromMean[j])
	}
	none := a.Methods[0].Head
	for _, m := range a.Methods[:3] {
		near(t, string(m.Method), m.Head.Logits(target.X), none.Logits(like[m.Method]), 1e-3)
		if !slices.Equal(m.Answers, likeliest(m.Head.Logits(target.X), none.Classes)) {
			t.Errorf("%s answers otherwise than its head", m.Method)
		}
	}
	// Under its own domain's norms a picture has other features: from those the same head learns as from any.
	b, err := Adapt(t.Context(), Adaptation{
		Source: source, Target: target.X, SourceNorms: target.X, TargetNorms: target.X,
		Methods: []AdaptMethod{AdaptNorms},
	}, nil)
	if err != nil || len(b.Methods) != 2 {
		t.Fatalf("%d methods, error %v", len(b.Methods), err)
	}
	right := 0
	for i, answer := range b.Methods[1].Answers {
		if answer == target.Labels[i] {
			right++
		}
	}
	if right < 30 {
		t.Errorf("%d of 40 are right", right)
	}
}

// Most pictures of the target are of some class for a head that has the target's deviations: its threshold is the
// target's. For that of the source a third and more are of none.
func TestAdaptedThreshold(t *testing.T) {
	source, target := simulatedPair(3, 400, 2)
	a, err := Adapt(t.Context(), Adaptation{Source: source, Target: target.X}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range a.Methods {
		outliers := 0
		for _, outlier := range m.Head.Threshold.Outliers(target.X) {
			if outlier {
				outliers++
			}
		}
		standardised := m.Method == AdaptStandardise || m.Method == AdaptCORAL
		if m.Method == AdaptNone && outliers < 30 || standardised && outliers > 18 {
			t.Errorf("%s: %d of 90 pictures are of no class", m.Method, outliers)
		}
	}
}

// With the same folds, strength and temperature each method has PyTorch's answers and reverse validation, from the
// features on.
func TestAdaptIsPyTorchs(t *testing.T) {
	for _, g := range readAdaptGoldens(t).Adapted {
		source := Examples{X: g.Source, Labels: g.Labels, D: g.D, Classes: g.Classes}
		w := newAdapter(t.Context(), Adaptation{Source: source, Target: g.Target}, nil)
		w.folds, w.tolerance = g.Folds, exactly
		fit := func(e Examples) *Head {
			h, err := w.fit(e, g.L2, nil)
			if err != nil {
				t.Fatal(err)
			}
			h.Temperature = g.Temperature
			return h
		}
		for _, want := range g.Methods {
			s := &space{source: g.Source, target: g.Target, backTarget: g.Target, backSource: g.Source}
			if want.Method == AdaptCORAL {
				if err := w.align(s); err != nil {
					t.Fatal(err)
				}
			}
			w.spaces[AdaptNone], w.spaces[AdaptCORAL] = s, s
			s.head = fit(w.examples(s.source))
			for _, fold := range w.folds {
				s.held = append(s.held, fit(others(w.examples(s.source), fold)))
			}
			m, err := w.adapt(want.Method)
			if err != nil {
				t.Fatal(err)
			}
			mean := 0.0
			for i, p := range want.Reverse {
				mean += p / float64(len(want.Reverse))
				if math.Abs(m.reverse[i]-p) > 2*flat {
					t.Errorf("%s of %d features, example %d: %.4f, want %.4f", want.Method, g.D, i, m.reverse[i], p)
				}
			}
			if math.Abs(m.Criterion-mean) > 1e-4 || !slices.Equal(m.Answers, want.Answers) {
				t.Errorf("%s of %d features: criterion %.5f, want %.5f; answers %v, want %v",
					want.Method, g.D, m.Criterion, mean, m.Answers, want.Answers)
			}
		}
	}
}

// Two equal sets have no gap, and every method answers as the plain one does.
func TestAdaptEqualSets(t *testing.T) {
	source, _ := simulatedPair(4, 90, 0)
	a, err := Adapt(t.Context(), Adaptation{Source: source, Target: source.X, TargetLabels: source.Labels}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.Gap || a.Chosen != AdaptNone {
		t.Errorf("gap %v, chosen %s", a.Gap, a.Chosen)
	}
	for _, m := range a.Methods[1:] {
		if m.Against.Verdict == Helps || m.Against.Verdict == Hurts {
			t.Errorf("%s: %s", m.Method, m.Against.Verdict)
		}
	}
}

// What cannot be adapted is said, and odd data do no harm.
func TestAdaptBadInput(t *testing.T) {
	source, target := simulatedPair(5, 24, 1)
	good := Adaptation{Source: source, Target: target.X}
	with := func(change func(a *Adaptation)) Adaptation {
		a := good
		a.Source.X, a.Source.Labels = slices.Clone(a.Source.X), slices.Clone(a.Source.Labels)
		a.Target = slices.Clone(a.Target)
		change(&a)
		return a
	}
	fails := func(what string, a Adaptation) error {
		t.Helper()
		if _, err := Adapt(t.Context(), a, nil); err != nil {
			return err
		}
		t.Errorf("%s: no error", what)
		return nil
	}
	var few *FewTargetError
	var empty *EmptyClassError
	var argument *ArgumentError
	for _, n := range []int{0, 1, MinTarget - 1} {
		err := fails("few pictures", with(func(a *Adaptation) { a.Target = a.Target[:n*a.Source.D] }))
		if !errors.As(err, &few) || few.N != n {
			t.Errorf("%d pictures of the target: %v", n, err)
		}
	}
	if err := fails("an empty class", with(func(a *Adaptation) { a.Source.Classes++ })); !errors.As(err, &empty) {
		t.Errorf("an empty class: %v", err)
	}
	for _, v := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		for _, a := range []Adaptation{
			with(func(a *Adaptation) { a.Source.X[3] = v }), with(func(a *Adaptation) { a.Target[3] = v }),
			with(func(a *Adaptation) {
				a.SourceNorms, a.TargetNorms = a.Source.X, slices.Clone(a.Target)
				a.TargetNorms[5] = v
			}),
		} {
			if err := fails("no number", a); !errors.Is(err, ErrNotFinite) {
				t.Errorf("a feature %v: %v", v, err)
			}
		}
	}
	for what, a := range map[string]Adaptation{
		"a label out of range": with(func(a *Adaptation) { a.TargetLabels = slices.Repeat([]int{3}, 24) }),
		"too few labels":       with(func(a *Adaptation) { a.TargetLabels = []int{1} }),
		"half a row":           with(func(a *Adaptation) { a.Target = a.Target[1:] }),
		"other norms":          with(func(a *Adaptation) { a.SourceNorms = a.Source.X }),
		"no such method":       with(func(a *Adaptation) { a.Methods = []AdaptMethod{"hope"} }),
		"no norms":             with(func(a *Adaptation) { a.Methods = []AdaptMethod{AdaptNorms} }),
	} {
		if err := fails(what, a); !errors.As(err, &argument) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, a := range map[string]Adaptation{
		"one picture of a class": with(func(a *Adaptation) {
			for i := range a.Source.Labels {
				a.Source.Labels[i] = min(i, 2) // classes 0 and 1 have one picture
			}
		}),
		"one picture of every class": {Source: source.Subset([]int{0, 1, 2}), Target: target.X},
		"a constant target":          with(func(a *Adaptation) { clear(a.Target) }),
		"a constant source":          with(func(a *Adaptation) { clear(a.Source.X) }),
		"constants":                  with(func(a *Adaptation) { clear(a.Source.X); clear(a.Target) }),
		"huge features": with(func(a *Adaptation) {
			for i := range a.Target {
				a.Target[i] *= 1e12
			}
		}),
	} {
		out, err := Adapt(t.Context(), a, nil)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		for _, m := range out.Methods {
			finite := Examples{X: slices.Concat(m.Head.W, m.Head.B, m.Head.Mean, m.Head.Logits(a.Target))}
			if finite.finite() != nil || !(m.Criterion >= 0 && m.Criterion <= 1) {
				t.Errorf("%s: %s has criterion %v, or something of its head is no number", what, m.Method, m.Criterion)
			}
		}
	}
}

// A context that ends is heard at every step.
func TestAdaptCancelled(t *testing.T) {
	source, target := simulatedPair(6, 24, 1)
	steps := 0
	count := func(int, int) { steps++ }
	if _, err := Adapt(t.Context(), Adaptation{Source: source, Target: target.X}, count); err != nil {
		t.Fatal(err)
	}
	for _, stop := range []int{1, 2, steps / 3, steps / 2, steps - 1} {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		_, err := Adapt(ctx, Adaptation{Source: source, Target: target.X}, func(int, int) {
			if n++; n == stop {
				cancel()
			}
		})
		if cancel(); !errors.Is(err, context.Canceled) || n > stop+1 {
			t.Errorf("cancelled at step %d of %d it goes on to %d: %v", stop, steps, n, err)
		}
	}
}
