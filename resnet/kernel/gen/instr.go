package main

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// This file has the instructions. Their arguments are expressions, written as in a program: add(get(x), constant(4)).

// seq is statements one after the other.
func seq(statements ...code) code { return slices.Concat(statements...) }

// repeat is n statements, made by make(0) … make(n-1).
func repeat(n int, make func(i int) code) code {
	var out code
	for i := range n {
		out = append(out, make(i)...)
	}
	return out
}

// only is the statements if they are wanted, else nothing.
func only(wanted bool, statements ...code) code {
	if !wanted {
		return nil
	}
	return seq(statements...)
}

func op(b byte, args ...code) code { return append(seq(args...), b) }

// simd is an instruction of the 0xFD space, after its arguments; atomic one of the 0xFE space, with its memory
// argument.
func simd(n uint32, args ...code) code { return slices.Concat(seq(args...), code{0xFD}, uleb(n)) }

func atomic(n uint32, log2size, offset int, args ...code) code {
	return slices.Concat(seq(args...), code{0xFE}, uleb(n), code{byte(log2size)}, uleb(uint32(offset)))
}

// memarg is a memory instruction's alignment (1: none promised) and constant offset.
func memarg(offset int) code { return append(code{0}, uleb(uint32(offset))...) }

func get(v local) code                 { return append(code{0x20}, uleb(uint32(v))...) }
func set(v local, value code) code     { return slices.Concat(value, code{0x21}, uleb(uint32(v))) }
func tee(v local, value code) code     { return slices.Concat(value, code{0x22}, uleb(uint32(v))) }
func constant(n int) code              { return append(code{0x41}, sleb(int32(n))...) }
func choose(yes, no, cond code) code   { return op(0x1B, yes, no, cond) }
func isZero(a code) code               { return op(0x45, a) }
func equal(a, b code) code             { return op(0x46, a, b) }
func less(a, b code) code              { return op(0x48, a, b) }
func greater(a, b code) code           { return op(0x4A, a, b) }
func atLeast(a, b code) code           { return op(0x4E, a, b) }
func add(a, b code) code               { return op(0x6A, a, b) }
func sub(a, b code) code               { return op(0x6B, a, b) }
func mul(a, b code) code               { return op(0x6C, a, b) }
func div(a, b code) code               { return op(0x6D, a, b) }
func remainder(a, b code) code         { return op(0x6F, a, b) }
func and(a, b code) code               { return op(0x71, a, b) }
func shl(a code, bits int) code        { return op(0x74, a, constant(bits)) }
func load32(addr code, off int) code   { return append(op(0x28, addr), memarg(off)...) }
func store32(addr, v code, o int) code { return append(op(0x36, addr, v), memarg(o)...) }
func load(addr code, off int) code     { return append(simd(0, addr), memarg(off)...) }
func splat(addr code, off int) code    { return append(simd(9, addr), memarg(off)...) }
func store(addr, v code, o int) code   { return append(simd(11, addr, v), memarg(o)...) }
func zeros() code                      { return append(simd(12), make(code, 16)...) }
func f32x4Add(a, b code) code          { return simd(0xE4, a, b) }
func f32x4Sub(a, b code) code          { return simd(0xE5, a, b) }
func f32x4Mul(a, b code) code          { return simd(0xE6, a, b) }
func f32x4Div(a, b code) code          { return simd(0xE7, a, b) }
func f32x4Sqrt(a code) code            { return simd(0xE3, a) }
func relaxedMadd(a, b, acc code) code  { return simd(0x105, a, b, acc) }
func i16x8Add(a, b code) code          { return simd(0x8E, a, b) }
func i32x4Add(a, b code) code          { return simd(0xAE, a, b) }
func toFloats(a code) code             { return simd(0xFA, a) } // f32x4 of i32x4

// loadWide is a vector of eight signed bytes, widened to 16 bits.
func loadWide(addr code, off int) code { return append(simd(1, addr), memarg(off)...) }

// relaxedDot adds to each of acc's four integers the products of four bytes of a, from 0 to 127, with four of b,
// signed.
//
// It is one instruction on machines with dot products, and elsewhere may add two products in 16 bits, wrapping or
// saturating (WebAssembly relaxed SIMD proposal, "Relaxed integer dot product"); and what it makes of bytes of a above
// 127 each machine may choose. Neither matters here: a is at most 127, and two products of it are at most 2·128·127 =
// 32,512 of either sign, which 16 bits hold.
func relaxedDot(a, b, acc code) code { return simd(0x113, b, a, acc) }

