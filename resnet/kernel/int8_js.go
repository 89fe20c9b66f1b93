package kernel

import (
	"math"
	"slices"
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// int8Input is memory for a convolution's input in 7 bits, n bytes.
func int8Input(n int) []uint8 {
	int8Space = grown(int8Space, n)
	return int8Space
}

// int8Space grows with the largest layer.
var int8Space []uint8

var quantising layout.Quantise

// maxima has four for each unit of the last largest.
var maxima []float32

func largest(src []float32) float32 {
	units := ceil(len(src), quantiseUnit)
	if units == 0 {
		return 0
	}
	maxima = grown(maxima, 4*units)
	runQuantise(layout.Largest, unsafe.Pointer(&maxima[0]), src, 0)
	return slices.Max(maxima)
}

func quantiseBy(dst []uint8, src []float32, factor float32, size int) {
	kind := layout.QuantiseBytes
	if size == 2 {
		kind = layout.QuantiseWords
	}
	runQuantise(kind, unsafe.Pointer(&dst[0]), src, factor)
}

func runQuantise(kind layout.Kind, dst unsafe.Pointer, src []float32, factor float32) {
	quantising = layout.Quantise{
		Header: layout.Header{Kind: kind, Count: int32(ceil(len(src), quantiseUnit))},
		Src:    unsafe.Pointer(&src[0]),
		Dst:    dst,
		Len:    int32(len(src)),
		Unit:   quantiseUnit,
		Factor: factor,
	}
	run(unsafe.Pointer(&quantising))
	quantising = layout.Quantise{}
}

func convInt8(dst []float32, ld int, src []uint8, scale float32, rows *Rows, w *Int8Weights, e Epilogue) {
	setConv(dst, ld, rows, w.N, w.Depth, 8*w.Depth, e, 1)
	conv.Kind = convKind(w.operands, rows.tile)
	conv.Src = unsafe.Pointer(unsafe.SliceData(src))
	conv.Weights, conv.Head = unsafe.Pointer(&w.data[0]), unsafe.Pointer(&w.head[0])
	conv.Scale = scale
	runConv()
}

// here is the machine that this program runs on. It is asked once.
func here() machine {
	enter()
	defer leave()
	if hereKnown == nil {
		how, pays := int8Machine()
		hereKnown = &machine{simd: true, int8: how, int8Pays: pays}
	}
	return *hereKnown
}

var hereKnown *machine

// int8Machine is int8Choice for this machine.
func int8Machine() (how layout.Operands, pays bool) {
	dot := func(how layout.Operands, inputs [4]uint8, weights [4]int8) float32 {
		w := make([]byte, 4)
		for i, x := range weights {
			w[i] = byte(x)
		}
		one, sum := []float32{1}, []float32{float32(math.NaN())} // which stays where the kernel is missing
		rows := newRows(1, 1, 4, func(int, int) int { return 0 })
		packed := packInt8(how, w, 1, 4, 1, 1, one, make([]float32, 1))
		convInt8(sum, 1, inputs[:], 1, rows, packed, Epilogue{})
		return sum[0]
	}
	return int8Choice(dot, onX86(zeroRun[0]))
}

// onX86 tells x86 from ARM. WebAssembly leaves open which NaN 0/0 is: x86 sets its sign, ARM does not.
func onX86(zero float32) bool { return math.Float32bits(zero/zero)>>31 != 0 }
