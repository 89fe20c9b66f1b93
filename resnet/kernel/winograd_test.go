package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// direct is a 3×3 convolution with stride 1 and a border of 1, by its definition in float64.
func direct(src, w, scale, bias []float32, high, wide, in, n int) []float64 {
	out := make([]float64, high*wide*n)
	for y := range high {
		for x := range wide {
			for o := range n {
				sum := float64(bias[o])
				for i := range in {
					for ky := max(0, 1-y); ky < min(3, high+1-y); ky++ {
						for kx := max(0, 1-x); kx < min(3, wide+1-x); kx++ {
							weight := float64(w[(o*in+i)*9+ky*3+kx]) * float64(scale[o])
							sum += float64(src[((y+ky-1)*wide+x+kx-1)*in+i]) * weight
						}
					}
				}
				out[(y*wide+x)*n+o] = sum
			}
		}
	}
	return out
}

// TestConvWinograd compares every size of tile, cut at the right and the bottom, with the definition. The tolerance is
// that of direct sums of 9·in products, times 10 for the transforms (Barabasz and others 2020, table 1, F(4,3) in two
// dimensions).
func TestConvWinograd(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, size := range [][2]int{{1, 1}, {2, 3}, {3, 4}, {4, 4}, {5, 5}, {4, 6}, {7, 7}, {8, 5}, {13, 9}, {14, 14}} {
		for _, channels := range [][2]int{{4, 4}, {8, 12}, {12, 8}, {20, 36}, {64, 16}} {
			h, w, in, n := size[0], size[1], channels[0], channels[1]
			weights, scale, bias := random(r, n*in*9), random(r, n), random(r, n)
			u := PackWinograd(weights, n, in, scale, bias)
			src := random(r, h*w*in)
			want := direct(src, weights, scale, bias, h, w, in, n)
			residual := random(r, h*w*n)
			for _, e := range []Epilogue{{}, {ReLU: true}, {Residual: residual}, {Residual: residual, ReLU: true}} {
				got, check := guarded(h * w * n)
				ConvWinograd(got, src, h, w, u, e)
				check(t)
				for i := range want {
					expect := want[i]
					if e.Residual != nil {
						expect += float64(residual[i])
					}
					if e.ReLU {
						expect = max(0, expect)
					}
					// The sums' spread is that of the channel's scale.
					if math.Abs(float64(got[i])-expect) > 10*tolerance(9*in)*(1+math.Abs(float64(scale[i%n]))) {
						t.Fatalf("%d×%d in %d out %d relu %v residual %v: value %d is %v, want %v",
							h, w, in, n, e.ReLU, e.Residual != nil, i, got[i], expect)
					}
				}
			}
		}
	}
}

func BenchmarkConvWinograd(b *testing.B) {
	for _, s := range [][2]int{{56, 64}, {28, 128}, {14, 256}, {7, 512}} {
		size, c := s[0], s[1]
		b.Run(fmt.Sprintf("%dx%dx%d", size, size, c), func(b *testing.B) {
			ones, zeros := make([]float32, c), make([]float32, c)
			u := PackWinograd(make([]float32, 9*c*c), c, c, ones, zeros)
			src, dst := make([]float32, size*size*c), make([]float32, size*size*c)
			for b.Loop() {
				ConvWinograd(dst, src, size, size, u, Epilogue{ReLU: true})
			}
			// Of the direct convolution's arithmetic, to compare.
			b.ReportMetric(2*9*float64(size*size*c*c)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// TestConvWinogradReference compares with the plain loops of the same algorithm. Only the order of the sums and fused
// multiply-adds differ, but at the scale of the transformed values, up to 100 times that of the result.
func TestConvWinogradReference(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	const h, w, in, n = 9, 6, 12, 16
	u := PackWinograd(random(r, n*in*9), n, in, random(r, n), random(r, n))
	src, residual := random(r, h*w*in), random(r, h*w*n)
	got, want := make([]float32, h*w*n), make([]float32, h*w*n)
	e := Epilogue{Residual: residual, ReLU: true}
	ConvWinograd(got, src, h, w, u, e)
	convWinogradReference(want, src, h, w, u, e)
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 100*tolerance(in) {
			t.Fatalf("value %d is %v, want %v", i, got[i], want[i])
		}
	}
}
