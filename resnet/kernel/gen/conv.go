package main

// Byte offsets of the fields of kernel.convJob.
const (
	convSrc = 8 * (iota + 1)
	convZero
	convWeights
	convResidual
	convDst
	convOffsets
	convHead // of weights in bytes: each panel's head, see below
	convRows
)

const (
	convN = convRows + 4*(iota+1)
	convK
	convTaps
	convLd
	convReLU
	convTiles       // in a unit
	convPanels      // in a unit
	convTileUnits   // units side by side, tiles
	convPanelUnits  // and panels
	convSrcBatch    // bytes from batch to batch
	convWeightBatch // …
	convDstBatch
	convGroupPanels // panels whose inputs begin at the same channel
	convGroupBytes  // from there to where the next panels' begin
	convScale       // of inputs in bytes
)

// Byte offsets in the head of a panel of weights in bytes: 8 scales, 8 biases, and whether two steps' sums by pairs fit
// into 16 bits.
const (
	headBias  = 32
	headFits  = 64
	headBytes = 80
)

// channels says which of a pixel's channels the panels of a convolution read, and as what.
type channels int

const (
	whole   channels = iota // all panels read all of them
	grouped                 // some panels read some of them, the next panels the next
	paired                  // each panel reads 8: its first 4 channels the first 4, the others the others
	inBytes                 // all panels read all of them; inputs and weights are bytes, whose sums are integers
	inPairs                 // the same, added up in 16 bits first
	inWords                 // the same, inputs being of 16 bits
)

