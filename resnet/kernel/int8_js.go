package kernel

import (
	"slices"
	"unsafe"
)

type quantiseJob struct {
	header
	src, dst     unsafe.Pointer
	length, unit int32
	factor       float32
}

var quantising quantiseJob

// quantiseUnit is how many floats a unit of quantising has: 64 KiB.
const quantiseUnit = 16 << 10

// maxima has four for each unit of the last largest.
var maxima []float32

func largest(src []float32) float32 {
	units := ceil(len(src), quantiseUnit)
	if units == 0 {
		return 0
	}
	maxima = grown(maxima, 4*units)
	runQuantise(kindLargest, unsafe.Pointer(&maxima[0]), src, 0)
	return slices.Max(maxima)
}

func quantiseBy(dst []uint8, src []float32, factor float32) {
	runQuantise(kindQuantise, unsafe.Pointer(&dst[0]), src, factor)
}

func runQuantise(kind int32, dst unsafe.Pointer, src []float32, factor float32) {
	quantising = quantiseJob{
		header: header{kind, int32(ceil(len(src), quantiseUnit))},
		src:    unsafe.Pointer(&src[0]),
		dst:    dst,
		length: int32(len(src)),
		unit:   quantiseUnit,
		factor: factor,
	}
	run(unsafe.Pointer(&quantising))
	quantising = quantiseJob{}
}

func convInt8(dst []float32, ld int, src []uint8, scale float32, rows *Rows, w *Int8Weights, e Epilogue) {
	setConv(dst, ld, rows, w.N, w.Depth, 8*w.Depth, e, 1)
	conv.kind = int32(kindBytes6 + 6 - rows.tile)
	conv.src, conv.weights, conv.head = unsafe.Pointer(unsafe.SliceData(src)), unsafe.Pointer(&w.data[0]), unsafe.Pointer(&w.head[0])
	conv.scale = scale
	runConv()
}

// Int8Pays tells for which convolutions eight bits pay on this machine.
func Int8Pays() Int8Use {
	one, rows := []float32{1}, NewRows(1, 1, func(int, int) int { return 0 })
	dot := func(inputs [4]uint8, weights [4]int8) float32 {
		sum, w := make([]float32, 1), make([]byte, 4)
		for i, x := range weights {
			w[i] = byte(x)
		}
		convInt8(sum, 1, inputs[:], 1, rows, PackInt8(w, 1, 4, 1, 1, one, make([]float32, 1)), Epilogue{})
		return sum[0]
	}
	// x² is 1 + 2⁻¹¹ + 2⁻²⁴, whose last bit is lost where the product is rounded before it is added.
	const x = 1 + 0x1p-12
	rest := make([]float32, 1)
	Conv(rest, 1, []float32{x}, rows, Pack([]float32{x}, 1, 1, 1, 1, one, []float32{-1 - 0x1p-11}), Epilogue{})
	return int8Use(dot, rest[0] != 0)
}
