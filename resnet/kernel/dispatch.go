package kernel

// convTile is how many rows a tile of Conv has, for m rows in all: the fewest wasted in the last tile, weighed with what a tile's
// height costs. GFLOP/s of the 6-, 5- and 4-row kernels on 196×1024×256, one thread: measured by BenchmarkConvTiles.
func convTile(m int) int {
	best, least := 6, 0.0
	for _, t := range []struct {
		rows int
		cost float64 // of a row, relative to the 6-row kernel's
	}{{6, 1}, {5, 1.03}, {4, 1.07}} {
		if cost := float64(ceil(m, t.rows)*t.rows) * t.cost; least == 0 || cost < least {
			best, least = t.rows, cost
		}
	}
	return best
}

// UseWinograd tells whether a 3×3 convolution with stride 1 over h×w positions is faster by Winograd than directly.
func UseWinograd(h, w, in, out int) bool {
	return canWinograd && in%4 == 0 && out%4 == 0 && in >= 16 && h >= 4
}
