package kernel

import (
	"math"
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

func quantiseBy(dst []uint8, src []float32, factor float32, size int) {
	runQuantise(int32(kindQuantiseBytes+size-1), unsafe.Pointer(&dst[0]), src, factor)
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
	conv.kind = int8Kind(w.way, rows.tile)
	conv.src, conv.weights, conv.head = unsafe.Pointer(unsafe.SliceData(src)), unsafe.Pointer(&w.data[0]), unsafe.Pointer(&w.head[0])
	conv.scale = scale
	runConv()
}

// int8Kind is the kernel that multiplies so, with tiles of so many rows.
func int8Kind(way int8Way, tile int) int32 {
	switch {
	case way == byBytes && tile >= 4 && tile <= 6:
		return int32(kindBytes6 + 6 - tile)
	case way == byPairs && tile == 4:
		return kindPairs4
	case way == byWords && (tile == 4 || tile == 5):
		return int32(kindWords5 + 5 - tile)
	}
	panic(badRows)
}

// int8Known is what int8Machine has said, once it was asked.
var int8Known struct {
	known, pays bool
	way         int8Way
}

// askMachine has int8Known be known.
func askMachine() {
	if !int8Known.known {
		int8Known.way, int8Known.pays = int8Machine()
		int8Known.known = true
	}
}

// int8Here is how ConvInt8 multiplies on this machine.
func int8Here() int8Way {
	askMachine()
	return int8Known.way
}

// Int8Pays tells whether ConvInt8 is faster than Conv on this machine.
func Int8Pays() bool {
	askMachine()
	return int8Known.pays
}

// int8Machine is int8Choice for this machine.
func int8Machine() (way int8Way, pays bool) {
	dot := func(way int8Way, inputs [4]uint8, weights [4]int8) float32 {
		w := make([]byte, 4)
		for i, x := range weights {
			w[i] = byte(x)
		}
		one, sum := []float32{1}, []float32{float32(math.NaN())} // which stays where the kernel is missing
		rows := newRows(1, 1, 4, func(int, int) int { return 0 })
		convInt8(sum, 1, inputs[:], 1, rows, packInt8(way, w, 1, 4, 1, 1, one, make([]float32, 1)), Epilogue{})
		return sum[0]
	}
	return int8Choice(dot, onX86(zeroRun[0]))
}

// onX86 tells x86 from ARM. WebAssembly leaves open which NaN 0/0 is: x86 sets its sign, ARM does not.
func onX86(zero float32) bool { return math.Float32bits(zero/zero)>>31 != 0 }
