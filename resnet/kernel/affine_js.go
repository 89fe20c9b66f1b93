package kernel

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

var affine layout.Affine

func affineReLU(y, x, scale, bias []float32) {
	channels := len(scale)
	rows, unit := len(x)/channels, max(1, affineUnit/channels)
	affine = layout.Affine{
		Header:   layout.Header{Kind: layout.AffineReLU, Count: int32(ceil(rows, unit))},
		Src:      unsafe.Pointer(&x[0]),
		Dst:      unsafe.Pointer(&y[0]),
		Scale:    unsafe.Pointer(&scale[0]),
		Bias:     unsafe.Pointer(&bias[0]),
		Rows:     int32(rows),
		Channels: int32(channels),
		Unit:     int32(unit),
	}
	run(unsafe.Pointer(&affine))
	affine = layout.Affine{}
}
