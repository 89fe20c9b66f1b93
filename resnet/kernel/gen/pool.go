package main

// maxPool writes the max-pooling kernel:
//
//	name(dst, src, offsets, rows, taps, channels)
//
// See kernel.MaxPool for what it computes, and kernel.Rows for the offsets: they stand in tiles of tileRows rows.
func maxPool(m *module, name string) {
	const tileRows = 6
	f, p := m.function(name, 6)
	dst, src, offsets, rows, taps, channels := p[0], p[1], p[2], p[3], p[4], p[5]
	c, tap, at, from, inTile, best := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(v128)

	// reduce writes the maximum over the taps of n channels, read and written by the given code.
	reduce := func(n int, read func(old code) code, write code) code {
		here := set(from, add(add(get(src), shl(load32(get(at), 0), 2)), shl(get(c), 2)))
		return seq(
			set(at, get(offsets)),
			set(tap, get(taps)),
			here,
			set(best, read(zeros())),
			doWhile(tee(tap, sub(get(tap), constant(1))),
				here,
				set(best, larger(get(best), read(get(best)))),
				step(at, 4*tileRows)),
			write,
			step(dst, 4*n),
			step(c, n))
	}

	f.emit(
		while(get(rows),
			set(c, constant(0)),
			while(atLeast(sub(get(channels), get(c)), constant(4)),
				reduce(4, func(code) code { return load(get(from), 0) }, store(get(dst), get(best), 0))),
			while(less(get(c), get(channels)),
				reduce(1, func(old code) code { return loadLane(get(from), old, 0, 0) }, storeLane(get(dst), get(best), 0, 0))),
			step(offsets, 4),
			step(inTile, 1),
			when(isZero(sub(get(inTile), constant(tileRows))),
				set(inTile, constant(0)),
				set(offsets, add(get(offsets), mul(sub(get(taps), constant(1)), constant(4*tileRows))))),
			step(rows, -1)))
}
