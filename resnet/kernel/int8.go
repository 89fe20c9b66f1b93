package kernel

import (
	"math"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// Int8Weights are a convolution's weights in eight bits, in panels of 8 output channels, and for each channel a scale
// and a bias. The last panel is filled up with zeros.
type Int8Weights struct {
	N     int // output channels
	Depth int // products a value of the output: filter height × filter width × input channels
	// operands says how they are multiplied: Bytes, Pairs or Words.
	operands layout.Operands
	// data holds the panels, each [Depth/step][8][step]: of each channel the weights that are multiplied at once.
	data []int8
	head []layout.Int8Head // one a panel
}

// int8Step is how many products a sum takes at once.
func int8Step(operands layout.Operands) int {
	if operands == layout.Words {
		return 2
	}
	return 4
}

// int8InputSize is how many bytes an input takes.
func int8InputSize(operands layout.Operands) int { return 4 / int8Step(operands) }

// PackInt8 lays out weights w, N×C×KH×KW as PyTorch has them, signed bytes; what they stand for is their product with
// the scale of their output channel. The depth's order is KH, KW, C. Choose gives Int8 where this can be.
func PackInt8(w []byte, n, c, kh, kw int, scale, bias []float32) *Int8Weights {
	return packInt8(here().int8, w, n, c, kh, kw, scale, bias)
}

// packInt8 is PackInt8 for given operands.
func packInt8(operands layout.Operands, w []byte, n, c, kh, kw int, scale, bias []float32) *Int8Weights {
	taps := kh * kw
	if len(w) != n*c*taps {
		panic(badWeights)
	}
	if len(scale) != n || len(bias) != n {
		panic(badBias)
	}
	if !canInt8(taps, c) {
		panic(badInt8)
	}
	depth, panels, step := taps*c, ceil(n, 8), int8Step(operands)
	p := &Int8Weights{N: n, Depth: depth, operands: operands}
	p.data, p.head = make([]int8, panels*8*depth), make([]layout.Int8Head, panels)
	for o := range n {
		panel, lane := o/8, o%8
		p.head[panel].Scale[lane], p.head[panel].Bias[lane] = scale[o], bias[o]
		to, from := p.data[panel*8*depth+step*lane:], w[o*depth:(o+1)*depth]
		for t := range taps {
			for i := 0; i < c; i += step {
				together := to[(t*c+i)*8:][:step]
				for j := range together {
					together[j] = int8(from[(i+j)*taps+t])
				}
			}
		}
	}
	if operands == layout.Pairs {
		for panel := range panels {
			if fitsTwice(p.data[panel*8*depth:][:8*depth], c) {
				p.head[panel].FitsTwice = 1
			}
		}
	}
	return p
}

// fitsTwice tells whether the kernel by pairs may add up the products of two steps, of the same tap of in channels, in
// 16 bits: whatever the inputs are, which are at most 127, four products of one channel's weights stay between −2¹⁵ and
// 2¹⁵.
func fitsTwice(panel []int8, in int) bool {
	for ; len(panel) > 0; panel = panel[8*in:] { // a tap
		for at := 0; at+64 <= 8*in; at += 64 { // 8 channels × 4 weights, twice
			one, two := panel[at:][:32], panel[at+32:][:32]
			for i := 0; i < 32; i += 2 {
				least, most := 0, 0
				for _, w := range [4]int8{one[i], one[i+1], two[i], two[i+1]} {
					least, most = least+min(0, int(w)), most+max(0, int(w))
				}
				if 127*least < math.MinInt16 || 127*most > math.MaxInt16 {
					return false
				}
			}
		}
	}
	return true
}

// at is the weight of output channel n at position d of the depth.
func (p *Int8Weights) at(d, n int) int8 {
	step := int8Step(p.operands)
	return p.data[n/8*8*p.Depth+d/step*8*step+n%8*step+d%step]
}

// ConvInt8 computes, as Conv does, a convolution of src, which has no negative values: what is less than 0 counts as 0.
// Its inputs are rounded to 7 bits, 0 to 127 times a scale, the largest of them to 127. Their products with the weights
// are summed up in integers, which are exact:
//
//	for m := range rows.M {
//		for n := range w.N {
//			var sum int32
//			for t := range rows.Taps {
//				for c := range k {
//					// 0 for an offset that is Zeros
//					sum += int32(quantised[rows.At(m, t)+c]) * int32(weight[t*k+c][n])
//				}
//			}
//			dst[m*ld+n] = relu(float32(sum)*(scale*w.scale[n]) + bias[n] + residual[m*ld+n])
//		}
//	}
//
// The length of src is a multiple of 4, and rows are of a Plan for Int8. dst must not overlap src or residual. Floats
// of dst between N and ld keep their value.
func ConvInt8(dst []float32, ld int, src []float32, rows *Rows, w *Int8Weights, e Epilogue) {
	if rows.Taps == 0 || w.Depth%(4*rows.Taps) != 0 {
		panic(badRows)
	}
	if rows.M == 0 || w.N == 0 {
		return
	}
	e.mustFit(dst, ld, rows.M, w.N)
	if len(src)%4 != 0 || !rows.covers(len(src), w.Depth/rows.Taps) {
		panic(badSrc)
	}
	size := int8InputSize(w.operands)
	enter()
	defer leave()
	input := int8Input(size * len(src))
	convInt8(dst, ld, input, quantise(input, src, size), rows, w, e)
}

// quantise rounds src to 7 bits, dst·scale; a tie goes to the even number. What is less than 0, or not a number,
// becomes 0. A number in dst takes size bytes, 1 or 2, the lower one first.
//
//	factor := 127 / largest(src)
//	for i, x := range src {
//		dst[i] = round(x * factor)
//	}
//	scale = 1 / factor
func quantise(dst []uint8, src []float32, size int) (scale float32) {
	factor := quantiseFactor(largest(src))
	if factor == 0 {
		clear(dst)
		return 0
	}
	quantiseBy(dst, src, factor, size)
	return 1 / factor
}

// quantiseFactor is what makes 127 of the largest value. It is 0 where there is nothing but zeros, or values of which
// the factor would not be finite.
func quantiseFactor(most float32) float32 {
	if !(most >= 1e-30 && most <= math.MaxFloat32) {
		return 0
	}
	return 127 / most
}

// largestReference is the largest of src, or 0.
func largestReference(src []float32) float32 {
	var most float32
	for _, x := range src {
		if x > most {
			most = x
		}
	}
	return most
}

// quantiseReference is the loop in quantise's comment.
func quantiseReference(dst []uint8, src []float32, factor float32) {
	for i, x := range src {
		dst[i] = 0
		if q := math.RoundToEven(float64(x * factor)); q > 0 {
			dst[i] = uint8(q)
		}
	}
}

// convInt8Reference is the loop in ConvInt8's comment, for inputs of one byte.
func convInt8Reference(dst []float32, ld int, src []uint8, scale float32, rows *Rows, w *Int8Weights, e Epilogue) {
	k := w.Depth / rows.Taps
	for m := range rows.M {
		for n := range w.N {
			var sum int32
			for t := range rows.Taps {
				at := rows.At(m, t)
				if at < 0 {
					continue
				}
				for c, x := range src[at : at+k] {
					sum += int32(x) * int32(w.at(t*k+c, n))
				}
			}
			head := &w.head[n/8]
			dst[m*ld+n] = e.apply(float32(sum)*(scale*head.Scale[n%8])+head.Bias[n%8], m*ld+n)
		}
	}
}
