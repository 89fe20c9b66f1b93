package resnet

import (
	"fmt"
	"strings"
	"testing"
)

// TestDispatch pins which kernel each convolution gets under js/wasm. A change needs the benchmark's word for it (./build.sh bench --layers).
func TestDispatch(t *testing.T) {
	eighteen := Config{
		Block: Basic, Layers: []int{2, 2, 2, 2}, Width: 64, Expansion: 1, Stem: "imagenet", NormEpsilon: 1e-5, Join: "add", Classes: 10,
	}
	card := smallCard
	card.InputSize, card.ShortSide = 224, 256
	small, err := Load(encode(t, eighteen, card, randomTensors(t, eighteen)))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		model *Model
		want  string // runs of equal algorithms, in the order of the network
	}{
		// The stem; then by blocks [projection] 1×1 3×3 1×1. In the last stage 49 positions are 10 tiles of 5 rows, and 9 of 6 would waste more.
		"ResNet-50": {model(t, false), "3 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 3 direct 6, 1 winograd, " +
			"2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 3 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 1 direct 6, 2 direct 5, 1 winograd, " +
			"2 direct 5, 1 winograd, 2 direct 5, 1 winograd, 1 direct 5"},
		// The stem; then 3×3s, direct where they shrink the picture, after a projection.
		"ResNet-18": {small, "1 direct 6, 4 winograd, 2 direct 6, 3 winograd, 2 direct 6, 3 winograd, 2 direct 5, 3 winograd"},
	} {
		var runs []string
		count, last := 0, ""
		flush := func() {
			if count > 0 {
				runs = append(runs, fmt.Sprint(count, " ", last))
			}
		}
		for _, l := range c.model.Profile(make([]float32, c.model.InputLen()), 1) {
			if l.Algorithm != last {
				flush()
				count, last = 0, l.Algorithm
			}
			count++
		}
		flush()
		if got := strings.Join(runs, ", "); got != c.want {
			t.Errorf("%s gets\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
