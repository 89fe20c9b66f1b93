package kernel

// convTile is how many rows a tile of Conv has, for m rows in all: the fewest wasted in the last tile, weighed with what a row costs.
// Kernels of 6, 5 and 4 rows reach 54.3, 54.6 and 52.0 GFLOP/s on 180×512×256 (BenchmarkConvTiles, one thread); 5 rows are weighed
// a hundredth heavier, so that 6 stay where nothing is to be won (784 rows are 786 by sixes, 785 by fives).
func convTile(m int) int {
	best, least := 6, 0.0
	for _, t := range []struct {
		rows int
		cost float64 // of a row, relative to the 6-row kernel's
	}{{6, 1}, {5, 1.01}, {4, 1.04}} {
		if cost := float64(ceil(m, t.rows)*t.rows) * t.cost; least == 0 || cost < least {
			best, least = t.rows, cost
		}
	}
	return best
}

// UseWinograd tells whether a 3×3 convolution with stride 1 over h×w positions is faster by Winograd than directly. By the definition's
// count it does 163, 177, 125 and 72 GFLOP/s on 56×56×64, 28×28×128, 14×14×256 and 7×7×512 (BenchmarkConvWinograd), direct sums some 52.
// With few channels the transforms outweigh the products; pictures smaller than a tile are mostly border.
func UseWinograd(h, w, in, out int) bool {
	return canWinograd && in%4 == 0 && out%4 == 0 && in >= 16 && min(h, w) >= 4
}

// An Int8Use says which of the convolutions that ConvInt8 can compute are faster so.
//
// In GOP/s by the definition's count, on 56×56×64, 28×28×128, 14×14×256 and 7×7×512 (BenchmarkConvInt8, one thread): where the dot product of relaxed
// SIMD is one instruction, Winograd does 221, 235, 142 and 137, int8 263, 267, 267 and 250, and what is direct in float32 68; with plain SIMD
// Winograd 184, 199, 131 and 118, int8 79 everywhere, direct 34. Where the dot product is made of three instructions int8 is 1.4 times as fast as
// direct, which is not worth what it costs in accuracy. Its weights need a sixteenth of Winograd's memory, 9 bytes instead of 144 for a pair of channels.
type Int8Use int

const (
	Int8Nowhere    Int8Use = iota
	Int8Direct             // those that float32 computes directly: not by Winograd
	Int8Everywhere         // all
)

// For tells whether a convolution is computed in eight bits. winograd says that in float32 it would go by ConvWinograd.
func (u Int8Use) For(winograd bool) bool { return u == Int8Everywhere || u == Int8Direct && !winograd }

// int8Use recognises a machine by what it computes, and not by its clock: so the same photo gets the same answer at every load. dot is the sum of four
// products as ConvInt8's kernel makes it, which inputs above 127 betray: what becomes of them relaxed SIMD leaves open. fused says that
// Conv's multiplies and adds with one rounding.
//
//   - A processor's dot product adds up four products without loss, of inputs that it takes as unsigned (x86 with VNNI) or as signed (ARM, newer x86).
//   - Where it is made of several instructions, these add two products in 16 bits, which hold neither 2·255·127 nor 2·128·128: the sum is
//     cut off (pmaddubsw on x86) or wraps (ARM).
//   - Plain SIMD loses nothing either, in as many instructions, but does not fuse.
func int8Use(dot func(inputs [4]uint8, weights [4]int8) float32, fused bool) Int8Use {
	// The instruction is new, and an engine that has it wrong (V8 did when it was an experiment) would give nonsense.
	if dot([4]uint8{127, 1, 0, 5}, [4]int8{3, -128, 7, 11}) != 308 || dot([4]uint8{127, 127, 127, 127}, [4]int8{-128, -128, -128, -128}) != -65024 {
		return Int8Nowhere
	}
	high := dot([4]uint8{255, 255, 255, 255}, [4]int8{127, 127, 127, 127})
	low := dot([4]uint8{128, 128, 128, 128}, [4]int8{-128, -128, -128, -128})
	unsigned := high == 4*255*127 && low == 4*128*-128
	signed := high == 4*-1*127 && low == 4*-128*-128
	switch {
	case unsigned || signed && fused:
		return Int8Everywhere
	case signed:
		return Int8Direct
	}
	return Int8Nowhere
}

// CanInt8 tells whether ConvInt8 can compute a convolution of taps × in products a value.
// Inputs are multiplied four at a time; 2¹⁷ products of at most 127·128 are a sum of less than 2³¹.
func CanInt8(taps, in int) bool { return in%4 == 0 && taps*in <= 1<<17 }

// A way is how a grouped convolution is computed under js/wasm.
type way int

const (
	wayBatches way = iota // group by group, by Conv's kernels
	wayGrouped            // a tile's panels of 8 channels one after the other, each of its group's inputs
	wayPaired             // the same, a panel of two groups
)

// groupedWay chooses for groups of in input and out output channels. ResNeXt's have 4, 8, 16 and 32 of both (BenchmarkConvGroups).
// What a tile's taps read is kept in scratch memory, which has room for so many.
func groupedWay(groups, in, out, taps int) way {
	switch {
	case taps > maxGroupedTaps:
		return wayBatches
	case in == 4 && out == 4 && groups%2 == 0:
		return wayPaired
	case out%8 == 0:
		return wayGrouped
	}
	return wayBatches
}

// maxGroupedTaps: 1 KiB of scratch holds an address of 4 bytes for each of 6 rows of so many taps.
const maxGroupedTaps = 1 << 10 / (4 * 6)

// GroupedAlgorithm names the way of a grouped convolution: "paired", "grouped" or "batches".
func GroupedAlgorithm(groups, in, out, taps int) string {
	return [...]string{"batches", "grouped", "paired"}[groupedWay(groups, in, out, taps)]
}
