package main

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// convKernel is a convolution micro-kernel while it is written: what it multiplies, and its local variables.
type convKernel struct {
	f        *function
	v        variant
	rows     int // of a tile, which has 8 channels
	operands layout.Operands
	products products

	args  *layout.Conv
	field func(field any) code // loads one of args

	job, index, scratch                       local
	batch, tile, tile1, panel, panel0, panel1 local   // the unit: tiles up to tile1, panels from panel0 to panel1
	src, weights, dst, residual               local   // of the batch
	taps, k                                   local   // countdowns
	rest                                      local   // channels from the panel's first to the last one
	w, off, panelBytes, at, last              local   // w: the next weights; off: the next offsets; at is spare
	head                                      local   // of weights in eight bits: the panel's scales and biases
	group                                     local   // bytes from a pixel's first channel to the panel's first
	row                                       []local // the tile's rows: inputs during the sums, outputs after them
	line                                      []local // where each row begins in dst and residual, in bytes
	b                                         []local // the weights of the panel's two halves
	a, ones                                   local
	acc                                       [][]local // the sums: of each row two vectors of 4 channels
}

// products says how the operands are multiplied.
type products struct {
	inputBytes int // the size of an input
	perStep    int // how many products each sum takes at once: a step of the loop over k
	stepBytes  int // the size of the 8 channels' weights of a step
	load       func(addr code, offset int) code
	multiply   func(a, b, acc code) code
}

// conv writes a convolution micro-kernel. See kernel.Conv for what it computes and for the layouts. Its units are
// rectangles of tiles × panels, batch by batch, and within a batch panels by panels, so that units that follow each
// other share their weights.
//
// The last tile's missing rows are the last row again. Computing and storing a row twice is harmless, because dst
// aliases no input.
func conv(m *module, v variant, name string, k layout.Kernel) *function {
	c := newConv(m, v, name, k)
	c.f.emit(
		c.locateUnit(),
		while(less(get(c.tile), get(c.tile1)),
			c.locateRows(),
			c.locateTaps(),
			set(c.panel, get(c.panel0)),
			while(less(get(c.panel), get(c.panel1)),
				c.load(),
				c.multiply(),
				c.dequantise(),
				c.epilogue(),
				c.store(),
				step(c.panel, 1)),
			step(c.tile, 1)))
	return c.f
}

// newConv starts a kernel's function, with all its variables.
func newConv(m *module, v variant, name string, k layout.Kernel) *convKernel {
	f, p := m.function(name, 3)
	c := &convKernel{f: f, v: v, rows: k.Rows, operands: k.Operands, args: new(layout.Conv)}
	c.job, c.index, c.scratch = p[0], p[1], p[2]
	c.field = fieldsOf(c.job, c.args)
	for _, x := range []*local{
		&c.batch, &c.tile, &c.tile1, &c.panel, &c.panel0, &c.panel1, &c.src, &c.weights, &c.dst, &c.residual,
		&c.taps, &c.k, &c.rest, &c.w, &c.off, &c.panelBytes, &c.at, &c.last, &c.head, &c.group,
	} {
		*x = f.v(i32)
	}
	c.row, c.line = f.vars(i32, c.rows), f.vars(i32, c.rows)
	c.b, c.a, c.ones = f.vars(v128, 2), f.v(v128), f.v(v128)
	for range c.rows {
		c.acc = append(c.acc, f.vars(v128, 2))
	}
	c.products = c.howToMultiply()
	return c
}

// howToMultiply gives what the kernel's operands need.
func (c *convKernel) howToMultiply() products {
	switch c.operands {
	case layout.Bytes:
		return products{1, 4, 32, load, relaxedDot}
	case layout.Pairs:
		return products{1, 4, 32, load, func(a, b, acc code) code {
			return addPairs(acc, relaxedPairs(a, b), get(c.ones))
		}}
	case layout.Words:
		return products{2, 2, 16, loadWide, dotWords}
	}
	return products{4, 1, 32, load, c.v.madd}
}

// inGroups tells whether the panels read different input channels.
func (c *convKernel) inGroups() bool {
	return c.operands == layout.Grouped || c.operands == layout.Paired
}

