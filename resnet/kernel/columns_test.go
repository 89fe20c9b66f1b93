package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// matrixSizes has every remainder of the channels by 16, rows that fill several units and chunks, and rows that the
// kernels' long rows leave over.
func matrixSizes() (sizes [][2]int) {
	for _, rows := range []int{1, 2, 7, 65, 3000} {
		for channels := 1; channels <= 17; channels++ {
			sizes = append(sizes, [2]int{rows, channels})
		}
	}
	return append(sizes, [2]int{3001, 32}, [2]int{515, 64}, [2]int{200, 2000}, [2]int{3, 5000})
}

// closeTo fails if values differ by more than a bound.
func closeTo[F float32 | float64](t *testing.T, what string, got, want []F, bound float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(float64(got[i]-want[i])) <= bound) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// A product or two and sums of values below 5, each rounded once or twice.
const mapTolerance = 3 * 30 * 0x1p-24

func TestAffine(t *testing.T) {
	r := rand.New(rand.NewPCG(29, 30))
	for _, s := range matrixSizes() {
		rows, channels := s[0], s[1]
		scale, bias, residual := random(r, channels), random(r, channels), random(r, rows*channels)
		for _, e := range []Epilogue{{}, {ReLU: true}, {Residual: residual}, {Residual: residual, ReLU: true}} {
			x, checkX := guarded(rows * channels)
			copy(x, random(r, len(x)))
			y, check := guarded(len(x))
			want := make([]float32, len(x))
			affineReference(want, x, scale, bias, e)
			Affine(y, x, scale, bias, e)
			check(t)
			what := fmt.Sprintf("%d×%d, residual %v, ReLU %v", rows, channels, e.Residual != nil, e.ReLU)
			closeTo(t, what, y, want, mapTolerance)
			Affine(x, x, scale, bias, e)
			checkX(t)
			if !slices.Equal(x, y) {
				t.Fatal(what, ": another result in place")
			}
		}
	}
	Affine(nil, nil, nil, nil, Epilogue{})
}

// TestMoments holds means and variances to sums in float64, to a millionth of the deviation and of the variance; also
// where the mean is a hundred times the deviation. What a unit sums are differences from its first row. A sum of at
// most 2,048 values is rounded 32+64 times, each time by at most 2⁻²⁴ of what is summed so far: 6e-6 if all went one
// way, and they go both ways at random, so that √96 of them, 6e-7, is much. A unit's mean is rounded too, which is of
// second order: the square of 2⁻²⁴ of the mean.
func TestMoments(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for _, s := range matrixSizes() {
		rows, channels := s[0], s[1]
		for _, offset := range []float32{0, 1, 100} {
			x := random(r, rows*channels)
			for i := range x {
				x[i] += offset
			}
			got, want := [2][]float64{make([]float64, channels), make([]float64, channels)},
				[2][]float64{make([]float64, channels), make([]float64, channels)}
			momentsReference(want[0], want[1], x)
			got[0][0], got[1][0] = 7, 7 // what stood there must not matter
			Moments(got[0], got[1], x)
			what := fmt.Sprintf("%d×%d, mean %v", rows, channels, offset)
			closeTo(t, what+", means", got[0], want[0], 1e-6)
			for c := range channels {
				bound := 1e-6*want[1][c] + float64(rows)*math.Pow(0x1p-24*(1+float64(offset)), 2)
				closeTo(t, what+", squares", got[1][c:c+1], want[1][c:c+1], bound)
			}
		}
	}
}

func TestGradientSums(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	for _, s := range matrixSizes() {
		rows, channels := s[0], s[1]
		dY, x, y := random(r, rows*channels), random(r, rows*channels), random(r, rows*channels)
		mean := random(r, channels)
		for _, masked := range []bool{false, true} {
			for _, kept := range []bool{false, masked} {
				sums := func() [2][]float64 {
					return [2][]float64{make([]float64, channels), make([]float64, channels)}
				}
				got, want := sums(), sums()
				var mask, dSum, wantSum []float32
				check := func(*testing.T) {}
				if masked {
					mask = y
				}
				if kept {
					dSum, check = guarded(len(dY))
					wantSum = make([]float32, len(dY))
				}
				gradientSumsReference(want[0], want[1], wantSum, dY, x, mask, mean)
				GradientSums(got[0], got[1], dSum, dY, x, mask, mean)
				check(t)
				// A millionth of what the magnitudes, whose mean is 0.8 and below 3, add up to: see TestMoments.
				what := fmt.Sprintf("%d×%d, masked %v, kept %v", rows, channels, masked, kept)
				closeTo(t, what+", sums", got[0], want[0], 1e-6*float64(rows+4))
				closeTo(t, what+", products", got[1], want[1], 3e-6*float64(rows+4))
				if !slices.Equal(dSum, wantSum) {
					t.Fatal(what, ": another gradient")
				}
				if !masked {
					clear(got[0])
					SumColumns(got[0], dY)
					closeTo(t, what+", columns", got[0], want[0], 1e-6*float64(rows+4))
				}
			}
		}
	}
}

func TestNormBackward(t *testing.T) {
	r := rand.New(rand.NewPCG(35, 36))
	for _, s := range matrixSizes() {
		rows, channels := s[0], s[1]
		dY, x, y := random(r, rows*channels), random(r, rows*channels), random(r, rows*channels)
		scale, slope, offset := random(r, channels), random(r, channels), random(r, channels)
		for _, mask := range [][]float32{nil, y} {
			got, check := guarded(len(dY))
			want := make([]float32, len(dY))
			normBackwardReference(want, dY, x, mask, scale, slope, offset)
			NormBackward(got, dY, x, mask, scale, slope, offset)
			check(t)
			what := fmt.Sprintf("%d×%d, masked %v", rows, channels, mask != nil)
			closeTo(t, what, got, want, mapTolerance)
			copy(got, dY)
			NormBackward(got, got, x, mask, scale, slope, offset)
			check(t)
			closeTo(t, what+", in place", got, want, mapTolerance)
		}
	}
}

func TestColumnsPanic(t *testing.T) {
	x, sums := make([]float32, 6), make([]float64, 3)
	testPanics(t, map[string]func(){
		badBias:     func() { Affine(x, x, x[:3], x[:2], Epilogue{}) },
		badSrc:      func() { Affine(x, x, x[:4], x[:4], Epilogue{}) },
		badDst:      func() { Affine(x[:5], x, x[:3], x[:3], Epilogue{}) },
		badResidual: func() { Affine(x, x, x[:3], x[:3], Epilogue{Residual: x[:5]}) },
	})
	testPanics(t, map[string]func(){
		badBias: func() { Moments(sums, sums[:2], x) },
		badSrc:  func() { Moments(sums[:0], nil, x) },
	})
	testPanics(t, map[string]func(){
		badBias: func() { GradientSums(sums, sums, nil, x, x, nil, x[:2]) },
		badSrc:  func() { GradientSums(sums, sums, nil, x, x, x[:5], x[:3]) },
		badDst:  func() { GradientSums(sums, sums, x[:5], x, x, x, x[:3]) },
	})
	testPanics(t, map[string]func(){
		badBias: func() { NormBackward(x, x, x, nil, x[:3], x[:3], x[:2]) },
		badSrc:  func() { NormBackward(x, x, x[:5], nil, x[:3], x[:3], x[:3]) },
		badDst:  func() { NormBackward(x[:5], x, x, nil, x[:3], x[:3], x[:3]) },
	})
}
