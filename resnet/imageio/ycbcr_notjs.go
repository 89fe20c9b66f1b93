//go:build !js

package imageio

import "image"

// A ycbcrRange holds the coefficients of ITU-R BT.601, with 16 fraction bits, for one encoding of luma and chroma.
type ycbcrRange struct {
	black, luma                     int32
	redCr, greenCb, greenCr, blueCb int32
}

var (
	// fullRange is JPEG's: all values go from 0 to 255.
	fullRange = ycbcrRange{0, 65536, 91881, -22554, -46802, 116130}
	// studioRange is that of lossy WebP: luma from 16 to 235 and chroma from 16 to 240, stretched by 255/219 and
	// 255/224.
	studioRange = ycbcrRange{16, 76309, 104597, -25675, -53279, 132201}
)

// ycbcrToRGB converts a picture as libjpeg and libwebp do, which browsers and Pillow use. Go's own conversion differs
// in two points:
//
// It repeats each chroma sample, while theirs is interpolated: at a coloured edge the results differ by 100 levels, and
// by more than 20 after the resize.
//
// It takes every image.YCbCr for full range, but golang.org/x/image/webp returns studio range unconverted, which gives
// pale pictures.
func ycbcrToRGB(m *image.YCbCr, r ycbcrRange) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	across, down := ratios(m.SubsampleRatio)
	blue, red := make([]int32, w), make([]int32, w)
	columns := make([]int32, (w+across-1)/across)
	for y := range h {
		chromaRow(blue, columns, m.Cb, m.CStride, across, down, y, h)
		chromaRow(red, columns, m.Cr, m.CStride, across, down, y, h)
		row := out.Pix[y*out.Stride:][:4*w]
		for x, v := range m.Y[y*m.YStride:][:w] {
			l, cb, cr := r.luma*(int32(v)-r.black), blue[x]-128, red[x]-128
			row[4*x] = fixed16(l + r.redCr*cr)
			row[4*x+1] = fixed16(l + r.greenCb*cb + r.greenCr*cr)
			row[4*x+2] = fixed16(l + r.blueCb*cb)
			row[4*x+3] = 255
		}
	}
	return out
}

// fixed16 rounds a value with 16 fraction bits to a byte.
func fixed16(v int32) byte {
	return byte(min(max((v+1<<15)>>16, 0), 255))
}

// ratios returns how many pixels share a chroma sample along each axis.
func ratios(s image.YCbCrSubsampleRatio) (across, down int) {
	switch s {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// chromaRow computes the chroma of the pixels in row y of h. Where two pixels share a sample, each takes 3/4 of it and
// 1/4 of the sample on its other side. Where four share one, they repeat it: that is rare, and no decoder interpolates
// there.
func chromaRow(dst, columns []int32, plane []byte, stride, across, down, y, h int) {
	near := y / down
	far := near
	if down == 2 {
		far = min(max(near+y%2*2-1, 0), (h-1)/2)
	}
	n := len(columns)
	a, b := plane[near*stride:][:n], plane[far*stride:][:n]
	for i := range columns {
		columns[i] = 3*int32(a[i]) + int32(b[i]) // four times the chroma
	}
	for x := range dst {
		c := columns[x/across]
		switch {
		case across != 2:
			dst[x] = (c + 2) >> 2
		case x%2 == 0:
			dst[x] = (3*c + columns[max(x/2-1, 0)] + 8) >> 4
		default:
			// Halves round up on the left and down on the right, as in libjpeg, so that the picture does not get
			// brighter as a whole.
			dst[x] = (3*c + columns[min(x/2+1, n-1)] + 7) >> 4
		}
	}
}
