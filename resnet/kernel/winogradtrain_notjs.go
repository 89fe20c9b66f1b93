//go:build !js

package kernel

// winogradScratch is weights to set, whose transformed biases are 0. Natively each call has its own.
func winogradScratch(n, in int) *WinogradWeights {
	points := &Weights{N: n, Depth: in, data: make([]float32, winogradFloatsOf(n, in))}
	return &WinogradWeights{In: in, N: n, bias: make([]float32, n), points: points}
}

func (u *WinogradWeights) setFilters(w []float32) { u.setFiltersReference(w) }

func (u *WinogradWeights) setBackward(w []float32) { u.setBackwardReference(w) }

func convWinogradPictures(dst, src []float32, h, w int, u *WinogradWeights, pictures int, e Epilogue) {
	for p := range pictures {
		each := e
		if e.Residual != nil {
			each.Residual = e.Residual[p*h*w*u.N:]
		}
		convWinogradReference(dst[p*h*w*u.N:], src[p*h*w*u.In:], h, w, u, each)
	}
}

// filterGradientWinograd computes the same by definition.
func filterGradientWinograd(dW, dY, src []float32, h, w, n, c, pictures int) {
	filterGradient(dW, dY, src, h*w*c, squareRows(h, w, c), n, c, pictures)
}