// inIntegers tells whether the sums are integers.
func (c *convKernel) inIntegers() bool { return c.operands >= layout.Bytes }

// locateUnit finds the unit's tiles and panels, and the operands of its batch.
func (c *convKernel) locateUnit() code {
	x := c.args
	depth := mul(c.field(&x.Taps), c.field(&x.K))
	if !c.inIntegers() {
		depth = add(depth, constant(1)) // a panel of floats begins with its bias
	}
	// bound sets from and to to unit·size and there+size, but to no more than end.
	bound := func(from, to local, unit, size, end code) code {
		return seq(
			set(from, mul(unit, size)),
			set(to, add(get(from), size)),
			set(c.at, end),
			set(to, smaller(to, c.at)))
	}
	return seq(
		only(c.operands == layout.Pairs, set(c.ones, i16x8Of(1))),
		set(c.panelBytes, times(depth, c.products.stepBytes/c.products.perStep)),
		set(c.last, sub(c.field(&x.Rows), constant(1))),
		bound(c.tile, c.tile1, remainder(get(c.index), c.field(&x.TileUnits)), c.field(&x.Tiles),
			div(add(c.field(&x.Rows), constant(c.rows-1)), constant(c.rows))),
		set(c.index, div(get(c.index), c.field(&x.TileUnits))),
		bound(c.panel0, c.panel1, remainder(get(c.index), c.field(&x.PanelUnits)), c.field(&x.Panels),
			div(add(c.field(&x.N), constant(7)), constant(8))),
		set(c.batch, div(get(c.index), c.field(&x.PanelUnits))),
		set(c.src, add(c.field(&x.Src), mul(get(c.batch), c.field(&x.SrcBatch)))),
		set(c.weights, add(c.field(&x.Weights), mul(get(c.batch), c.field(&x.WeightBatch)))),
		set(c.dst, add(c.field(&x.Dst), mul(get(c.batch), c.field(&x.DstBatch)))),
		set(c.residual, add(c.field(&x.Residual), mul(get(c.batch), c.field(&x.DstBatch)))))
}

// locateRows finds where the tile's rows begin in dst.
func (c *convKernel) locateRows() code {
	return either(c.field(&c.args.Lines),
		seq(
			set(c.at, add(c.field(&c.args.Lines), mul(get(c.tile), constant(4*c.rows)))),
			c.eachRow(func(i int) code { return set(c.line[i], shl(load32(get(c.at), 4*i), 2)) })),
		c.eachRow(func(i int) code {
			return seq(
				set(c.at, add(mul(get(c.tile), constant(c.rows)), constant(i))),
				set(c.line[i], shl(mul(smaller(c.at, c.last), c.field(&c.args.Ld)), 2)))
		}))
}

// locateTaps finds, for a grouped convolution, where the tile's taps read, and keeps that in scratch memory for all the
// panels. These are many, and each one's sums are short.
func (c *convKernel) locateTaps() code {
	if !c.inGroups() {
		return nil
	}
	return seq(
		c.findOffsets(),
		set(c.w, get(c.scratch)),
		c.eachTap(
			c.eachRow(func(i int) code { return store32(get(c.w), c.input(i), 4*i) }),
			step(c.off, 4*c.rows),
			step(c.w, 4*c.rows)))
}

// findOffsets points off at the tile's part of the table.
func (c *convKernel) findOffsets() code {
	tapBytes := shl(mul(c.field(&c.args.Taps), constant(c.rows)), 2)
	return set(c.off, add(c.field(&c.args.Offsets), mul(get(c.tile), tapBytes)))
}

// input is where the tile's i-th row reads for the tap that off points at.
func (c *convKernel) input(i int) code {
	return choose(
		c.field(&c.args.Zero),
		add(get(c.src), times(tee(c.at, load32(get(c.off), 4*i)), c.products.inputBytes)),
		less(get(c.at), constant(0)))
}