// relaxedPairs is eight sums in 16 bits, each of the products of two bytes of a, from 0 to 127, with two of b, signed.
// addPairs adds two of the sums to each of acc's four integers; ones is eight times 1. Together they are relaxedDot, of
// instructions that each are one of x86's. An engine that makes relaxedDot of several instructions may do so less well
// (V8 makes five).
func relaxedPairs(a, b code) code { return simd(0x112, b, a) } // i16x8.relaxed_dot_i8x16_i7x16_s

func addPairs(acc, sums, ones code) code { return i32x4Add(acc, simd(0xBA, sums, ones)) } // i32x4.dot_i16x8_s

// dotWords adds to each of acc's four integers the products of two 16-bit integers of a with two of b. Plain SIMD has
// it.
func dotWords(a, b, acc code) code { return i32x4Add(acc, simd(0xBA, a, b)) } // i32x4.dot_i16x8_s

// times is a multiplied by n, a power of two.
func times(a code, n int) code {
	if bits := bits.TrailingZeros(uint(n)); bits > 0 {
		return shl(a, bits)
	}
	return a
}

// smaller is the lesser of two i32.
func smaller(v, w local) code { return choose(get(v), get(w), less(get(v), get(w))) }

// larger is a < b ? b : a, lane by lane (f32x4.pmax): one instruction on x86 and, unlike relaxed_max, the same
// everywhere.
func larger(a, b code) code { return simd(0xEB, a, b) }

// positive is v where c is above 0, and 0 elsewhere, lane by lane.
func positive(v, c code) code { return simd(0x4E, v, simd(0x44, c, zeros())) } // v128.and, f32x4.gt

// loadLane is v with the given lane read from memory; storeLane writes that lane.
func loadLane(addr, v code, off, lane int) code {
	return slices.Concat(simd(0x56, addr, v), memarg(off), code{byte(lane)})
}

// storeLane64 writes one of the two halves.
func storeLane64(addr, v code, off, lane int) code {
	return slices.Concat(simd(0x5B, addr, v), memarg(off), code{byte(lane)})
}

func storeLane(addr, v code, off, lane int) code {
	return slices.Concat(simd(0x5A, addr, v), memarg(off), code{byte(lane)})
}

// shuffle4 is four of the eight floats of a and b, by their numbers.
func shuffle4(a, b code, floats ...int) code {
	out := simd(13, a, b)
	for _, n := range floats {
		out = append(out, byte(4*n), byte(4*n+1), byte(4*n+2), byte(4*n+3))
	}
	return out
}

// step adds n to a variable.
func step(v local, n int) code { return set(v, add(get(v), constant(n))) }

// call calls a function of the module.
func call(f *function, args ...code) code {
	return slices.Concat(seq(args...), code{0x10}, uleb(f.index))
}

// when runs the statements if cond is not zero.
func when(cond code, statements ...code) code {
	return slices.Concat(cond, code{0x04, 0x40}, seq(statements...), code{0x0B})
}

// either runs one of two statements.
func either(cond, yes, no code) code {
	return slices.Concat(cond, code{0x04, 0x40}, yes, code{0x05}, no, code{0x0B})
}

// doWhile runs the statements, and again while cond is not zero.
func doWhile(cond code, statements ...code) code {
	return slices.Concat(code{0x03, 0x40}, seq(statements...), cond, code{0x0D, 0, 0x0B})
}

// while runs the statements as long as cond is not zero.
func while(cond code, statements ...code) code { return when(cond, doWhile(cond, statements...)) }

// forever runs the statements without end.
func forever(statements ...code) code {
	return slices.Concat(code{0x03, 0x40}, seq(statements...), code{0x0C, 0, 0x0B})
}

// result ends the function with a value.
func result(value code) code { return op(0x0F, value) }

// i16x8Of is a vector of one small integer, eight times.
func i16x8Of(n byte) code { return slices.Concat(simd(12), slices.Repeat(code{n, 0}, 8)) }

// float4 is a vector of one float, four times.
func float4(x float32) code {
	b := binary.LittleEndian.AppendUint32(nil, math.Float32bits(x))
	return slices.Concat(simd(12), b, b, b, b)
}
