package weights

import (
	"encoding/binary"
	"math"
)

// The bits of the floating-point formats. Without the sign bit, a value is finite if and only if its bits, as an
// integer, are below those of infinity.
const (
	signless32 = 0x7fff_ffff
	signless16 = 0x7fff
	inf32      = 0x7f80_0000
	inf16      = 0x7c00
	infB16     = 0x7f80
)

// Float16bits is the IEEE 754 half-precision number nearest to f, with ties to even. Values beyond 65504 become
// infinity as the standard says, and a NaN stays a NaN.
func Float16bits(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b >> 16 & 0x8000)
	b &= signless32
	switch {
	case b > inf32:
		return sign | 0x7e00
	case b >= 0x4780_0000: // 2^16 and more; values that round up to 2^16 are handled below
		return sign | inf16
	case b >= 0x3880_0000: // 2^-14 and more: a normal number in float16
		// Rebias the exponent from 127 to 15, and round off 13 bits: adding just under half of their unit, plus the
		// last bit that stays, sends ties to even. A carry into the exponent gives the right result.
		b -= 112 << 23
		return sign | uint16((b+0xfff+b>>13&1)>>13)
	default:
		// A float16 below 2^-14 counts steps of 2^-24. The sum with 0.5 has its last bit at 2^-24, so the addition
		// rounds to the step, with ties to even.
		sum := math.Float32frombits(b) + 0.5
		return sign | uint16(math.Float32bits(sum)-math.Float32bits(0.5))
	}
}

// Float16 is the value of the half-precision number h. The conversion is exact.
func Float16(h uint16) float32 {
	return math.Float32frombits(widen(uint32(h)))
}

// widen converts the bits of a float16 to those of the same value in float32.
func widen(h uint32) uint32 {
	sign, rest := h<<16&0x8000_0000, h&signless16
	switch {
	case rest >= inf16:
		return sign | rest<<13 | inf32
	case rest >= 0x400:
		return sign | (rest<<13 + 112<<23)
	default:
		// The value is rest steps of 2^-24, an integer that float32 represents exactly.
		return sign | math.Float32bits(float32(int32(rest))*0x1p-24)
	}
}

// bfloat16bits rounds f to the upper 16 bits of a float32, ties to even.
func bfloat16bits(f float32) uint16 {
	b := math.Float32bits(f)
	if b&signless32 > inf32 {
		return uint16(b>>16) | 0x40 // quiet, so that cutting bits off cannot make it an infinity
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// The decoders fill dst from little-endian src and report whether every value is finite. They track the largest
// magnitude instead of testing each value, which takes one comparison without a branch; the caller searches for the
// culprit.

func decodeF32(dst []float32, src []byte) (finite bool) {
	var top uint32
	src = src[:4*len(dst)]
	for i := range dst {
		b := binary.LittleEndian.Uint32(src[4*i:])
		top = max(top, b&signless32)
		dst[i] = math.Float32frombits(b)
	}
	return top < inf32
}

func decodeF16(dst []float32, src []byte) (finite bool) {
	var top uint32
	src = src[:2*len(dst)]
	for i := range dst {
		h := uint32(binary.LittleEndian.Uint16(src[2*i:]))
		top = max(top, h&signless16)
		dst[i] = math.Float32frombits(widen(h))
	}
	return top < inf16
}

func decodeBF16(dst []float32, src []byte) (finite bool) {
	var top uint32
	src = src[:2*len(dst)]
	for i := range dst {
		b := uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16
		top = max(top, b&signless32)
		dst[i] = math.Float32frombits(b)
	}
	return top < inf32
}
