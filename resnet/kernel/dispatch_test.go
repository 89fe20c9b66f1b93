package kernel

import (
	"testing"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// TestChoose pins what each kind of shape gets. A change needs the benchmark's numbers for it (./build.sh bench
// --layers).
func TestChoose(t *testing.T) {
	square := func(side, size, stride, in, out int) Convolution { // a filter of size×size
		return Convolution{H: side, W: side, In: in, Out: out, FilterH: size, FilterW: size, Stride: stride,
			Pad: size / 2, Groups: 1}
	}
	inGroups := func(c Convolution, groups int) Convolution {
		c.Groups = groups
		return c
	}
	eight := func(c Convolution) Convolution {
		c.EightBits = true
		return c
	}
	type wants struct{ native, bytes, pairs, words string } // by machine
	same := func(plan string) wants { return wants{plan, plan, plan, plan} }
	simd := func(native, plan string) wants { return wants{native, plan, plan, plan} }
	for name, c := range map[string]struct {
		conv Convolution
		want wants
	}{
		// Rows: 3,136 and 784 waste least by sixes, weighed with 5's cost; 49 by fives; 16 by fours.
		"1×1, 56×56":                 {square(56, 1, 1, 64, 256), same("direct 6")},
		"1×1, 28×28":                 {square(28, 1, 1, 512, 128), same("direct 6")},
		"1×1, 7×7":                   {square(7, 1, 1, 2048, 512), same("direct 5")},
		"1×1, 4×4":                   {square(4, 1, 1, 64, 64), same("direct 4")},
		"1×1 with stride 2":          {square(56, 1, 2, 256, 512), same("direct 6")},
		"3×3, 56×56":                 {square(56, 3, 1, 64, 64), simd("direct 6", "winograd")},
		"3×3, 7×7":                   {square(7, 3, 1, 512, 512), simd("direct 5", "winograd")},
		"3×3, 4×4":                   {square(4, 3, 1, 64, 64), simd("direct 4", "winograd")},
		"3×3, 3×3":                   {square(3, 3, 1, 64, 64), same("direct 5")},
		"3×3 with stride 2":          {square(56, 3, 2, 128, 128), same("direct 6")},
		"3×3 of few channels":        {square(32, 3, 1, 12, 16), same("direct 6")},
		"3×3, channels not in fours": {square(32, 3, 1, 16, 18), same("direct 6")},
		"3×3 of a picture":           {square(32, 3, 1, 3, 16), same("direct 6")},
		"7×7 of a picture":           {square(224, 7, 2, 3, 64), same("direct 6")},
		"32 groups of 4":             {inGroups(square(56, 3, 1, 128, 128), 32), simd("batches 6", "paired 6")},
		"64 groups of 4":             {inGroups(square(56, 3, 1, 256, 256), 64), simd("batches 6", "paired 6")},
		"3 groups of 4":              {inGroups(square(56, 3, 1, 12, 12), 3), same("batches 6")},
		"32 groups of 8":             {inGroups(square(28, 3, 1, 256, 256), 32), simd("batches 6", "grouped 6")},
		"32 groups of 32":            {inGroups(square(7, 3, 1, 1024, 1024), 32), simd("batches 5", "grouped 5")},
		"4 groups of 4 to 8":         {inGroups(square(28, 3, 1, 16, 32), 4), simd("batches 6", "grouped 6")},
		"2 groups of 6":              {inGroups(square(28, 3, 1, 12, 12), 2), same("batches 6")},
		"8 groups of 1":              {inGroups(square(28, 3, 1, 8, 8), 8), same("batches 6")},
		"32 groups of 4, 7×7":        {inGroups(square(56, 7, 1, 128, 128), 32), same("batches 6")},
		"32 groups of 8, 7×7":        {inGroups(square(56, 7, 1, 256, 256), 32), same("batches 6")},
		"eight bits, 1×1, 56×56": {eight(square(56, 1, 1, 64, 256)),
			wants{"int8 6", "int8 6", "int8 4", "int8 4"}},
		"eight bits, 1×1, 7×7": {eight(square(7, 1, 1, 2048, 512)),
			wants{"int8 5", "int8 5", "int8 4", "int8 5"}},
		"eight bits, 3×3": {eight(square(28, 3, 1, 128, 128)),
			wants{"int8 6", "int8 6", "int8 4", "int8 4"}},
		"eight bits, the deepest sum": {eight(square(4, 1, 1, 1<<17, 8)),
			wants{"int8 4", "int8 4", "int8 4", "int8 4"}},
		"eight bits, too deep a sum":   {eight(square(4, 1, 1, 1<<17+4, 8)), same("direct 4")},
		"eight bits, channels by twos": {eight(square(28, 3, 1, 18, 16)), same("direct 6")},
		"eight bits, 32 groups of 4": {inGroups(eight(square(56, 3, 1, 128, 128)), 32),
			simd("batches 6", "paired 6")},
		"eight bits, of a picture, 3×3": {eight(square(32, 3, 1, 3, 16)), same("direct 6")},
	} {
		for _, on := range []struct {
			machine machine
			want    string
		}{
			{machine{int8: layout.Bytes}, c.want.native},
			{machine{simd: true, int8: layout.Bytes}, c.want.bytes},
			{machine{simd: true, int8: layout.Pairs}, c.want.pairs},
			{machine{simd: true, int8: layout.Words}, c.want.words},
		} {
			if got := choose(c.conv, on.machine).String(); got != on.want {
				t.Errorf("%s gets %q on %+v, want %q", name, got, on.machine, on.want)
			}
		}
	}
	// One tap is few enough for the grouped kernels' scratch memory, one too many is not.
	for taps, want := range map[int]Algorithm{maxGroupedTaps: Paired, maxGroupedTaps + 1: GroupByGroup} {
		c := Convolution{H: 99, W: 9, In: 8, Out: 8, FilterH: taps, FilterW: 1, Stride: 1, Groups: 2}
		if got := choose(c, machine{simd: true}).Algorithm; got != want {
			t.Errorf("two groups of 4 with %d taps get %v, want %v", taps, got, want)
		}
	}
}

// TestUnits pins how ResNet-50's layers are cut into units.
func TestUnits(t *testing.T) {
	for _, c := range []struct{ tiles, panels, panelBytes, batches, unitTiles, unitPanels int }{
		{523, 8, 32 * 65, 1, 33, 8},   // 1×1, 56×56, 64→64: the weights of all panels fit
		{523, 32, 32 * 65, 1, 33, 32}, // 64→256
		{131, 16, 32 * 513, 1, 22, 7}, // 28×28, 512→128: three times 7 panels
		{10, 256, 32 * 513, 1, 10, 7}, // 7×7, 512→2048
		{10, 64, 32 * 2049, 1, 10, 1}, // 2048→512
		{1, 125, 32 * 2049, 1, 1, 1},  // the linear layer
		{33, 8, 32 * 65, 36, 33, 8},   // Winograd, 56×56: 36 batches are units enough
		{4, 4, 32 * 9, 1, 4, 4},       // too small to cut
		{3, 8, 32 * 9, 1, 3, 4},       // cut by panels
	} {
		tiles, panels := convUnits(c.tiles, c.panels, c.panelBytes, c.batches)
		if tiles != c.unitTiles || panels != c.unitPanels {
			t.Errorf("%+v: units of %d × %d", c, tiles, panels)
		}
	}
	for _, c := range []struct{ tiles, in, out, want int }{
		{196, 64, 64, 49},  // 56×56: four blocks
		{49, 128, 128, 49}, // 28×28: more than 2¹⁸ weights
		{4, 512, 512, 4},   // 7×7
		{64, 16, 16, 64},   // all of the input fits
	} {
		if got := winogradBlock(c.tiles, c.in, c.out); got != c.want {
			t.Errorf("%d tiles of %d to %d channels go through %d together, want %d", c.tiles, c.in, c.out, got, c.want)
		}
	}
	for _, c := range []struct{ tiles, in, out, unit int }{
		{4096, 16, 16, 60}, // 64 pictures of 32×32
		{1024, 8, 8, 114},  // of 16×16: what bounds it is the cache
		{256, 64, 64, 18},  // of 8×8
		{64, 32, 32, 12},   // of 4×4: six units
		{1, 8, 8, 6},
	} {
		if got := winogradUnit(c.tiles, c.in, c.out); got != c.unit {
			t.Errorf("%+v: %d tiles in a unit", c, got)
		}
	}
	for _, c := range []struct{ tiles, in, out, unit, block int }{
		{4096, 16, 16, 256, 113}, // 64 pictures of 32×32: 16 slices
		{256, 64, 64, 32, 28},    // of 8×8: 8 slices, as each has 590 KB
		{64, 32, 32, 16, 16},     // of 4×4: 4 slices
		{1, 8, 8, 1, 1},
	} {
		if unit, block := winogradSlice(c.tiles, c.in, c.out); unit != c.unit || block != c.block {
			t.Errorf("%+v: %d tiles in a slice, %d in a block", c, unit, block)
		}
	}
	for _, c := range []struct{ rows, width, unit int }{
		{65536, 16, 512}, {4096, 64, 128}, // 64 pictures of 32×32×16 and of 8×8×64
		{3136, 2048, 64}, // 64 of 7×7×2048
		{100, 16, 100}, {0, 16, 1},
	} {
		if got := sumUnit(c.rows, c.width); got != c.unit {
			t.Errorf("%+v: %d rows in a unit", c, got)
		}
	}
	// Jobs over the largest activations of ResNet-50 have units enough for many threads.
	for name, job := range map[string]struct{ size, unit int }{
		"pooling, rows":                {56 * 56, poolUnit},
		"the stem's ReLU, floats":      {112 * 112 * 64, columnUnit},
		"quantising, floats":           {56 * 56 * 256, quantiseUnit},
		"packing, rows":                {56 * 56, packUnit},
		"transposing a gradient, rows": {7 * 7 * 32, transposeUnit},
	} {
		if n := ceil(job.size, job.unit); n < convFewUnits {
			t.Errorf("%s: %d units, want at least %d", name, n, convFewUnits)
		}
	}
}

// TestChooseBatch pins what convolutions get in training.
func TestChooseBatch(t *testing.T) {
	wasm := machine{simd: true}
	conv := func(size, in, out, filter, stride int) Convolution {
		return Convolution{H: size, W: size, In: in, Out: out, FilterH: filter, FilterW: filter, Stride: stride,
			Pad: filter / 2, Groups: 1}
	}
	for _, c := range []struct {
		conv Convolution
		on   machine
		want string
	}{
		{conv(32, 16, 16, 3, 1), wasm, "winograd"},
		{conv(4, 32, 32, 3, 1), wasm, "winograd"},
		{conv(32, 16, 16, 3, 1), machine{}, "direct 6"},
		{conv(16, 8, 8, 3, 1), wasm, "winograd"},
		{conv(16, 4, 4, 3, 1), wasm, "direct 6"}, // too few channels
		{conv(14, 128, 128, 3, 1), wasm, "winograd"},
		{conv(7, 512, 512, 3, 1), wasm, "direct 5"}, // too many weights
		{conv(32, 3, 16, 3, 1), wasm, "direct 6"},   // the stem
		{conv(32, 16, 32, 3, 2), wasm, "direct 6"},  // 256 rows
		{conv(32, 16, 32, 1, 2), wasm, "direct 6"},
		{conv(2, 64, 64, 3, 1), wasm, "direct 4"}, // smaller than a tile
		{conv(16, 18, 18, 3, 1), wasm, "direct 6"},
	} {
		if got := chooseBatch(c.conv, c.on).String(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.conv, got, c.want)
		}
	}
}