// load points at the panel's weights and sets the sums to its bias, which begins the panel; or those of integers to 0.
func (c *convKernel) load() code {
	weights := set(c.w, add(get(c.weights), mul(get(c.panel), get(c.panelBytes))))
	if c.inIntegers() {
		headBytes := int(unsafe.Sizeof(layout.Int8Head{}))
		return seq(
			weights,
			set(c.head, add(c.field(&c.args.Head), mul(get(c.panel), constant(headBytes)))),
			c.eachSum(func(i, j int) code { return set(c.acc[i][j], zeros()) }))
	}
	return seq(
		weights,
		c.eachSum(func(i, j int) code { return set(c.acc[i][j], load(get(c.w), 16*j)) }),
		step(c.w, 32))
}

// multiply adds the products of all taps.
func (c *convKernel) multiply() code {
	if c.inGroups() {
		x := c.args
		return seq(
			set(c.off, get(c.scratch)),
			set(c.group, mul(div(get(c.panel), c.field(&x.GroupPanels)), c.field(&x.GroupBytes))),
			c.eachTap(
				c.eachRow(func(i int) code { return set(c.row[i], add(load32(get(c.off), 4*i), get(c.group))) }),
				step(c.off, 4*c.rows),
				c.multiplyTap()))
	}
	return seq(
		c.findOffsets(),
		c.eachTap(
			c.eachRow(func(i int) code { return set(c.row[i], c.input(i)) }),
			step(c.off, 4*c.rows),
			c.multiplyTap()))
}

// multiplyTap adds the products of one tap. The loop is unrolled by 8, which makes a pass 1.3 % faster than by 4.
func (c *convKernel) multiplyTap() code {
	if c.operands == layout.Paired {
		return c.multiplySteps(4) // the input channels of a group, and no more
	}
	// loop takes steps, n at a time, while that many are left.
	loop := func(n int, steps func(n int) code) code {
		n *= c.products.perStep
		return while(atLeast(get(c.k), constant(n)),
			steps(n/c.products.perStep),
			step(c.k, -n))
	}
	return seq(
		set(c.k, c.field(&c.args.K)),
		only(c.operands == layout.Pairs,
			when(load32(get(c.head), int(unsafe.Offsetof(layout.Int8Head{}.FitsTwice))),
				loop(8, c.multiplyTwoSteps),
				loop(2, c.multiplyTwoSteps))),
		loop(8, c.multiplySteps),
		loop(4, c.multiplySteps),
		while(get(c.k),
			c.multiplySteps(1),
			step(c.k, -c.products.perStep)))
}

// multiplySteps adds the products of n steps.
func (c *convKernel) multiplySteps(n int) code {
	half, paired := c.products.stepBytes/2, c.operands == layout.Paired
	return seq(
		repeat(n, func(u int) code {
			return seq(
				set(c.b[0], c.products.load(get(c.w), 2*half*u)),
				set(c.b[1], c.products.load(get(c.w), 2*half*u+half)),
				c.eachRow(func(i int) code {
					return seq(
						set(c.a, splat(get(c.row[i]), 4*u)),
						set(c.acc[i][0], c.products.multiply(get(c.a), get(c.b[0]), get(c.acc[i][0]))),
						only(paired, set(c.a, splat(get(c.row[i]), 4*u+16))),
						set(c.acc[i][1], c.products.multiply(get(c.a), get(c.b[1]), get(c.acc[i][1]))))
				}))
		}),
		only(!paired, c.eachRow(func(i int) code { return step(c.row[i], 4*n) })),
		step(c.w, 2*half*n))
}

// multiplyTwoSteps adds the products of n steps by pairs, two steps at a time, whose sums are added in 16 bits. An
// input is loaded for each half of the panel anew, which costs less than the registers to keep it.
func (c *convKernel) multiplyTwoSteps(n int) code {
	return seq(
		repeat(n, func(u int) code { // the steps u/2·2 and the next one, half u%2 of the panel
			at, half := u/2*2, u%2*16
			return seq(
				set(c.b[0], load(get(c.w), 32*at+half)),
				set(c.b[1], load(get(c.w), 32*at+32+half)),
				c.eachRow(func(i int) code {
					sums := i16x8Add(
						relaxedPairs(splat(get(c.row[i]), 4*at), get(c.b[0])),
						relaxedPairs(splat(get(c.row[i]), 4*at+4), get(c.b[1])))
					return set(c.acc[i][u%2], addPairs(get(c.acc[i][u%2]), sums, get(c.ones)))
				}))
		}),
		c.eachRow(func(i int) code { return step(c.row[i], 4*n) }),
		step(c.w, 32*n))
}

