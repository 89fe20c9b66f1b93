//go:build !js

package transfer

import "testing"

// These run natively only: 220 simulated pairs take long, and their code is the same under js/wasm.

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

// With a gap the chosen method, found without labels of the target, helps.
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
			if m.Method == a.Chosen && m.Method != AdaptNone {
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
