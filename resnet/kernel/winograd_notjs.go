//go:build !js

package kernel

func convWinograd(dst, src []float32, h, w int, u *WinogradWeights, e Epilogue) {
	convWinogradReference(dst, src, h, w, u, e)
}
