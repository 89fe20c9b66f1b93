package imageio

// ResizeGrey resizes a grey picture, height × width bytes, to toHeight × toWidth numbers from 0 to 1. Nothing is
// rounded to bytes on the way: the result is that of PyTorch's
//
//	F.interpolate(x/255, size=(toHeight, toWidth), mode='bilinear', antialias=True)
//
// It panics if a size is not positive or grey has another length.
func ResizeGrey(grey []byte, height, width, toHeight, toWidth int) []float32 {
	if height < 1 || width < 1 || toHeight < 1 || toWidth < 1 {
		panic(badSize)
	}
	if len(grey) != height*width {
		panic(badBytes)
	}
	cols := newFilter(width, toWidth, toWidth, Bilinear)
	rows := newFilter(height, toHeight, toHeight, Bilinear)
	const unit = 1.0 / (1 << precision)
	narrow := make([]float32, height*toWidth)
	for y := range height {
		src, dst := grey[y*width:][:width], narrow[y*toWidth:][:toWidth]
		for i := range dst {
			sum := int32(0) // at most 255 << 22
			for k, w := range cols.taps(i) {
				sum += int32(src[cols.first[i]+k]) * w
			}
			dst[i] = float32(sum) * (unit / 255)
		}
	}
	dst := make([]float32, toHeight*toWidth)
	for i := range toHeight {
		out := dst[i*toWidth:][:toWidth]
		for k, w := range rows.taps(i) {
			for j, v := range narrow[(rows.first[i]+k)*toWidth:][:toWidth] {
				out[j] += float32(v * (float32(w) * unit))
			}
		}
	}
	return dst
}
