package kernel

import "unsafe"

type poolJob struct {
	header
	src, dst, offsets          unsafe.Pointer
	rows, taps, channels, unit int32
}

var pool poolJob

// poolUnit is how many rows a unit of MaxPool has: of ResNet's 3,136 some 24 units.
const poolUnit = 128

func maxPool(dst, src []float32, rows *Rows, c int) {
	pool = poolJob{
		header:   header{kindMaxPool, int32(ceil(rows.M, poolUnit))},
		src:      unsafe.Pointer(unsafe.SliceData(src)),
		dst:      unsafe.Pointer(&dst[0]),
		offsets:  unsafe.Pointer(&rows.offsets[0]),
		rows:     int32(rows.M),
		taps:     int32(rows.Taps),
		channels: int32(c),
		unit:     poolUnit,
	}
	run(unsafe.Pointer(&pool))
	pool = poolJob{}
}
