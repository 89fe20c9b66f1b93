package main

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// winogradHead is where in a thread's memory the transformed input begins: behind layout.WinogradSpace, at a cache
// line.
const winogradHead = (int(unsafe.Sizeof(layout.WinogradSpace{})) + 63) / 64 * 64

// winogradSpace is a thread's memory, whose head holds copies of jobs.
type winogradSpace struct {
	at   code // its address
	head *layout.WinogradSpace
}

// place is where something in the head lies, field what it holds, patch sets it.
func (h winogradSpace) place(of any) code         { return add(h.at, constant(offsetIn(h.head, of))) }
func (h winogradSpace) field(of any) code         { return load32(h.at, offsetIn(h.head, of)) }
func (h winogradSpace) patch(of any, v code) code { return store32(h.at, v, offsetIn(h.head, of)) }

// copied copies a job to its place, 4 bytes at a time. i is a spare variable.
func (h winogradSpace) copied(to any, from code, size uintptr, i local) code {
	return seq(
		set(i, from),
		repeat(int(size)/4, func(n int) code {
			return store32(h.at, load32(get(i), 4*n), offsetIn(h.head, to)+4*n)
		}))
}

// threadOf is the number of the thread with this scratch memory, given that of the first.
func threadOf(scratch local, first code) code {
	return div(sub(get(scratch), first), constant(layout.ScratchBytes))
}

// eachTile computes the first count units of a job. i is a spare variable.
func eachTile(kernel *function, job code, scratch, i, count local) code {
	return seq(
		set(i, constant(0)),
		doWhile(less(get(i), get(count)),
			call(kernel, job, get(i), get(scratch)),
			step(i, 1)))
}

// winogradSteps writes Winograd's three steps at once: see layout.WinogradPictures. What they hand on stays in the
// thread's second-level cache, and no thread waits for another between them.
func winogradSteps(m *module, v variant, name string, kernels []*function) *function {
	f, p := m.function(name, 3)
	job, index, scratch := p[0], p[1], p[2]
	space, first, count, i, points := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	input, output, weights, panel, rest := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	from, to, at, w, k, inPitch, outPitch := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	const rows = 6 // of a tile of the product
	row, b, a := f.vars(i32, rows), f.vars(v128, 2), f.v(v128)
	var acc [rows][]local
	for r := range acc {
		acc[r] = f.vars(v128, 2)
	}
	args, in := new(layout.WinogradPictures), new(layout.WinogradSpace)
	field := fieldsOf(job, args)
	h := winogradSpace{get(space), in}

	eachRow := func(do func(r int) code) code { return repeat(rows, do) }
	// depth adds the products of n input channels.
	depth := func(n int) code {
		return seq(
			repeat(n, func(u int) code {
				return seq(
					set(b[0], load(get(w), 32*u)),
					set(b[1], load(get(w), 32*u+16)),
					eachRow(func(r int) code {
						return seq(
							set(a, splat(get(row[r]), 4*u)),
							set(acc[r][0], v.madd(get(a), get(b[0]), get(acc[r][0]))),
							set(acc[r][1], v.madd(get(a), get(b[1]), get(acc[r][1]))))
					}))
			}),
			eachRow(func(r int) code { return step(row[r], 4*n) }),
			step(w, 32*n),
			step(k, -n))
	}
	// tile computes 6 rows of a panel. The conv kernel would do, but with few channels its preparations take a tenth of
	// the time.
	tile := seq(
		eachRow(func(r int) code { return seq(set(acc[r][0], zeros()), set(acc[r][1], zeros())) }),
		eachRow(func(r int) code { return seq(set(row[r], get(from)), set(from, add(get(from), get(inPitch)))) }),
		set(w, add(get(panel), constant(32))), // behind the bias
		set(k, field(&args.In)),
		while(atLeast(get(k), constant(8)), depth(8)),
		when(get(k), depth(4)),
		eachRow(func(r int) code {
			return seq(
				store(get(to), get(acc[r][0]), 0),
				when(greater(get(rest), constant(4)), store(get(to), get(acc[r][1]), 16)),
				set(to, add(get(to), get(outPitch))))
		}))

	f.emit(
		set(space, add(field(&args.Space), mul(threadOf(scratch, field(&args.Scratch)), field(&args.SpaceBytes)))),
		set(inPitch, shl(field(&args.In), 2)),
		set(outPitch, shl(field(&args.N), 2)),
		set(first, mul(get(index), field(&args.Unit))),
		set(count, sub(field(&args.Tiles), get(first))),
		set(i, field(&args.Unit)),
		set(count, smaller(count, i)),
		h.copied(&in.Input, field(&args.Input), unsafe.Sizeof(in.Input), i),
		h.copied(&in.Output, field(&args.Output), unsafe.Sizeof(in.Output), i),
		set(input, add(get(space), constant(winogradHead))),
		set(output, add(get(space), field(&args.OutputBytes))),
		h.patch(&in.Input.First, get(first)),
		h.patch(&in.Output.First, get(first)),
		h.patch(&in.Input.Dst, get(input)),
		h.patch(&in.Output.Src, get(output)),
		eachTile(kernels[layout.WinogradInput], h.place(&in.Input), scratch, i, count),
		set(weights, field(&args.Weights)),
		set(points, constant(winoIn*winoIn)),
		doWhile(tee(points, sub(get(points), constant(1))),
			set(panel, get(weights)),
			set(at, get(output)),
			set(rest, field(&args.N)),
			doWhile(greater(get(rest), constant(0)),
				set(from, get(input)),
				set(to, get(at)),
				set(i, get(count)),
				doWhile(greater(get(i), constant(0)), // what the last tile has beyond count is not used
					tile,
					step(i, -rows)),
				set(panel, add(get(panel), shl(add(field(&args.In), constant(1)), 5))),
				step(at, 32),
				step(rest, -8)),
			set(weights, add(get(weights), field(&args.PointBytes))),
			set(input, add(get(input), h.field(&in.Input.Batch))),
			set(output, add(get(output), h.field(&in.Output.Batch)))),
		eachTile(kernels[layout.WinogradOutput], h.place(&in.Output), scratch, i, count))
	return f
}

