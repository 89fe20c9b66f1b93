package imageio

// Shrink resizes a picture, height × width × 3 bytes of RGB, to to × to, with CropResizer's filter. A picture that is
// not square gets squeezed.
func Shrink(rgb []byte, height, width, to int) []byte {
	if height < 1 || width < 1 || len(rgb) != 3*height*width {
		panic(badBytes)
	}
	r := Spec{Size: to, ResizeHeight: to, ResizeWidth: to, Squash: true}.Resizer(width, height)
	row := make([]byte, 4*width)
	for y := range height {
		for x := range width {
			copy(row[4*x:], rgb[3*(y*width+x):][:3])
		}
		r.Rows(y, row, 1)
	}
	dst := make([]byte, r.Len())
	r.Finish(dst)
	return dst
}
