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

// UseInt8 tells whether a convolution that can be computed by ConvInt8 is faster so, on a machine where this is gain times as fast as Conv on a
// 1×1 (see Int8Gain). winograd says that in float32 it would go by ConvWinograd.
//
// In GOP/s by the definition's count, on 56×56×64, 28×28×128, 14×14×256 and 7×7×512 (BenchmarkConvInt8, one thread): with the dot product of relaxed
// SIMD, where gain is 3.7, Winograd does 221, 235, 142 and 137, int8 263, 267, 267 and 250; with plain SIMD, where it is 2.3, Winograd
// 184, 199, 131 and 118, int8 79 everywhere. At a gain of 3 int8 would do some 210 or 100: it breaks even over a network. And it needs a
// sixteenth of the memory, 9 bytes instead of 144 for a pair of channels. Where the dot product is made of three instructions the gain is 1.4,
// which is not worth what it costs in accuracy.
//
// Both bounds lie between what is found on machines, so that a measurement, which is off by a tenth where other programs run, decides
// the same each time: the same photo gets the same answer.
func UseInt8(gain float64, winograd bool) bool {
	if winograd {
		return gain >= 3
	}
	return gain >= 1.8
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
