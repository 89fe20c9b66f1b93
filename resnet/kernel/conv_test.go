package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// guard stands round the buffers of the tests; whatever writes past its bounds changes it.
const guard = float32(-12345)

// guarded is n floats with guards before and behind; check tells whether they are still there.
func guarded(n int) (middle []float32, check func(t *testing.T)) {
	const margin = 16
	all := make([]float32, n+2*margin)
	for i := range all {
		all[i] = guard
	}
	return all[margin : margin+n : margin+n], func(t *testing.T) {
		t.Helper()
		for i := range margin {
			if all[i] != guard || all[margin+n+i] != guard {
				t.Fatalf("wrote outside of its buffer: before %v, behind %v", all[:margin], all[margin+n:])
			}
		}
	}
}

// random is n floats of a normal distribution.
func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// tolerance bounds the difference of two sums of depth products of standard normal values in float32, in another order:
// each of the depth roundings is at most 2⁻²⁴ of a partial sum, which seldom exceeds 4·√depth; the roundings add up
// like a random walk, √depth again.
func tolerance(depth int) float64 { return 4 * float64(depth+1) * 0x1p-24 * 4 }

// convCase is a shape for Conv. src has a table of rows that visits its runs in a scattered way.
type convCase struct {
	m, n, taps, k, ld int
	residual, relu    bool
}

func (c convCase) String() string {
	return fmt.Sprintf("m%d n%d taps%d k%d ld%d residual=%v relu=%v", c.m, c.n, c.taps, c.k, c.ld, c.residual, c.relu)
}

// cases is every tail: rows 1…13 (tile 6), channels 1…17 (panel 8), k 1…19 (unrolled by 8, then by 4), one tap and
// many.
func cases() []convCase {
	var out []convCase
	for m := 1; m <= 13; m++ {
		for n := 1; n <= 17; n++ {
			k := (m+n)%19 + 1
			taps := (m*n)%3 + 1
			out = append(out, convCase{m, n, taps, k, n + m%3, m%2 == 0, n%2 == 0})
		}
	}
	for k := 1; k <= 19; k++ {
		for _, taps := range []int{1, 2, 9} {
			out = append(out, convCase{7, 9, taps, k, 9, false, false}, convCase{12, 16, taps, k, 20, true, true})
		}
	}
	return append(out, convCase{49, 24, 9, 128, 24, true, true}, convCase{1, 1000, 1, 256, 1000, false, false})
}

func TestConv(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range cases() {
		w := Pack(random(r, c.n*c.taps*c.k), c.n, c.k, c.taps, 1, random(r, c.n), random(r, c.n))
		src := random(r, (c.m+c.taps)*c.k)
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
		got, check := guarded(need)
		want := make([]float32, need)
		for i := range want {
			want[i] = guard
		}
		convReference(want, c.ld, src, rows, w, e)
		Conv(got, c.ld, src, rows, w, e)
		check(t)
		for i := range want {
			if math.Abs(float64(got[i]-want[i])) > tolerance(c.taps*c.k) {
				t.Fatalf("%v: row %d channel %d is %v, want %v", c, i/c.ld, i%c.ld, got[i], want[i])
			}
		}
	}
}

func TestConvZeroTapsOnly(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	bias := random(r, 5)
	w := Pack(random(r, 5*3), 5, 3, 1, 1, []float32{1, 1, 1, 1, 1}, bias)
	dst := make([]float32, 10)
	Conv(dst, 5, nil, NewRows(2, 1, func(int, int) int { return Zeros }), w, Epilogue{})
	for i := range dst {
		if dst[i] != bias[i%5] {
			t.Fatalf("output %d is %v, want the bias %v", i, dst[i], bias[i%5])
		}
	}
}

func TestConvPanics(t *testing.T) {
	w := Pack(make([]float32, 6), 2, 3, 1, 1, make([]float32, 2), make([]float32, 2))
	rows := NewRows(4, 1, func(row, _ int) int { return 3 * row })
	testPanics(t, map[string]func(){
		badDst: func() { Conv(make([]float32, 7), 2, make([]float32, 12), rows, w, Epilogue{}) },
		badSrc: func() { Conv(make([]float32, 8), 2, make([]float32, 11), rows, w, Epilogue{}) },
		badResidual: func() {
			Conv(make([]float32, 8), 2, make([]float32, 12), rows, w, Epilogue{Residual: make([]float32, 1)})
		},
		badRows: func() {
			Conv(make([]float32, 8), 2, make([]float32, 12), NewRows(4, 2, func(int, int) int { return 0 }), w,
				Epilogue{})
		},
		badWeights: func() { Pack(make([]float32, 5), 2, 3, 1, 1, make([]float32, 2), make([]float32, 2)) },
		badBias:    func() { Pack(make([]float32, 6), 2, 3, 1, 1, make([]float32, 2), nil) },
	})
}

