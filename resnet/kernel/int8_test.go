package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// int8s is n weights of eight bits, −128 too, which a file of another program may hold.
func int8s(r *rand.Rand, n int) []byte {
	w := make([]byte, n)
	for i := range w {
		w[i] = byte(r.IntN(256))
	}
	return w
}

// positive is n floats of a normal distribution, those below zero cut off: what ReLU leaves.
func positive(r *rand.Rand, n int) []float32 {
	x := random(r, n)
	for i := range x {
		x[i] = max(0, x[i])
	}
	return x
}

// int8Tolerance: the sums are exact, so what differs is the roundings of the epilogue, as the kernel may fuse a product with a sum: three at most
// of values that are no larger than the result and its parts.
func int8Tolerance(sum, bias, residual float32) float64 {
	return 3 * 0x1p-24 * 2 * (math.Abs(float64(sum)) + math.Abs(float64(bias)) + math.Abs(float64(residual)))
}

func TestConvInt8(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, c := range cases() {
		c.k *= 4 // 4 … 76: one step of the inner loop, then unrolled by 4 and by 8
		scale, bias := random(r, c.n), random(r, c.n)
		w := PackInt8(int8s(r, c.n*c.taps*c.k), c.n, c.k, c.taps, 1, scale, bias)
		src := positive(r, (c.m+c.taps)*c.k)
		rows := NewRows(c.m, c.taps, func(row, tap int) int {
			if (row+tap)%5 == 4 {
				return Zeros
			}
			return (row + tap) * c.k
		})
		need := (c.m-1)*c.ld + c.n
		e := Epilogue{ReLU: c.relu}
		if c.residual {
			e.Residual = random(r, need)
		}
		bytes := make([]uint8, len(src))
		factor := quantiseFactor(largestReference(src))
		quantiseReference(bytes, src, factor)
		want, sums := make([]float32, need), make([]float32, need)
		for i := range want {
			want[i], sums[i] = guard, guard
		}
		convInt8Reference(want, c.ld, bytes, 1/factor, rows, w, e)
		convInt8Reference(sums, c.ld, bytes, 1/factor, rows, w, Epilogue{})
		got, check := guarded(need)
		ConvInt8(got, c.ld, src, rows, w, e)
		check(t)
		for i := range want {
			channel, residual := i%c.ld, float32(0)
			if channel >= c.n {
				if got[i] != guard {
					t.Fatalf("%v: wrote between two rows, at %d", c, i)
				}
				continue
			}
			if e.Residual != nil {
				residual = e.Residual[i]
			}
			if math.Abs(float64(got[i]-want[i])) > int8Tolerance(sums[i]-bias[channel], bias[channel], residual) {
				t.Fatalf("%v: row %d channel %d is %v, want %v", c, i/c.ld, channel, got[i], want[i])
			}
		}
	}
}

// TestConvInt8Extremes: the largest inputs with the largest weights of either sign, in the deepest sum that CanInt8 allows. A pair of products that
// did not fit into 16 bits would show, and so would a sum that did not fit into 32.
func TestConvInt8Extremes(t *testing.T) {
	const k = 1 << 17
	src := slices.Repeat([]float32{1}, k)
	rows := NewRows(1, 1, func(int, int) int { return 0 })
	for _, weight := range []int8{127, -127, -128} {
		w := PackInt8(slices.Repeat([]byte{byte(weight)}, k), 1, k, 1, 1, []float32{1}, []float32{0})
		got := make([]float32, 1)
		ConvInt8(got, 1, src, rows, w, Epilogue{})
		// The sum is 127·weight·2¹⁷, and the input's scale 1/127. The scale and the product are rounded once each.
		if want := float64(weight) * k; math.Abs(float64(got[0])-want) > 2*0x1p-24*math.Abs(want) {
			t.Errorf("the sum of %d products of 127 and %d is %v, want %v", k, weight, got[0], want)
		}
	}
	if CanInt8(1, k+4) || CanInt8(9, 6) {
		t.Error("CanInt8 allows a sum that does not fit into 32 bits, or channels that are no fours")
	}
}

