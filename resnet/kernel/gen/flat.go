package main

import "github.com/seed8935e608/residua/resnet/kernel/layout"

// flatLoop is a kernel of a Flat job while it is written.
type flatLoop struct {
	f            *function
	args         *layout.Flat
	field        func(field any) code
	job          local
	count        local
	dst, a, b, c local
}

// newFlatLoop starts a kernel and points at its unit's operands.
func newFlatLoop(m *module, name string) *flatLoop {
	f, p := m.function(name, 3)
	l := &flatLoop{f: f, args: new(layout.Flat), job: p[0]}
	l.field = fieldsOf(l.job, l.args)
	index, first, rest, x := p[1], f.v(i32), f.v(i32), l.args
	l.count, l.dst, l.a, l.b, l.c = f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	at := func(v local, operand code) code { return set(v, add(operand, shl(get(first), 2))) }
	f.emit(
		set(first, mul(get(index), l.field(&x.Unit))),
		set(l.count, l.field(&x.Unit)),
		set(rest, sub(l.field(&x.Len), get(first))),
		set(l.count, smaller(l.count, rest)),
		at(l.dst, l.field(&x.Dst)), at(l.a, l.field(&x.A)), at(l.b, l.field(&x.B)), at(l.c, l.field(&x.C)))
	return l
}

// each runs statements for every vector of four floats, four vectors a turn.
func (l *flatLoop) each(do func(offset int) code) code {
	return doWhile(get(l.count),
		repeat(4, func(i int) code { return do(16 * i) }),
		step(l.dst, 64), step(l.a, 64), step(l.b, 64), step(l.c, 64),
		step(l.count, -16))
}

// scalar is one of the job's numbers, in every lane.
func (l *flatLoop) scalar(i int) code { return splat(get(l.job), offsetIn(l.args, &l.args.S)+4*i) }

// scalars are local variables with the job's first n numbers.
func (l *flatLoop) scalars(n int) []local {
	s := l.f.vars(v128, n)
	l.f.emit(repeat(n, func(i int) code { return set(s[i], l.scalar(i)) }))
	return s
}

// addVectors writes the kernel of kernel.Add: Dst = ReLU(A + B), with B and ReLU where there are.
func addVectors(m *module, name string) *function {
	l := newFlatLoop(m, name)
	sum := func(at int) code { return f32x4Add(load(get(l.a), at), load(get(l.b), at)) }
	l.f.emit(
		either(l.field(&l.args.ReLU),
			either(l.field(&l.args.B),
				l.each(func(at int) code { return store(get(l.dst), larger(sum(at), zeros()), at) }),
				l.each(func(at int) code { return store(get(l.dst), larger(load(get(l.a), at), zeros()), at) })),
			l.each(func(at int) code { return store(get(l.dst), sum(at), at) })))
	return l.f
}

// reluBackward writes the kernel of kernel.ReLUBackward: Dst = A where B is above 0, else 0.
func reluBackward(m *module, name string) *function {
	l := newFlatLoop(m, name)
	l.f.emit(l.each(func(at int) code {
		return store(get(l.dst), positive(load(get(l.a), at), load(get(l.b), at)), at)
	}))
	return l.f
}

// sgd writes the kernel of kernel.SGD. Dst is w, A the gradient, B the velocity. The numbers are the gradient's factor,
// decay, momentum, −rate, and what the velocity and the gradient count in the step.
func sgd(m *module, v variant, name string) *function {
	l := newFlatLoop(m, name)
	s := l.scalars(6)
	factor, decay, momentum, rate, byVelocity, byGradient := s[0], s[1], s[2], s[3], s[4], s[5]
	w, g, u := l.f.v(v128), l.f.v(v128), l.f.v(v128)
	l.f.emit(l.each(func(at int) code {
		return seq(
			set(w, load(get(l.dst), at)),
			set(g, v.madd(get(w), get(decay), f32x4Mul(load(get(l.a), at), get(factor)))),
			set(u, v.madd(load(get(l.b), at), get(momentum), get(g))),
			store(get(l.b), get(u), at),
			set(u, v.madd(get(u), get(byVelocity), f32x4Mul(get(g), get(byGradient)))),
			store(get(l.dst), v.madd(get(u), get(rate), get(w)), at))
	}))
	return l.f
}

// adamW writes the kernel of kernel.AdamW. Dst is w, A the gradient, B and C its means. The numbers are the gradient's
// factor, 1 − β₁, 1 − β₂, 1 − rate·decay, −rate/(1 − β₁ᵗ), 1/√(1 − β₂ᵗ) and ε.
func adamW(m *module, v variant, name string) *function {
	l := newFlatLoop(m, name)
	s := l.scalars(7)
	factor, first, second, keep, rate, correct, epsilon := s[0], s[1], s[2], s[3], s[4], s[5], s[6]
	g, mean, square := l.f.v(v128), l.f.v(v128), l.f.v(v128)
	l.f.emit(l.each(func(at int) code {
		return seq(
			set(g, f32x4Mul(load(get(l.a), at), get(factor))),
			set(mean, load(get(l.b), at)),
			set(mean, v.madd(f32x4Sub(get(g), get(mean)), get(first), get(mean))),
			store(get(l.b), get(mean), at),
			set(square, load(get(l.c), at)),
			set(square, v.madd(f32x4Sub(f32x4Mul(get(g), get(g)), get(square)), get(second), get(square))),
			store(get(l.c), get(square), at),
			store(get(l.dst),
				v.madd(
					f32x4Div(get(mean), v.madd(f32x4Sqrt(get(square)), get(correct), get(epsilon))),
					get(rate),
					f32x4Mul(load(get(l.dst), at), get(keep))), at))
	}))
	return l.f
}
