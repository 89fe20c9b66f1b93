package weights

import (
	"math"
	"math/rand/v2"
	"testing"
)

// halfValue is the format's definition in exact float64 arithmetic.
func halfValue(h uint16) float64 {
	sign := 1 - 2*float64(h>>15)
	exponent, fraction := int(h>>10&31), float64(h&0x3ff)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

func TestFloat16AllValues(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		want := halfValue(h)
		got := Float16(h)
		if math.IsNaN(want) {
			if got == got {
				t.Errorf("Float16(%#04x) = %v, want NaN", h, got)
			}
			if back := Float16bits(got); back&signless16 <= inf16 {
				t.Errorf("the NaN %#04x comes back as %#04x", h, back)
			}
			continue
		}
		if float64(got) != want || math.Signbit(float64(got)) != math.Signbit(want) {
			t.Errorf("Float16(%#04x) = %v, want %v", h, got, want)
		}
		if back := Float16bits(got); back != h {
			t.Errorf("Float16bits(%v) = %#04x, want %#04x", got, back, h)
		}
	}
}

// TestFloat16bitsRounds checks every value where rounding decides: the middle of each pair of neighbours, and the
// float32 just below and above it.
func TestFloat16bitsRounds(t *testing.T) {
	for h := uint16(0); h < inf16; h++ {
		// The value after the largest float16 would be 2^16, which becomes infinity.
		next := 65536.0
		if h+1 < inf16 {
			next = halfValue(h + 1)
		}
		middle := float32((halfValue(h) + next) / 2) // exact: 12 bits
		even := h + h&1
		for _, c := range []struct {
			f    float32
			want uint16
		}{
			{math.Nextafter32(middle, 0), h},
			{middle, even},
			{math.Nextafter32(middle, math.MaxFloat32), h + 1},
		} {
			if got := Float16bits(c.f); got != c.want {
				t.Fatalf("Float16bits(%v) = %#04x, want %#04x", c.f, got, c.want)
			}
			if got := Float16bits(-c.f); got != c.want|0x8000 {
				t.Fatalf("Float16bits(%v) = %#04x, want %#04x", -c.f, got, c.want|0x8000)
			}
		}
	}
}

func TestFloat16bitsExtremes(t *testing.T) {
	for _, c := range []struct {
		f    float32
		want uint16
	}{
		{0, 0}, {float32(math.Copysign(0, -1)), 0x8000},
		{1, 0x3c00}, {-2, 0xc000}, {65504, 0x7bff},
		{math.MaxFloat32, inf16}, {-math.MaxFloat32, 0x8000 | inf16},
		{float32(math.Inf(1)), inf16}, {float32(math.Inf(-1)), 0x8000 | inf16},
		{math.SmallestNonzeroFloat32, 0}, {0x1p-24, 1}, {0x1p-14, 0x400},
	} {
		if got := Float16bits(c.f); got != c.want {
			t.Errorf("Float16bits(%v) = %#04x, want %#04x", c.f, got, c.want)
		}
	}
}

// TestBfloat16bits compares with the nearer of the two neighbours.
func TestBfloat16bits(t *testing.T) {
	value := func(b uint16) float64 { return float64(math.Float32frombits(uint32(b) << 16)) }
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		f := math.Float32frombits(rng.Uint32() &^ (1 << 30)) // |f| < 2, so the neighbour above is finite
		down := uint16(math.Float32bits(f) >> 16)
		up := down + 1
		below, above := math.Abs(float64(f)-value(down)), math.Abs(value(up)-float64(f))
		want := down
		if above < below || above == below && down&1 == 1 {
			want = up
		}
		if got := bfloat16bits(f); got != want {
			t.Fatalf("bfloat16bits(%v) = %#04x, want %#04x", f, got, want)
		}
	}
	for _, bits := range []uint32{0x7f800001, 0xffffffff, 0x7fc00000} {
		if got := bfloat16bits(math.Float32frombits(bits)); got&signless16 <= infB16 {
			t.Errorf("the NaN %#08x becomes %#04x", bits, got)
		}
	}
}

// BenchmarkAppendFloat32 decodes 25 million float16 values, as many as ResNet-50 has, normal with a standard deviation
// of 0.02 like weights.
func BenchmarkAppendFloat32(b *testing.B) {
	const n = 25 << 20
	rng := rand.New(rand.NewPCG(1, 2))
	values := make([]float32, 1<<20)
	for i := range values {
		values[i] = float32(rng.NormFloat64() * 0.02)
	}
	for _, dtype := range []DType{F32, F16, BF16} {
		part, err := NewTensor("x", dtype, []int{len(values)}, values)
		if err != nil {
			b.Fatal(err)
		}
		x := Tensor{Name: "x", DType: dtype, Shape: []int{n}}
		for len(x.Data) < n*dtype.Size() {
			x.Data = append(x.Data, part.Data...)
		}
		dst := make([]float32, 0, n)
		b.Run(string(dtype), func(b *testing.B) {
			b.SetBytes(int64(len(x.Data)))
			for b.Loop() {
				if _, err := x.AppendFloat32(dst); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
