package imageio

import (
	"math"
	"math/rand/v2"
)

// An Augment says how pictures are varied for training, so that a network sees what may change while the class stays
// the same. The zero value changes nothing. The operations are torchvision's RandomResizedCrop, RandomHorizontalFlip
// and ColorJitter, and their results are equal to Pillow's to the byte.
type Augment struct {
	// MinArea is the smallest fraction of the picture's area that a crop may have, 0 < MinArea ≤ 1; 0 means 1. A crop
	// is scaled up to the whole picture's size.
	MinArea float64
	// MaxRatio is the largest ratio of a crop's longer side to its shorter one; 0 means 1, a square. For a picture that
	// is not square the ratio is that to the picture's own.
	MaxRatio float64
	// Flip is the probability of a horizontal flip.
	Flip float64
	// Brightness, Contrast and Saturation are multiplied by a random factor between 1−v and 1+v each, 0 ≤ v ≤ 1.
	Brightness, Contrast, Saturation float64
}

// DefaultAugment is mild. It suits a few pictures that their subject fills.
var DefaultAugment = Augment{MinArea: 0.6, MaxRatio: 4. / 3, Flip: 0.5, Brightness: 0.2, Contrast: 0.2, Saturation: 0.2}

// A Variation is one set of random values drawn by an Augment.
type Variation struct {
	X, Y, Width, Height              int // the crop; Width 0 means the whole picture
	Flip                             bool
	Brightness, Contrast, Saturation float32 // factors; 0 and 1 change nothing
}

const (
	badAugment   = "imageio: an Augment's values lie between 0 and 1, its ratio is at least 1"
	badVariation = "imageio: a variation's crop lies inside of the picture, and its factors are not negative"
)

// Draw draws a variation of a picture of height × width.
func (a Augment) Draw(height, width int, r *rand.Rand) Variation {
	for _, v := range []float64{a.MinArea, a.Flip, a.Brightness, a.Contrast, a.Saturation} {
		if !(v >= 0 && v <= 1) {
			panic(badAugment)
		}
	}
	if a.MaxRatio != 0 && !(a.MaxRatio >= 1) {
		panic(badAugment)
	}
	v := Variation{Width: width, Height: height}
	// Every number is drawn each time, so that a setting does not change the numbers that others get.
	area, ratio, x, y := r.Float64(), 2*r.Float64()-1, r.Float64(), r.Float64()
	smallest := a.MinArea
	if smallest == 0 {
		smallest = 1
	}
	if smallest < 1 || a.MaxRatio > 1 {
		area = 1 - area*(1-smallest)
		ratio = math.Pow(max(a.MaxRatio, 1), ratio)
		part := math.Sqrt(area)
		v.Width = min(max(int(math.Round(float64(width)*part*math.Sqrt(ratio))), 1), width)
		v.Height = min(max(int(math.Round(float64(height)*part/math.Sqrt(ratio))), 1), height)
	}
	v.X, v.Y = int(x*float64(width-v.Width+1)), int(y*float64(height-v.Height+1))
	v.Flip = r.Float64() < a.Flip
	for _, f := range []struct {
		to   *float32
		span float64
	}{{&v.Brightness, a.Brightness}, {&v.Contrast, a.Contrast}, {&v.Saturation, a.Saturation}} {
		*f.to = float32(1 + f.span*(2*r.Float64()-1))
	}
	return v
}

// Apply writes the variation of src to dst, which may be src. Both are height × width × 3 bytes of RGB.
func (v Variation) Apply(dst, src []byte, height, width int) {
	if height < 1 || width < 1 || len(src) != 3*height*width || len(dst) != len(src) {
		panic(badBytes)
	}
	if v.Width == 0 && v.Height == 0 {
		v.Width, v.Height = width, height
	}
	if v.X < 0 || v.Y < 0 || v.Width < 1 || v.Height < 1 || v.X+v.Width > width || v.Y+v.Height > height ||
		!(v.Brightness >= 0 && v.Contrast >= 0 && v.Saturation >= 0) {
		panic(badVariation)
	}
	if v.Width == width && v.Height == height {
		copy(dst, src)
	} else {
		v.resize(dst, src, height, width)
	}
	if v.Flip {
		mirror(dst, width)
	}
	if v.Brightness != 0 && v.Brightness != 1 {
		blendAll(dst, v.Brightness, 0)
	}
	if v.Contrast != 0 && v.Contrast != 1 {
		sum := 0
		for at := 0; at < len(dst); at += 3 {
			sum += luma(dst[at:])
		}
		mean := int(float64(sum)/float64(height*width) + 0.5)
		blendAll(dst, v.Contrast, float32(mean))
	}
	if v.Saturation != 0 && v.Saturation != 1 {
		for at := 0; at < len(dst); at += 3 {
			pixel := dst[at : at+3]
			grey := float32(luma(pixel))
			for c, value := range pixel {
				pixel[c] = blend(value, v.Saturation, grey)
			}
		}
	}
}

// resize scales the crop of src up to dst, as Pillow's resize with the bilinear filter.
func (v Variation) resize(dst, src []byte, height, width int) {
	r := newResizer(newFilter(v.Width, width, width, Bilinear), newFilter(v.Height, height, height, Bilinear))
	row := make([]byte, 4*(r.x1-r.x0))
	for y := r.y0; y < r.y1; y++ {
		from := src[3*((v.Y+y)*width+v.X+r.x0):]
		for x := range r.x1 - r.x0 {
			copy(row[4*x:], from[3*x:3*x+3])
		}
		r.Rows(y, row, 1)
	}
	r.Finish(dst)
}

// mirror flips a picture horizontally.
func mirror(rgb []byte, width int) {
	for at := 0; at < len(rgb); at += 3 * width {
		row := rgb[at : at+3*width]
		for i, j := 0, 3*(width-1); i < j; i, j = i+3, j-3 {
			row[i], row[j] = row[j], row[i]
			row[i+1], row[j+1] = row[j+1], row[i+1]
			row[i+2], row[j+2] = row[j+2], row[i+2]
		}
	}
}

// luma is a pixel's brightness by ITU-R 601-2 in fixed point, as in Pillow.
func luma(rgb []byte) int {
	return (19595*int(rgb[0]) + 38470*int(rgb[1]) + 7471*int(rgb[2]) + 1<<15) >> 16
}

// blendAll applies blend to all values.
func blendAll(rgb []byte, factor, from float32) {
	var table [256]byte
	for v := range table {
		table[v] = blend(byte(v), factor, from)
	}
	for i, v := range rgb {
		rgb[i] = table[v]
	}
}

// blend interpolates between from (factor 0) and value (factor 1), and extrapolates for larger factors. It is Pillow's
// Image.blend, which truncates fractions.
func blend(value byte, factor, from float32) byte {
	// The conversion prevents a fused multiply-add, so that the result is the same on every machine.
	v := from + float32(factor*(float32(value)-from))
	if v <= 0 {
		return 0
	}
	if v >= 255 {
		return 255
	}
	return byte(v)
}
