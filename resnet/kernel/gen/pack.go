package main

import "github.com/seed8935e608/residua/resnet/kernel/layout"

// packRows writes the kernel that lays rows of a matrix, found by a table, side by side in panels of 8 columns: see
// kernel.packRows. A unit is some rows of one picture for one tap; all its panels are written row by row, so that each
// cache line that is read serves two panels.
func packRows(m *module, name string) *function {
	f, p := m.function(name, 3)
	job, index := p[0], p[1]
	first, count, rest, picture, tap := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	src, dst, offsets, to, at, from, row := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	b := f.vars(v128, 2)
	args := new(layout.Pack)
	field := fieldsOf(job, args)

	// rows copies one panel's part of the rows.
	rows := func(copy code) code {
		return seq(
			set(to, get(dst)),
			set(at, get(offsets)),
			set(row, get(count)),
			doWhile(get(row),
				set(from, load32(get(at), 0)),
				set(from, choose(
					field(&args.Zero),
					add(get(src), shl(get(from), 2)),
					less(get(from), constant(0)))),
				copy,
				store(get(to), get(b[0]), 0),
				store(get(to), get(b[1]), 16),
				step(to, 32),
				set(at, add(get(at), shl(field(&args.Taps), 2))),
				step(row, -1)))
	}

	f.emit(
		set(first, mul(remainder(get(index), field(&args.RowUnits)), field(&args.Unit))),
		set(index, div(get(index), field(&args.RowUnits))),
		set(picture, remainder(get(index), field(&args.Pictures))),
		set(tap, div(get(index), field(&args.Pictures))),
		set(count, field(&args.Unit)),
		set(rest, sub(field(&args.Rows), get(first))),
		set(count, smaller(count, rest)),
		set(src, add(field(&args.Src), mul(get(picture), field(&args.SrcPicture)))),
		set(dst, add(add(field(&args.Dst), mul(get(tap), field(&args.TapBytes))),
			shl(add(mul(get(picture), field(&args.Rows)), get(first)), 5))),
		set(offsets, add(field(&args.Offsets), shl(add(mul(get(first), field(&args.Taps)), get(tap)), 2))),
		set(rest, field(&args.N)),
		while(greater(get(rest), constant(0)),
			either(atLeast(get(rest), constant(8)),
				rows(seq(
					set(b[0], load(get(from), 0)),
					set(b[1], load(get(from), 16)))),
				rows(seq(
					set(b[0], zeros()),
					set(b[1], zeros()),
					repeat(8, func(lane int) code {
						return when(greater(get(rest), constant(lane)),
							set(b[lane/4], loadLane(get(from), get(b[lane/4]), 4*lane, lane%4)))
					})))),
			step(src, 32),
			set(dst, add(get(dst), field(&args.PanelBytes))),
			step(rest, -8)))
	return f
}

// transpose writes the kernel that turns rows into columns, some rows a unit: see kernel.transpose. It works on squares
// of 4×4.
func transpose(m *module, name string) *function {
	f, p := m.function(name, 3)
	job, index := p[0], p[1]
	rows, rest, cols, row := f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	src, dst, from, to, at, srcLd, dstLd := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	in, mid := f.vars(v128, 4), f.vars(v128, 4)
	args := new(layout.Transpose)
	field := fieldsOf(job, args)

	f.emit(
		set(srcLd, shl(field(&args.SrcLd), 2)),
		set(dstLd, shl(field(&args.DstLd), 2)),
		set(rows, field(&args.Unit)),
		set(rest, sub(field(&args.Rows), mul(get(index), get(rows)))),
		set(src, add(field(&args.Src), mul(mul(get(index), get(rows)), get(srcLd)))),
		set(dst, add(field(&args.Dst), mul(get(index), field(&args.UnitBytes)))),
		set(rows, smaller(rows, rest)),
		set(cols, field(&args.Cols)),
		while(atLeast(get(cols), constant(4)),
			set(row, get(rows)),
			set(from, get(src)),
			set(to, get(dst)),
			while(atLeast(get(row), constant(4)),
				repeat(4, func(i int) code {
					return seq(
						set(in[i], load(get(from), 0)),
						set(from, add(get(from), get(srcLd))))
				}),
				set(mid[0], shuffle4(get(in[0]), get(in[1]), 0, 4, 1, 5)),
				set(mid[1], shuffle4(get(in[2]), get(in[3]), 0, 4, 1, 5)),
				set(mid[2], shuffle4(get(in[0]), get(in[1]), 2, 6, 3, 7)),
				set(mid[3], shuffle4(get(in[2]), get(in[3]), 2, 6, 3, 7)),
				set(at, get(to)),
				repeat(4, func(j int) code {
					low, high := get(mid[j/2*2]), get(mid[j/2*2+1])
					turned := shuffle4(low, high, 0, 1, 4, 5)
					if j%2 == 1 {
						turned = shuffle4(low, high, 2, 3, 6, 7)
					}
					return seq(
						store(get(at), turned, 0),
						set(at, add(get(at), get(dstLd))))
				}),
				step(to, 16),
				step(row, -4)),
			while(get(row),
				set(in[0], load(get(from), 0)),
				set(at, get(to)),
				repeat(4, func(j int) code {
					return seq(
						storeLane(get(at), get(in[0]), 0, j),
						set(at, add(get(at), get(dstLd))))
				}),
				set(from, add(get(from), get(srcLd))),
				step(to, 4),
				step(row, -1)),
			step(src, 16),
			set(dst, add(get(dst), shl(get(dstLd), 2))),
			step(cols, -4)),
		while(get(cols),
			set(row, get(rows)),
			set(from, get(src)),
			set(to, get(dst)),
			doWhile(get(row),
				store32(get(to), load32(get(from), 0), 0),
				set(from, add(get(from), get(srcLd))),
				step(to, 4),
				step(row, -1)),
			step(src, 4),
			set(dst, add(get(dst), get(dstLd))),
			step(cols, -1)))
	return f
}