// winogradProducts writes the first steps of a gradient by the weights: see layout.WinogradSlices.
func winogradProducts(m *module, v variant, name string, kernels []*function) *function {
	f, p := m.function(name, 3)
	job, index, scratch := p[0], p[1], p[2]
	space, tile, end, count, i := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	sums, fresh, points, rows, columns, n := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	input, output, a, b, at := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	from, to, inPitch, outPitch := f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	x, d := f.vars(v128, 2), f.v(v128)
	const high = 4 // output channels of a tile of sums
	var acc [high][]local
	for r := range acc {
		acc[r] = f.vars(v128, 2)
	}
	args, in := new(layout.WinogradSlices), new(layout.WinogradSpace)
	field := fieldsOf(job, args)
	h := winogradSpace{get(space), in}

	// sum adds the products of a tile of 4 output channels × wide vectors of input channels.
	sum := func(wide int) code {
		each := func(do func(r, j int) code) code {
			return repeat(high, func(r int) code { return repeat(wide, func(j int) code { return do(r, j) }) })
		}
		eachRow := func(do func(r, j int) code) code {
			return seq(
				set(at, get(sums)),
				repeat(high, func(r int) code {
					return seq(
						repeat(wide, func(j int) code { return do(r, j) }),
						set(at, add(get(at), get(inPitch))))
				}))
		}
		return seq(
			either(get(fresh),
				each(func(r, j int) code { return set(acc[r][j], zeros()) }),
				eachRow(func(r, j int) code { return set(acc[r][j], load(get(at), 16*j)) })),
			set(a, get(from)),
			set(b, get(to)),
			set(n, get(count)),
			doWhile(tee(n, sub(get(n), constant(1))),
				repeat(wide, func(j int) code { return set(x[j], load(get(a), 16*j)) }),
				repeat(high, func(r int) code {
					return seq(
						set(d, splat(get(b), 4*r)),
						repeat(wide, func(j int) code {
							return set(acc[r][j], v.madd(get(d), get(x[j]), get(acc[r][j])))
						}))
				}),
				set(a, add(get(a), get(inPitch))),
				set(b, add(get(b), get(outPitch)))),
			eachRow(func(r, j int) code { return store(get(at), get(acc[r][j]), 16*j) }),
			step(sums, 16*wide),
			step(from, 16*wide),
			step(columns, -4*wide))
	}

	f.emit(
		set(space, add(field(&args.Space), mul(threadOf(scratch, field(&args.Scratch)), field(&args.SpaceBytes)))),
		set(inPitch, shl(field(&args.In), 2)),
		set(outPitch, shl(field(&args.N), 2)),
		set(tile, mul(get(index), field(&args.Unit))),
		set(end, field(&args.Tiles)),
		set(i, add(get(tile), field(&args.Unit))),
		set(end, smaller(end, i)),
		h.copied(&in.Input, field(&args.Input), unsafe.Sizeof(in.Input), i),
		h.copied(&in.Output, field(&args.Output), unsafe.Sizeof(in.Output), i),
		h.patch(&in.Input.Dst, add(get(space), constant(winogradHead))),
		h.patch(&in.Output.Dst, add(get(space), field(&args.OutputBytes))),
		set(fresh, constant(1)),
		doWhile(less(get(tile), get(end)),
			set(count, sub(get(end), get(tile))),
			set(i, field(&args.Block)),
			set(count, smaller(count, i)),
			h.patch(&in.Input.First, get(tile)),
			h.patch(&in.Output.First, get(tile)),
			eachTile(kernels[layout.WinogradInput], h.place(&in.Input), scratch, i, count),
			eachTile(kernels[layout.WinogradGradient], h.place(&in.Output), scratch, i, count),
			set(sums, add(field(&args.Dst),
				mul(mul(get(index), mul(get(inPitch), field(&args.N))), constant(winoIn*winoIn)))),
			set(input, add(get(space), constant(winogradHead))),
			set(output, add(get(space), field(&args.OutputBytes))),
			set(points, constant(winoIn*winoIn)),
			doWhile(tee(points, sub(get(points), constant(1))),
				set(to, get(output)),
				set(rows, field(&args.N)),
				doWhile(get(rows),
					set(from, get(input)),
					set(columns, field(&args.In)),
					while(atLeast(get(columns), constant(8)), sum(2)),
					when(get(columns), sum(1)),
					set(sums, add(get(sums), mul(get(inPitch), constant(high-1)))),
					step(to, 4*high),
					step(rows, -high)),
				set(input, add(get(input), h.field(&in.Input.Batch))),
				set(output, add(get(output), h.field(&in.Output.Batch)))),
			set(fresh, constant(0)),
			set(tile, add(get(tile), get(count)))))
	return f
}

