package kernel

import (
	"fmt"
	"math"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// This file is the one place where a kernel is chosen, by figures of the benchmarks that the comments name.
// docs/kernels.md has more of them, and says on what machine they were measured.

// A Convolution is what a kernel is chosen by.
type Convolution struct {
	H, W             int // of the input
	In, Out          int // channels of all groups
	FilterH, FilterW int
	Stride, Pad      int
	Groups           int  // 1: ordinary
	EightBits        bool // the weights are in eight bits, and no input is negative
}

// taps is how many pixels the filter has.
func (c Convolution) taps() int { return c.FilterH * c.FilterW }

// rows is how many positions the output has.
func (c Convolution) rows() int {
	return ((c.H+2*c.Pad-c.FilterH)/c.Stride + 1) * ((c.W+2*c.Pad-c.FilterW)/c.Stride + 1)
}

// An Algorithm is how a convolution is computed.
type Algorithm int

const (
	// Direct multiplies inputs by weights as the definition has it. A tap is a pixel (Conv).
	Direct Algorithm = iota
	// DirectRows does the same. A tap is a row of the filter's pixels, in an input with a border of zeros (Conv).
	DirectRows
	// Winograd is minimal filtering F(4×4, 3×3) (ConvWinograd).
	Winograd
	// Int8 multiplies integers (ConvInt8).
	Int8
	// Paired puts two groups of four channels side by side in a panel (ConvGroups).
	Paired
	// Grouped computes the panels of a tile one after the other, each from its group's inputs (ConvGroups).
	Grouped
	// GroupByGroup computes each group as an ordinary convolution (ConvGroups).
	GroupByGroup
)

func (a Algorithm) String() string {
	return [...]string{"direct", "direct", "winograd", "int8", "paired", "grouped", "batches"}[a]
}

// A Plan is the choice for a convolution.
type Plan struct {
	Algorithm Algorithm
	Tile      int // rows of a tile; 0 for Winograd, whose tiles are squares
}

// String gives the algorithm and the rows of a tile: "direct 6".
func (p Plan) String() string {
	if p.Tile == 0 {
		return p.Algorithm.String()
	}
	return fmt.Sprintf("%s %d", p.Algorithm, p.Tile)
}

// Choose chooses how this machine computes a convolution.
func Choose(c Convolution) Plan { return choose(c, here()) }

// ChooseBatch chooses how this machine computes a convolution in training, and its gradients: of several pictures, with
// weights that change with every step.
func ChooseBatch(c Convolution) Plan { return chooseBatch(c, here()) }

// GFLOP/s by the definition's count, 64 pictures, one thread, direct and by Winograd (op's BenchmarkTrainStep):
//
//	                       16×16×8  32×32×16  16×16×32  8×8×64   4×4×32
//	forward                51, 54   55, 80    55, 117   53, 149  52, 118
//	gradient by the input  51, 63   54, 87    52, 120   52, 158  53, 140
//	by the weights         29, 76   37, 88    42, 103   47, 110  45, 92
//
// With 4 channels the transforms outweigh the products. With more than 128 the transformed weights and the slices of
// their gradient, four times as large, would fill the memory (300 MB for 512 channels).
func chooseBatch(c Convolution, on machine) Plan {
	if on.simd && c.fitsWinograd() && min(c.In, c.Out) >= 8 && c.In*c.Out <= 128*128 {
		return Plan{Winograd, 0}
	}
	return Plan{Direct, convTile(c.rows())}
}

// fitsWinograd tells whether Winograd can compute it, and the picture has a tile at least.
func (c Convolution) fitsWinograd() bool {
	return c.FilterH == 3 && c.FilterW == 3 && c.Stride == 1 && c.Pad == 1 && c.Groups == 1 &&
		c.In%4 == 0 && c.Out%4 == 0 && min(c.H, c.W) >= 4
}

// A machine is what the choice depends on besides the shape.
type machine struct {
	simd     bool            // it has the kernels of gen; natively BLAS multiplies, and there are only reference loops
	int8     layout.Operands // how ConvInt8 multiplies: Bytes, Pairs or Words
	int8Pays bool            // ConvInt8 is faster than float32
}

// table lists the algorithms. The first that fits computes the convolution.
var table = []struct {
	algorithm Algorithm
	fits      func(c Convolution, on machine) bool
}{
	// All that can be in eight bits is, on every machine. GOP/s by the definition's count, in eight bits and in
	// float32, where a 3×3 goes by Winograd (BenchmarkConvInt8, one thread):
	//
	//	                 1×1, 28×28, 512→128   3×3, 28×28×128   3×3, 7×7×512
	//	Bytes, Chromium  226, 68               267, 235         250, 137
	//	Pairs, Firefox   103 to 120, 58        110 to 127, 187  106 to 122, 101
	//	Words, WebKit    55, 28                60, 99           59, 71
	//
	// Without a dot product the larger 3×3s are faster by Winograd. One rule for all costs a pass some 3 % by Pairs and
	// 9 % by Words. It saves Winograd's weights, 144 bytes for a pair of channels instead of 9.
	{Int8, func(c Convolution, _ machine) bool { return c.EightBits && c.Groups == 1 && canInt8(c.taps(), c.In) }},

	// ResNeXt's 3×3s, GFLOP/s by these kernels and group by group (BenchmarkConvGroups, one thread):
	// 43 and 24 (groups of 4), 62 and 59 (of 8), 65 and 62 (of 16), 59 and 61 (of 32).
	{Paired, func(c Convolution, on machine) bool {
		return on.simd && c.Groups%2 == 0 && c.In == 4*c.Groups && c.Out == 4*c.Groups && c.taps() <= maxGroupedTaps
	}},
	{Grouped, func(c Convolution, on machine) bool {
		return on.simd && c.Groups > 1 && c.Out/c.Groups%8 == 0 && c.taps() <= maxGroupedTaps
	}},
	{GroupByGroup, func(c Convolution, _ machine) bool { return c.Groups > 1 }},

	// Winograd does 163, 177, 125 and 72 GFLOP/s by the definition's count on 56×56×64, 28×28×128, 14×14×256 and
	// 7×7×512 (BenchmarkConvWinograd); direct sums do some 52. With few channels the transforms outweigh the products.
	// Pictures smaller than a tile are mostly border. Its kernels take channels in fours.
	{Winograd, func(c Convolution, on machine) bool {
		return on.simd && c.fitsWinograd() && c.In >= 16
	}},

	// With the few channels of a picture the kernels' inner loop is long enough to pay only if a tap is a whole row of
	// the filter. ResNet's stem, 7 taps of 21 floats instead of 49 of 3, does 52 GFLOP/s (bench --layers).
	{DirectRows, func(c Convolution, _ machine) bool { return c.In < 8 && c.FilterW > 1 }},
	{Direct, func(Convolution, machine) bool { return true }},
}

// choose chooses how a machine computes a convolution.
func choose(c Convolution, on machine) Plan {
	rows := c.rows()
	switch a := algorithm(c, on); a {
	case Winograd:
		return Plan{Winograd, 0}
	case Int8:
		return Plan{Int8, int8Tile(rows, on.int8)}
	default:
		return Plan{a, convTile(rows)}
	}
}

// algorithm is the first of the table that fits. Of grouped convolutions it does not depend on the picture's size.
func algorithm(c Convolution, on machine) Algorithm {
	for _, entry := range table {
		if entry.fits(c, on) {
			return entry.algorithm
		}
	}
	panic("kernel: no algorithm fits") // Direct fits all
}

// convTile is how many rows the tiles of Conv and ConvGroups have, for so many rows in all: the fewest wasted in the
// last tile, weighed with what a row costs. Kernels of 6, 5 and 4 rows do 54.3, 54.6 and 52.0 GFLOP/s on 180×512×256
// (BenchmarkConvTiles, one thread). 5 rows count as a hundredth dearer, so that 6 stay where nothing is to be won:
// 784 rows are 786 by sixes, 785 by fives.
func convTile(rows int) int { return cheapestTile(rows, []tileCost{{6, 1}, {5, 1.01}, {4, 1.04}}) }

// int8Tile is convTile for ConvInt8. On 3×3, 28×28×128 in Chromium tiles of 6, 5 and 4 rows do 101, 65 and 109 GOP/s
// by Pairs, 66, 81 and 81 by Words. The larger ones need more registers than there are.
func int8Tile(rows int, operands layout.Operands) int {
	switch operands {
	case layout.Pairs:
		return 4
	case layout.Words:
		return cheapestTile(rows, []tileCost{{5, 1}, {4, 1}})
	}
	return convTile(rows)
}

// A tileCost is how many rows a kernel's tiles have, and what a row costs relative to another kernel's.
type tileCost struct {
	rows int
	cost float64
}

// cheapestTile is how many rows the tiles have that do so many rows at the least cost.
func cheapestTile(rows int, kernels []tileCost) int {
	best, least := 0, 0.0
	for _, t := range kernels {
		if cost := float64(ceil(rows, t.rows)*t.rows) * t.cost; least == 0 || cost < least {
			best, least = t.rows, cost
		}
	}
	return best
}

// canInt8 tells whether ConvInt8 can compute a convolution of taps × in products a value. Inputs are multiplied four at
// a time. 2¹⁷ products of at most 127·128 are a sum of less than 2³¹.
func canInt8(taps, in int) bool { return in%4 == 0 && taps*in <= 1<<17 }

// maxGroupedTaps: scratch memory holds an address of 4 bytes for each of 6 rows of so many taps.
const maxGroupedTaps = layout.ScratchBytes / (4 * 6)

// Int8Pays tells whether ConvInt8 is faster than float32 on this machine.
func Int8Pays() bool { return here().int8Pays }

// int8Choice recognises a machine by what it computes, not by its clock, so that a photo gets the same answer at every
// load. It says how ConvInt8 multiplies, and whether that pays. Where it does, the same convolutions are in eight bits
// on every machine. So their answers differ by float32's roundings only (which may move an input of the next layer by
// a step).
//
// dot is the sum of four products as each kernel makes it; NaN where there is no such kernel. Inputs above 127 tell the
// machines apart, as relaxed SIMD leaves open what becomes of them:
//
//   - A processor's dot product adds four products without loss. It takes the inputs as unsigned (x86 with AVX-VNNI) or
//     as signed (ARM, newer x86).
//   - Where the engine makes it of several instructions, these add two products in 16 bits, which hold neither
//     2·255·127 nor 2·128·128. On x86 the sum saturates (pmaddubsw). Those instructions, used by themselves, are twice
//     as fast as float32.
//   - On ARM the sum wraps. That is four instructions where float32 needs four, so nothing is gained.
//   - Plain SIMD has pmaddwd of x86, twice as fast as float32's multiplication and addition. ARM makes four
//     instructions of it, as many as float32 needs.
func int8Choice(dot func(how layout.Operands, inputs [4]uint8, weights [4]int8) float32, x86 bool) (
	how layout.Operands, pays bool) {
	// The instructions are new, and an engine that has one wrong (V8 did when it was an experiment) would give
	// nonsense.
	right := func(how layout.Operands) bool {
		return dot(how, [4]uint8{127, 1, 0, 5}, [4]int8{3, -128, 7, 11}) == 308 &&
			dot(how, [4]uint8{127, 127, 127, 127}, [4]int8{-128, -128, -128, -128}) == -65024
	}
	if !right(layout.Bytes) {
		return layout.Words, x86
	}
	high := dot(layout.Bytes, [4]uint8{255, 255, 255, 255}, [4]int8{127, 127, 127, 127})
	low := dot(layout.Bytes, [4]uint8{128, 128, 128, 128}, [4]int8{-128, -128, -128, -128})
	unsigned := high == 4*255*127 && low == 4*128*-128
	signed := high == 4*-1*127 && low == 4*-128*-128
	saturated := high == 2*math.MaxInt16 && low == 2*math.MinInt16
	switch {
	case unsigned || signed:
		return layout.Bytes, true
	case saturated && right(layout.Pairs):
		return layout.Pairs, true
	}
	return layout.Bytes, false
}

// How jobs are cut into units, which threads share.
const (
	// convWeightBytes bounds the weights of a unit of a convolution. They stay in the second-level cache while the
	// unit's rows pass.
	convWeightBytes = 128 << 10
	// convFewUnits is how many units a job of a convolution should have at least, so that threads finish together.
	convFewUnits = 16
	// poolUnit is how many rows a unit of MaxPool has. The 3,136 of ResNet's are some 24 units.
	poolUnit = 128
	// columnUnit is how many floats a unit of norms and of sums has, or a row if that is longer. 32 KiB: where a unit
	// is read twice, the second time it comes from the second-level cache.
	columnUnit = 8 << 10
	// columnSumRows is how many rows a unit of sums has at least, so that the units' sums are few.
	columnSumRows = 64
	// flatUnit is how many floats a unit of what goes value by value has: 32 KiB.
	flatUnit = 8 << 10
	// quantiseUnit is how many floats a unit of quantising has: 64 KiB.
	quantiseUnit = 16 << 10
	// packUnit is how many rows a unit of packing has. What it reads, a cache line of each row, stays in the
	// first-level cache for the next panel.
	packUnit = 32
	// transposeUnit is how many rows are transposed together. They fill the cache lines of the destination's rows.
	transposeUnit = 16
	// winogradFloats bounds the transformed input of the tiles that go through together. With as much output it stays
	// in the second-level cache.
	winogradFloats = 128 << 10
)

// convUnits cuts a product of tiles × panels into units, given the bytes of a panel.
func convUnits(tiles, panels, panelBytes, batches int) (unitTiles, unitPanels int) {
	unitPanels = min(panels, max(1, convWeightBytes/panelBytes))
	for ceil(panels, unitPanels)*batches < 4 && unitPanels > 4 && tiles < 64 {
		unitPanels = ceil(unitPanels, 2)
	}
	unitTiles = tiles
	if n := ceil(panels, unitPanels) * batches; n < convFewUnits {
		unitTiles = max(min(4, tiles), ceil(tiles, ceil(convFewUnits, n)))
	}
	return unitTiles, unitPanels
}

// winogradBlock is how many of a picture's tiles go through the three steps of Winograd together. From 1 MiB of weights
// on it is all of them, as each block reads all weights again.
func winogradBlock(tiles, in, out int) int {
	if winogradPoints*in*out >= 1<<18 {
		return tiles
	}
	return ceil(tiles, ceil(winogradPoints*tiles*in, winogradFloats))
}

// sumUnit is how many of the rows a unit of sums has, about equally many. Each leaves two rows of them.
func sumUnit(rows, width int) int {
	units := ceil(rows, max(columnSumRows, columnUnit/width))
	return max(1, ceil(rows, max(1, units)))
}

// winogradRows is how many rows the tiles of the product have within Winograd's steps (layout.WinogradSteps).
const winogradRows = 6

// winogradUnit is how many of the tiles of all pictures a thread takes through Winograd's steps at a time. What it
// hands on from step to step stays in the second-level cache, and a few threads have units enough.
func winogradUnit(tiles, in, out int) int {
	unit := max(18, winogradFloats/2/(winogradPoints*(in+out)))
	return ceil(min(unit, ceil(tiles, 8)), winogradRows) * winogradRows
}

// winogradSlice cuts the tiles of all pictures for FilterGradientWinograd: how many a unit has, whose sums are one
// slice, and how many of them go through together. Each slice has winogradPoints·in·out sums, so there are few slices,
// and none of few tiles.
func winogradSlice(tiles, in, out int) (unit, block int) {
	slices := min(16, max(8, 1<<20/(winogradPoints*in*out)), ceil(tiles, 16))
	unit = ceil(tiles, slices)
	return unit, min(unit, max(24, winogradFloats/(winogradPoints*(in+out))))
}
