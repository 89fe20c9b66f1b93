package kernel

import "unsafe"

const canWinograd = true

type winogradJob struct {
	header
	src, dst, zero, bias, residual                      unsafe.Pointer
	height, width, channels, across, relu, batch, first int32
}

var winograd winogradJob

// winogradBlock bounds the transformed input of the tiles that go through together, in floats: with as much output it stays
// in the second-level cache.
const winogradBlock = 128 << 10

// winogradSpace is the transformed input and output of a block of tiles; it grows with the largest layer.
var winogradSpace struct{ in, out []float32 }

func convWinograd(dst, src []float32, h, w int, u *WinogradWeights, e Epilogue) {
	across := ceil(w, winogradOut)
	tiles := across * ceil(h, winogradOut)
	block := tiles
	if n := ceil(winogradPoints*tiles*u.In, winogradBlock); n > 1 && winogradPoints*u.In*u.N < 1<<18 {
		block = ceil(tiles, n)
	}
	space := &winogradSpace
	space.in = grown(space.in, winogradPoints*block*u.In)
	space.out = grown(space.out, winogradPoints*block*u.N)
	for first := 0; first < tiles; first += block {
		n := min(block, tiles-first)
		winograd = winogradJob{
			header:   header{kindWinogradInput, int32(n)},
			src:      unsafe.Pointer(&src[0]),
			dst:      unsafe.Pointer(&space.in[0]),
			zero:     zeroFloats(u.In),
			height:   int32(h),
			width:    int32(w),
			channels: int32(u.In),
			across:   int32(across),
			batch:    int32(4 * n * u.In),
			first:    int32(first),
		}
		run(unsafe.Pointer(&winograd))

		convBatch(space.out, u.N, n*u.N, space.in, n*u.In, table(n, u.In, 0), u.points, len(u.points.data)/winogradPoints, winogradPoints, Epilogue{})

		winograd = winogradJob{
			header:   header{kindWinogradOutput, int32(n)},
			src:      unsafe.Pointer(&space.out[0]),
			dst:      unsafe.Pointer(&dst[0]),
			bias:     unsafe.Pointer(&u.bias[0]),
			residual: unsafe.Pointer(unsafe.SliceData(e.Residual)),
			height:   int32(h),
			width:    int32(w),
			channels: int32(u.N),
			across:   int32(across),
			batch:    int32(4 * n * u.N),
			first:    int32(first),
		}
		if e.ReLU {
			winograd.relu = 1
		}
		run(unsafe.Pointer(&winograd))
	}
	winograd = winogradJob{}
}
