package kernel

// This file has what goes channel by channel through matrices of rows × channels: batch norm, forward and backward, and
// sums over the rows.

// Affine computes y = ReLU(scale·x + bias + residual), for rows of len(scale) channels; residual and ReLU, if e asks
// for them:
//
//	for i := range x {
//		c := i % len(scale)
//		y[i] = relu(x[i]*scale[c] + bias[c] + e.Residual[i])
//	}
//
// y may be x or the residual.
func Affine(y, x, scale, bias []float32, e Epilogue) {
	if len(bias) != len(scale) {
		panic(badBias)
	}
	if len(x) == 0 {
		return
	}
	mustHaveRows(x, len(scale))
	if len(y) < len(x) {
		panic(badDst)
	}
	if e.Residual != nil && len(e.Residual) < len(x) {
		panic(badResidual)
	}
	enter()
	defer leave()
	affine(y, x, scale, bias, e)
}

// affineReference is Affine as its comment has it.
func affineReference(y, x, scale, bias []float32, e Epilogue) {
	channels := len(scale)
	for at := 0; at < len(x); at += channels {
		for c, v := range x[at:][:channels] {
			y[at+c] = e.apply(v*scale[c]+bias[c], at+c)
		}
	}
}

// Moments computes the mean of each of len(mean) channels of x, and the sum of the squares of what differs from it:
//
//	for i := range x {
//		c := i % len(mean)
//		mean[c] += float64(x[i]) / rows
//	}
//	for i := range x {
//		c := i % len(mean)
//		square[c] += (float64(x[i]) - mean[c]) * (float64(x[i]) - mean[c])
//	}
//
// mean and square from 0. The results do not depend on the number of threads.
func Moments(mean, square []float64, x []float32) {
	if len(square) != len(mean) {
		panic(badBias)
	}
	mustHaveRows(x, len(mean))
	enter()
	defer leave()
	moments(mean, square, x)
}

// momentsReference is Moments as its comment has it.
func momentsReference(mean, square []float64, x []float32) {
	channels := len(mean)
	clear(mean)
	clear(square)
	for at := 0; at < len(x); at += channels {
		for c, v := range x[at:][:channels] {
			mean[c] += float64(v)
		}
	}
	for c := range mean {
		mean[c] /= float64(len(x) / channels)
	}
	for at := 0; at < len(x); at += channels {
		for c, v := range x[at:][:channels] {
			d := float64(v) - mean[c]
			square[c] += d * d
		}
	}
}

// GradientSums computes the sums from which a norm's gradients follow. y, the output of the ReLU behind the norm, says
// where there is a gradient: with a y of nil everywhere.
//
//	for i := range dY {
//		c := i % len(sum)
//		d := dY[i] // or 0, unless y[i] > 0
//		dSum[i] = d
//		sum[c] += d
//		product[c] += d * (x[i] - mean[c])
//	}
//
// sum and product from 0. dSum may be dY, or nil, and with a y of nil it must be. The results do not depend on the
// number of threads.
func GradientSums(sum, product []float64, dSum, dY, x, y, mean []float32) {
	if len(product) != len(sum) || len(mean) != len(sum) {
		panic(badBias)
	}
	mustHaveRows(dY, len(sum))
	if len(x) < len(dY) || y != nil && len(y) < len(dY) {
		panic(badSrc)
	}
	if dSum != nil && (y == nil || len(dSum) < len(dY)) {
		panic(badDst)
	}
	enter()
	defer leave()
	gradientSums(sum, product, dSum, dY, x, y, mean)
}

// SumColumns computes the sum of each of len(sum) columns of a matrix. It does not depend on the number of threads.
func SumColumns(sum []float64, rows []float32) {
	mustHaveRows(rows, len(sum))
	enter()
	defer leave()
	gradientSums(sum, nil, nil, rows, nil, nil, nil)
}

// gradientSumsReference is GradientSums as its comment has it. It adds to the sums. An x of nil: only to the first.
func gradientSumsReference(sum, product []float64, dSum, dY, x, y, mean []float32) {
	channels := len(sum)
	for at := 0; at < len(dY); at += channels {
		for c, d := range dY[at:][:channels] {
			if y != nil && !(y[at+c] > 0) {
				d = 0
			}
			if dSum != nil {
				dSum[at+c] = d
			}
			sum[c] += float64(d)
			if x != nil {
				product[c] += float64(d * (x[at+c] - mean[c]))
			}
		}
	}
}

// NormBackward computes what becomes of a gradient in a norm, given that it follows from GradientSums as
//
//	for i := range dY {
//		c := i % len(scale)
//		d := dY[i] // or 0, unless y[i] > 0; with a y of nil everywhere dY[i]
//		dX[i] = scale[c]*d + slope[c]*x[i] + offset[c]
//	}
//
// dX may be dY or x.
func NormBackward(dX, dY, x, y, scale, slope, offset []float32) {
	if len(slope) != len(scale) || len(offset) != len(scale) {
		panic(badBias)
	}
	mustHaveRows(dY, len(scale))
	if len(x) < len(dY) || y != nil && len(y) < len(dY) {
		panic(badSrc)
	}
	if len(dX) < len(dY) {
		panic(badDst)
	}
	enter()
	defer leave()
	normBackward(dX, dY, x, y, scale, slope, offset)
}

// normBackwardReference is NormBackward as its comment has it.
func normBackwardReference(dX, dY, x, y, scale, slope, offset []float32) {
	channels := len(scale)
	for at := 0; at < len(dY); at += channels {
		for c, d := range dY[at:][:channels] {
			if y != nil && !(y[at+c] > 0) {
				d = 0
			}
			dX[at+c] = scale[c]*d + (slope[c]*x[at+c] + offset[c])
		}
	}
}

// mustHaveRows holds a matrix to rows of so many channels.
func mustHaveRows(x []float32, channels int) {
	if channels == 0 && len(x) > 0 || channels > 0 && len(x)%channels != 0 {
		panic(badSrc)
	}
}