// testPanics makes each call, which has to panic with its key.
func testPanics(t *testing.T, calls map[string]func()) {
	for want, call := range calls {
		t.Run(want, func(t *testing.T) {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %q", got, want)
				}
			}()
			call()
		})
	}
}

// TestPack holds the layout to its definition: the depth's order is height, width, channel.
func TestPack(t *testing.T) {
	const n, c, kh, kw = 11, 3, 2, 5
	r := rand.New(rand.NewPCG(5, 6))
	w, scale, bias := random(r, n*c*kh*kw), random(r, n), random(r, n)
	p := Pack(w, n, c, kh, kw, scale, bias)
	for o := range n {
		if p.at(-1, o) != bias[o] {
			t.Errorf("bias of channel %d is %v, want %v", o, p.at(-1, o), bias[o])
		}
		for i := range c {
			for y := range kh {
				for x := range kw {
					want := w[((o*c+i)*kh+y)*kw+x] * scale[o]
					if got := p.at((y*kw+x)*c+i, o); got != want {
						t.Errorf("weight %d,%d,%d,%d is %v, want %v", o, i, y, x, got, want)
					}
				}
			}
		}
	}
}

// BenchmarkConv times the GEMM shapes of ResNet-50 that bound the range of its layers: rows × depth × channels.
func BenchmarkConv(b *testing.B) {
	for _, s := range [][3]int{{3136, 64, 64}, {3136, 64, 256}, {784, 512, 128}, {196, 2304, 256}, {49, 512, 2048}} {
		m, k, n := s[0], s[1], s[2]
		b.Run(fmt.Sprintf("%dx%dx%d", m, k, n), func(b *testing.B) {
			w := Pack(make([]float32, n*k), n, k, 1, 1, make([]float32, n), make([]float32, n))
			rows := NewRows(m, 1, func(row, _ int) int { return row * k })
			src, dst := make([]float32, m*k), make([]float32, m*n)
			for b.Loop() {
				Conv(dst, n, src, rows, w, Epilogue{ReLU: true})
			}
			b.ReportMetric(2*float64(m*k*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// BenchmarkConvTiles compares the kernels by the rows of their tiles, on rows that every one divides: what convTile
// weighs.
func BenchmarkConvTiles(b *testing.B) {
	const m, k, n = 180, 512, 256
	w := Pack(make([]float32, n*k), n, k, 1, 1, make([]float32, n), make([]float32, n))
	src, dst := make([]float32, m*k), make([]float32, m*n)
	for _, tile := range []int{6, 5, 4} {
		b.Run(fmt.Sprint(tile), func(b *testing.B) {
			rows := newRows(m, 1, tile, func(row, _ int) int { return row * k })
			for b.Loop() {
				Conv(dst, n, src, rows, w, Epilogue{})
			}
			b.ReportMetric(2*float64(m*k*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// BenchmarkPack lays out the weights of ResNet-50's layers of most weights: a 1×1 and, for Winograd, a 3×3.
func BenchmarkPack(b *testing.B) {
	ones := make([]float32, 1024)
	b.Run("1x1 1024", func(b *testing.B) {
		w := make([]float32, 1<<20)
		for b.Loop() {
			Pack(w, 1024, 1024, 1, 1, ones, ones)
		}
	})
	b.Run("winograd 256", func(b *testing.B) {
		w := make([]float32, 9<<16)
		for b.Loop() {
			PackWinograd(w, 256, 256, ones[:256], ones[:256])
		}
	})
	b.Run("int8 1x1 1024", func(b *testing.B) {
		w := make([]byte, 1<<20)
		for b.Loop() {
			PackInt8(w, 1024, 1024, 1, 1, ones, ones)
		}
	})
	b.Run("int8 3x3 256", func(b *testing.B) {
		w := make([]byte, 9<<16)
		for b.Loop() {
			PackInt8(w, 256, 256, 3, 3, ones[:256], ones[:256])
		}
	})
}
