package imageio

import "math"

// Panics of CropResizer. They report mistakes of the caller, not of a file.
const (
	badCrop  = "imageio: the crop must be positive and no larger than the short side"
	badSize  = "imageio: a picture must have pixels"
	badRows  = "imageio: rows must come from top to bottom, each once"
	badBytes = "imageio: a buffer has the wrong length"
)

// precision is the number of fraction bits in a coefficient, as in Pillow. A
// sum of products stays below 2^(8+22), so that 32 bits hold it.
const precision = 22

// half is added before the shift, to round to nearest.
const half = 1 << (precision - 1)

// A CropResizer resizes a picture so that its short side has a given length, and crops the square in the middle. The
// result is equal to the byte to Pillow's
//
//	im.resize((round(w*s), round(h*s)), Image.BILINEAR), s = shortSide/min(w, h)
//
// followed by a crop at ((w-crop)//2, (h-crop)//2): a triangle filter as wide as the scale, first along the rows,
// rounded to bytes, then along the columns.
//
// It computes only the crop, and takes the picture in strips: a photo of 64 megapixels needs a few megabytes, not 256.
type CropResizer struct {
	crop       int
	cols, rows filter
	x0, x1     int // source columns that the crop needs
	y0, y1     int // source rows
	next       int // the source row that must come next
	// narrow holds the source rows after the pass along the rows, with three planes a row: (y1-y0) × 3 × crop.
	narrow []byte
}

// NewCropResizer returns a resizer for a picture of width × height pixels.
// It panics if crop is not in 1…shortSide.
func NewCropResizer(width, height, shortSide, crop int) *CropResizer {
	if crop < 1 || crop > shortSide {
		panic(badCrop)
	}
	if width < 1 || height < 1 {
		panic(badSize)
	}
	s := float64(shortSide) / float64(min(width, height))
	r := &CropResizer{
		crop: crop,
		cols: newFilter(width, scaled(width, s), crop),
		rows: newFilter(height, scaled(height, s), crop),
	}
	r.x0, r.x1 = r.cols.span()
	r.y0, r.y1 = r.rows.span()
	r.next = r.y0
	r.narrow = make([]byte, (r.y1-r.y0)*3*crop)
	return r
}

// scaled rounds half to even, as Python's round does.
func scaled(n int, s float64) int { return int(math.RoundToEven(float64(n) * s)) }

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
	for out := r.narrow[(y-r.y0)*3*r.crop:]; len(pix) > 0; out, pix = out[3*r.crop:], pix[stride:] {
		r.row(out[:3*r.crop], pix[:stride])
	}
}

// row filters one row of RGBA into three planes of crop bytes:
//
//	dst[c][i] = Σ_k cols.weight[i][k] · src[4·(cols.first[i]-x0+k) + c]
func (r *CropResizer) row(dst, src []byte) {
	n := r.crop
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
			g += uint32(p[1]) * w
			p = p[4:]
		}
		red[i] = byte(uint32(rb) >> precision)
		green[i] = byte(g >> precision)
		blue[i] = byte(rb >> (32 + precision))
	}
}

// Finish filters along the columns and writes crop × crop × 3 bytes of RGB to dst. All rows of Source must have come.
func (r *CropResizer) Finish(dst []byte) {
	if r.next != r.y1 {
		panic(badRows)
	}
	if len(dst) != 3*r.crop*r.crop {
		panic(badBytes)
	}
	sums := make([]uint32, 3*r.crop)
	for i := range r.crop {
		for j := range sums {
			sums[j] = half
		}
		first := r.rows.first[i] - r.y0
		for k, w := range r.rows.taps(i) {
			line := r.narrow[(first+k)*len(sums):][:len(sums)]
			for j, v := range line {
				sums[j] += uint32(v) * w
			}
		}
		red, green, blue := sums[:r.crop], sums[r.crop:2*r.crop], sums[2*r.crop:]
		for j, out := 0, dst[3*r.crop*i:]; j < r.crop; j, out = j+1, out[3:] {
			out[0] = byte(red[j] >> precision)
			out[1] = byte(green[j] >> precision)
			out[2] = byte(blue[j] >> precision)
		}
	}
}

// A filter lists, for each sample of the crop along one axis, its source samples and their weights.
type filter struct {
	first  []int    // index of the first source sample
	count  []int    // how many there are
	width  int      // weights allocated for each sample
	weight []uint32 // len(first) × width, fixed point
}

// newFilter computes the triangle filter of the middle crop samples when in samples become out. It follows Pillow's
// precompute_coeffs step by step in floating point, so that every coefficient is the same. The conversions to float64
// prevent fused multiply-adds, which would round once less.
func newFilter(in, out, crop int) filter {
	scale := float64(in) / float64(out)
	support := max(scale, 1) // half the width of the triangle; never under 1
	inverse := 1 / support
	f := filter{
		first: make([]int, crop),
		count: make([]int, crop),
		width: 2*int(math.Ceil(support)) + 1,
	}
	f.weight = make([]uint32, crop*f.width)
	exact := make([]float64, f.width)
	offset := (out - crop) / 2
	for i := range crop {
		center := float64((float64(offset+i) + 0.5) * scale)
		lo := max(int(center-support+0.5), 0)
		hi := min(int(center+support+0.5), in)
		sum := 0.0
		for k := range hi - lo {
			x := float64((float64(k+lo) - center + 0.5) * inverse)
			exact[k] = max(1-math.Abs(x), 0)
			sum += exact[k]
		}
		f.first[i], f.count[i] = lo, hi-lo
		for k, w := range exact[:hi-lo] {
			f.weight[i*f.width+k] = uint32(0.5 + float64(w/sum*(1<<precision)))
		}
	}
	return f
}

// taps returns the weights of sample i.
func (f *filter) taps(i int) []uint32 {
	return f.weight[i*f.width:][:f.count[i]]
}

// span returns the range of source samples that the crop needs. Both ends of the window only grow from sample to
// sample.
func (f *filter) span() (lo, hi int) {
	last := len(f.first) - 1
	return f.first[0], f.first[last] + f.count[last]
}
