//go:build !js

package kernel

func affine(y, x, scale, bias []float32, e Epilogue) { affineReference(y, x, scale, bias, e) }

func moments(mean, square []float64, x []float32) { momentsReference(mean, square, x) }

func gradientSums(sum, product []float64, dSum, dY, x, y, mean []float32) {
	clear(sum)
	clear(product)
	gradientSumsReference(sum, product, dSum, dY, x, y, mean)
}

func normBackward(dX, dY, x, y, scale, slope, offset []float32) {
	normBackwardReference(dX, dY, x, y, scale, slope, offset)
}
