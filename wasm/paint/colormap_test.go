package paint

import (
	"math"
	"testing"

	"github.com/seed8935e608/residua/wasm/proto"
)

// linear is a channel's light, of 0 … 255 in sRGB.
func linear(v uint32) float64 {
	c := float64(v) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

// lightness is CIE L*, 0 … 100.
func lightness(c Color) float64 {
	y := 0.2126*linear(c.r()) + 0.7152*linear(c.g()) + 0.0722*linear(c.b())
	if y > 216.0/24389 {
		return 116*math.Cbrt(y) - 16
	}
	return y * 24389 / 27
}

// TestLightness: more is lighter in viridis and magma, from step to step, and no part of the scale is flat; so the
// picture keeps its order in grey, and for every eye. The diverging maps do so on either side of zero.
func TestLightness(t *testing.T) {
	for name, m := range map[string]struct {
		ramp     *ramp
		from, to int
		span     float64 // of lightness that it runs through
	}{
		"viridis":                         {viridis, 0, 255, 70},
		"magma":                           {magma, 0, 255, 95},
		"diverging, light, below":         {divergingLight, 0, 127, 50},
		"diverging, light, above":         {divergingLight, 255, 128, 50},
		"diverging, dark pageSize, below": {divergingDark, 127, 0, 60},
		"diverging, dark pageSize, above": {divergingDark, 128, 255, 60},
	} {
		step := 1
		if m.to < m.from {
			step = -1
		}
		last := lightness(m.ramp[m.from])
		for i := m.from + step; i != m.to+step; i += step {
			// Colours are whole numbers, so a step may stand still, and go back by what rounding one channel makes.
			if l := lightness(m.ramp[i]); l < last-0.15 {
				t.Errorf("%s: the lightness falls from %.2f to %.2f at %d", name, last, l, i)
			} else {
				last = l
			}
		}
		if span := last - lightness(m.ramp[m.from]); span < m.span {
			t.Errorf("%s runs through %.1f of lightness only", name, span)
		}
		// Each sixteenth of the map brings its share, give or take two thirds of it.
		n := (m.to - m.from) * step
		for k := range 16 {
			a, b := m.from+step*k*n/16, m.from+step*(k+1)*n/16
			share := lightness(m.ramp[b]) - lightness(m.ramp[a])
			if even := (last - lightness(m.ramp[m.from])) / 16; share < even/3 || share > even*5/3 {
				t.Errorf("%s: from %d to %d the lightness rises by %.2f, want about %.2f", name, a, b, share, even)
			}
		}
	}
}

// oklch is a colour by its OKLCH coordinates, as Ottosson defines them.
func oklch(l, c, hue float64) [3]float64 {
	a, b := c*math.Cos(hue*math.Pi/180), c*math.Sin(hue*math.Pi/180)
	cube := func(v float64) float64 { return v * v * v }
	lms := [3]float64{
		cube(l + 0.3963377774*a + 0.2158037573*b),
		cube(l - 0.1055613458*a - 0.0638541728*b),
		cube(l - 0.0894841775*a - 1.2914855480*b),
	}
	rgb := [3]float64{
		4.0767416621*lms[0] - 3.3077115913*lms[1] + 0.2309699292*lms[2],
		-1.2684380046*lms[0] + 2.6097574011*lms[1] - 0.3413193965*lms[2],
		-0.0041960863*lms[0] - 0.7034186147*lms[1] + 1.7076147010*lms[2],
	}
	for i, v := range rgb {
		v = min(max(v, 0), 1)
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		rgb[i] = v * 255
	}
	return rgb
}

// TestDivergingFormula holds the diverging maps to the formulas that their comment gives.
func TestDivergingFormula(t *testing.T) {
	for name, m := range map[string]struct {
		ramp                       *ramp
		zero, rise, chroma, lo, hi float64
	}{
		"light": {divergingLight, 0.975, -0.5, 0.13, 252, 47},
		"dark":  {divergingDark, 0.22, 0.57, 0.11, 245, 55},
	} {
		for i, c := range m.ramp {
			u := float64(i)/127.5 - 1
			hue := m.hi
			if u < 0 {
				hue = m.lo
			}
			want := oklch(m.zero+m.rise*math.Abs(u), m.chroma*math.Sin(math.Pi/2*min(1, 1.25*math.Abs(u))), hue)
			for k, got := range []uint32{c.r(), c.g(), c.b()} {
				// The spline cuts the kinks at 0 and ±0.8 a little.
				if math.Abs(float64(got)-want[k]) > 5 {
					t.Errorf("%s: colour %d has %d in channel %d, the formula says %.1f", name, i, got, k, want[k])
				}
			}
		}
	}
}

// TestColours: zero has the middle of a diverging map wherever it lies in the scale, and equal distances from it have
// equal weight.
func TestColours(t *testing.T) {
	var r ramp
	for _, s := range []proto.ViewScale{{Lo: -1, Hi: 1}, {Lo: -0.5, Hi: 2}, {Lo: -3, Hi: 1}, {Lo: -2, Hi: 0}} {
		for _, want := range proto.ViewColormaps { // all are diverging where there are negative values
			fillRamp(&r, want, s, false)
			for p := range r {
				v := s.Value(byte(p)) / float64(max(-s.Lo, s.Hi))
				at := 127.5 + 127.5*v
				below, above := divergingLight[int(math.Floor(at))], divergingLight[int(math.Ceil(at))]
				if r[p] != below && r[p] != above {
					t.Errorf("scale %v: byte %d, which is %.3f of the most, does not have the colour of that", s, p, v)
				}
			}
		}
	}
	byName := map[proto.ViewColormap]*ramp{proto.ColormapViridis: viridis, proto.ColormapMagma: magma, "": viridis}
	for want, m := range byName {
		if fillRamp(&r, want, proto.ViewScale{Lo: 0, Hi: 4}, true); r != *m {
			t.Errorf("%q does not give its map", want)
		}
	}
	fillRamp(&r, proto.ColormapDiverging, proto.ViewScale{Lo: 0, Hi: 4}, true)
	if r[0] != divergingDark[128] || r[255] != divergingDark[255] {
		t.Error("of a diverging map, values without a sign do not have the upper half")
	}
	if fillRamp(&r, proto.ColormapDiverging, proto.ViewScale{}, true); r[0] != divergingDark[128] {
		t.Error("a scale of zeros is not zero's colour")
	}
}