// dequantise makes floats of sums that are integers: sum · (scale of the inputs · scale of the channel) + bias.
func (c *convKernel) dequantise() code {
	if !c.inIntegers() {
		return nil
	}
	bias := int(unsafe.Offsetof(layout.Int8Head{}.Bias))
	return repeat(2, func(j int) code {
		return seq(
			set(c.b[0], f32x4Mul(load(get(c.head), 16*j), splat(get(c.job), offsetIn(c.args, &c.args.Scale)))),
			set(c.b[1], load(get(c.head), bias+16*j)),
			c.eachRow(func(i int) code {
				return set(c.acc[i][j], c.v.madd(toFloats(get(c.acc[i][j])), get(c.b[0]), get(c.b[1])))
			}))
	})
}

// epilogue adds the residual to the sums, and applies ReLU.
func (c *convKernel) epilogue() code {
	return seq(
		set(c.rest, sub(c.field(&c.args.N), shl(get(c.panel), 3))),
		when(c.field(&c.args.Residual),
			c.pointRows(get(c.residual)),
			either(atLeast(get(c.rest), constant(8)),
				c.eachSum(func(i, j int) code {
					return set(c.acc[i][j], f32x4Add(get(c.acc[i][j]), load(get(c.row[i]), 16*j)))
				}),
				c.eachRow(func(i int) code {
					return seq(
						set(c.b[0], zeros()),
						set(c.b[1], zeros()),
						c.eachLane(func(lane int) code {
							half := c.b[lane/4]
							return set(half, loadLane(get(c.row[i]), get(half), 4*lane, lane%4))
						}),
						set(c.acc[i][0], f32x4Add(get(c.acc[i][0]), get(c.b[0]))),
						set(c.acc[i][1], f32x4Add(get(c.acc[i][1]), get(c.b[1]))))
				}))),
		when(c.field(&c.args.ReLU),
			c.eachSum(func(i, j int) code { return set(c.acc[i][j], larger(get(c.acc[i][j]), zeros())) })))
}

// store writes the sums.
func (c *convKernel) store() code {
	return seq(
		c.pointRows(get(c.dst)),
		either(atLeast(get(c.rest), constant(8)),
			c.eachSum(func(i, j int) code { return store(get(c.row[i]), get(c.acc[i][j]), 16*j) }),
			c.eachRow(func(i int) code {
				return c.eachLane(func(lane int) code {
					return storeLane(get(c.row[i]), get(c.acc[i][lane/4]), 4*lane, lane%4)
				})
			})))
}

// pointRows points row[i] at the tile's i-th row of a matrix like dst, at the panel's first channel.
func (c *convKernel) pointRows(matrix code) code {
	return seq(
		set(c.at, add(matrix, shl(get(c.panel), 5))),
		c.eachRow(func(i int) code { return set(c.row[i], add(get(c.at), get(c.line[i]))) }))
}

// eachRow makes statements for every row of the tile, eachSum for every vector of sums: row i, half j of the panel.
func (c *convKernel) eachRow(do func(i int) code) code { return repeat(c.rows, do) }

func (c *convKernel) eachSum(do func(i, j int) code) code {
	return repeat(2*c.rows, func(n int) code { return do(n/2, n%2) })
}

// eachTap runs statements for every tap. There is one at least.
func (c *convKernel) eachTap(statements ...code) code {
	return seq(
		set(c.taps, c.field(&c.args.Taps)),
		doWhile(tee(c.taps, sub(get(c.taps), constant(1))), statements...))
}

// eachLane runs a statement for each of a row's 8 channels that the last panel has.
func (c *convKernel) eachLane(do func(lane int) code) code {
	return repeat(8, func(lane int) code { return when(greater(get(c.rest), constant(lane)), do(lane)) })
}
