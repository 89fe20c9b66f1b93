package imageio

import "math"

// Filter is the name of one of Pillow's filters for resizing. All but Nearest are antialiased: where the picture gets
// smaller, they get wider by the same factor.
type Filter string

// The filters, by the names in a model's card.
const (
	Nearest  Filter = "nearest"
	Box      Filter = "box"
	Bilinear Filter = "bilinear"
	Hamming  Filter = "hamming"
	Bicubic  Filter = "bicubic"
	Lanczos  Filter = "lanczos"
)

// known reports whether the filter is one of the constants.
func (f Filter) known() bool {
	_, ok := kernels[f]
	return ok || f == Nearest
}

// kernel is a filter's weight at a distance from its middle, and the distance from which on that is 0.
type kernel struct {
	support float64
	weight  func(x float64) float64
	signed  bool // some weights are negative
}

// kernels has the formulas of Pillow's Resample.c, with the conversions to float64 that prevent fused multiply-adds.
// Nearest has none: see newFilter.
var kernels = map[Filter]kernel{
	Box: {support: 0.5, weight: func(x float64) float64 {
		if x > -0.5 && x <= 0.5 {
			return 1
		}
		return 0
	}},
	Bilinear: {support: 1, weight: func(x float64) float64 { return max(1-math.Abs(x), 0) }},
	Hamming: {support: 1, weight: func(x float64) float64 {
		if x = math.Abs(x) * math.Pi; x == 0 {
			return 1
		}
		if x >= math.Pi {
			return 0
		}
		return math.Sin(x) / x * (0.54 + float64(0.46*math.Cos(x)))
	}},
	// Keys's cubic convolution (1981) with a = -0.5.
	Bicubic: {support: 2, signed: true, weight: func(x float64) float64 {
		const a = -0.5
		switch x = math.Abs(x); {
		case x < 1:
			return float64((float64((a+2)*x)-(a+3))*x*x) + 1
		case x < 2:
			return (float64((float64((x-5)*x)+8)*x) - 4) * a
		}
		return 0
	}},
	Lanczos: {support: 3, signed: true, weight: func(x float64) float64 {
		if x >= -3 && x < 3 {
			return sinc(x) * sinc(x/3)
		}
		return 0
	}},
}

// sinc is sin(πx) / πx.
func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

// A filter lists, for each sample of the crop along one axis, its source samples and their weights.
type filter struct {
	first  []int   // index of the first source sample
	count  []int   // how many there are
	width  int     // weights allocated for each sample
	weight []int32 // len(first) × width, fixed point
	signed bool    // some weights are negative
}

// newFilter computes the filter of the middle crop samples when in samples become out. It follows Pillow's
// precompute_coeffs and normalize_coeffs_8bpc step by step in floating point, so that every coefficient is the same.
// The conversions to float64 prevent fused multiply-adds, which would round once less.
func newFilter(in, out, crop int, of Filter) filter {
	scale := float64(in) / float64(out)
	offset := (out - crop) / 2
	if of == Nearest {
		return nearest(in, crop, offset, scale)
	}
	k := kernels[of]
	wider := max(scale, 1)
	support, inverse := k.support*wider, 1/wider
	f := filter{
		first:  make([]int, crop),
		count:  make([]int, crop),
		width:  2*int(math.Ceil(support)) + 1,
		signed: k.signed,
	}
	f.weight = make([]int32, crop*f.width)
	exact := make([]float64, f.width)
	for i := range crop {
		center := float64((float64(offset+i) + 0.5) * scale)
		lo := max(int(center-support+0.5), 0)
		hi := min(int(center+support+0.5), in)
		sum := 0.0
		for j := range hi - lo {
			exact[j] = k.weight(float64((float64(j+lo) - center + 0.5) * inverse))
			sum += exact[j]
		}
		f.first[i], f.count[i] = lo, hi-lo
		for j, w := range exact[:hi-lo] {
			f.weight[i*f.width+j] = fixed(float64(w / sum * (1 << precision)))
		}
	}
	return f
}

// fixed rounds half away from zero, as Pillow does.
func fixed(w float64) int32 {
	if w < 0 {
		return int32(w - 0.5)
	}
	return int32(0.5 + w)
}

// nearest takes the source sample at the middle of each sample, as Pillow's ImagingTransform does.
func nearest(in, crop, offset int, scale float64) filter {
	f := filter{first: make([]int, crop), count: make([]int, crop), width: 1, weight: make([]int32, crop)}
	for i := range crop {
		f.first[i] = min(int(float64((float64(offset+i)+0.5)*scale)), in-1)
		f.count[i], f.weight[i] = 1, 1<<precision
	}
	return f
}

// taps returns the weights of sample i.
func (f *filter) taps(i int) []int32 {
	return f.weight[i*f.width:][:f.count[i]]
}

// span returns the range of source samples that the crop needs. Both ends of the window only grow from sample to
// sample.
func (f *filter) span() (lo, hi int) {
	last := len(f.first) - 1
	return f.first[0], f.first[last] + f.count[last]
}
