package kernel

import "math"

// Int8Weights are a convolution's weights in eight bits, in panels of 8 output channels, and for each channel a scale and a bias.
// The last panel is filled up with zeros.
type Int8Weights struct {
	N     int // output channels
	Depth int // products a value of the output: filter height × filter width × input channels
	// data holds the panels, each [Depth/4][8][4]: the four bytes that are multiplied at once, of each channel.
	data []int8
	head []float32 // for each panel 8 scales, then 8 biases
}

// PackInt8 lays out weights w, N×C×KH×KW as PyTorch has them, signed bytes; what they stand for is their product with the scale
// of their output channel. The depth's order is KH, KW, C. CanInt8 says which convolutions there are.
func PackInt8(w []byte, n, c, kh, kw int, scale, bias []float32) *Int8Weights {
	taps := kh * kw
	if len(w) != n*c*taps {
		panic(badWeights)
	}
	if len(scale) != n || len(bias) != n {
		panic(badBias)
	}
	if !CanInt8(taps, c) {
		panic(badInt8)
	}
	depth, panels := taps*c, ceil(n, 8)
	p := &Int8Weights{N: n, Depth: depth, data: make([]int8, panels*8*depth), head: make([]float32, panels*16)}
	for o := range n {
		panel, lane := o/8, o%8
		p.head[panel*16+lane], p.head[panel*16+8+lane] = scale[o], bias[o]
		to, from := p.data[panel*8*depth+4*lane:], w[o*depth:(o+1)*depth]
		for t := range taps {
			for i := 0; i < c; i += 4 {
				four := to[(t*c+i)*8:][:4]
				for j := range four {
					four[j] = int8(from[(i+j)*taps+t])
				}
			}
		}
	}
	return p
}

// at is the weight of output channel n at position d of the depth.
func (p *Int8Weights) at(d, n int) int8 {
	return p.data[n/8*8*p.Depth+d/4*32+n%8*4+d%4]
}

// ConvInt8 computes, as Conv does, a convolution of src, which has no negative values: what is less than 0 counts as 0.
// Its inputs are rounded to 7 bits, 0 to 127 times a scale, the largest of them to 127. Their products with the weights are summed up in
// integers, which are exact:
//
//	for m := range rows.M {
//		for n := range w.N {
//			var sum int32
//			for t := range rows.Taps {
//				for c := range k {
//					sum += int32(quantised[rows.At(m, t)+c]) * int32(weight[t*k+c][n]) // 0 for an offset that is Zeros
//				}
//			}
//			dst[m*ld+n] = relu(float32(sum)*(scale*w.scale[n]) + bias[n] + residual[m*ld+n])
//		}
//	}
//
// The length of src is a multiple of 4. dst must not overlap src or residual. Floats of dst between N and ld keep their value.
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
	int8Space = grown(int8Space, len(src))
	convInt8(dst, ld, int8Space, quantise(int8Space, src), rows, w, e)
}

// int8Space is a convolution's input in 7 bits; it grows with the largest layer.
var int8Space []uint8

// quantise rounds src to 7 bits, dst·scale; a tie goes to the even number. What is less than 0, or not a number, becomes 0.
//
//	factor := 127 / largest(src)
//	for i, x := range src {
//		dst[i] = round(x * factor)
//	}
//	scale = 1 / factor
func quantise(dst []uint8, src []float32) (scale float32) {
	factor := quantiseFactor(largest(src))
	if factor == 0 {
		clear(dst)
		return 0
	}
	quantiseBy(dst, src, factor)
	return 1 / factor
}

// quantiseFactor is what makes 127 of the largest value. It is 0 where there is nothing but zeros, or values of which the
// factor would not be finite.
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

// convInt8Reference is the loop in ConvInt8's comment.
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
			head := w.head[n/8*16+n%8:]
			dst[m*ld+n] = e.apply(float32(sum)*(scale*head[0])+head[8], m*ld+n)
		}
	}
}