// TestQuantise holds the bytes to the reference, exactly, for every tail of a unit, and for values that no layer should give.
func TestQuantise(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	cases := [][]float32{
		{}, {0, 0, 0, 0}, {0.5, 1.5, 2.5, 127}, {-1, 2, float32(math.Inf(-1)), -0.1}, {nan, 1, 0, 2}, {1e-38, 0, 0, 0}, {inf, 1, 2, 3},
		{math.MaxFloat32, 1, 0, 0}, positive(r, 1<<16+20),
	}
	for n := 4; n <= 100; n += 4 {
		cases = append(cases, random(r, n))
	}
	for _, src := range cases {
		most := largestReference(src)
		if got := largest(src); got != most {
			t.Errorf("the largest of %.8v is %v, want %v", src, got, most)
		}
		const guardByte = 0xAB
		all := slices.Repeat([]byte{guardByte}, len(src)+32)
		got, want := all[16:16+len(src)], make([]uint8, len(src))
		scale := quantise(got, src)
		factor := quantiseFactor(most)
		quantiseReference(want, src, factor)
		if factor == 0 {
			clear(want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%.8v in 7 bits is %v, want %v", src, got, want)
		}
		for i := range 16 {
			if all[i] != guardByte || all[16+len(src)+i] != guardByte {
				t.Fatalf("%d values: wrote outside of the buffer", len(src))
			}
		}
		for i, x := range src {
			// A value is off by half a step at most, and by the roundings of the factor, the product and the scale.
			if x >= 0 && factor != 0 && math.Abs(float64(scale)*float64(got[i])-float64(x)) > float64(scale)*0.5001 {
				t.Errorf("%v became %d times %v", x, got[i], scale)
			}
		}
	}
}

// TestInt8Use: what each machine's instructions make of four products is written down here as their manuals have it.
func TestInt8Use(t *testing.T) {
	saturated := func(x int) int { return max(math.MinInt16, min(math.MaxInt16, x)) }
	wrapped := func(x int) int { return int(int16(x)) }
	// by adds up products of inputs that are read so, a pair of them first.
	by := func(read func(uint8) int, pair func(int) int) func([4]uint8, [4]int8) float32 {
		return func(x [4]uint8, w [4]int8) float32 {
			product := func(i int) int { return read(x[i]) * int(w[i]) }
			return float32(pair(product(0)+product(1)) + pair(product(2)+product(3)))
		}
	}
	unsigned := func(x uint8) int { return int(x) }
	signed := func(x uint8) int { return int(int8(x)) }
	exact := func(x int) int { return x }
	for _, c := range []struct {
		name  string
		dot   func([4]uint8, [4]int8) float32
		fused bool
		want  Int8Use
	}{
		{"x86 with vpdpbusd", by(unsigned, exact), true, Int8Everywhere},
		{"x86 with vpdpbssd", by(signed, exact), true, Int8Everywhere},
		{"x86 with pmaddubsw and pmaddwd", by(unsigned, saturated), true, Int8Nowhere},
		{"x86 without fused multiply-add", by(unsigned, saturated), false, Int8Nowhere},
		{"ARM with sdot", by(signed, exact), true, Int8Everywhere},
		{"ARM with smull and addp", by(signed, wrapped), true, Int8Nowhere},
		{"plain SIMD", by(signed, exact), false, Int8Direct},
		{"an engine that takes weights as unsigned", func(x [4]uint8, w [4]int8) float32 {
			return by(unsigned, exact)([4]uint8{uint8(w[0]), uint8(w[1]), uint8(w[2]), uint8(w[3])}, [4]int8{int8(x[0]), int8(x[1]), int8(x[2]), int8(x[3])})
		}, true, Int8Nowhere},
	} {
		if got := int8Use(c.dot, c.fused); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPackInt8 holds the layout to its definition: the depth's order is height, width, channel.
func TestPackInt8(t *testing.T) {
	const n, c, kh, kw = 11, 8, 2, 3
	r := rand.New(rand.NewPCG(25, 26))
	w := int8s(r, n*c*kh*kw)
	p := PackInt8(w, n, c, kh, kw, random(r, n), random(r, n))
	for o := range n {
		for i := range c {
			for at := range kh * kw {
				if got, want := p.at(at*c+i, o), int8(w[(o*c+i)*kh*kw+at]); got != want {
					t.Errorf("weight %d,%d,%d is %v, want %v", o, i, at, got, want)
				}
			}
		}
	}
}

func TestConvInt8Panics(t *testing.T) {
	w := PackInt8(make([]byte, 8), 2, 4, 1, 1, make([]float32, 2), make([]float32, 2))
	rows := NewRows(4, 1, func(row, _ int) int { return 4 * row })
	testPanics(t, map[string]func(){
		badDst: func() { ConvInt8(make([]float32, 7), 2, make([]float32, 16), rows, w, Epilogue{}) },
		badSrc: func() { ConvInt8(make([]float32, 8), 2, make([]float32, 12), rows, w, Epilogue{}) },
		badResidual: func() {
			ConvInt8(make([]float32, 8), 2, make([]float32, 16), rows, w, Epilogue{Residual: make([]float32, 1)})
		},
		badRows: func() {
			ConvInt8(make([]float32, 8), 2, make([]float32, 16), NewRows(4, 2, func(int, int) int { return 0 }), w, Epilogue{})
		},
		badWeights: func() { PackInt8(make([]byte, 7), 2, 4, 1, 1, make([]float32, 2), make([]float32, 2)) },
		badBias:    func() { PackInt8(make([]byte, 8), 2, 4, 1, 1, make([]float32, 2), nil) },
		badInt8:    func() { PackInt8(make([]byte, 6), 2, 3, 1, 1, make([]float32, 2), make([]float32, 2)) },
	})
}

// BenchmarkConvInt8 times convolutions of ResNet-50 in eight bits, with and without rounding the input, and in float32, where a 3×3 goes by
// Winograd. They take turns, and the fastest turn of each counts, so that other programs on the machine disturb it little.
// GOP/s are by the definition's count.
func BenchmarkConvInt8(b *testing.B) {
	for _, s := range []struct{ side, size, in, out int }{
		{56, 1, 64, 64}, {56, 1, 64, 256}, {56, 1, 256, 64}, {28, 1, 512, 128}, {14, 1, 1024, 256}, {14, 1, 256, 1024}, {7, 1, 2048, 512},
		{56, 3, 64, 64}, {28, 3, 128, 128}, {14, 3, 256, 256}, {7, 3, 512, 512},
	} {
		m, taps := s.side*s.side, s.size*s.size
		rows := NewRows(m, taps, func(row, tap int) int {
			y, x := row/s.side+tap/s.size-s.size/2, row%s.side+tap%s.size-s.size/2
			if y < 0 || y >= s.side || x < 0 || x >= s.side {
				return Zeros
			}
			return (y*s.side + x) * s.in
		})
		ones := slices.Repeat([]float32{1}, s.out)
		src, dst := slices.Repeat([]float32{1}, m*s.in), make([]float32, m*s.out)
		b.Run(fmt.Sprintf("%dx%d/%dx%dx%d", s.size, s.size, s.side, s.in, s.out), func(b *testing.B) {
			e := Epilogue{ReLU: true}
			w := PackInt8(make([]byte, s.out*taps*s.in), s.out, s.in, s.size, s.size, ones, ones)
			bytes := make([]uint8, len(src))
			floats := make([]float32, s.out*taps*s.in)
			direct := Pack(floats, s.out, s.in, s.size, s.size, ones, ones)
			turns := []struct {
				name string
				conv func()
				best time.Duration
			}{
				{"int8", func() { ConvInt8(dst, s.out, src, rows, w, e) }, time.Hour},
				{"alone", func() { convInt8(dst, s.out, bytes, 1, rows, w, e) }, time.Hour},
				{"float32", func() { Conv(dst, s.out, src, rows, direct, e) }, time.Hour},
			}
			if s.size == 3 {
				u := PackWinograd(floats, s.out, s.in, ones, ones)
				turns[2].conv = func() { ConvWinograd(dst, src, s.side, s.side, u, e) }
			}
			for b.Loop() {
				for i := range turns {
					start := time.Now()
					turns[i].conv()
					turns[i].best = min(turns[i].best, time.Since(start))
				}
			}
			for _, turn := range turns {
				b.ReportMetric(2*float64(m*taps*s.in*s.out)/turn.best.Seconds()/1e9, turn.name+"-GOP/s")
			}
		})
	}
}
