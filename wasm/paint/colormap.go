package paint

//go:generate go run ./gen ../../web/static/zcolours.js

import "github.com/seed8935e608/residua/wasm/proto"

// Color is the bytes R, G, B, A of a colour as one little-endian number.
type Color uint32

// rgb makes an opaque colour of 0xRRGGBB.
func rgb(hex uint32) Color {
	return Color(hex>>16&0xff | hex&0xff00 | hex&0xff<<16 | 0xff<<24)
}

func (c Color) r() uint32 { return uint32(c) & 0xff }
func (c Color) g() uint32 { return uint32(c) >> 8 & 0xff }
func (c Color) b() uint32 { return uint32(c) >> 16 & 0xff }

// ramp is the colour of each byte.
type ramp [256]Color

// A colormap is given by 17 colours, 0xRRGGBB, at equal distances. A spline through them is within 4 of 255 of the
// published tables of 256 colours.
var (
	// viridis and magma are Stéfan van der Walt's and Nathaniel Smith's (2015, CC0): lightness rises evenly from end to
	// end, also for eyes that see no red or no green.
	viridis = spline([17]uint32{
		0x440154, 0x48186a, 0x472d7b, 0x424086, 0x3b528b, 0x33638d, 0x2c728e, 0x26828e, 0x21918c,
		0x1f9f88, 0x27ad81, 0x3dbc74, 0x5cc863, 0x81d34d, 0xaadc32, 0xd5e21a, 0xfde725})
	magma = spline([17]uint32{
		0x000004, 0x0a0822, 0x1d1147, 0x36106b, 0x51127c, 0x6a1c81, 0x832681, 0x9c2e7f, 0xb73779,
		0xcf4070, 0xe55064, 0xf4695c, 0xfb8761, 0xfea571, 0xfec287, 0xfde0a1, 0xfcfdbf})

	// The diverging maps are blue below zero and orange above, two hues that nobody confuses. In OKLCH (Ottosson,
	// 2020), with t in −1 … 1 and s = sin(90°·min(1, 1.25·|t|)), on a light page L = 0.975 − 0.5·|t|, C = 0.13·s, hue
	// 252° or 47°: zero is white. On a dark page L = 0.22 + 0.57·|t|, C = 0.11·s, hue 245° or 55°: zero is nearly
	// black.
	divergingLight = spline([17]uint32{
		0x155da2, 0x2b70b6, 0x4083cb, 0x5797dc, 0x73aae8, 0x91bef1, 0xb1d1f5, 0xd4e4f7, 0xf7f7f7,
		0xf5dcd1, 0xf1c2ac, 0xe9a98a, 0xde906a, 0xcf7a4d, 0xbd6535, 0xa9521f, 0x943f03})
	divergingDark = spline([17]uint32{
		0x7cc2fd, 0x65abe5, 0x5095cd, 0x3e7fb2, 0x326995, 0x2a5577, 0x254157, 0x202d38, 0x1b1b1b,
		0x36281f, 0x533622, 0x704526, 0x8c552d, 0xa86738, 0xc17b49, 0xd9915e, 0xf1a774})
)

// Ramp is a colormap on a light or a dark page, from the lowest value to the highest.
func Ramp(m proto.ViewColormap, dark bool) [256]Color {
	to, _ := choose(m, proto.ViewScale{}, dark)
	return *to
}

// spline is the Catmull-Rom spline through 17 colours, at 256 places. It computes in integers, so that every machine
// gives the same bytes.
func spline(hex [17]uint32) *ramp {
	var points [17]Color
	for i, h := range hex {
		points[i] = rgb(h)
	}
	at := func(i int, shift uint) int64 { return int64(points[min(max(i, 0), 16)] >> shift & 0xff) }
	m := new(ramp)
	for i := range m {
		k, t := i*16/255, int64(i*16%255) // t/255 of the way from point k to k+1
		var c Color
		for _, shift := range [...]uint{0, 8, 16} {
			a, b, d, e := at(k-1, shift), at(k, shift), at(k+1, shift), at(k+2, shift)
			const n = 255
			v := 2*b*n*n*n + (d-a)*t*n*n + (2*a-5*b+4*d-e)*t*t*n + (3*b-a-3*d+e)*t*t*t
			v = (v + n*n*n) / (2 * n * n * n)
			c |= Color(min(max(v, 0), 255)) << shift
		}
		m[i] = c | 0xff<<24
	}
	return m
}

// choose is the colormap for values of a scale. For values of both signs it is always the diverging one, because the
// other two have no colour for zero.
func choose(want proto.ViewColormap, s proto.ViewScale, dark bool) (m *ramp, diverging bool) {
	switch {
	case want == proto.ColormapDiverging || s.Lo < 0:
		if dark {
			return divergingDark, true
		}
		return divergingLight, true
	case want == proto.ColormapMagma:
		return magma, false
	}
	return viridis, false
}

// fillRamp fills to with the colour of each byte of a map. A diverging colormap has its middle at the value 0, wherever
// that is in the scale.
func fillRamp(to *ramp, want proto.ViewColormap, s proto.ViewScale, dark bool) {
	m, diverging := choose(want, s, dark)
	if !diverging {
		*to = *m
		return
	}
	most := float64(max(-s.Lo, s.Hi))
	for p := range to {
		t := 0.5
		if most > 0 {
			t += s.Value(byte(p)) / most / 2
		}
		to[p] = m[int(t*255+0.5)]
	}
}
