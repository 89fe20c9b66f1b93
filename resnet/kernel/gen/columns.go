package main

import "github.com/seed8935e608/residua/resnet/kernel/layout"

// columnLoops is a kernel of a Columns job while it is written. It goes through a unit's rows for some vectors of
// columns at a time, so that what belongs to the columns stays in registers.
type columnLoops struct {
	f                     *function
	args                  *layout.Columns
	field                 func(field any) code
	job, index            local
	vectors               int // columns at a time, in fours
	rows, left            local
	chunk, pitch          local
	first, column         local // bytes: where the unit begins, and the column in its row
	dst, a, b, c, p, q, r local
}

func newColumnLoops(m *module, name string, vectors int) *columnLoops {
	f, params := m.function(name, 3)
	l := &columnLoops{f: f, args: new(layout.Columns), job: params[0], index: params[1], vectors: vectors}
	l.field = fieldsOf(l.job, l.args)
	for _, x := range []*local{
		&l.rows, &l.left, &l.chunk, &l.pitch, &l.first, &l.column, &l.dst, &l.a, &l.b, &l.c, &l.p, &l.q, &l.r,
	} {
		*x = f.v(i32)
	}
	return l
}

// emit writes the loop over the columns.
func (l *columnLoops) emit(columns ...code) {
	x := l.args
	first := mul(get(l.index), l.field(&x.Unit))
	l.f.emit(
		set(l.pitch, shl(l.field(&x.Width), 2)),
		set(l.rows, l.field(&x.Unit)),
		set(l.left, sub(l.field(&x.Rows), first)),
		set(l.rows, smaller(l.rows, l.left)),
		set(l.first, mul(first, get(l.pitch))),
		set(l.column, constant(0)),
		doWhile(less(get(l.column), get(l.pitch)),
			seq(columns...),
			step(l.column, 16*l.vectors)))
}

// at points v at the columns of a matrix's first row in the unit, of at a row of parameters.
func (l *columnLoops) at(v local, matrix code) code {
	return set(v, add(add(matrix, get(l.first)), get(l.column)))
}

func (l *columnLoops) of(v local, row code) code { return set(v, add(row, get(l.column))) }

// each makes statements for every vector of the columns.
func (l *columnLoops) each(do func(i int) code) code { return repeat(l.vectors, do) }

// next moves matrices' pointers to the next row.
func (l *columnLoops) next(pointers ...local) code {
	var out code
	for _, p := range pointers {
		out = append(out, set(p, add(get(p), get(l.pitch)))...)
	}
	return out
}

// eachRow runs statements for every row of the unit.
func (l *columnLoops) eachRow(statements ...code) code {
	return seq(
		set(l.left, get(l.rows)),
		doWhile(tee(l.left, sub(get(l.left), constant(1))), statements...))
}

// chunkRows is how many rows are summed by themselves. Their sums are summed again, so that a unit's sum of n rows has
// been rounded n/chunkRows + chunkRows times, and not n times.
const chunkRows = 32

// sum runs statements for every row, by chunks. They add to sums, which it adds to totals.
func (l *columnLoops) sum(sums, totals []local, row ...code) code {
	each := func(do func(i int) code) code { return repeat(len(sums), do) }
	return seq(
		each(func(i int) code { return set(totals[i], zeros()) }),
		set(l.left, get(l.rows)),
		doWhile(get(l.left),
			set(l.chunk, constant(chunkRows)),
			set(l.chunk, smaller(l.chunk, l.left)),
			set(l.left, sub(get(l.left), get(l.chunk))),
			each(func(i int) code { return set(sums[i], zeros()) }),
			doWhile(tee(l.chunk, sub(get(l.chunk), constant(1))), row...),
			each(func(i int) code { return set(totals[i], f32x4Add(get(totals[i]), get(sums[i]))) })))
}

// affine writes the kernel of kernel.Affine: Dst = ReLU(P·A + Q + B), with B and ReLU where there are.
func affine(m *module, v variant, name string) *function {
	l := newColumnLoops(m, name, 4)
	scale, bias, y, x := l.f.vars(v128, 4), l.f.vars(v128, 4), l.f.v(v128), l.args
	rows := func(residual, relu bool) code {
		return l.eachRow(
			l.each(func(i int) code {
				return seq(
					set(y, v.madd(load(get(l.a), 16*i), get(scale[i]), get(bias[i]))),
					only(residual, set(y, f32x4Add(get(y), load(get(l.b), 16*i)))),
					only(relu, set(y, larger(get(y), zeros()))),
					store(get(l.dst), get(y), 16*i))
			}),
			l.next(l.a, l.dst), only(residual, l.next(l.b)))
	}
	l.emit(
		l.at(l.dst, l.field(&x.Dst)), l.at(l.a, l.field(&x.A)), l.at(l.b, l.field(&x.B)),
		l.of(l.p, l.field(&x.P)), l.of(l.q, l.field(&x.Q)),
		l.each(func(i int) code {
			return seq(set(scale[i], load(get(l.p), 16*i)), set(bias[i], load(get(l.q), 16*i)))
		}),
		either(l.field(&x.B),
			either(l.field(&x.ReLU), rows(true, true), rows(true, false)),
			either(l.field(&x.ReLU), rows(false, true), rows(false, false))))
	return l.f
}

