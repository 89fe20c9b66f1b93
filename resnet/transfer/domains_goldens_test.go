package transfer

import (
	_ "embed"
	"encoding/json"
	"math"
	"slices"
	"testing"
)

//go:embed testdata/domains.json
var domainsFile []byte

// domainsGolden is what testdata/make_domains_goldens.py has computed.
type domainsGolden struct {
	Probes []struct {
		N, D, Classes int
		X             []float32
		Labels, Folds []int
		Strengths     []float64
		Losses        [][]float64 // by strength, of each example that is held out
		Right         [][]bool
		Logits        []float64 // of the classifier that learns from all, with the last strength
	}
	Ranks []struct {
		N, D, Classes int
		X             []float32
		Labels        []int
		Score         float64
	}
	Distances []struct {
		A, B, D       int
		X             []float32
		Orders        [][]int
		Chosen, Folds []int
		MMD2, P       float64
		Wrong         int
		Low, High     float64
	}
}

func domainsGoldens(t *testing.T) (g domainsGolden) {
	t.Helper()
	if err := json.Unmarshal(domainsFile, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// exactly is a tolerance for fits under which the answers are those of the minimum, to about its root; the objective is
// flat there.
const exactly = 1e-12

// flat is the tolerance for answers at a minimum: float32 leaves the objective right to 1e-7, and where it is that
// flat, what it is made of only to the root of that.
const flat = 3.5e-4

// The held-out losses and the final classifier are those of PyTorch, fold by fold, with and without features that are
// replaced.
func TestProbeEqualsPyTorch(t *testing.T) {
	for _, g := range domainsGoldens(t).Probes {
		f, err := newFoldFit(slices.Clone(g.X), g.D, g.Labels, g.Classes, g.Folds, 4, noPause)
		if err != nil {
			t.Fatal(err)
		}
		if reduced := f.triangle != nil; reduced != (g.D > g.N) {
			t.Errorf("%d examples of %d features: replaced %t", g.N, g.D, reduced)
		}
		f.tolerance = exactly
		for s, l2 := range g.Strengths {
			if err := f.fit(l2); err != nil {
				t.Fatal(err)
			}
			for i, loss := range f.held.loss {
				if want := g.Losses[s][i]; math.Abs(loss-want) > flat*max(1, want) || f.held.right[i] != g.Right[s][i] {
					t.Errorf("%d features, L2 %g, example %d: loss %.6f, want %.6f", g.D, l2, i, loss, want)
				}
			}
		}
		for i, v := range f.headOf(f.theta, f.k).Logits(g.X) {
			if want := g.Logits[i]; math.Abs(float64(v)-want) > flat*max(1, math.Abs(want)) {
				t.Errorf("%d features: logit %d is %.6f, want %.6f", g.D, i, v, want)
			}
		}
	}
}

// 1e-4: the oracle inverts whole matrices, with more features than examples too.
func TestLogMEEqualsNumPy(t *testing.T) {
	for _, g := range domainsGoldens(t).Ranks {
		rows := rowsOf(Examples{X: g.X, Labels: g.Labels, D: g.D, Classes: g.Classes})
		score, err := LogME(t.Context(), rows, g.Labels, g.Classes, nil)
		if err != nil || math.Abs(score-g.Score) > 1e-4 {
			t.Errorf("%d examples of %d features: %.6f, want %.6f; %v", g.N, g.D, score, g.Score, err)
		}
	}
}

// With the same permutations and folds, MMD² is NumPy's to 1e-4, and the p-value and the errors are the same.
func TestDistanceEqualsNumPy(t *testing.T) {
	for _, g := range domainsGoldens(t).Distances {
		m := measured{
			x: slices.Clone(g.X), d: g.D, n: g.A + g.B, a: g.A,
			chosen: g.Chosen, folds: g.Folds, k: 4, different: len(g.Chosen),
		}
		for _, order := range g.Orders {
			m.drawn = append(m.drawn, order[:g.A])
		}
		var gap Gap
		if err := m.measure(&gap, exactly, noPause); err != nil {
			t.Fatal(err)
		}
		proxy := max(0, 2-4*float64(g.Wrong)/float64(len(g.Chosen)))
		if math.Abs(gap.MMD2-g.MMD2) > 1e-4 || math.Abs(gap.P-g.P) > 1e-9 || math.Abs(gap.Proxy-proxy) > 1e-9 ||
			math.Abs(gap.Low-g.Low) > 1e-9 || math.Abs(gap.High-g.High) > 1e-9 {
			t.Errorf("%d and %d: %+v, want MMD² %.6f, p %.4f, %d wrong, %.4f to %.4f",
				g.A, g.B, gap, g.MMD2, g.P, g.Wrong, g.Low, g.High)
		}
	}
}
