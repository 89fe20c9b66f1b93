package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestWinogradSet holds weights that are set from a training's to those that PackWinograd lays out. Values and sums are
// below 5 and rounded some times: 1e-5.
func TestWinogradSet(t *testing.T) {
	r := rand.New(rand.NewPCG(45, 46))
	for _, channels := range [][2]int{{4, 4}, {8, 12}, {12, 8}, {20, 36}, {64, 16}} {
		in, n := channels[0], channels[1]
		bias, scale := make([]float32, n), make([]float32, n)
		for i := range scale {
			scale[i] = 1
		}
		u := winogradScratch(n, in)
		for range 2 {
			w := random(r, 9*n*in) // N×9×In
			turned, back := make([]float32, len(w)), make([]float32, len(w))
			for o := range n {
				for tap := range 9 {
					for i := range in {
						v := w[(o*9+tap)*in+i]
						turned[(o*in+i)*9+tap] = v
						back[(i*9+8-tap)*n+o] = v // such that its backward convolution is that of w
					}
				}
			}
			want := PackWinograd(turned, n, in, scale, bias)
			same := func(what string) {
				for point := range winogradPoints {
					set := len(want.points.data) / winogradPoints
					got := Weights{N: n, Depth: in, data: u.points.data[point*set:]}
					want := Weights{N: n, Depth: in, data: want.points.data[point*set:]}
					for o := range n {
						for d := -1; d < in; d++ { // what fills up the last panel does not matter
							closeTo(t, what, []float32{got.at(d, o)}, []float32{want.at(d, o)}, 1e-5)
						}
					}
				}
			}
			u.setFilters(w)
			same("filters")
			u.setBackward(back)
			same("backward")
			for i := range want.points.data {
				want.points.data[i] = 0
			}
			want.setFiltersReference(w)
			same("filters by the reference")
			want.setBackwardReference(back)
			same("backward by the reference")
		}
	}
}

// TestConvWinogradPictures compares pictures of every size of tile with one another's definition: see TestConvWinograd.
func TestConvWinogradPictures(t *testing.T) {
	r := rand.New(rand.NewPCG(47, 48))
	for _, size := range [][2]int{{1, 1}, {3, 4}, {5, 5}, {7, 6}, {8, 8}, {13, 9}, {16, 16}} {
		for _, channels := range [][2]int{{4, 4}, {8, 12}, {20, 36}, {64, 16}} {
			for _, pictures := range []int{1, 3, 10} {
				h, w, in, n := size[0], size[1], channels[0], channels[1]
				weights, bias, scale := random(r, n*in*9), random(r, n), make([]float32, n)
				for i := range scale {
					scale[i] = 1
				}
				filters, back := make([]float32, len(weights)), make([]float32, len(weights))
				for o := range n {
					for i := range in {
						for tap := range 9 {
							v := weights[(o*in+i)*9+tap]
							filters[(o*9+tap)*in+i] = v
							back[(i*9+8-tap)*n+o] = v // such that its backward convolution is that of filters
						}
					}
				}
				src, residual := random(r, pictures*h*w*in), random(r, pictures*h*w*n)
				var want []float64
				for p := range pictures {
					want = append(want, direct(src[p*h*w*in:], weights, scale, bias, h, w, in, n)...)
				}
				what := fmt.Sprintf("%d×%d in %d out %d, %d pictures", h, w, in, n, pictures)
				got, check := guarded(len(want))
				same := func(what string, then func(i int, sum float64) float64) {
					t.Helper()
					check(t)
					for i, sum := range want {
						if expect := then(i, sum); math.Abs(float64(got[i])-expect) > 20*tolerance(9*in) {
							t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], expect)
						}
					}
				}
				e := Epilogue{Residual: residual, ReLU: true}
				ConvWinogradPictures(got, src, h, w, filters, bias, in, n, pictures, e)
				same(what, func(i int, sum float64) float64 { return max(0, sum+float64(residual[i])) })
				ConvWinogradPictures(got, src, h, w, filters, nil, in, n, pictures, Epilogue{})
				same(what+", no bias", func(i int, sum float64) float64 { return sum - float64(bias[i%n]) })
				ConvWinogradBackward(got, src, h, w, back, n, in, pictures, residual)
				same(what+", backward", func(i int, sum float64) float64 {
					return sum - float64(bias[i%n]) + float64(residual[i])
				})
			}
		}
	}
}

