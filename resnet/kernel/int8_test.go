package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
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

// int8Tolerance: the sums are exact, so what differs is the roundings of the epilogue, as the kernel may fuse a product
// with a sum: three at most of values that are no larger than the result and its parts.
func int8Tolerance(sum, bias, residual float32) float64 {
	return 3 * 0x1p-24 * 2 * (math.Abs(float64(sum)) + math.Abs(float64(bias)) + math.Abs(float64(residual)))
}

// newInt8Rows is a table of rows for ConvInt8 on this machine.
func newInt8Rows(m, taps int, at func(row, tap int) int) *Rows {
	return newRows(m, taps, int8Tile(m, here().int8), at)
}

// TestConvInt8 holds every kernel for eight bits to the reference loop.
func TestConvInt8(t *testing.T) {
	for _, operands := range int8Operands() {
		for _, tile := range int8Tiles(operands) {
			t.Run(fmt.Sprintf("%v, tiles of %d", operands, tile),
				func(t *testing.T) { testConvInt8(t, operands, tile) })
		}
	}
}

func testConvInt8(t *testing.T, operands layout.Operands, tile int) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, c := range cases() {
		c.k *= 4 // 4 … 76: one step of the inner loop, then unrolled by 4 and by 8
		scale, bias := random(r, c.n), random(r, c.n)
		weights := int8s(r, c.n*c.taps*c.k)
		if c.m%3 == 0 { // weights of which the sums of two steps fit into 16 bits
			for i := range weights {
				weights[i] = byte(int8(weights[i]) / 2)
			}
		}
		w := packInt8(operands, weights, c.n, c.k, c.taps, 1, scale, bias)
		src := positive(r, (c.m+c.taps)*c.k)
		rows := newRows(c.m, c.taps, tile, func(row, tap int) int {
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

// TestFitsTwice: four weights of one sign may add up to 258, as 258·127 is the largest multiple of 127 that 16 bits
// hold. At that bound, and beyond, the kernel's sums are right.
func TestFitsTwice(t *testing.T) {
	for _, c := range []struct {
		four [4]int8
		fits bool
	}{
		{[4]int8{127, 127, 4, 0}, true},
		{[4]int8{127, 4, 127, 1}, false},
		{[4]int8{-127, -4, 0, -127}, true},
		{[4]int8{-128, -128, -2, 0}, true},
		{[4]int8{-128, -128, -3, 0}, false},
		{[4]int8{127, 127, -128, -128}, true},
		{[4]int8{127, 127, 127, 127}, false},
		{[4]int8{-128, -128, -128, -128}, false},
	} {
		const k = 8 * 9 // nine times two steps
		w := make([]byte, k)
		var sum int
		for i := range w {
			x := c.four[i%8/4*2+i%2] // a lane's weights are 0, 1, 4 and 5 of eight, or 2, 3, 6 and 7
			w[i] = byte(x)
			sum += int(x)
		}
		rows := newRows(1, 1, 4, func(int, int) int { return 0 })
		for _, operands := range int8Operands() {
			p := packInt8(operands, w, 1, k, 1, 1, []float32{1}, []float32{0})
			if want := operands == layout.Pairs && c.fits; (p.head[0].FitsTwice != 0) != want {
				t.Errorf("%v: %v fits twice: %v", operands, c.four, !want)
			}
			got := make([]float32, 1)
			ConvInt8(got, 1, slices.Repeat([]float32{127}, k), rows, p, Epilogue{})
			if got[0] != float32(127*sum) {
				t.Errorf("%v: the sum of 127·%v is %v, want %v", operands, c.four, got[0], 127*sum)
			}
		}
		panel := packInt8(layout.Pairs, w, 1, k, 1, 1, []float32{1}, []float32{0}).data
		if got := fitsTwice(panel, k); got != c.fits {
			t.Errorf("%v fits twice: %v", c.four, got)
		}
	}
}

// TestInt8OperandsAgree: the sums are exact, and what follows them is the same code, so all operands give the same
// floats.
func TestInt8OperandsAgree(t *testing.T) {
	const m, n, k = 23, 20, 84
	r := rand.New(rand.NewPCG(27, 28))
	weights, src, scale, bias := int8s(r, n*k), positive(r, m*k), random(r, n), random(r, n)
	var first []float32
	for _, operands := range int8Operands() {
		for _, tile := range int8Tiles(operands) {
			dst := make([]float32, m*n)
			rows := newRows(m, 1, tile, func(row, _ int) int { return row * k })
			w := packInt8(operands, weights, n, k, 1, 1, scale, bias)
			ConvInt8(dst, n, src, rows, w, Epilogue{ReLU: true, Residual: src[:m*n]})
			if first == nil {
				first = dst
			}
			if !slices.Equal(dst, first) {
				t.Errorf("%v with tiles of %d rows gives other floats than what came first", operands, tile)
			}
		}
	}
}

// TestConvInt8Extremes: the largest inputs with the largest weights of either sign, in the deepest sum that canInt8
// allows. A pair of products that did not fit into 16 bits would show, and so would a sum that did not fit into 32.
func TestConvInt8Extremes(t *testing.T) {
	const k = 1 << 17
	src := slices.Repeat([]float32{1}, k)
	rows := newRows(1, 1, 4, func(int, int) int { return 0 })
	for _, operands := range int8Operands() {
		for _, weight := range []int8{127, -127, -128} {
			w := packInt8(operands, slices.Repeat([]byte{byte(weight)}, k), 1, k, 1, 1, []float32{1}, []float32{0})
			got := make([]float32, 1)
			ConvInt8(got, 1, src, rows, w, Epilogue{})
			// The sum is 127·weight·2¹⁷, and the input's scale 1/127. The scale and the product are rounded once each.
			if want := float64(weight) * k; math.Abs(float64(got[0])-want) > 2*0x1p-24*math.Abs(want) {
				t.Errorf("%v: the sum of %d products of 127 and %d is %v, want %v", operands, k, weight, got[0], want)
			}
		}
	}
	if canInt8(1, k+4) || canInt8(9, 6) {
		t.Error("canInt8 allows a sum that does not fit into 32 bits, or channels that are no fours")
	}
}

// TestQuantise holds the bytes to the reference, exactly, for every tail of a unit, and for values that no layer should
// give.
func TestQuantise(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	cases := [][]float32{
		{}, {0, 0, 0, 0}, {0.5, 1.5, 2.5, 127}, {-1, 2, float32(math.Inf(-1)), -0.1}, {nan, 1, 0, 2}, {1e-38, 0, 0, 0},
		{inf, 1, 2, 3},
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
		factor := quantiseFactor(most)
		want := make([]uint8, len(src))
		quantiseReference(want, src, factor)
		if factor == 0 {
			clear(want)
		}
		sizes := []int{1}
		if slices.Contains(int8Operands(), layout.Words) {
			sizes = append(sizes, 2)
		}
		var got []uint8
		var scale float32
		for _, size := range sizes {
			const guardByte = 0xAB
			all := slices.Repeat([]byte{guardByte}, size*len(src)+32)
			scale = quantise(all[16:16+size*len(src)], src, size)
			got = make([]uint8, len(src))
			for i := range got {
				got[i] = all[16+size*i]
				if size == 2 && all[16+size*i+1] != 0 {
					t.Fatalf("%.8v in words has more than 7 bits, at %d", src, i)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%.8v in 7 bits is %v, want %v", src, got, want)
			}
			for i := range 16 {
				if all[i] != guardByte || all[16+size*len(src)+i] != guardByte {
					t.Fatalf("%d values of %d bytes: wrote outside of the buffer", len(src), size)
				}
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

// TestInt8Choice: what each machine's instructions make of four products is written down here as their manuals have it.
func TestInt8Choice(t *testing.T) {
	type dot func([4]uint8, [4]int8) float32
	saturated := func(x int) int { return max(math.MinInt16, min(math.MaxInt16, x)) }
	wrapped := func(x int) int { return int(int16(x)) }
	// by adds up products of inputs that are read so, a pair of them first.
	by := func(read func(uint8) int, pair func(int) int) dot {
		return func(x [4]uint8, w [4]int8) float32 {
			product := func(i int) int { return read(x[i]) * int(w[i]) }
			return float32(pair(product(0)+product(1)) + pair(product(2)+product(3)))
		}
	}
	unsigned := func(x uint8) int { return int(x) }
	signed := func(x uint8) int { return int(int8(x)) }
	exact := func(x int) int { return x }
	swapped := func(x [4]uint8, w [4]int8) float32 {
		var inputs [4]uint8
		var weights [4]int8
		for i := range x {
			inputs[i], weights[i] = uint8(w[i]), int8(x[i])
		}
		return by(unsigned, exact)(inputs, weights)
	}
	missing := func([4]uint8, [4]int8) float32 { return float32(math.NaN()) }
	for _, c := range []struct {
		name         string
		bytes, pairs dot
		x86          bool
		operands     layout.Operands
		pays         bool
	}{
		{"x86 with vpdpbusd", by(unsigned, exact), by(unsigned, saturated), true, layout.Bytes, true},
		{"x86 with vpdpbssd", by(signed, exact), by(unsigned, saturated), true, layout.Bytes, true},
		{"x86 with pmaddubsw and pmaddwd", by(unsigned, saturated), by(unsigned, saturated), true, layout.Pairs, true},
		{"x86 whose engine has pairs wrong", by(unsigned, saturated), swapped, true, layout.Bytes, false},
		{"ARM with sdot", by(signed, exact), by(signed, wrapped), false, layout.Bytes, true},
		{"ARM with smull and addp", by(signed, wrapped), by(signed, wrapped), false, layout.Bytes, false},
		{"plain SIMD on x86", missing, missing, true, layout.Words, true},
		{"plain SIMD on ARM", missing, missing, false, layout.Words, false},
		{"x86 whose engine takes weights as unsigned", swapped, swapped, true, layout.Words, true},
		{"ARM whose engine takes weights as unsigned", swapped, swapped, false, layout.Words, false},
	} {
		operands, pays := int8Choice(func(operands layout.Operands, inputs [4]uint8, weights [4]int8) float32 {
			if operands == layout.Pairs {
				return c.pairs(inputs, weights)
			}
			return c.bytes(inputs, weights)
		}, c.x86)
		if operands != c.operands || pays != c.pays {
			t.Errorf("%s: %v, which pays: %v; want %v, %v", c.name, operands, pays, c.operands, c.pays)
		}
	}
}

// TestPackInt8 holds the layout to its definition: the depth's order is height, width, channel.
func TestPackInt8(t *testing.T) {
	const n, c, kh, kw = 11, 8, 2, 3
	r := rand.New(rand.NewPCG(25, 26))
	w := int8s(r, n*c*kh*kw)
	for _, operands := range []layout.Operands{layout.Bytes, layout.Pairs, layout.Words} {
		p := packInt8(operands, w, n, c, kh, kw, random(r, n), random(r, n))
		for o := range n {
			for i := range c {
				for at := range kh * kw {
					if got, want := p.at(at*c+i, o), int8(w[(o*c+i)*kh*kw+at]); got != want {
						t.Errorf("%v: weight %d,%d,%d is %v, want %v", operands, o, i, at, got, want)
					}
				}
			}
		}
	}
}

func TestConvInt8Panics(t *testing.T) {
	w := PackInt8(make([]byte, 8), 2, 4, 1, 1, make([]float32, 2), make([]float32, 2))
	rows := newInt8Rows(4, 1, func(row, _ int) int { return 4 * row })
	testPanics(t, map[string]func(){
		badDst: func() { ConvInt8(make([]float32, 7), 2, make([]float32, 16), rows, w, Epilogue{}) },
		badSrc: func() { ConvInt8(make([]float32, 8), 2, make([]float32, 12), rows, w, Epilogue{}) },
		badResidual: func() {
			ConvInt8(make([]float32, 8), 2, make([]float32, 16), rows, w, Epilogue{Residual: make([]float32, 1)})
		},
		badRows: func() {
			twoTaps := newInt8Rows(4, 2, func(int, int) int { return 0 })
			ConvInt8(make([]float32, 8), 2, make([]float32, 16), twoTaps, w, Epilogue{})
		},
		badWeights: func() { PackInt8(make([]byte, 7), 2, 4, 1, 1, make([]float32, 2), make([]float32, 2)) },
		badBias:    func() { PackInt8(make([]byte, 8), 2, 4, 1, 1, make([]float32, 2), nil) },
		badInt8:    func() { PackInt8(make([]byte, 6), 2, 3, 1, 1, make([]float32, 2), make([]float32, 2)) },
	})
}

// BenchmarkConvInt8 times convolutions of ResNet-50 in eight bits, with and without rounding the input, and in float32,
// where a 3×3 goes by Winograd. They take turns, and the fastest turn of each counts, so that other programs on the
// machine disturb it little. GOP/s are by the definition's count.
func BenchmarkConvInt8(b *testing.B) {
	for _, s := range []struct{ side, size, in, out int }{
		{56, 1, 64, 64}, {56, 1, 64, 256}, {56, 1, 256, 64}, {28, 1, 512, 128}, {14, 1, 1024, 256}, {14, 1, 256, 1024},
		{7, 1, 2048, 512},
		{56, 3, 64, 64}, {28, 3, 128, 128}, {14, 3, 256, 256}, {7, 3, 512, 512},
	} {
		m, taps := s.side*s.side, s.size*s.size
		at := func(row, tap int) int {
			y, x := row/s.side+tap/s.size-s.size/2, row%s.side+tap%s.size-s.size/2
			if y < 0 || y >= s.side || x < 0 || x >= s.side {
				return Zeros
			}
			return (y*s.side + x) * s.in
		}
		rows, int8Rows := NewRows(m, taps, at), newInt8Rows(m, taps, at)
		ones := slices.Repeat([]float32{1}, s.out)
		src, dst := slices.Repeat([]float32{1}, m*s.in), make([]float32, m*s.out)
		b.Run(fmt.Sprintf("%dx%d/%dx%dx%d", s.size, s.size, s.side, s.in, s.out), func(b *testing.B) {
			e := Epilogue{ReLU: true}
			w := PackInt8(make([]byte, s.out*taps*s.in), s.out, s.in, s.size, s.size, ones, ones)
			bytes := make([]uint8, int8InputSize(w.operands)*len(src))
			floats := make([]float32, s.out*taps*s.in)
			direct := Pack(floats, s.out, s.in, s.size, s.size, ones, ones)
			turns := []struct {
				name string
				conv func()
				best time.Duration
			}{
				{"int8", func() { ConvInt8(dst, s.out, src, int8Rows, w, e) }, time.Hour},
				{"alone", func() { convInt8(dst, s.out, bytes, 1, int8Rows, w, e) }, time.Hour},
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
