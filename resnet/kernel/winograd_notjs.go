//go:build !js

package kernel

// canWinograd: natively BLAS makes the direct convolution the faster one.
const canWinograd = false

func convWinograd(dst, src []float32, h, w int, u *WinogradWeights, e Epilogue) {
	convWinogradReference(dst, src, h, w, u, e)
}
