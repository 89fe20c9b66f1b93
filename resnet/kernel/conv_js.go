package kernel

import (
	"runtime"
	"unsafe"
)

// panelWidth is how many of a convolution's n output channels stand side by side in a panel of its weights.
func panelWidth(int) int { return 8 }

// convArgs is what the SIMD kernel reads from memory. A pointer takes 8 bytes, of which the kernel reads the lower 4;
// the emitter knows the fields' offsets.
type convArgs struct {
	src, zero, weights, residual, dst, offsets unsafe.Pointer
	rows, n, k, taps, ld, relu                 int32
}

//go:wasmimport kernels conv_f32_6x8
func convF32x6x8(args unsafe.Pointer, tile0, tile1, panel0, panel1 int32)

// zeroRun is what an offset of Zeros points at; it grows with the deepest layer.
var zeroRun = make([]float32, 4096)

func convRows(dst []float32, ld int, src []float32, rows *Rows, w *Weights, e Epilogue) {
	k := w.Depth / rows.Taps
	if k > len(zeroRun) {
		zeroRun = make([]float32, k)
	}
	args := &convArgs{
		src:     unsafe.Pointer(unsafe.SliceData(src)),
		zero:    unsafe.Pointer(&zeroRun[0]),
		weights: unsafe.Pointer(&w.data[0]),
		dst:     unsafe.Pointer(&dst[0]),
		offsets: unsafe.Pointer(&rows.offsets[0]),
		rows:    int32(rows.M),
		n:       int32(w.N),
		k:       int32(k),
		taps:    int32(rows.Taps),
		ld:      int32(ld),
	}
	if e.Residual != nil {
		args.residual = unsafe.Pointer(&e.Residual[0])
	}
	if e.ReLU {
		args.relu = 1
	}
	convF32x6x8(unsafe.Pointer(args), 0, int32(ceil(rows.M, tileRows)), 0, int32(ceil(w.N, 8)))
	runtime.KeepAlive(args)
}
