package kernel

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

var winograd layout.Winograd

// winogradSpace is the transformed input and output of a block of tiles; it grows with the largest layer.
var winogradSpace struct{ in, out []float32 }

func convWinograd(dst, src []float32, h, w int, u *WinogradWeights, e Epilogue) {
	across := ceil(w, winogradOut)
	tiles := across * ceil(h, winogradOut)
	block := winogradBlock(tiles, u.In, u.N)
	space := &winogradSpace
	space.in = grown(space.in, winogradPoints*block*u.In)
	space.out = grown(space.out, winogradPoints*block*u.N)
	for first := 0; first < tiles; first += block {
		n := min(block, tiles-first)
		winograd = layout.Winograd{
			Header:   layout.Header{Kind: layout.WinogradInput, Count: int32(n)},
			Src:      unsafe.Pointer(&src[0]),
			Dst:      unsafe.Pointer(&space.in[0]),
			Zero:     zeroFloats(u.In),
			Height:   int32(h),
			Width:    int32(w),
			Channels: int32(u.In),
			Across:   int32(across),
			Batch:    int32(4 * n * u.In),
			First:    int32(first),
			Tiles:    int32(tiles),
		}
		run(unsafe.Pointer(&winograd))

		convBatch(space.out, u.N, n*u.N, space.in, n*u.In, matrixRows(n, u.In, 0),
			u.points, len(u.points.data)/winogradPoints, winogradPoints, Epilogue{})

		winograd = layout.Winograd{
			Header:   layout.Header{Kind: layout.WinogradOutput, Count: int32(n)},
			Src:      unsafe.Pointer(&space.out[0]),
			Dst:      unsafe.Pointer(&dst[0]),
			Bias:     unsafe.Pointer(&u.bias[0]),
			Residual: unsafe.Pointer(unsafe.SliceData(e.Residual)),
			Height:   int32(h),
			Width:    int32(w),
			Channels: int32(u.N),
			Across:   int32(across),
			Batch:    int32(4 * n * u.N),
			First:    int32(first),
			Tiles:    int32(tiles),
		}
		if e.ReLU {
			winograd.ReLU = 1
		}
		run(unsafe.Pointer(&winograd))
	}
	winograd = layout.Winograd{}
}
