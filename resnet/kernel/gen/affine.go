package main

// Byte offsets of the fields of kernel.affineJob.
const (
	affineSrc = 8 * (iota + 1)
	affineDst
	affineScale
	affineBias
	affineRows
)

const (
	affineChannels = affineRows + 4*(iota+1)
	affineUnit     // rows in a unit
)

// affine writes the kernel of a norm and ReLU by themselves. See kernel.AffineReLU for what it computes.
func affine(m *module, v variant) *function {
	f, p := m.function("", 3)
	job, index := p[0], p[1]
	src, dst, scale, bias, rows, most, c := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	a, s, b := f.v(v128), f.v(v128), f.v(v128)
	field := func(offset int) code { return load32(get(job), offset) }

	// compute writes n channels, with the code that reads and writes them.
	compute := func(n int, read func(at local, old code) code, write code) code {
		return seq(
			set(a, read(src, get(a))),
			set(s, read(scale, get(s))),
			set(b, read(bias, get(b))),
			set(a, larger(v.madd(get(a), get(s), get(b)), zeros())),
			write,
			step(src, 4*n), step(dst, 4*n), step(scale, 4*n), step(bias, 4*n), step(c, -n))
	}

	first := mul(get(index), field(affineUnit))
	f.emit(
		set(src, add(field(affineSrc), shl(mul(first, field(affineChannels)), 2))),
		set(dst, add(field(affineDst), shl(mul(first, field(affineChannels)), 2))),
		set(rows, sub(field(affineRows), first)),
		set(most, field(affineUnit)),
		set(rows, smaller(rows, most)),
		while(get(rows),
			set(scale, field(affineScale)),
			set(bias, field(affineBias)),
			set(c, field(affineChannels)),
			while(atLeast(get(c), constant(4)),
				compute(4, func(at local, _ code) code { return load(get(at), 0) }, store(get(dst), get(a), 0))),
			while(get(c),
				compute(1, func(at local, old code) code { return loadLane(get(at), old, 0, 0) }, storeLane(get(dst), get(a), 0, 0))),
			step(rows, -1)))
	return f
}