// TestFilterGradientWinograd compares with the definition. The tolerance is that of the sums, times 20 for the
// transforms: see TestConvWinograd.
func TestFilterGradientWinograd(t *testing.T) {
	r := rand.New(rand.NewPCG(49, 50))
	for _, size := range [][2]int{{1, 1}, {3, 4}, {5, 5}, {7, 6}, {8, 8}, {16, 16}} {
		for _, channels := range [][2]int{{4, 4}, {8, 12}, {20, 36}, {64, 16}} {
			for _, pictures := range []int{1, 3, 50} {
				h, w, c, n := size[0], size[1], channels[0], channels[1]
				if pictures*h*w*c*n > 1<<21 {
					continue
				}
				dY, src := random(r, pictures*h*w*n), random(r, pictures*h*w*c)
				want := make([]float32, 9*n*c)
				filterGradientReference(want, dY, src, h*w*c, squareRows(h, w, c), n, c, pictures)
				got, check := guarded(len(want))
				FilterGradientWinograd(got, dY, src, h, w, n, c, pictures)
				check(t)
				for i := range want {
					if !(math.Abs(float64(got[i]-want[i])) <= 20*tolerance(pictures*h*w)) {
						t.Fatalf("%d×%d in %d out %d, %d pictures: value %d is %v, want %v",
							h, w, c, n, pictures, i, got[i], want[i])
					}
				}
			}
		}
	}
	got := []float32{7}
	FilterGradientWinograd(got, nil, make([]float32, 64), 4, 4, 0, 4, 1)
	got = make([]float32, 9*16)
	got[0] = 7
	FilterGradientWinograd(got, nil, nil, 4, 4, 4, 4, 0)
	if got[0] != 0 {
		t.Error("of no pictures the gradient is", got[0])
	}
}

func TestWinogradTrainPanics(t *testing.T) {
	x, f, none := make([]float32, 2*3*3*8), make([]float32, 9*4*8), Epilogue{}
	testPanics(t, map[string]func(){
		badWinograd: func() { ConvWinogradPictures(x, x, 3, 3, f, nil, 6, 4, 2, none) },
		badBias:     func() { ConvWinogradPictures(x, x, 3, 3, f, x[:3], 8, 4, 2, none) },
		badWeights:  func() { ConvWinogradPictures(x, x, 3, 3, f[:287], nil, 8, 4, 2, none) },
		badSrc:      func() { ConvWinogradPictures(x, x[:143], 3, 3, f, nil, 8, 4, 2, none) },
		badDst:      func() { ConvWinogradPictures(x[:71], x, 3, 3, f, nil, 8, 4, 2, none) },
		badResidual: func() { ConvWinogradPictures(x, x, 3, 3, f, nil, 8, 4, 2, Epilogue{Residual: x[:71]}) },
	})
	testPanics(t, map[string]func(){
		badWeights:  func() { ConvWinogradBackward(x, x, 3, 3, x, 8, 4, 2, nil) },
		badSrc:      func() { ConvWinogradBackward(x, x[:71], 3, 3, f, 8, 4, 2, nil) },
		badDst:      func() { ConvWinogradBackward(x[:143], x, 3, 3, f, 8, 4, 2, nil) },
		badResidual: func() { ConvWinogradBackward(x, x, 3, 3, f, 8, 4, 2, x[:143]) },
	})
	testPanics(t, map[string]func(){
		badWinograd: func() { FilterGradientWinograd(x, x, x, 1, 1, 4, 6, 1) },
		badDst:      func() { FilterGradientWinograd(x[:143], x, x, 1, 1, 4, 4, 1) },
		badSrc:      func() { FilterGradientWinograd(make([]float32, 288), x, x[:71], 3, 3, 4, 8, 1) },
	})
}