// weightsColumn is Gᵀ·u for a column u of 6 vectors: the transpose of filterColumn.
func weightsColumn(u, out, spare []local) code {
	s, d := spare[0], spare[1]
	return seq(
		set(s, f32x4Mul(f32x4Add(get(u[1]), get(u[2])), float4(-1./6))),
		set(d, f32x4Add(get(u[3]), get(u[4]))),
		set(out[0], f32x4Add(f32x4Add(f32x4Mul(get(u[0]), float4(1./4)), get(s)), f32x4Mul(get(d), float4(1./24)))),
		set(out[2], f32x4Add(f32x4Add(get(u[5]), get(s)), f32x4Mul(get(d), float4(1./6)))),
		set(out[1], f32x4Add(
			f32x4Mul(f32x4Sub(get(u[2]), get(u[1])), float4(1./6)),
			f32x4Mul(f32x4Sub(get(u[3]), get(u[4])), float4(1./12)))))
}

// winogradSum writes the last step of a gradient by the weights: see layout.WinogradLast.
func winogradSum(m *module, name string) *function {
	f, p := m.function(name, 3)
	job, index := p[0], p[1]
	src, dst, at, point := f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	slice, slices, pitch, n := f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	u, out, spare := f.vars(v128, winoIn), f.vars(v128, 3), f.vars(v128, 2)
	var half [winoIn][]local // m·G, row by row
	for i := range half {
		half[i] = f.vars(v128, 3)
	}
	args := new(layout.WinogradLast)
	field := fieldsOf(job, args)
	f.emit(
		set(pitch, shl(field(&args.In), 2)),
		set(slice, mul(mul(get(pitch), field(&args.N)), constant(winoIn*winoIn))),
		set(src, add(field(&args.Src), mul(get(index), get(pitch)))),
		set(dst, add(field(&args.Dst), mul(mul(get(index), get(pitch)), constant(9)))),
		set(n, field(&args.In)),
		doWhile(get(n),
			set(point, get(src)),
			repeat(winoIn, func(i int) code {
				return seq(
					repeat(winoIn, func(j int) code {
						return seq(
							set(u[j], load(get(point), 0)),
							set(at, get(point)),
							set(slices, field(&args.Slices)),
							while(greater(get(slices), constant(1)),
								set(at, add(get(at), get(slice))),
								set(u[j], f32x4Add(get(u[j]), load(get(at), 0))),
								step(slices, -1)),
							set(point, add(get(point), mul(get(pitch), field(&args.N)))))
					}),
					weightsColumn(u, half[i], spare))
			}),
			repeat(3, func(x int) code {
				return seq(
					repeat(winoIn, func(i int) code { return set(u[i], get(half[i][x])) }),
					weightsColumn(u, out, spare),
					repeat(3, func(y int) code {
						return store(add(get(dst), mul(get(pitch), constant(3*y+x))), get(out[y]), 0)
					}))
			}),
			step(src, 16),
			step(dst, 16),
			step(n, -4)))
	return f
}

