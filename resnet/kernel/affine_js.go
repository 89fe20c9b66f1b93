package kernel

import "unsafe"

type affineJob struct {
	header
	src, dst, scale, bias unsafe.Pointer
	rows, channels, unit  int32
}

var affine affineJob

// affineUnit is how many floats a unit of AffineReLU has, or a row if that is longer: some hundred units of the largest activation, for
// threads to share.
const affineUnit = 4 << 10

func affineReLU(y, x, scale, bias []float32) {
	channels := len(scale)
	rows, unit := len(x)/channels, max(1, affineUnit/channels)
	affine = affineJob{
		header:   header{kindAffine, int32(ceil(rows, unit))},
		src:      unsafe.Pointer(&x[0]),
		dst:      unsafe.Pointer(&y[0]),
		scale:    unsafe.Pointer(&scale[0]),
		bias:     unsafe.Pointer(&bias[0]),
		rows:     int32(rows),
		channels: int32(channels),
		unit:     int32(unit),
	}
	run(unsafe.Pointer(&affine))
	affine = affineJob{}
}
