package kernel

// This file has Winograd's convolutions for training: weights that change with every step, and several pictures at a
// time.

// ConvWinogradPictures is ConvWinograd for some pictures, one after the other in src, dst and the residual. filters are
// n×3×3×in, of n output and in input channels, both in fours. A bias of nil is zeros.
func ConvWinogradPictures(dst, src []float32, h, w int, filters, bias []float32, in, n, pictures int, e Epilogue) {
	mustFitWinograd(dst, src, h, w, filters, in, n, pictures, e)
	if bias != nil && len(bias) != n {
		panic(badBias)
	}
	if pictures*h*w*in*n == 0 {
		return
	}
	enter()
	defer leave()
	u := winogradScratch(n, in)
	u.setFilters(filters)
	clear(u.bias)
	copy(u.bias, bias)
	convWinogradPictures(dst, src, h, w, u, pictures, e)
}

// ConvWinogradBackward computes dX, the gradient with respect to the src of ConvWinogradPictures, from dY, that with
// respect to its output, with the same filters. add, as long as dX, is added and may be nil. dX must not overlap dY or
// add.
func ConvWinogradBackward(dX, dY []float32, h, w int, filters []float32, in, n, pictures int, add []float32) {
	e := Epilogue{Residual: add}
	mustFitWinograd(dX, dY, h, w, filters, n, in, pictures, e)
	if pictures*h*w*in*n == 0 {
		return
	}
	enter()
	defer leave()
	u := winogradScratch(in, n)
	u.setBackward(filters)
	clear(u.bias)
	convWinogradPictures(dX, dY, h, w, u, pictures, e)
}

// mustFitWinograd holds the operands to their sizes.
func mustFitWinograd(dst, src []float32, h, w int, filters []float32, in, n, pictures int, e Epilogue) {
	if n%4 != 0 || in%4 != 0 {
		panic(badWinograd)
	}
	if len(filters) != 9*n*in {
		panic(badWeights)
	}
	if len(src) < pictures*h*w*in {
		panic(badSrc)
	}
	if len(dst) < pictures*h*w*n {
		panic(badDst)
	}
	if e.Residual != nil && len(e.Residual) < pictures*h*w*n {
		panic(badResidual)
	}
}

// winogradFloatsOf is how many floats the 36 matrices of weights are.
func winogradFloatsOf(n, in int) int {
	width := panelWidth(n)
	return winogradPoints * ceil(n, width) * width * (1 + in)
}

// setReference sets the weights from at, which gives the place in w of a tap for a pair of channels.
func (u *WinogradWeights) setReference(w []float32, at func(tap, in, out int) int) {
	width := panelWidth(u.N)
	set := len(u.points.data) / winogradPoints
	for o := range u.N {
		for i := range u.In {
			var g [9]float32
			for tap := range g {
				g[tap] = w[at(tap, i, o)]
			}
			var transformed [winogradPoints][lanes]float32
			filterTransform(&transformed, 0, &g, 1)
			for point := range transformed {
				u.points.data[point*set+o/width*width*(1+u.In)+(1+i)*width+o%width] = transformed[point][0]
			}
		}
	}
}

// setFiltersReference sets the weights from N×3×3×In.
func (u *WinogradWeights) setFiltersReference(w []float32) {
	u.setReference(w, func(tap, in, out int) int { return (out*9+tap)*u.In + in })
}

// setBackwardReference sets them to those with which a convolution gives back the gradient by its input: w is In×3×3×N,
// the weights of the forward convolution. Its taps go the other way round.
func (u *WinogradWeights) setBackwardReference(w []float32) {
	u.setReference(w, func(tap, in, out int) int { return (in*9+8-tap)*u.N + out })
}

// FilterGradientWinograd is FilterGradient for the convolution of ConvWinogradPictures, of c input and n output
// channels: dW is n×3×3×c. It transposes each of Winograd's steps: a 4×4 of dY is transformed to 6×6, multiplied with
// the transformed input, summed over all tiles, and transformed to the 3×3 of the weights, with a quarter of the
// products.
// dW must not overlap dY or src. The order of the sums does not depend on the number of threads.
func FilterGradientWinograd(dW, dY, src []float32, h, w, n, c, pictures int) {
	if n%4 != 0 || c%4 != 0 {
		panic(badWinograd)
	}
	if len(dW) < 9*n*c {
		panic(badDst)
	}
	if len(dY) < pictures*h*w*n || len(src) < pictures*h*w*c {
		panic(badSrc)
	}
	if n == 0 || c == 0 {
		return
	}
	if pictures*h*w == 0 {
		clear(dW[:9*n*c])
		return
	}
	enter()
	defer leave()
	filterGradientWinograd(dW, dY, src, h, w, n, c, pictures)
}

// squareRows is the table of a 3×3 convolution with stride 1 and a border of 1, for FilterGradient.
func squareRows(h, w, c int) *Rows {
	return NewPoolRows(h*w, 9, func(row, tap int) int {
		y, x := row/w+tap/3-1, row%w+tap%3-1
		if y < 0 || y >= h || x < 0 || x >= w {
			return Zeros
		}
		return (y*w + x) * c
	})
}