// filterColumn is G·(a, b, c): see kernel.filterTransform for G.
func filterColumn(v variant, g, out, spare []local) code {
	a, b, c := g[0], g[1], g[2]
	s, t := spare[0], spare[1]
	return seq(
		set(out[0], f32x4Mul(get(a), float4(1./4))),
		set(s, f32x4Mul(f32x4Add(get(a), get(c)), float4(-1./6))),
		set(t, f32x4Mul(get(b), float4(1./6))),
		set(out[1], f32x4Sub(get(s), get(t))),
		set(out[2], f32x4Add(get(s), get(t))),
		set(s, v.madd(get(a), float4(1./24), f32x4Mul(get(c), float4(1./6)))),
		set(t, f32x4Mul(get(b), float4(1./12))),
		set(out[3], f32x4Add(get(s), get(t))),
		set(out[4], f32x4Sub(get(s), get(t))),
		set(out[5], get(c)))
}

// winogradWeights writes the transform U = G·g·Gᵀ of weights whose output channels lie side by side, four at a time, a
// row a unit: see layout.WinogradFilter.
func winogradWeights(m *module, v variant, name string) *function {
	f, p := m.function(name, 3)
	job, index := p[0], p[1]
	src, dst, at, rest, half := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	g, out, spare := f.vars(v128, 3), f.vars(v128, winoIn), f.vars(v128, 2)
	var columns [3][]local // G·g
	for i := range columns {
		columns[i] = f.vars(v128, winoIn)
	}
	args := new(layout.WinogradFilter)
	field := fieldsOf(job, args)
	f.emit(
		set(src, add(field(&args.Src), mul(get(index), field(&args.RowBytes)))),
		set(dst, add(field(&args.Dst), shl(add(get(index), constant(1)), 5))),
		set(rest, field(&args.N)),
		doWhile(greater(get(rest), constant(0)),
			repeat(3, func(x int) code {
				return seq(
					repeat(3, func(y int) code {
						return set(g[y], load(add(get(src), mul(field(&args.TapBytes), constant(3*y+x))), 0))
					}),
					filterColumn(v, g, columns[x], spare))
			}),
			set(at, add(get(dst), get(half))),
			repeat(winoIn, func(y int) code {
				return seq(
					repeat(3, func(x int) code { return set(g[x], get(columns[x][y])) }),
					filterColumn(v, g, out, spare),
					repeat(winoIn, func(x int) code {
						return seq(
							store(get(at), get(out[x]), 0),
							set(at, add(get(at), field(&args.PointBytes))))
					}))
			}),
			step(src, 16),
			set(half, sub(constant(16), get(half))),
			when(isZero(get(half)), set(dst, add(get(dst), field(&args.PanelBytes)))),
			step(rest, -4)))
	return f
}
