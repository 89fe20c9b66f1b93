package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestMatMul has every tail: of the tiles' rows (6, 5, 4), of the panels' columns (8), of the sums' unrolling (8, 4),
// of the squares that are transposed (4) and their strips (16), of the strips that are packed (32); and operands that
// are cut into blocks.
func TestMatMul(t *testing.T) {
	type size struct{ m, k, n int }
	var sizes []size
	for m := 1; m <= 13; m++ {
		for n := 1; n <= 17; n++ {
			sizes = append(sizes, size{m, (3*m+5*n)%37 + 1, n})
		}
	}
	for k := 1; k <= 37; k++ {
		sizes = append(sizes, size{7, k, 9}, size{16, k, 24})
	}
	sizes = append(sizes, size{3, 1030, 2050}, size{4090, 1030, 1}, size{3, 0, 2})
	r := rand.New(rand.NewPCG(17, 18))
	operand := func(n int) []float32 { // between guards, which show in the sums if they are read
		x, _ := guarded(n)
		copy(x, random(r, n))
		return x
	}
	for _, s := range sizes {
		a, b := operand(s.m*s.k), operand(s.k*s.n)
		for i := range 8 {
			p := Product{TransposeA: i&1 != 0, TransposeB: i&2 != 0, Add: i&4 != 0}
			got, check := guarded(s.m * s.n)
			if p.Add {
				copy(got, random(r, len(got)))
			}
			want := append([]float32(nil), got...)
			matMulReference(want, a, b, s.m, s.k, s.n, p)
			MatMul(got, a, b, s.m, s.k, s.n, p)
			check(t)
			for i := range want {
				if !(math.Abs(float64(got[i]-want[i])) <= tolerance(s.k)) {
					t.Fatalf("%v %+v: row %d column %d is %v, want %v", s, p, i/s.n, i%s.n, got[i], want[i])
				}
			}
		}
	}
}

func TestMatMulPanics(t *testing.T) {
	x := make([]float32, 6)
	testPanics(t, map[string]func(){
		badSrc: func() { MatMul(x, x[:5], x, 2, 3, 2, Product{}) },
		badDst: func() { MatMul(x[:3], x, x, 2, 3, 2, Product{}) },
	})
}

// BenchmarkMatMul times the products of training the last block of ResNet-50 on 32 pictures, and of a linear layer of
// ten classes on 2,000.
func BenchmarkMatMul(b *testing.B) {
	for _, c := range []struct {
		name    string
		m, k, n int
		p       Product
	}{
		{"1x1 forward", 1568, 2048, 512, Product{TransposeB: true}},
		{"1x1 by input", 1568, 512, 2048, Product{}},
		{"1x1 by weights", 2048, 1568, 512, Product{TransposeA: true}},
		{"linear forward", 2000, 2048, 10, Product{TransposeB: true}},
		{"linear by weights", 10, 2000, 2048, Product{TransposeA: true}},
	} {
		b.Run(c.name, func(b *testing.B) {
			x, y, dst := make([]float32, c.m*c.k), make([]float32, c.k*c.n), make([]float32, c.m*c.n)
			for b.Loop() {
				MatMul(dst, x, y, c.m, c.k, c.n, c.p)
			}
			b.ReportMetric(2*float64(c.m*c.k*c.n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
