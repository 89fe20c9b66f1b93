package main

import "github.com/seed8935e608/residua/resnet/kernel/layout"

// span writes a unit of a job over the floats of src: first sixteen at a time, then four.
func span(f *function, job, index, src, count local, sixteen, four code) {
	args := new(layout.Quantise)
	field := fieldsOf(job, args)
	rest := f.v(i32)
	f.emit(
		set(src, mul(get(index), field(&args.Unit))),
		set(count, field(&args.Unit)),
		set(rest, sub(field(&args.Len), get(src))),
		set(count, smaller(count, rest)),
		set(src, add(field(&args.Src), shl(get(src), 2))),
		while(atLeast(get(count), constant(16)),
			sixteen,
			step(src, 64),
			step(count, -16)),
		while(get(count),
			four,
			step(src, 16),
			step(count, -4)))
}

// largest writes the kernel that finds the largest of some floats, or 0. Each unit leaves four maxima in dst.
// See kernel.quantise.
func largest(m *module, name string) *function {
	f, p := m.function(name, 3)
	job, index := p[0], p[1]
	args := new(layout.Quantise)
	field := fieldsOf(job, args)
	src, count := f.v(i32), f.v(i32)
	most := f.vars(v128, 4)
	reach := func(i int) code { return set(most[i], larger(get(most[i]), load(get(src), 16*i))) }
	span(f, job, index, src, count, repeat(4, reach), reach(0))
	f.emit(
		repeat(3, func(i int) code { return set(most[0], larger(get(most[0]), get(most[i+1]))) }),
		store(add(field(&args.Dst), shl(get(index), 4)), get(most[0]), 0))
	return f
}

// quantise writes the kernel that multiplies floats, rounds them to the nearest integer, and stores each in size bytes.
// See kernel.quantise. What is less than 0, or not a number, becomes 0.
func quantise(m *module, name string, size int) *function {
	f, p := m.function(name, 3)
	job, index := p[0], p[1]
	args := new(layout.Quantise)
	field := fieldsOf(job, args)
	src, count, dst, factor := f.v(i32), f.v(i32), f.v(i32), f.v(v128)
	rounded := func(i int) code { // i32x4.trunc_sat_f32x4_s, f32x4.nearest
		return simd(0xF8, simd(0x6A, f32x4Mul(load(get(src), 16*i), get(factor))))
	}
	words := func(a, b code) code { return simd(0x86, a, b) } // i16x8.narrow_i32x4_u
	bytes := func(a, b, c, d code) code {                     // i8x16.narrow_i16x8_u, i16x8.narrow_i32x4_s
		return simd(0x66, simd(0x85, a, b), simd(0x85, c, d))
	}
	sixteen, four := store(get(dst), bytes(rounded(0), rounded(1), rounded(2), rounded(3)), 0),
		storeLane(get(dst), bytes(rounded(0), zeros(), zeros(), zeros()), 0, 0)
	if size == 2 {
		sixteen = seq(
			store(get(dst), words(rounded(0), rounded(1)), 0),
			store(get(dst), words(rounded(2), rounded(3)), 16))
		four = storeLane64(get(dst), words(rounded(0), zeros()), 0, 0)
	}
	f.emit(
		set(factor, splat(get(job), offsetIn(args, &args.Factor))),
		set(dst, add(field(&args.Dst), times(mul(get(index), field(&args.Unit)), size))))
	span(f, job, index, src, count,
		seq(sixteen, step(dst, 16*size)),
		seq(four, step(dst, 4*size)))
	return f
}
