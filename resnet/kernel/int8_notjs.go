//go:build !js

package kernel

import "github.com/seed8935e608/residua/resnet/kernel/layout"

// here is the machine that this program runs on. Natively there are no kernels for eight bits: the reference loops are
// for those who want their numbers.
func here() machine { return machine{int8: layout.Bytes} }

// int8Input is memory for a convolution's input in 7 bits, n bytes.
func int8Input(n int) []uint8 { return make([]uint8, n) }

func largest(src []float32) float32 { return largestReference(src) }

func quantiseBy(dst []uint8, src []float32, factor float32, _ int) {
	quantiseReference(dst, src, factor)
}

func convInt8(dst []float32, ld int, src []uint8, scale float32, rows *Rows, w *Int8Weights, e Epilogue) {
	convInt8Reference(dst, ld, src, scale, rows, w, e)
}
