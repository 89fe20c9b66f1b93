package main

// Byte offsets of the fields of kernel.convArgs; a test in package kernel holds them to unsafe.Offsetof.
const (
	argSrc = 8 * iota
	argZero
	argWeights
	argResidual
	argDst
	argOffsets
	argRows
)

const (
	argN = argRows + 4*(iota+1)
	argK
	argTaps
	argLd
	argReLU
)

// conv writes a convolution micro-kernel with tiles of mr rows × 8 channels:
//
//	name(args, tile0, tile1, panel0, panel1)
//
// See kernel.Conv for what it computes and for the layouts. The accumulators start as the bias, which stands at the head of
// each panel of weights. The k loop is unrolled by 4. The last tile's missing rows are the last row again: computing and storing
// a row twice is harmless, because dst aliases no input.
func conv(m *module, v variant, name string, mr int) {
	f, p := m.function(name, 5)
	args, tile, tile1, panel0, panel1 := p[0], p[1], p[2], p[3], p[4]
	panel, taps, k, rest := f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	w, off, panelBytes, at := f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	row := f.vars(i32, mr) // the tile's rows: inputs during the sums, outputs after them
	b, a := f.vars(v128, 2), f.v(v128)
	acc := make([][]local, mr)
	for i := range acc {
		acc[i] = f.vars(v128, 2)
	}
	arg := func(offset int) code { return load32(get(args), offset) }

	// products adds n values of k.
	products := func(n int) code {
		return seq(
			repeat(n, func(u int) code {
				return seq(
					set(b[0], load(get(w), 32*u)),
					set(b[1], load(get(w), 32*u+16)),
					repeat(mr, func(i int) code {
						return seq(
							set(a, splat(get(row[i]), 4*u)),
							set(acc[i][0], v.madd(get(a), get(b[0]), get(acc[i][0]))),
							set(acc[i][1], v.madd(get(a), get(b[1]), get(acc[i][1]))))
					}))
			}),
			repeat(mr, func(i int) code { return step(row[i], 4*n) }),
			step(w, 32*n))
	}

	// each runs a statement for every accumulator: row i, half j.
	each := func(do func(i, j int) code) code {
		return repeat(2*mr, func(n int) code { return do(n/2, n%2) })
	}

	// lanes runs a statement for each lane of a row's 8 that the last panel has.
	lanes := func(do func(lane int) code) code {
		return repeat(8, func(lane int) code { return when(greater(get(rest), constant(lane)), do(lane)) })
	}

	// rowsAt points row[i] at row tile·mr+i (not past the last) of dst or residual, at the panel's first channel.
	rowsAt := func(matrix int) code {
		return repeat(mr, func(i int) code {
			return seq(
				set(at, add(mul(get(tile), constant(mr)), constant(i))),
				set(at, choose(get(at), sub(arg(argRows), constant(1)), less(get(at), arg(argRows)))),
				set(row[i], add(
					add(arg(matrix), shl(mul(get(at), arg(argLd)), 2)),
					shl(get(panel), 5))))
		})
	}

	f.emit(
		set(panelBytes, shl(add(mul(arg(argTaps), arg(argK)), constant(1)), 5)),
		while(less(get(tile), get(tile1)),
			set(panel, get(panel0)),
			while(less(get(panel), get(panel1)),
				set(w, add(arg(argWeights), mul(get(panel), get(panelBytes)))),
				each(func(i, j int) code { return set(acc[i][j], load(get(w), 16*j)) }),
				step(w, 32),
				set(off, add(arg(argOffsets), mul(get(tile), shl(mul(arg(argTaps), constant(mr)), 2)))),
				set(taps, arg(argTaps)),
				doWhile(tee(taps, sub(get(taps), constant(1))),
					repeat(mr, func(i int) code {
						return set(row[i], choose(
							arg(argZero),
							add(arg(argSrc), shl(tee(at, load32(get(off), 4*i)), 2)),
							less(get(at), constant(0))))
					}),
					step(off, 4*mr),
					set(k, arg(argK)),
					while(atLeast(get(k), constant(4)),
						products(4),
						step(k, -4)),
					while(get(k),
						products(1),
						step(k, -1))),
				set(rest, sub(arg(argN), shl(get(panel), 3))),
				when(arg(argResidual),
					rowsAt(argResidual),
					either(atLeast(get(rest), constant(8)),
						each(func(i, j int) code {
							return set(acc[i][j], f32x4Add(get(acc[i][j]), load(get(row[i]), 16*j)))
						}),
						repeat(mr, func(i int) code {
							return seq(
								set(b[0], zeros()),
								set(b[1], zeros()),
								lanes(func(lane int) code {
									return set(b[lane/4], loadLane(get(row[i]), get(b[lane/4]), 4*lane, lane%4))
								}),
								set(acc[i][0], f32x4Add(get(acc[i][0]), get(b[0]))),
								set(acc[i][1], f32x4Add(get(acc[i][1]), get(b[1]))))
						}))),
				when(arg(argReLU),
					each(func(i, j int) code { return set(acc[i][j], larger(get(acc[i][j]), zeros())) })),
				rowsAt(argDst),
				either(atLeast(get(rest), constant(8)),
					each(func(i, j int) code { return store(get(row[i]), get(acc[i][j]), 16*j) }),
					repeat(mr, func(i int) code {
						return lanes(func(lane int) code { return storeLane(get(row[i]), get(acc[i][lane/4]), 4*lane, lane%4) })
					})),
				step(panel, 1)),
			step(tile, 1)))
}
