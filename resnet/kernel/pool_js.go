package kernel

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

var pool layout.Pool

func maxPool(dst, src []float32, rows *Rows, c int) {
	pool = layout.Pool{
		Header:   layout.Header{Kind: layout.MaxPool, Count: int32(ceil(rows.M, poolUnit))},
		Src:      unsafe.Pointer(unsafe.SliceData(src)),
		Dst:      unsafe.Pointer(&dst[0]),
		Offsets:  unsafe.Pointer(&rows.offsets[0]),
		Rows:     int32(rows.M),
		Taps:     int32(rows.Taps),
		Channels: int32(c),
		Unit:     poolUnit,
	}
	run(unsafe.Pointer(&pool))
	pool = layout.Pool{}
}
