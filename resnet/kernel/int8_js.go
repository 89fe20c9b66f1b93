package kernel

import (
	"slices"
	"time"
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

// Int8Gain is how many times as fast as Conv ConvInt8 is on this machine, or less than 1 if it is of no use. The first question is answered by a
// measurement of some 50 ms.
func Int8Gain() float64 {
	if int8Gain == 0 {
		int8Gain = measureInt8()
	}
	return int8Gain
}

// int8Gain is Int8Gain, or 0: it is not known yet.
var int8Gain float64

// measureInt8 times both on a 1×1 of ResNet-50's third stage, 0.1 GFLOP, which takes Conv some 2 ms. The eight bits' turn is four times the work,
// so that a browser's clock of coarse steps (0.1 or 1 ms) does for both. The best of many rounds counts: a browser compiles what has run for a
// while once more, and other programs disturb. A gain that decides everything ends it early.
func measureInt8() float64 {
	const m, k, n = 196, 1024, 256
	const repeats = 4
	ones := slices.Repeat([]float32{1}, n)
	rows := NewRows(m, 1, func(row, _ int) int { return row * k })
	src, dst := slices.Repeat([]float32{1}, m*k), make([]float32, m*n)
	floats := Pack(make([]float32, n*k), n, k, 1, 1, ones, ones)
	bytes := PackInt8(slices.Repeat([]byte{3}, n*k), n, k, 1, 1, ones, ones)
	inFloats, inBytes := time.Hour, time.Hour
	gain, start := 0., time.Now()
	for round := 0; round < 5 || time.Since(start) < 150*time.Millisecond; round++ {
		began := time.Now()
		Conv(dst, n, src, rows, floats, Epilogue{})
		inFloats = min(inFloats, time.Since(began))

		began = time.Now()
		for range repeats {
			ConvInt8(dst, n, src, rows, bytes, Epilogue{})
		}
		inBytes = max(1, min(inBytes, time.Since(began)))
		// The instruction is new, and an engine that has it wrong (V8 did when it was an experiment) would give nonsense.
		if want := float32(3*k + 1); dst[0] < want*0.9999 || dst[0] > want*1.0001 {
			return 0.01
		}
		gain = repeats * float64(inFloats) / float64(inBytes)
		if time.Since(start) > 40*time.Millisecond && UseInt8(gain, true) {
			break
		}
	}
	return gain
}
