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
