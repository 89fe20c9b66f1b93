package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestThreadsAgree: what training computes is the same to the bit, whether one thread does it or, where the memory is
// shared, several.
func TestThreadsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 52))
	const h, w, in, n, pictures, rows = 12, 9, 16, 24, 7, 12 * 9 * 7
	x, dY, filters := random(r, rows*in), random(r, rows*n), random(r, 9*n*in)
	scale, bias := random(r, n), random(r, n)
	table := squareRows(h, w, in)
	doubled := func(sums ...[]float64) (out []float32) {
		for _, s := range sums {
			for _, v := range s { // both halves of its bits
				out = append(out, float32(v), float32(v-float64(float32(v))))
			}
		}
		return out
	}
	for name, compute := range map[string]func() []float32{
		"Moments": func() []float32 {
			mean, square := make([]float64, n), make([]float64, n)
			Moments(mean, square, dY)
			return doubled(mean, square)
		},
		"GradientSums": func() []float32 {
			sum, product := make([]float64, n), make([]float64, n)
			GradientSums(sum, product, nil, dY, dY, dY, bias)
			return doubled(sum, product)
		},
		"SquareSum": func() []float32 { return doubled([]float64{SquareSum(x)}) },
		"Affine": func() []float32 {
			y := make([]float32, len(dY))
			Affine(y, dY, scale, bias, Epilogue{Residual: dY, ReLU: true})
			return y
		},
		"NormBackward": func() []float32 {
			dX := make([]float32, len(dY))
			NormBackward(dX, dY, dY, dY, scale, bias, scale)
			return dX
		},
		"ConvWinogradPictures": func() []float32 {
			y := make([]float32, len(dY))
			ConvWinogradPictures(y, x, h, w, filters, bias, in, n, pictures, Epilogue{ReLU: true})
			return y
		},
		"ConvWinogradBackward": func() []float32 {
			dX := make([]float32, len(x))
			ConvWinogradBackward(dX, dY, h, w, filters, in, n, pictures, x)
			return dX
		},
		"FilterGradientWinograd": func() []float32 {
			dW := make([]float32, len(filters))
			FilterGradientWinograd(dW, dY, x, h, w, n, in, pictures)
			return dW
		},
		"FilterGradient": func() []float32 {
			dW := make([]float32, len(filters))
			FilterGradient(dW, dY, x, h*w*in, table, n, in, pictures)
			return dW
		},
	} {
		all, count := threads, threadCount
		threads, threadCount = new(threadPool), 1
		want := compute()
		threads, threadCount = all, count
		for range 5 {
			if got := compute(); !slices.Equal(got, want) {
				t.Errorf("%s: several threads give another result than one", name)
			}
		}
	}
}
