package transfer

import (
	_ "embed"
	"encoding/json"
	"math"
	"testing"
)

// Embedded, for the tests also run in a browser, which has no files.
//
//go:embed testdata/goldens.json
var goldenFile []byte

// golden is what testdata/make_goldens.py has computed.
type golden struct {
	Heads []struct {
		N, D, Classes                            int
		L2                                       float64 `json:"strength"`
		X                                        []float32
		Labels                                   []int
		Mean, Std, Moderate, W, B, Probabilities []float64
		Objective, Loss                          float64
	}
	Temperatures []struct {
		Classes                int
		Logits                 []float32
		Labels                 []int
		Temperature, Loss, ECE float64
	}
	CKA []struct {
		N    int
		X, Y []float32
		CKA  float64
	}
	PCA []struct {
		N, D                   int
		X                      []float32
		Axes, Variance, Points []float64
		Total                  float64
	}
	Thresholds []struct {
		D, Classes      int
		X               []float32
		Labels, Groups  []int
		Left, Distances []float64
	}
	Tolerances []struct {
		N, Rank     int
		Keep        float64
		Confidences []float64
	}
	Bootstraps []struct {
		OnlyBase, OnlyOther, Both, Neither int
		Low, High                          float64
	}
	Hashes []struct {
		Size int
		Hash string
	} `json:"looks"`
}

func readGoldens(t *testing.T) golden {
	t.Helper()
	var g golden
	if err := json.Unmarshal(goldenFile, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Heads) == 0 || len(g.Temperatures) == 0 || len(g.CKA) == 0 || len(g.PCA) == 0 ||
		len(g.Thresholds) == 0 || len(g.Tolerances) == 0 || len(g.Bootstraps) == 0 || len(g.Hashes) == 0 {
		t.Fatal("goldens are missing")
	}
	return g
}

// near fails unless got is want within tolerance, relative to want where that is more than 1.
func near[T, U float32 | float64](t *testing.T, what string, got []T, want []U, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		if !(math.Abs(g-w) <= tolerance*max(1, math.Abs(w))) {
			t.Fatalf("%s: value %d is %v, want %v within %g", what, i, g, w, tolerance)
		}
	}
}

// near1 is near for one value.
func near1(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	near(t, what, []float64{got}, []float64{want}, tolerance)
}

// panics fails unless f panics with the message.
func panics(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != want {
			t.Errorf("panic %v, want %q", got, want)
		}
	}()
	f()
}
