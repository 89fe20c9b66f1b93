package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestAffineReLU has every tail of the channels (4), rows that fill several units, and both places for the result.
func TestAffineReLU(t *testing.T) {
	r := rand.New(rand.NewPCG(29, 30))
	for _, rows := range []int{1, 2, 7, 3000} {
		for _, channels := range []int{1, 2, 3, 4, 5, 6, 7, 8, 13, 5000} {
			if rows*channels > 1<<20 {
				continue
			}
			scale, bias := random(r, channels), random(r, channels)
			x, checkX := guarded(rows * channels)
			copy(x, random(r, len(x)))
			y, check := guarded(len(x))
			want := make([]float32, len(x))
			affineReLUReference(want, x, scale, bias)
			AffineReLU(y, x, scale, bias)
			check(t)
			AffineReLU(x, x, scale, bias)
			checkX(t)
			for i := range want {
				// A product and a sum of values below 5, rounded once or twice.
				if !(math.Abs(float64(y[i]-want[i])) <= 2*30*0x1p-24) || x[i] != y[i] {
					t.Fatalf("%d×%d: value %d is %v, in place %v, want %v", rows, channels, i, y[i], x[i], want[i])
				}
			}
		}
	}
	AffineReLU(nil, nil, nil, nil)
}

func TestAffineReLUPanics(t *testing.T) {
	x := make([]float32, 6)
	testPanics(t, map[string]func(){
		badBias: func() { AffineReLU(x, x, x[:3], x[:2]) },
		badSrc:  func() { AffineReLU(x, x, x[:4], x[:4]) },
		badDst:  func() { AffineReLU(x[:5], x, x[:3], x[:3]) },
	})
}
