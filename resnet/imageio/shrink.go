package imageio

// Shrink resizes a square picture, size × size × 3 bytes of RGB, to to × to, with CropResizer's filter.
func Shrink(rgb []byte, size, to int) []byte {
	if size < 1 || len(rgb) != 3*size*size {
		panic(badBytes)
	}
	r := NewCropResizer(size, size, to, to)
	row := make([]byte, 4*size)
	for y := range size {
		for x := range size {
			copy(row[4*x:], rgb[3*(y*size+x):][:3])
		}
		r.Rows(y, row, 1)
	}
	dst := make([]byte, 3*to*to)
	r.Finish(dst)
	return dst
}