// moments writes the kernel of kernel.Moments: a unit's two rows of Dst are the sums of A less A's first row, and those
// of the squares of A less the mean, which is the first row plus the sum times Factor.
func moments(m *module, v variant, name string) *function {
	l := newColumnLoops(m, name, 4)
	sums, totals, means, d, x := l.f.vars(v128, 4), l.f.vars(v128, 4), l.f.vars(v128, 4), l.f.v(v128), l.args
	l.emit(
		l.at(l.a, l.field(&x.A)),
		set(l.dst, add(l.field(&x.Dst), get(l.column))),
		set(l.dst, add(get(l.dst), mul(shl(get(l.index), 1), get(l.pitch)))),
		l.each(func(i int) code { return set(means[i], load(get(l.a), 16*i)) }),
		l.sum(sums, totals,
			l.each(func(i int) code {
				return set(sums[i], f32x4Add(get(sums[i]), f32x4Sub(load(get(l.a), 16*i), get(means[i]))))
			}),
			l.next(l.a)),
		l.each(func(i int) code {
			return seq(
				set(means[i], f32x4Add(get(means[i]),
					f32x4Mul(get(totals[i]), splat(get(l.job), offsetIn(x, &x.Factor))))),
				store(get(l.dst), get(totals[i]), 16*i))
		}),
		l.next(l.dst),
		l.at(l.a, l.field(&x.A)),
		l.sum(sums, totals,
			l.each(func(i int) code {
				return seq(
					set(d, f32x4Sub(load(get(l.a), 16*i), get(means[i]))),
					set(sums[i], v.madd(get(d), get(d), get(sums[i]))))
			}),
			l.next(l.a)),
		l.each(func(i int) code { return store(get(l.dst), get(totals[i]), 16*i) }))
	return l.f
}

// gradientSums writes the kernel of kernel.GradientSums. With d = A, or 0 where C is not above 0, a unit's two rows of
// R are the sums of d and those of d·(B − P). Without B there are only the first. d goes to Dst, if there is one.
func gradientSums(m *module, v variant, name string) *function {
	l := newColumnLoops(m, name, 2)
	sums, totals, means, d, x := l.f.vars(v128, 4), l.f.vars(v128, 4), l.f.vars(v128, 2), l.f.v(v128), l.args
	rows := func(by, masked, kept bool) code {
		return l.sum(sums, totals,
			l.each(func(i int) code {
				return seq(
					set(d, load(get(l.a), 16*i)),
					only(masked, set(d, positive(get(d), load(get(l.c), 16*i)))),
					only(kept, store(get(l.dst), get(d), 16*i)),
					set(sums[i], f32x4Add(get(sums[i]), get(d))),
					only(by, set(sums[2+i],
						v.madd(get(d), f32x4Sub(load(get(l.b), 16*i), get(means[i])), get(sums[2+i])))))
			}),
			l.next(l.a), only(by, l.next(l.b)), only(masked, l.next(l.c)), only(kept, l.next(l.dst)))
	}
	l.emit(
		l.at(l.dst, l.field(&x.Dst)), l.at(l.a, l.field(&x.A)), l.at(l.b, l.field(&x.B)), l.at(l.c, l.field(&x.C)),
		set(l.r, add(l.field(&x.R), get(l.column))),
		set(l.r, add(get(l.r), mul(shl(get(l.index), 1), get(l.pitch)))),
		either(l.field(&x.B),
			seq(
				l.of(l.p, l.field(&x.P)),
				l.each(func(i int) code { return set(means[i], load(get(l.p), 16*i)) }),
				either(l.field(&x.C),
					either(l.field(&x.Dst), rows(true, true, true), rows(true, true, false)),
					rows(true, false, false))),
			rows(false, false, false)),
		l.each(func(i int) code { return store(get(l.r), get(totals[i]), 16*i) }),
		l.next(l.r),
		l.each(func(i int) code { return store(get(l.r), get(totals[2+i]), 16*i) }))
	return l.f
}

// normBackward writes the kernel of kernel.NormBackward: Dst = P·d + Q·B + R, with d as gradientSums has it.
func normBackward(m *module, v variant, name string) *function {
	l := newColumnLoops(m, name, 2)
	scale, slope, offset := l.f.vars(v128, 2), l.f.vars(v128, 2), l.f.vars(v128, 2)
	d, x, args := l.f.v(v128), l.f.v(v128), l.args
	rows := func(masked bool) code {
		return l.eachRow(
			l.each(func(i int) code {
				return seq(
					set(d, load(get(l.a), 16*i)),
					only(masked, set(d, positive(get(d), load(get(l.c), 16*i)))),
					set(x, v.madd(load(get(l.b), 16*i), get(slope[i]), get(offset[i]))),
					store(get(l.dst), v.madd(get(d), get(scale[i]), get(x)), 16*i))
			}),
			l.next(l.a, l.b, l.dst), only(masked, l.next(l.c)))
	}
	l.emit(
		l.at(l.dst, l.field(&args.Dst)),
		l.at(l.a, l.field(&args.A)), l.at(l.b, l.field(&args.B)), l.at(l.c, l.field(&args.C)),
		l.of(l.p, l.field(&args.P)), l.of(l.q, l.field(&args.Q)), l.of(l.r, l.field(&args.R)),
		l.each(func(i int) code {
			return seq(
				set(scale[i], load(get(l.p), 16*i)),
				set(slope[i], load(get(l.q), 16*i)),
				set(offset[i], load(get(l.r), 16*i)))
		}),
		either(l.field(&args.C), rows(true), rows(false)))
	return l.f
}
