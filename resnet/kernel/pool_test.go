package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMaxPool(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for m := 1; m <= 13; m++ {
		for c := 1; c <= 9; c++ {
			for _, taps := range []int{1, 2, 9} {
				src := random(r, (m+taps)*c)
				rows := NewPoolRows(m, taps, func(row, tap int) int { return (row + tap) * c })
				got, check := guarded(m * c)
				want := make([]float32, m*c)
				maxPoolReference(want, src, rows, c)
				MaxPool(got, src, rows, c)
				check(t)
				for i := range want {
					if got[i] != want[i] {
						t.Fatalf("m%d c%d taps%d: row %d channel %d is %v, want %v",
							m, c, taps, i/c, i%c, got[i], want[i])
					}
				}
			}
		}
	}
}

func TestMeanPool(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	const m, c = 49, 7
	src := random(r, m*c)
	got, check := guarded(c)
	MeanPool(got, src, m, c)
	check(t)
	for i := range c {
		var sum float64
		for j := range m {
			sum += float64(src[j*c+i])
		}
		// 49 roundings of partial sums of at most about 30.
		if math.Abs(float64(got[i])-sum/m) > 49*0x1p-24*30/m {
			t.Errorf("channel %d is %v, want %v", i, got[i], sum/m)
		}
	}
}