// conv writes a convolution micro-kernel with tiles of mr rows × 8 channels; its units are rectangles of tiles × panels, batch by batch,
// and within a batch panels by panels, so that the units that follow each other share their weights.
//
// See kernel.Conv for what it computes and for the layouts. The accumulators start as the bias, which stands at the head of
// each panel of weights. The k loop is unrolled by 8 (a pass is 1.3 % faster than by 4). The last tile's missing rows are the last row again: computing and storing
// a row twice is harmless, because dst aliases no input.
//
// Of grouped convolutions a tile's panels are many and each one's sums are short. So where a tile's taps read is found once for all
// panels, and kept in scratch.
//
// Bytes are multiplied four at a time: one step of the loop over k takes four of a row's inputs, and of each of the 8 channels four weights.
// Inputs of 16 bits are multiplied two at a time, and the weights, which are bytes still, are widened as they are
// loaded. The sums of integers become floats when they are complete.
func conv(m *module, v variant, mr int, reads channels) *function {
	f, p := m.function("", 3)
	job, index, scratch := p[0], p[1], p[2]
	batch, tile, tile1, panel, panel0, panel1 := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	src, weights, dst, residual := f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	taps, k, rest, w, off, panelBytes, at, last := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	head := f.v(i32)        // the panel's scales and biases, of weights in bytes
	group := f.v(i32)       // bytes from a pixel's first channel to the panel's first
	row := f.vars(i32, mr)  // the tile's rows: inputs during the sums, outputs after them
	line := f.vars(i32, mr) // where each of them begins in dst and residual, in bytes; the last row's place for what is missing
	b, a, ones := f.vars(v128, 2), f.v(v128), f.v(v128)
	acc := make([][]local, mr)
	for i := range acc {
		acc[i] = f.vars(v128, 2)
	}
	field := func(offset int) code { return load32(get(job), offset) }

	byGroup := reads == grouped || reads == paired

	// size is the bytes of an input, perStep how many values of k the accumulators take at once, stepBytes the 8
	// channels' weights for them.
	size, perStep, stepBytes, loadWeights, multiply := 4, 1, 32, load, v.madd
	switch reads {
	case inBytes:
		size, perStep, multiply = 1, 4, relaxedDot
	case inPairs:
		size, perStep = 1, 4
		multiply = func(a, b, acc code) code { return addPairs(acc, relaxedPairs(a, b), get(ones)) }
	case inWords:
		size, perStep, stepBytes, loadWeights, multiply = 2, 2, 16, loadWide, dotWords
	}

	// products adds n steps of k.
	products := func(n int) code {
		return seq(
			repeat(n, func(u int) code {
				return seq(
					set(b[0], loadWeights(get(w), stepBytes*u)),
					set(b[1], loadWeights(get(w), stepBytes*u+stepBytes/2)),
					repeat(mr, func(i int) code {
						return seq(
							set(a, splat(get(row[i]), 4*u)),
							set(acc[i][0], multiply(get(a), get(b[0]), get(acc[i][0]))),
							only(reads == paired, set(a, splat(get(row[i]), 4*u+16))),
							set(acc[i][1], multiply(get(a), get(b[1]), get(acc[i][1]))))
					}))
			}),
			only(reads != paired, repeat(mr, func(i int) code { return step(row[i], 4*n) })), // a pair's tap has 4 and no more
			step(w, stepBytes*n))
	}

	// productsOfTwo adds n steps of k by pairs, two at a time: their sums are added up in 16 bits. An input is loaded
	// for each half of the panel anew, which costs less than the registers to keep it.
	productsOfTwo := func(n int) code {
		return seq(
			repeat(n, func(u int) code { // step u/2·2, half u%2
				at, half := u/2*2, u%2*16
				return seq(
					set(b[0], load(get(w), 32*at+half)),
					set(b[1], load(get(w), 32*at+32+half)),
					repeat(mr, func(i int) code {
						sums := i16x8Add(
							relaxedPairs(splat(get(row[i]), 4*at), get(b[0])),
							relaxedPairs(splat(get(row[i]), 4*at+4), get(b[1])))
						return set(acc[i][u%2], addPairs(get(acc[i][u%2]), sums, get(ones)))
					}))
			}),
			repeat(mr, func(i int) code { return step(row[i], 4*n) }),
			step(w, 32*n))
	}

	// input is where the tile's i-th row reads for the tap that off stands at.
	input := func(i int) code {
		return choose(
			field(convZero),
			add(get(src), times(tee(at, load32(get(off), 4*i)), size)),
			less(get(at), constant(0)))
	}

	// tapSums adds the products of one tap.
	tapSums := seq(
		set(k, field(convK)),
		only(reads == inPairs, when(load32(get(head), headFits),
			while(atLeast(get(k), constant(8*perStep)),
				productsOfTwo(8),
				step(k, -8*perStep)),
			while(atLeast(get(k), constant(2*perStep)),
				productsOfTwo(2),
				step(k, -2*perStep)))),
		while(atLeast(get(k), constant(8*perStep)),
			products(8),
			step(k, -8*perStep)),
		while(atLeast(get(k), constant(4*perStep)),
			products(4),
			step(k, -4*perStep)),
		while(get(k),
			products(1),
			step(k, -perStep)))
	if reads == paired {
		tapSums = products(4)
	}

	// tileOffsets points off at the tile's part of the table.
	tileOffsets := set(off, add(field(convOffsets), mul(get(tile), shl(mul(field(convTaps), constant(mr)), 2))))

	// panelInputs points off at where the tile reads for the panel.
	panelInputs := tileOffsets
	if byGroup {
		panelInputs = seq(
			set(off, get(scratch)),
			set(group, mul(div(get(panel), field(convGroupPanels)), field(convGroupBytes))))
	}

	// each runs a statement for every accumulator: row i, half j.
	each := func(do func(i, j int) code) code {
		return repeat(2*mr, func(n int) code { return do(n/2, n%2) })
	}

	// lanes runs a statement for each lane of a row's 8 that the last panel has.
	lanes := func(do func(lane int) code) code {
		return repeat(8, func(lane int) code { return when(greater(get(rest), constant(lane)), do(lane)) })
	}

	// rowsOf points row[i] at the tile's i-th row of a matrix like dst, at the panel's first channel.
	rowsOf := func(matrix code) code {
		return seq(
			set(at, add(matrix, shl(get(panel), 5))),
			repeat(mr, func(i int) code { return set(row[i], add(get(at), get(line[i]))) }))
	}

	// range_ is from unit·size to there+size, but not past end.
	range_ := func(from, to local, unit, size, end code) code {
		return seq(
			set(from, mul(unit, size)),
			set(to, add(get(from), size)),
			set(at, end),
			set(to, smaller(to, at)))
	}

	// begin sets the accumulators to the bias, which stands before the weights; or those of integers to zero.
	begin := seq(
		each(func(i, j int) code { return set(acc[i][j], load(get(w), 16*j)) }),
		step(w, 32))
	depth, end := add(mul(field(convTaps), field(convK)), constant(1)), code(nil)
	if reads >= inBytes {
		begin = each(func(i, j int) code { return set(acc[i][j], zeros()) })
		depth = mul(field(convTaps), field(convK))
		// end makes floats of integers: sum·(scale of the inputs · of the channel) + bias.
		end = seq(
			repeat(2, func(j int) code {
				return seq(
					set(b[0], f32x4Mul(load(get(head), 16*j), splat(get(job), convScale))),
					set(b[1], load(get(head), headBias+16*j)),
					repeat(mr, func(i int) code {
						return set(acc[i][j], v.madd(toFloats(get(acc[i][j])), get(b[0]), get(b[1])))
					}))
			}))
	}

	f.emit(
		only(reads == inPairs, set(ones, i16x8Of(1))),
		set(panelBytes, times(depth, stepBytes/perStep)),
		set(last, sub(field(convRows), constant(1))),
		range_(tile, tile1, remainder(get(index), field(convTileUnits)), field(convTiles),
			div(add(field(convRows), constant(mr-1)), constant(mr))),
		set(index, div(get(index), field(convTileUnits))),
		range_(panel0, panel1, remainder(get(index), field(convPanelUnits)), field(convPanels),
			div(add(field(convN), constant(7)), constant(8))),
		set(batch, div(get(index), field(convPanelUnits))),
		set(src, add(field(convSrc), mul(get(batch), field(convSrcBatch)))),
		set(weights, add(field(convWeights), mul(get(batch), field(convWeightBatch)))),
		set(dst, add(field(convDst), mul(get(batch), field(convDstBatch)))),
		set(residual, add(field(convResidual), mul(get(batch), field(convDstBatch)))),
		while(less(get(tile), get(tile1)),
			repeat(mr, func(i int) code {
				return seq(
					set(at, add(mul(get(tile), constant(mr)), constant(i))),
					set(line[i], shl(mul(smaller(at, last), field(convLd)), 2)))
			}),
			only(byGroup,
				tileOffsets,
				set(w, get(scratch)),
				set(taps, field(convTaps)),
				doWhile(tee(taps, sub(get(taps), constant(1))),
					repeat(mr, func(i int) code { return store32(get(w), input(i), 4*i) }),
					step(off, 4*mr),
					step(w, 4*mr))),
			set(panel, get(panel0)),
			while(less(get(panel), get(panel1)),
				set(w, add(get(weights), mul(get(panel), get(panelBytes)))),
				only(reads >= inBytes, set(head, add(field(convHead), mul(get(panel), constant(headBytes))))),
				begin,
				panelInputs,
				set(taps, field(convTaps)),
				doWhile(tee(taps, sub(get(taps), constant(1))),
					repeat(mr, func(i int) code {
						if byGroup {
							return set(row[i], add(load32(get(off), 4*i), get(group)))
						}
						return set(row[i], input(i))
					}),
					step(off, 4*mr),
					tapSums),
				end,
				set(rest, sub(field(convN), shl(get(panel), 3))),
				when(field(convResidual),
					rowsOf(get(residual)),
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
				when(field(convReLU),
					each(func(i, j int) code { return set(acc[i][j], larger(get(acc[i][j]), zeros())) })),
				rowsOf(get(dst)),
				either(atLeast(get(rest), constant(8)),
					each(func(i, j int) code { return store(get(row[i]), get(acc[i][j]), 16*j) }),
					repeat(mr, func(i int) code {
						return lanes(func(lane int) code { return storeLane(get(row[i]), get(acc[i][lane/4]), 4*lane, lane%4) })
					})),
				step(panel, 1)),
			step(tile, 1)))
	return f
}
