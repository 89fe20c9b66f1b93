package paint

import (
	"math"
	"testing"

	"github.com/seed8935e608/residua/wasm/proto"
)

// stepOf is a step of one network of two layers.
func stepOf(step int, a, b float32) *proto.ViewStep {
	list := []float32{a, b}
	return &proto.ViewStep{Step: step, Networks: []proto.ViewLayers{
		{Activations: list, OutputGradients: list, WeightGradients: list},
	}}
}

func newTestHistory() history {
	return newHistory([]proto.ViewLabNetwork{{Name: "a", Layers: []string{"conv1", "fc"}}})
}

// TestHistoryIsBounded: a long run keeps no more columns than a short one, and a column is its steps' mean.
func TestHistoryIsBounded(t *testing.T) {
	h := newTestHistory()
	const steps = 3 * maxColumns
	for k := range steps {
		h.add(stepOf(k, float32(math.Pow(10, float64(k)/steps)), 1))
	}
	if h.stride != 4 || h.columns != steps/4 || len(h.values[0][0]) != 2*h.columns || len(h.counts) != h.columns {
		t.Fatalf("%d columns of %d steps, %d values", h.columns, h.stride, len(h.values[0][0]))
	}
	for c := range h.columns {
		// The mean of four logarithms; a float32 has 24 bits.
		want := (4*float64(c) + 1.5) / steps
		if got := float64(h.at(0, 1, c)[0]); math.Abs(got-want) > 1e-6 {
			t.Fatalf("column %d is %v, want %v", c, got, want)
		}
	}
}

// TestHistoryGaps: steps that did not come and networks without numbers leave gaps; what is not finite stays so in the
// column that it shares with others; a step that is too old is ignored.
func TestHistoryGaps(t *testing.T) {
	h := newTestHistory()
	h.add(stepOf(2, 10, 0))
	h.add(stepOf(1, 1000, 1000))
	h.add(&proto.ViewStep{Step: 3, Networks: []proto.ViewLayers{{}}})
	h.add(stepOf(4, float32(math.NaN()), float32(math.Inf(1))))
	nan, zero := math.NaN(), math.Inf(-1)
	for c, want := range [][2]float64{
		{missing, missing}, {missing, missing}, {1, zero}, {missing, missing}, {nan, nan},
	} {
		for i, w := range want {
			if got := float64(h.at(0, 0, c)[i]); got != w && !(got != got && w != w) {
				t.Errorf("column %d, layer %d: %v, want %v", c, i, got, w)
			}
		}
	}
	h.halve()
	if got := h.at(0, 0, 1); got[0] != 1 || h.columns != 3 || h.counts[1] != 2 {
		t.Errorf("halved, column 1 is %v of %d", got, h.columns)
	}
	if got := h.at(0, 0, 2); got[0] == got[0] {
		t.Errorf("halved, column 2 is %v, want NaN", got)
	}
}

// TestRange: the scale is in whole decades round the first last layer, and an explosion does not stretch it for ever.
func TestRange(t *testing.T) {
	h := newTestHistory()
	if lo, hi := h.ranges[0].decades(); lo >= hi {
		t.Errorf("without numbers the scale is %d … %d", lo, hi)
	}
	h.add(stepOf(0, 0.02, 3))
	if lo, hi := h.ranges[0].decades(); lo != -2 || hi != 1 {
		t.Errorf("the scale is %d … %d, want -2 … 1", lo, hi)
	}
	h.add(stepOf(1, 1e-30, 1e30))
	if lo, hi := h.ranges[0].decades(); lo != -6 || hi != 6 {
		t.Errorf("the scale is %d … %d, want -6 … 6", lo, hi)
	}
}
