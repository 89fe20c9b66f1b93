package resnet

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
)

// plans lists how each convolution of a network is computed, in the order of Profile, for a file with or without
// weights in eight bits. Plans in eight bits have no tile, which depends on the machine.
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

// TestDispatch pins which kernel each convolution gets under js/wasm. A change needs numbers from the benchmark
// (./build.sh bench --layers). TestGolden compares the plans with those of the network that it loads.
func TestDispatch(t *testing.T) {
	for _, c := range []struct {
		name      string
		eightBits bool
		want      string // runs of equal plans, in the order of the network
	}{
		// The stem, then for each block [projection] 1×1 3×3 1×1. The last stage has 49 positions: 10 tiles of 5 rows
		// waste less than 9 tiles of 6.
		{"resnet50_v1", false, "3 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"3 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"3 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 1 direct 6, " +
			"2 direct 5, 1 winograd, 2 direct 5, 1 winograd, 2 direct 5, 1 winograd, 1 direct 5"},
		// The stem, then 3×3s. Those that shrink the picture are direct, and follow a projection.
		{"resnet18", false, "1 direct 6, 4 winograd, 2 direct 6, 3 winograd, 2 direct 6, 3 winograd, " +
			"2 direct 5, 3 winograd"},
		// Grouped 3×3s: stage 1 pairs two groups of four channels in a panel, later stages have panels of one group.
		{"resnext50_32x4d", false, "3 direct 6, 1 paired 6, 2 direct 6, 1 paired 6, 2 direct 6, 1 paired 6, " +
			"3 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, " +
			"3 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, " +
			"2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 1 direct 6, 1 direct 5, " +
			"1 direct 6, 1 grouped 5, 2 direct 5, 1 grouped 5, 2 direct 5, 1 grouped 5, 1 direct 5"},
		// Twice as wide inside the blocks, which changes nothing. The stride is in the 3×3s.
		{"wide_resnet50_2", false, "3 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"6 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"6 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"2 direct 6, 1 winograd, 1 direct 6, 1 direct 5, " +
			"1 direct 6, 3 direct 5, 1 winograd, 2 direct 5, 1 winograd, 1 direct 5"},
		// The stem's taps are rows of 9 floats. 32×32, 16×16 and 8×8 are whole Winograd tiles.
		{"resnet20", false, "1 direct 6, 6 winograd, 1 direct 6, 5 winograd, 1 direct 5, 5 winograd"},
		// All but the stem are in eight bits, 3×3s too. The stem's input has signs.
		{"resnet50", true, "1 direct 6, 52 int8"},
		// Without a ReLU in the stem, the first convolution's input has signs.
		{"article18", true, "1 direct 6, 1 winograd, 18 int8"},
		// Grouped convolutions stay in float32.
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

// runsOf counts equal plans in a row.
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
