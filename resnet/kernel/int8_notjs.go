//go:build !js

package kernel

// Natively there are no kernels for eight bits: the reference loops are for those who want their numbers.

// Int8Pays tells whether ConvInt8 is faster than Conv on this machine.
func Int8Pays() bool { return false }

func int8Here() int8Way { return byBytes }

func largest(src []float32) float32 { return largestReference(src) }

func quantiseBy(dst []uint8, src []float32, factor float32, _ int) {
	quantiseReference(dst, src, factor)
}

func convInt8(dst []float32, ld int, src []uint8, scale float32, rows *Rows, w *Int8Weights, e Epilogue) {
	convInt8Reference(dst, ld, src, scale, rows, w, e)
}
