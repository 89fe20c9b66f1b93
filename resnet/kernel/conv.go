package kernel

// Weights are a convolution's weights and bias in the layout of the kernels: panels of panelWidth(N) output channels,
// each [1+Depth][width] with the bias first. The last panel is filled up with zeros.
type Weights struct {
	N     int // output channels
	Depth int // products a value of the output: filter height × filter width × input channels
	data  []float32
}

// Pack lays out the weights w, which are N×C×KH×KW as PyTorch has them, multiplied by scale and with bias
// for each output channel. The depth's order is KH, KW, C.
func Pack(w []float32, n, c, kh, kw int, scale, bias []float32) *Weights {
	if len(w) != n*c*kh*kw {
		panic(badWeights)
	}
	if len(scale) != n || len(bias) != n {
		panic(badBias)
	}
	p := NewWeights(n, kh*kw*c)
	p.fill(w, c, scale, bias)
	return p
}

// fill sets the weights from w, N×C×taps, multiplied by scale, and the bias.
func (p *Weights) fill(w []float32, c int, scale, bias []float32) {
	width, taps := panelWidth(p.N), p.Depth/c
	for first := 0; first < p.N; first += width {
		panel := p.data[first*(1+p.Depth):]
		for o := first; o < min(p.N, first+width); o++ {
			lane, s := o-first, scale[o]
			panel[lane] = bias[o]
			from := w[o*p.Depth : (o+1)*p.Depth]
			if taps == 1 {
				for i, x := range from {
					panel[(1+i)*width+lane] = x * s
				}
				continue
			}
			for i := range c {
				for t, x := range from[i*taps : (i+1)*taps] {
					panel[(1+t*c+i)*width+lane] = x * s
				}
			}
		}
	}
}

// at is the weight of output channel n at position d of the depth; d = -1 is the bias.
func (p *Weights) at(d, n int) float32 {
	width := panelWidth(p.N)
	return p.data[n/width*width*(1+p.Depth)+(1+d)*width+n%width]
}

// Epilogue is what follows a convolution's sums: add Residual, if there is one (rows × Ld, as dst), then ReLU, if asked
// for.
type Epilogue struct {
	Residual []float32
	ReLU     bool
}

// mustFit holds dst and the residual to an output of m rows of n channels, ld floats apart.
func (e Epilogue) mustFit(dst []float32, ld, m, n int) {
	need := (m-1)*ld + n
	if ld < n || len(dst) < need {
		panic(badDst)
	}
	if e.Residual != nil && len(e.Residual) < need {
		panic(badResidual)
	}
}

// Conv computes a convolution whose output is a matrix of rows.M rows, ld floats apart, and w.N channels. With k =
// w.Depth / rows.Taps:
//
//	for m := range rows.M {
//		for n := range w.N {
//			sum := bias[n]
//			for t := range rows.Taps {
//				for c := range k {
//					sum += src[rows.At(m, t)+c] * weight[t*k+c][n] // 0 for an offset that is Zeros
//				}
//			}
//			dst[m*ld+n] = relu(sum + residual[m*ld+n])
//		}
//	}
//
// dst must not overlap src or residual. Floats of dst between N and ld keep their value.
func Conv(dst []float32, ld int, src []float32, rows *Rows, w *Weights, e Epilogue) {
	if rows.Taps == 0 || w.Depth%rows.Taps != 0 {
		panic(badRows)
	}
	if rows.M == 0 || w.N == 0 {
		return
	}
	e.mustFit(dst, ld, rows.M, w.N)
	if !rows.covers(len(src), w.Depth/rows.Taps) {
		panic(badSrc)
	}
	enter()
	defer leave()
	convRows(dst, ld, src, rows, w, e)
}

// convReference is Conv as its comment has it.
func convReference(dst []float32, ld int, src []float32, rows *Rows, w *Weights, e Epilogue) {
	k := w.Depth / rows.Taps
	for m := range rows.M {
		for n := range w.N {
			sum := w.at(-1, n)
			for t := range rows.Taps {
				at := rows.At(m, t)
				if at < 0 {
					continue
				}
				for c, x := range src[at : at+k] {
					sum += x * w.at(t*k+c, n)
				}
			}
			at := rows.line(m, ld) + n
			dst[at] = e.apply(sum, at)
		}
	}
}

// apply is the epilogue of one sum, the i-th of dst.
func (e Epilogue) apply(sum float32, i int) float32 {
	if e.Residual != nil {
		sum += e.Residual[i]
	}
	if e.ReLU && sum < 0 {
		return 0
	}
	return sum
}
