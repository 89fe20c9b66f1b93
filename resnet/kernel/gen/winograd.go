package main

import "github.com/seed8935e608/residua/resnet/kernel/layout"

// Sizes of F(4×4, 3×3): an output tile of 4×4 comes from an input tile of 6×6.
const (
	winoOut = 4
	winoIn  = 6
)

// scaled is a·x + y with a constant a.
func scaled(v variant, a float32, x, y code) code { return v.madd(float4(a), x, y) }

// inputTransform is Bᵀ·d for a column d of 6 vectors (Lavin and Gray 2016, section 4.3):
//
//	⎡4  0 −5  0 1 0⎤
//	⎢0 −4 −4  1 1 0⎥
//	⎢0  4 −4 −1 1 0⎥
//	⎢0 −2 −1  2 1 0⎥
//	⎢0  2 −1 −2 1 0⎥
//	⎣0  4  0 −5 0 1⎦
//
// It gives the statements that leave the product in out; p and q are spare variables.
func inputTransform(v variant, d, out []local, p, q local) code {
	return seq(
		set(out[0], scaled(v, 4, get(d[0]), scaled(v, -5, get(d[2]), get(d[4])))),
		set(p, scaled(v, -4, get(d[2]), get(d[4]))),
		set(q, scaled(v, -4, get(d[1]), get(d[3]))),
		set(out[1], f32x4Add(get(p), get(q))),
		set(out[2], f32x4Sub(get(p), get(q))),
		set(p, f32x4Sub(get(d[4]), get(d[2]))),
		set(q, f32x4Sub(get(d[3]), get(d[1]))),
		set(out[3], scaled(v, 2, get(q), get(p))),
		set(out[4], scaled(v, -2, get(q), get(p))),
		set(out[5], scaled(v, 4, get(d[1]), scaled(v, -5, get(d[3]), get(d[5])))))
}

// outputTransform is Aᵀ·m for a column m of 6 vectors:
//
//	⎡1 1  1 1  1 0⎤
//	⎢0 1 −1 2 −2 0⎥
//	⎢0 1  1 4  4 0⎥
//	⎣0 1 −1 8 −8 1⎦
func outputTransform(v variant, m, out []local, sums []local) code {
	s1, d1, s2, d2 := sums[0], sums[1], sums[2], sums[3]
	return seq(
		set(s1, f32x4Add(get(m[1]), get(m[2]))),
		set(d1, f32x4Sub(get(m[1]), get(m[2]))),
		set(s2, f32x4Add(get(m[3]), get(m[4]))),
		set(d2, f32x4Sub(get(m[3]), get(m[4]))),
		set(out[0], f32x4Add(f32x4Add(get(m[0]), get(s1)), get(s2))),
		set(out[1], scaled(v, 2, get(d2), get(d1))),
		set(out[2], scaled(v, 4, get(s2), get(s1))),
		set(out[3], f32x4Add(scaled(v, 8, get(d2), get(d1)), get(m[5]))))
}

// gradientTransform is A·d for a column d of 4 vectors: the transpose of outputTransform. p and q are spare variables.
func gradientTransform(v variant, d, out []local, p, q local) code {
	return seq(
		set(out[0], get(d[0])),
		set(p, f32x4Add(get(d[0]), get(d[2]))),
		set(q, f32x4Add(get(d[1]), get(d[3]))),
		set(out[1], f32x4Add(get(p), get(q))),
		set(out[2], f32x4Sub(get(p), get(q))),
		set(p, scaled(v, 4, get(d[2]), get(d[0]))),
		set(q, scaled(v, 4, get(d[3]), get(d[1]))),
		set(out[3], scaled(v, 2, get(q), get(p))),
		set(out[4], scaled(v, -2, get(q), get(p))),
		set(out[5], get(d[3])))
}

// winogradInput writes the transform V = Bᵀ·d·B of input tiles, winogradGradient that of tiles of a gradient by the
// output, W = A·d·Aᵀ. See tileTransform.
func winogradInput(m *module, v variant, name string) *function {
	return tileTransform(m, v, name, winoIn, 1, inputTransform)
}

func winogradGradient(m *module, v variant, name string) *function {
	return tileTransform(m, v, name, winoOut, 0, gradientTransform)
}

