package kernel

import (
	"runtime"
	"unsafe"
)

//go:wasmimport kernels max_pool_f32
func maxPoolF32(dst, src, offsets unsafe.Pointer, rows, taps, channels int32)

func maxPool(dst, src []float32, rows *Rows, c int) {
	maxPoolF32(unsafe.Pointer(&dst[0]), unsafe.Pointer(unsafe.SliceData(src)), unsafe.Pointer(&rows.offsets[0]), int32(rows.M), int32(rows.Taps), int32(c))
	runtime.KeepAlive(dst)
	runtime.KeepAlive(src)
	runtime.KeepAlive(rows)
}
