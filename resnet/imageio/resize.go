package imageio

// Panics of CropResizer. They report mistakes of the caller, not of a file.
const (
	badCrop   = "imageio: the crop must be positive and no larger than the short side"
	badSize   = "imageio: a picture must have pixels"
	badFilter = "imageio: the filter is none of the known ones"
	badRows   = "imageio: rows must come from top to bottom, each once"
	badBytes  = "imageio: a buffer has the wrong length"
)

// precision is the number of fraction bits in a coefficient, as in Pillow. A
// sum of products stays below 2^(8+22), so that 32 bits hold it.
const precision = 22

// half is added before the shift, to round to nearest.
const half = 1 << (precision - 1)

// A CropResizer resizes a picture and crops its middle. For a short side and a square crop the result is equal to the
// byte to Pillow's
//
//	im.resize((round(w*s), round(h*s)), Image.BILINEAR), s = shortSide/min(w, h)
//
// followed by a crop at ((w-crop)//2, (h-crop)//2): a triangle filter as wide as the scale, first along the rows,
// rounded to bytes, then along the columns. [Spec.Resizer] also makes resizers with Pillow's other filters, for
// pictures that are not square, and for the whole picture.
//
// It computes only the crop, and takes the picture in strips: a photo of 64 megapixels needs a few megabytes, not 256.
type CropResizer struct {
	width      int // of the crop; rows has its height
	cols, rows filter
	x0, x1     int // source columns that the crop needs
	y0, y1     int // source rows
	next       int // the source row that must come next
	// narrow holds the source rows after the pass along the rows, with three planes a row: (y1-y0) × 3 × width.
	narrow []byte
}

// NewCropResizer returns a bilinear resizer for a picture of width × height pixels.
// It panics if crop is not in 1…shortSide.
func NewCropResizer(width, height, shortSide, crop int) *CropResizer {
	return Spec{ShortSide: shortSide, Size: crop}.Resizer(width, height)
}

// newResizer makes a resizer whose filters are ready.
func newResizer(cols, rows filter) *CropResizer {
	r := &CropResizer{width: len(cols.first), cols: cols, rows: rows}
	r.x0, r.x1 = cols.span()
	r.y0, r.y1 = rows.span()
	r.next = r.y0
	r.narrow = make([]byte, (r.y1-r.y0)*3*r.width)
	return r
}

// Source returns the part of the picture that the crop depends on: columns x0 to x1 of rows y0 to y1, ends excluded.
func (r *CropResizer) Source() (x0, x1, y0, y1 int) { return r.x0, r.x1, r.y0, r.y1 }

// Rows takes n source rows from row y on, but only the columns x0 to x1 of Source: pix is n × (x1-x0) × 4 bytes of
// RGBA, whose alpha is ignored. Rows must come from top to bottom, each once. Rows outside y0…y1 must not come.
func (r *CropResizer) Rows(y int, pix []byte, n int) {
	if y != r.next || n < 0 || y+n > r.y1 {
		panic(badRows)
	}
	stride := 4 * (r.x1 - r.x0)
	if len(pix) != n*stride {
		panic(badBytes)
	}
	r.next += n
	for out := r.narrow[(y-r.y0)*3*r.width:]; len(pix) > 0; out, pix = out[3*r.width:], pix[stride:] {
		if r.cols.signed {
			r.signedRow(out[:3*r.width], pix[:stride])
		} else {
			r.row(out[:3*r.width], pix[:stride])
		}
	}
}

// row filters one row of RGBA into three planes of width bytes:
//
//	dst[c][i] = Σ_k cols.weight[i][k] · src[4·(cols.first[i]-x0+k) + c]
//
// No weight may be negative.
func (r *CropResizer) row(dst, src []byte) {
	n := r.width
	red, green, blue := dst[:n], dst[n:2*n], dst[2*n:3*n]
	for i := range red {
		weights := r.cols.taps(i)
		at := 4 * (r.cols.first[i] - r.x0)
		p := src[at : at+4*len(weights)]
		// Red and blue share one 64-bit sum, in its low and its high half, and one product serves both: a half never
		// reaches 2^32.
		rb, g := uint64(half|half<<32), uint32(half)
		for _, w := range weights {
			if len(p) < 4 {
				break // never happens; removes the bounds checks below
			}
			rb += (uint64(p[0]) | uint64(p[2])<<32) * uint64(w)
			g += uint32(p[1]) * uint32(w)
			p = p[4:]
		}
		red[i] = byte(uint32(rb) >> precision)
		green[i] = byte(g >> precision)
		blue[i] = byte(rb >> (32 + precision))
	}
}

// signedRow is row for filters with negative weights, whose sums may leave 0…255.
func (r *CropResizer) signedRow(dst, src []byte) {
	n := r.width
	for i := range n {
		p := src[4*(r.cols.first[i]-r.x0):]
		red, green, blue := int32(half), int32(half), int32(half)
		for _, w := range r.cols.taps(i) {
			red += int32(p[0]) * w
			green += int32(p[1]) * w
			blue += int32(p[2]) * w
			p = p[4:]
		}
		dst[i], dst[n+i], dst[2*n+i] = clamped(red), clamped(green), clamped(blue)
	}
}

// clamped converts a sum of products to a byte.
func clamped(sum int32) byte { return byte(min(max(sum>>precision, 0), 255)) }

// Len is the length of Finish's result: height × width × 3.
func (r *CropResizer) Len() int { return 3 * r.width * len(r.rows.first) }

// Finish filters along the columns and writes height × width × 3 bytes of RGB to dst. All rows of Source must have
// come.
func (r *CropResizer) Finish(dst []byte) {
	if r.next != r.y1 {
		panic(badRows)
	}
	if len(dst) != r.Len() {
		panic(badBytes)
	}
	n := r.width
	sums := make([]int32, 3*n)
	for i := range r.rows.first {
		for j := range sums {
			sums[j] = half
		}
		first := r.rows.first[i] - r.y0
		for k, w := range r.rows.taps(i) {
			line := r.narrow[(first+k)*len(sums):][:len(sums)]
			for j, v := range line {
				sums[j] += int32(v) * w
			}
		}
		red, green, blue := sums[:n], sums[n:2*n], sums[2*n:3*n]
		for j, out := 0, dst[3*n*i:]; j < n; j, out = j+1, out[3:] {
			out[0], out[1], out[2] = clamped(red[j]), clamped(green[j]), clamped(blue[j])
		}
	}
}
