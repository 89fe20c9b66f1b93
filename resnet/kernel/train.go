package kernel

// This file has what training needs beside Conv: weights that change with every step, several pictures at a time, and
// the gradient with respect to the weights.

// NewWeights makes a convolution's weights and bias, all zeros.
func NewWeights(n, depth int) *Weights {
	return &Weights{N: n, Depth: depth, data: make([]float32, packedLen(n, depth))}
}

// packedLen is how many floats n filters of a depth are with their bias.
func packedLen(n, depth int) int {
	width := panelWidth(n)
	return ceil(n, width) * width * (1 + depth)
}

// A Room is memory for the weights of some convolutions, one at a time: as much as the largest of them takes. The zero
// value is ready.
type Room struct{ data []float32 }

// Weights gives the room to n filters of a depth. All of them and the bias have to be set; before, they are whatever
// was there.
func (r *Room) Weights(n, depth int) *Weights {
	need := packedLen(n, depth)
	if len(r.data) < need {
		r.data = make([]float32, need)
	}
	return &Weights{N: n, Depth: depth, data: r.data[:need]}
}

// SetBias sets the bias, one value an output channel; nil is zeros.
func (p *Weights) SetBias(bias []float32) {
	if bias != nil && len(bias) != p.N {
		panic(badBias)
	}
	width := panelWidth(p.N)
	for first := 0; first < p.N; first += width {
		to := p.data[first*(1+p.Depth):][:width]
		if bias == nil {
			clear(to)
		} else {
			copy(to, bias[first:])
		}
	}
}

// SetFilters sets the weights from w, which is N×Depth: a filter after the other, each in the order of the depth, so
// KH×KW×C.
func (p *Weights) SetFilters(w []float32) {
	if len(w) != p.N*p.Depth {
		panic(badWeights)
	}
	enter()
	defer leave()
	packColumns(p.data, p.Depth, w, p.Depth, p.N)
}

// SetRows sets the weights from w, in which a table of Depth rows of one tap, made by NewPoolRows, says where the
// weights of all output channels for a position of the depth stand.
func (p *Weights) SetRows(w []float32, rows *Rows) {
	if rows.M != p.Depth || rows.Taps != 1 || rows.tile != 1 {
		panic(badRows)
	}
	if !rows.covers(len(w), p.N) {
		panic(badWeights)
	}
	enter()
	defer leave()
	packRows(p.data, p.Depth, w, rows, p.N, 1, 0)
}

// ConvPictures is Conv for some pictures, each of which reads its own srcLen floats of src and writes its own dstLen
// floats of dst. The residual lies as dst does. It is the only function for which Rows.Scatter counts.
func ConvPictures(dst []float32, ld, dstLen int, src []float32, srcLen int, rows *Rows,
	w *Weights, pictures int, e Epilogue) {
	if rows.Taps == 0 || w.Depth%rows.Taps != 0 {
		panic(badRows)
	}
	if rows.M == 0 || w.N == 0 || pictures == 0 {
		return
	}
	if ld < w.N || dstLen < rows.reach(ld)+w.N || len(dst) < pictures*dstLen {
		panic(badDst)
	}
	if e.Residual != nil && len(e.Residual) < pictures*dstLen {
		panic(badResidual)
	}
	if len(src) < pictures*srcLen || !rows.covers(srcLen, w.Depth/rows.Taps) {
		panic(badSrc)
	}
	enter()
	defer leave()
	convPictures(dst, ld, dstLen, src, srcLen, rows, w, pictures, e)
}

// FilterGradient computes the gradient with respect to the weights of a convolution with n output and c input channels,
// from dY, that with respect to its output, and its input src, picture after picture: pictures×rows.M×n and
// pictures×srcLen. dW has the order of SetFilters, n×Taps×c:
//
//	for o := range n {
//		for t := range rows.Taps {
//			for i := range c {
//				for p := range pictures {
//					for m := range rows.M {
//						dW[(o*rows.Taps+t)*c+i] += dY[(p*rows.M+m)*n+o] * src[p*srcLen+rows.At(m, t)+i] // dW from 0
//					}
//				}
//			}
//		}
//	}
//
// The table is that of the convolution, but made by NewPoolRows. dW must not overlap dY or src.
func FilterGradient(dW, dY, src []float32, srcLen int, rows *Rows, n, c, pictures int) {
	if rows.tile != 1 {
		panic(badPoolRows)
	}
	if len(dW) < n*rows.Taps*c {
		panic(badDst)
	}
	if len(dY) < pictures*rows.M*n || len(src) < pictures*srcLen || !rows.covers(srcLen, c) {
		panic(badSrc)
	}
	if n == 0 || c == 0 || rows.Taps == 0 {
		return
	}
	if pictures == 0 || rows.M == 0 {
		clear(dW[:n*rows.Taps*c])
		return
	}
	enter()
	defer leave()
	filterGradient(dW, dY, src, srcLen, rows, n, c, pictures)
}

// filterGradientReference is FilterGradient as its comment has it, its sums in float64.
func filterGradientReference(dW, dY, src []float32, srcLen int, rows *Rows, n, c, pictures int) {
	for o := range n {
		for t := range rows.Taps {
			for i := range c {
				var sum float64
				for p := range pictures {
					for m := range rows.M {
						if at := rows.At(m, t); at >= 0 {
							sum += float64(dY[(p*rows.M+m)*n+o]) * float64(src[p*srcLen+at+i])
						}
					}
				}
				dW[(o*rows.Taps+t)*c+i] = float32(sum)
			}
		}
	}
}
