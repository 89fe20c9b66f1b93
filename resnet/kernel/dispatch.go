package kernel

import "math"

// convTile is how many rows a tile of Conv has, for m rows in all: the fewest wasted in the last tile, weighed with what a row costs.
// Kernels of 6, 5 and 4 rows reach 54.3, 54.6 and 52.0 GFLOP/s on 180×512×256 (BenchmarkConvTiles, one thread); 5 rows are weighed
// a hundredth heavier, so that 6 stay where nothing is to be won (784 rows are 786 by sixes, 785 by fives).
func convTile(m int) int { return cheapestTile(m, []tileCost{{6, 1}, {5, 1.01}, {4, 1.04}}) }

// A tileCost is how many rows a kernel's tiles have, and what a row costs, relative to another kernel's.
type tileCost struct {
	rows int
	cost float64
}

// cheapestTile is how many rows the tiles have that do m rows at the least cost.
func cheapestTile(m int, kernels []tileCost) int {
	best, least := 0, 0.0
	for _, t := range kernels {
		if cost := float64(ceil(m, t.rows)*t.rows) * t.cost; least == 0 || cost < least {
			best, least = t.rows, cost
		}
	}
	return best
}

// int8Tile is convTile for ConvInt8. On 3×3, 28×28×128 in Chromium tiles of 6, 5 and 4 rows do 101, 65 and 109 GOP/s by
// pairs, 66, 81 and 81 by words: the larger need more registers than there are.
func int8Tile(w int8Way, m int) int {
	switch w {
	case byPairs:
		return 4
	case byWords:
		return cheapestTile(m, []tileCost{{5, 1}, {4, 1}})
	}
	return convTile(m)
}

// UseWinograd tells whether a 3×3 convolution with stride 1 over h×w positions is faster by Winograd than directly. By the definition's
// count it does 163, 177, 125 and 72 GFLOP/s on 56×56×64, 28×28×128, 14×14×256 and 7×7×512 (BenchmarkConvWinograd), direct sums some 52.
// With few channels the transforms outweigh the products; pictures smaller than a tile are mostly border.
func UseWinograd(h, w, in, out int) bool {
	return canWinograd && in%4 == 0 && out%4 == 0 && in >= 16 && min(h, w) >= 4
}

// An int8Way is by which instructions ConvInt8 multiplies. The sums are exact integers in all of them, so the answers
// are equal.
type int8Way int

const (
	// byBytes adds up four products with the dot product of relaxed SIMD.
	byBytes int8Way = iota
	// byPairs does the same by its parts, for machines where the dot product is several instructions: sums of two in 16
	// bits come first.
	byPairs
	// byWords widens inputs and weights to 16 bits and adds up two products, with plain SIMD.
	byWords
)

// int8Choice recognises a machine by what it computes, and not by its clock: so the same photo gets the same answer at
// every load. It says how ConvInt8 multiplies, and whether that pays. Where it does, all convolutions that ConvInt8 can
// compute are in eight bits, on every machine the same ones: so answers in eight bits differ by float32's roundings
// only (which may move an input of the next layer by a step).
//
// dot is the sum of four products as each way's kernel makes it; NaN where there is no such kernel. Inputs above 127
// betray the machine, as relaxed SIMD leaves open what becomes of them:
//
//   - A processor's dot product adds up four products without loss, of inputs that it takes as unsigned (x86 with
//     AVX-VNNI) or as signed (ARM, newer x86).
//   - Where it is made of several instructions, these add two products in 16 bits, which hold neither 2·255·127 nor
//     2·128·128. On x86 the sum is cut off (pmaddubsw). The instructions by themselves are twice as fast as float32's.
//   - On ARM the sum wraps: four instructions for what takes float32 four, so nothing is gained.
//   - Plain SIMD has pmaddwd of x86, twice as fast as float32's multiply and add. ARM makes four instructions of it, as
//     many as float32 needs.
//
// GOP/s by the definition's count, of int8 and of float32, where a 3×3 goes by Winograd (BenchmarkConvInt8, one thread;
// docs/kernels.md has more):
//
//	                     1×1, 28×28, 512→128   3×3, 28×28×128   3×3, 7×7×512
//	byBytes, Chromium    226, 68               267, 235         250, 137
//	byPairs, Firefox     103 to 120, 58        110 to 127, 187  106 to 122, 101
//	byWords, WebKit      55, 28                60, 99           59, 71
//
// Without a dot product the larger 3×3s are faster by Winograd. One rule for all costs a pass some 3 % by pairs, 9 % by
// words, and saves Winograd's weights, 144 bytes for a pair of channels instead of 9.
func int8Choice(dot func(way int8Way, inputs [4]uint8, weights [4]int8) float32, x86 bool) (way int8Way, pays bool) {
	// The instructions are new, and an engine that has one wrong (V8 did when it was an experiment) would give
	// nonsense.
	right := func(way int8Way) bool {
		return dot(way, [4]uint8{127, 1, 0, 5}, [4]int8{3, -128, 7, 11}) == 308 &&
			dot(way, [4]uint8{127, 127, 127, 127}, [4]int8{-128, -128, -128, -128}) == -65024
	}
	if !right(byBytes) {
		return byWords, x86
	}
	high := dot(byBytes, [4]uint8{255, 255, 255, 255}, [4]int8{127, 127, 127, 127})
	low := dot(byBytes, [4]uint8{128, 128, 128, 128}, [4]int8{-128, -128, -128, -128})
	unsigned := high == 4*255*127 && low == 4*128*-128
	signed := high == 4*-1*127 && low == 4*-128*-128
	cutOff := high == 2*math.MaxInt16 && low == 2*math.MinInt16
	switch {
	case unsigned || signed:
		return byBytes, true
	case cutOff && right(byPairs):
		return byPairs, true
	}
	return byBytes, false
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
