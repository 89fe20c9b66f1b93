package main

// Byte offsets of the fields of kernel.quantiseJob.
const (
	quantiseSrc = 8 * (iota + 1)
	quantiseDst
	quantiseLen // floats, in fours
)

const (
	quantiseUnit   = quantiseLen + 4*(iota+1) // floats in a unit
	quantiseFactor                            // what they are multiplied by
)

// plainDot is relaxedDot of instructions that every SIMD has: the
// even bytes and the odd ones, each widened to 16 bits. That is some 8 instructions for 16 products, where float32 takes 8 for its multiplications and additions.
//
// The relaxed dot is one instruction on machines with dot products, and elsewhere may add two products in 16 bits, wrapping or saturating
// (WebAssembly relaxed SIMD proposal, "Relaxed integer dot product"); and what it makes of bytes of b above 127 each machine may choose.
// Neither matters here: b is at most 127, and two products of it are at most 2·128·127 = 32,512 of either sign, which 16 bits hold.
func plainDot(a, b, acc code) code {
	odd := func(x code) code { return simd(0x8C, x, constant(8)) }            // i16x8.shr_s
	even := func(x code) code { return odd(simd(0x8B, x, constant(8))) }      // i16x8.shl
	sums := func(of func(code) code) code { return simd(0xBA, of(a), of(b)) } // i32x4.dot_i16x8_s
	return i32x4Add(acc, i32x4Add(sums(even), sums(odd)))
}

// span writes a unit of a job over the floats of src: first for sixteen at a time, then for four.
func span(f *function, job, index, src, count local, sixteen, four code) {
	field := func(offset int) code { return load32(get(job), offset) }
	rest := f.v(i32)
	f.emit(
		set(src, mul(get(index), field(quantiseUnit))),
		set(count, field(quantiseUnit)),
		set(rest, sub(field(quantiseLen), get(src))),
		set(count, smaller(count, rest)),
		set(src, add(field(quantiseSrc), shl(get(src), 2))),
		while(atLeast(get(count), constant(16)),
			sixteen,
			step(src, 64),
			step(count, -16)),
		while(get(count),
			four,
			step(src, 16),
			step(count, -4)))
}

// largest writes the kernel that finds the largest of some floats, or 0: four maxima a unit go to dst. See kernel.quantise.
func largest(m *module) *function {
	f, p := m.function("", 3)
	job, index := p[0], p[1]
	src, count := f.v(i32), f.v(i32)
	most := f.vars(v128, 4)
	reach := func(i int) code { return set(most[i], larger(get(most[i]), load(get(src), 16*i))) }
	span(f, job, index, src, count, repeat(4, reach), reach(0))
	f.emit(
		repeat(3, func(i int) code { return set(most[0], larger(get(most[0]), get(most[i+1]))) }),
		store(add(load32(get(job), quantiseDst), shl(get(index), 4)), get(most[0]), 0))
	return f
}

// quantise writes the kernel that multiplies floats, rounds them to the nearest integer and makes bytes of them. See kernel.quantise.
// What is less than 0, or not a number, becomes 0.
func quantise(m *module) *function {
	f, p := m.function("", 3)
	job, index := p[0], p[1]
	src, count, dst, factor := f.v(i32), f.v(i32), f.v(i32), f.v(v128)
	rounded := func(i int) code { // i32x4.trunc_sat_f32x4_s, f32x4.nearest
		return simd(0xF8, simd(0x6A, f32x4Mul(load(get(src), 16*i), get(factor))))
	}
	narrow16 := func(a, b code) code { return simd(0x85, a, b) } // i16x8.narrow_i32x4_s
	narrow8 := func(a, b code) code { return simd(0x66, a, b) }  // i8x16.narrow_i16x8_u
	f.emit(
		set(factor, splat(get(job), quantiseFactor)),
		set(dst, add(load32(get(job), quantiseDst), mul(get(index), load32(get(job), quantiseUnit)))))
	span(f, job, index, src, count,
		seq(
			store(get(dst), narrow8(narrow16(rounded(0), rounded(1)), narrow16(rounded(2), rounded(3))), 0),
			step(dst, 16)),
		seq(
			storeLane(get(dst), narrow8(narrow16(rounded(0), zeros()), zeros()), 0, 0),
			step(dst, 4)))
	return f
}
