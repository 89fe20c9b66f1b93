package main

import "github.com/seed8935e608/residua/resnet/kernel/layout"

// maxPool writes the max-pooling kernel. See kernel.MaxPool for what it computes. Its table of rows has tiles of one
// row.
func maxPool(m *module, name string) *function {
	f, p := m.function(name, 3)
	job, index := p[0], p[1]
	dst, offsets, rows, taps, channels := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	c, tap, at, from, best := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(v128)
	args := new(layout.Pool)
	field := fieldsOf(job, args)

	// reduce writes the maximum over the taps of n channels, read and written by the given code.
	reduce := func(n int, read func(old code) code, write code) code {
		here := set(from, add(add(field(&args.Src), shl(load32(get(at), 0), 2)), shl(get(c), 2)))
		return seq(
			set(at, get(offsets)),
			set(tap, get(taps)),
			here,
			set(best, read(zeros())),
			doWhile(tee(tap, sub(get(tap), constant(1))),
				here,
				set(best, larger(get(best), read(get(best)))),
				step(at, 4)),
			write,
			step(dst, 4*n),
			step(c, n))
	}

	first := mul(get(index), field(&args.Unit))
	f.emit(
		set(taps, field(&args.Taps)),
		set(channels, field(&args.Channels)),
		set(offsets, add(field(&args.Offsets), shl(mul(first, get(taps)), 2))),
		set(dst, add(field(&args.Dst), shl(mul(first, get(channels)), 2))),
		set(rows, sub(field(&args.Rows), first)),
		set(at, field(&args.Unit)),
		set(rows, smaller(rows, at)),
		while(get(rows),
			set(c, constant(0)),
			while(atLeast(sub(get(channels), get(c)), constant(4)),
				reduce(4, func(code) code { return load(get(from), 0) }, store(get(dst), get(best), 0))),
			while(less(get(c), get(channels)),
				reduce(1, func(old code) code { return loadLane(get(from), old, 0, 0) },
					storeLane(get(dst), get(best), 0, 0))),
			set(offsets, get(at)),
			step(rows, -1)))
	return f
}