// tileTransform writes the transform of tiles of size × size pixels, which begin a border before every fourth pixel,
// into 6×6 elements, a tile a unit: element i,j of tile t and channel c goes to
// dst[(6i+j)·batch + t·channels + c]. What lies outside of the picture is zeros. Channels come in fours. transform
// gives the statements that transform a column.
func tileTransform(m *module, v variant, name string, size, border int,
	transform func(v variant, d, out []local, p, q local) code) *function {
	f, p := m.function(name, 3)
	job, index, scratch := p[0], p[1], p[2]
	y, x, c, at, dst, batch, tile := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	src, zero, pitch, column, inside := f.v(i32), f.v(i32), f.v(i32), f.vars(i32, size), f.vars(i32, size)
	d, out, spare := f.vars(v128, size), f.vars(v128, winoIn), f.vars(v128, 2)
	args := new(layout.Winograd)
	field := fieldsOf(job, args)
	// Where the pixels begin stands at the head of scratch, the half transformed tile behind that.
	half := 4 * size * size

	f.emit(
		set(tile, add(get(index), field(&args.First))),
		set(src, add(field(&args.Src), mul(div(get(tile), field(&args.Tiles)), field(&args.SrcPicture)))),
		set(tile, remainder(get(tile), field(&args.Tiles))),
		set(y, sub(mul(div(get(tile), field(&args.Across)), constant(winoOut)), constant(border))),
		set(x, sub(mul(remainder(get(tile), field(&args.Across)), constant(winoOut)), constant(border))),
		set(zero, field(&args.Zero)),
		set(pitch, shl(field(&args.Channels), 2)),
		repeat(size, func(j int) code {
			return seq(
				set(column[j], mul(get(x), get(pitch))),
				set(inside[j], and(atLeast(get(x), constant(0)), less(get(x), field(&args.Width)))),
				step(x, 1))
		}),
		repeat(size, func(i int) code {
			return seq(
				set(at, add(get(src), mul(mul(get(y), field(&args.Width)), get(pitch)))),
				set(x, and(atLeast(get(y), constant(0)), less(get(y), field(&args.Height)))), // is the row inside?
				repeat(size, func(j int) code {
					return store32(get(scratch),
						choose(add(get(at), get(column[j])), get(zero), and(get(x), get(inside[j]))),
						4*(size*i+j))
				}),
				step(y, 1))
		}),
		set(batch, field(&args.Batch)),
		set(dst, add(field(&args.Dst), shl(mul(get(index), field(&args.Channels)), 2))),
		set(c, constant(0)),
		while(less(get(c), shl(field(&args.Channels), 2)),
			repeat(size, func(i int) code { // rows
				return seq(
					repeat(size, func(j int) code {
						return set(d[j], load(add(load32(get(scratch), 4*(size*i+j)), get(c)), 0))
					}),
					transform(v, d, out, spare[0], spare[1]),
					repeat(winoIn, func(j int) code { return store(get(scratch), get(out[j]), half+16*(winoIn*i+j)) }))
			}),
			set(at, get(dst)),
			repeat(winoIn, func(j int) code { // columns
				return seq(
					repeat(size, func(i int) code { return set(d[i], load(get(scratch), half+16*(winoIn*i+j))) }),
					transform(v, d, out, spare[0], spare[1]),
					set(at, add(get(dst), mul(get(batch), constant(j)))),
					repeat(winoIn, func(i int) code {
						return seq(
							store(get(at), get(out[i]), 0),
							set(at, add(get(at), mul(get(batch), constant(winoIn)))))
					}))
			}),
			step(dst, 16),
			step(c, 16)))
	return f
}

// winogradOutput writes the transform Y = Aᵀ·m·A of tiles, with bias, residual and ReLU, a tile a unit; it reads what a
// product left where winogradInput put its elements, and writes the part of each 4×4 that lies inside of the picture.
func winogradOutput(m *module, v variant, name string) *function {
	f, p := m.function(name, 3)
	job, index, scratch := p[0], p[1], p[2]
	c, src, at, dst := f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	residual, bias, batch, tile := f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	y, x, high, wide, pitch, pixel := f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	picture, relu, line := f.v(i32), f.v(i32), f.v(i32)
	in, out, sums := f.vars(v128, winoIn), f.vars(v128, winoOut), f.vars(v128, 4)
	args := new(layout.Winograd)
	field := fieldsOf(job, args)

	f.emit(
		set(tile, add(get(index), field(&args.First))),
		set(picture, mul(div(get(tile), field(&args.Tiles)), field(&args.DstPicture))),
		set(tile, remainder(get(tile), field(&args.Tiles))),
		set(y, mul(div(get(tile), field(&args.Across)), constant(winoOut))),
		set(x, mul(remainder(get(tile), field(&args.Across)), constant(winoOut))),
		set(high, sub(field(&args.Height), get(y))),
		set(wide, sub(field(&args.Width), get(x))),
		set(pixel, shl(field(&args.Channels), 2)),
		set(pitch, mul(field(&args.Width), get(pixel))),
		set(at, add(get(picture), mul(add(mul(get(y), field(&args.Width)), get(x)), get(pixel)))),
		set(dst, add(field(&args.Dst), get(at))),
		set(relu, field(&args.ReLU)),
		set(residual, field(&args.Residual)),
		when(get(residual), set(residual, sub(add(get(residual), get(at)), get(dst)))), // from dst to there
		set(batch, field(&args.Batch)),
		set(src, add(field(&args.Src), shl(mul(get(index), field(&args.Channels)), 2))),
		set(bias, field(&args.Bias)),
		set(c, field(&args.Channels)),
		while(greater(get(c), constant(0)),
			repeat(winoIn, func(j int) code { // columns: scratch = Aᵀ·m, 4×6
				return seq(
					set(at, add(get(src), mul(get(batch), constant(j)))),
					repeat(winoIn, func(i int) code {
						return seq(
							set(in[i], load(get(at), 0)),
							set(at, add(get(at), mul(get(batch), constant(winoIn)))))
					}),
					outputTransform(v, in, out, sums),
					repeat(winoOut, func(i int) code { return store(get(scratch), get(out[i]), 16*(winoIn*i+j)) }))
			}),
			set(line, get(dst)),
			repeat(winoOut, func(i int) code { // rows: Y = scratch·A
				return when(greater(get(high), constant(i)),
					repeat(winoIn, func(j int) code { return set(in[j], load(get(scratch), 16*(winoIn*i+j))) }),
					outputTransform(v, in, out, sums),
					set(at, get(line)),
					repeat(winoOut, func(j int) code {
						return when(greater(get(wide), constant(j)),
							set(out[j], f32x4Add(get(out[j]), load(get(bias), 0))),
							when(get(residual),
								set(out[j], f32x4Add(get(out[j]), load(add(get(at), get(residual)), 0)))),
							when(get(relu),
								set(out[j], larger(get(out[j]), zeros()))),
							store(get(at), get(out[j]), 0),
							set(at, add(get(at), get(pixel))))
					}),
					set(line, add(get(line), get(pitch))))
			}),
			step(src, 16),
			step(bias, 16),
			step(dst, 16),
			step(c, -4)))
	return f
}
