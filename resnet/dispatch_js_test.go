package resnet

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
)

// plans says how each convolution of a network is computed, in the order of Profile, for a file whose weights are in
// eight bits or not. A plan in eight bits is given without its tile, which is the machine's.
func plans(c Config, eightBits bool) []string {
	var out []string
	add := func(s ConvSpec, in op.Shape, positive bool) op.Shape {
		plan := op.PlanConv2D(in, s.Out, max(1, s.Groups), s.window(), eightBits && positive).String()
		if strings.HasPrefix(plan, "int8") {
			plan = "int8"
		}
		out = append(out, plan)
		side := (in.H + s.Stride - 1) / s.Stride
		return op.Shape{H: side, W: side, C: s.Out}
	}
	x := add(c.StemConv(), op.Shape{H: c.InputSize(), W: c.InputSize(), C: 3}, false)
	if c.Stem == StemImageNet {
		x.H, x.W = (x.H+1)/2, (x.W+1)/2
	}
	for i, b := range c.Blocks() {
		positive := i > 0 || c.StemReLU() || c.PreActivation
		if b.Projection != nil {
			add(*b.Projection, x, positive)
		}
		for j, s := range b.Residual {
			x = add(s, x, positive || j > 0)
		}
	}
	return out
}

// TestDispatch pins which kernel each convolution gets under js/wasm. A change needs the benchmark's numbers for it
// (./build.sh bench --layers). TestGolden holds the plans to those of the network that was loaded.
func TestDispatch(t *testing.T) {
	for _, c := range []struct {
		name      string
		eightBits bool
		want      string // runs of equal plans, in the order of the network
	}{
		// The stem; then by blocks [projection] 1×1 3×3 1×1. In the last stage 49 positions are 10 tiles of 5 rows;
		// 9 tiles of 6 would waste more.
		{"resnet50_v1", false, "3 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"3 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"3 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 1 direct 6, " +
			"2 direct 5, 1 winograd, 2 direct 5, 1 winograd, 2 direct 5, 1 winograd, 1 direct 5"},
		// The stem; then 3×3s, direct where they shrink the picture, after a projection.
		{"resnet18", false, "1 direct 6, 4 winograd, 2 direct 6, 3 winograd, 2 direct 6, 3 winograd, " +
			"2 direct 5, 3 winograd"},
		// Its 3×3s are grouped: four channels of stage 1 side by side with the next group's four, later a group's in
		// panels of their own.
		{"resnext50_32x4d", false, "3 direct 6, 1 paired 6, 2 direct 6, 1 paired 6, 2 direct 6, 1 paired 6, " +
			"3 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, " +
			"3 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, " +
			"2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 1 direct 6, 1 direct 5, " +
			"1 direct 6, 1 grouped 5, 2 direct 5, 1 grouped 5, 2 direct 5, 1 grouped 5, 1 direct 5"},
		// Twice as wide inside of the blocks, which changes nothing but for the stride, which the 3×3s have.
		{"wide_resnet50_2", false, "3 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"6 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"6 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"2 direct 6, 1 winograd, 1 direct 6, 1 direct 5, " +
			"1 direct 6, 3 direct 5, 1 winograd, 2 direct 5, 1 winograd, 1 direct 5"},
		// The stem's taps are rows of 9 floats; 32×32, 16×16 and 8×8 are whole tiles of Winograd's.
		{"resnet20", false, "1 direct 6, 6 winograd, 1 direct 6, 5 winograd, 1 direct 5, 5 winograd"},
		// In eight bits all but the stem, whose input has signs; the 3×3s directly too.
		{"resnet50", true, "1 direct 6, 52 int8"},
		// A stem without ReLU gives the first convolution signs too.
		{"article18", true, "1 direct 6, 1 winograd, 18 int8"},
		// Groups stay in float32.
		{"resnext50_32x4d", true, "1 direct 6, 2 int8, 1 paired 6, 2 int8, 1 paired 6, 2 int8, 1 paired 6, " +
			"3 int8, 1 grouped 6, 2 int8, 1 grouped 6, 2 int8, 1 grouped 6, 2 int8, 1 grouped 6, " +
			"3 int8, 1 grouped 6, 2 int8, 1 grouped 6, 2 int8, 1 grouped 6, 2 int8, 1 grouped 6, " +
			"2 int8, 1 grouped 6, 2 int8, 1 grouped 6, " +
			"3 int8, 1 grouped 5, 2 int8, 1 grouped 5, 2 int8, 1 grouped 5, 1 int8"},
	} {
		config, err := Preset(c.name)
		if err != nil {
			t.Fatal(err)
		}
		if got := runsOf(plans(config, c.eightBits)); got != c.want {
			t.Errorf("%s, in eight bits: %v, gets\n%s\nwant\n%s", c.name, c.eightBits, got, c.want)
		}
	}
}

// runsOf counts equal plans that follow each other.
func runsOf(plans []string) string {
	var runs []string
	for len(plans) > 0 {
		n := slices.IndexFunc(plans, func(p string) bool { return p != plans[0] })
		if n < 0 {
			n = len(plans)
		}
		runs = append(runs, fmt.Sprint(n, " ", plans[0]))
		plans = plans[n:]
	}
	return strings.Join(runs, ", ")
}
