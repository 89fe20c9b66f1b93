package main

import "github.com/seed8935e608/residua/resnet/kernel/layout"

// affineReLU writes the kernel of a norm and ReLU by themselves. See kernel.AffineReLU for what it computes.
func affineReLU(m *module, v variant, name string) *function {
	f, p := m.function(name, 3)
	job, index := p[0], p[1]
	src, dst, scale, bias, rows, most, c := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	a, s, b := f.v(v128), f.v(v128), f.v(v128)
	args := new(layout.Affine)
	field := fieldsOf(job, args)

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

	first := mul(get(index), field(&args.Unit))
	f.emit(
		set(src, add(field(&args.Src), shl(mul(first, field(&args.Channels)), 2))),
		set(dst, add(field(&args.Dst), shl(mul(first, field(&args.Channels)), 2))),
		set(rows, sub(field(&args.Rows), first)),
		set(most, field(&args.Unit)),
		set(rows, smaller(rows, most)),
		while(get(rows),
			set(scale, field(&args.Scale)),
			set(bias, field(&args.Bias)),
			set(c, field(&args.Channels)),
			while(atLeast(get(c), constant(4)),
				compute(4, func(at local, _ code) code { return load(get(at), 0) }, store(get(dst), get(a), 0))),
			while(get(c),
				compute(1, func(at local, old code) code { return loadLane(get(at), old, 0, 0) },
					storeLane(get(dst), get(a), 0, 0))),
			step(rows, -1)))
	return f
}
