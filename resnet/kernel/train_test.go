package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSetWeights holds weights that are set again and again to those that Pack lays out.
func TestSetWeights(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	for n := 1; n <= 17; n++ {
		for depth := 1; depth <= 9; depth++ {
			got := NewWeights(n, depth)
			for _, byRows := range []bool{false, true, false} {
				w, bias := random(r, n*depth), random(r, n)
				want := Pack(w, n, depth, 1, 1, slices.Repeat([]float32{1}, n), bias)
				if byRows { // each position's weights side by side, the positions back to front
					rows := make([]float32, len(w))
					for o := range n {
						for d := range depth {
							rows[(depth-1-d)*n+o] = w[o*depth+d]
						}
					}
					got.SetRows(rows, NewPoolRows(depth, 1, func(row, _ int) int { return (depth - 1 - row) * n }))
				} else {
					got.SetFilters(w)
				}
				got.SetBias(bias)
				if !slices.Equal(got.data, want.data) {
					t.Fatalf("%d filters of %d, by rows %v: %v, want %v", n, depth, byRows, got.data, want.data)
				}
			}
			got.SetBias(nil)
			for o := range n {
				if got.at(-1, o) != 0 {
					t.Fatalf("the bias of channel %d is %v, want 0", o, got.at(-1, o))
				}
			}
		}
	}
}

func TestConvPictures(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, c := range cases() {
		if c.m*c.n > 200 {
			continue
		}
		for _, pictures := range []int{1, 3} {
			srcLen, dstLen := (c.m+c.taps)*c.k+5, (c.m-1)*c.ld+c.n+3
			w := Pack(random(r, c.n*c.taps*c.k), c.n, c.k, c.taps, 1, random(r, c.n), random(r, c.n))
			src := random(r, pictures*srcLen)
			rows := NewRows(c.m, c.taps, func(row, tap int) int {
				return (row+tap)*c.k - (row+tap)%2*math.MaxInt16 // some are negative: Zeros
			})
			if pictures == 3 && c.k%2 == 0 { // back to front
				rows.Scatter(func(row int) int { return (c.m - 1 - row) * c.ld })
			}
			e := Epilogue{ReLU: c.relu}
			if c.residual {
				e.Residual = random(r, pictures*dstLen)
			}
			got, check := guarded(pictures * dstLen)
			want := slices.Clone(got)
			for p := range pictures {
				one := e
				if c.residual {
					one.Residual = e.Residual[p*dstLen:]
				}
				convReference(want[p*dstLen:], c.ld, src[p*srcLen:], rows, w, one)
			}
			ConvPictures(got, c.ld, dstLen, src, srcLen, rows, w, pictures, e)
			check(t)
			for i := range want {
				if math.Abs(float64(got[i]-want[i])) > tolerance(c.taps*c.k) {
					t.Fatalf("%v, %d pictures: value %d is %v, want %v", c, pictures, i, got[i], want[i])
				}
			}
		}
	}
}

// TestFilterGradient has every tail of the rows that are packed together (32), of the channels (8), of the squares that
// are transposed (4); and more pictures than go into one product.
func TestFilterGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	type size struct{ m, taps, n, c, pictures int }
	var sizes []size
	for m := 1; m <= 35; m++ {
		sizes = append(sizes, size{m, m%3 + 1, m%13 + 1, m%11 + 1, m%4 + 1})
	}
	for c := 1; c <= 17; c++ {
		sizes = append(sizes, size{7, 3, 18 - c, c, 2})
	}
	for _, s := range append(sizes, size{49, 9, 10, 12, 45}, size{1, 1, 1, 1, 0}) {
		srcLen := (s.m+s.taps)*s.c + 1
		rows := NewPoolRows(s.m, s.taps, func(row, tap int) int {
			if (row+tap)%5 == 4 {
				return Zeros
			}
			return (row + tap) * s.c
		})
		dY, src := random(r, s.pictures*s.m*s.n), random(r, s.pictures*srcLen)
		want := make([]float32, s.n*s.taps*s.c)
		filterGradientReference(want, dY, src, srcLen, rows, s.n, s.c, s.pictures)
		for range 2 { // what stood there must not matter
			got, check := guarded(len(want))
			copy(got, random(r, len(got)))
			FilterGradient(got, dY, src, srcLen, rows, s.n, s.c, s.pictures)
			check(t)
			for i := range want {
				if !(math.Abs(float64(got[i]-want[i])) <= tolerance(s.m*s.pictures)) {
					t.Fatalf("%+v: value %d is %v, want %v", s, i, got[i], want[i])
				}
			}
		}
	}
}

func TestTrainPanics(t *testing.T) {
	w := NewWeights(2, 3)
	rows, one := NewRows(4, 1, func(row, _ int) int { return 3 * row }),
		NewPoolRows(4, 1, func(row, _ int) int { return 3 * row })
	x := make([]float32, 24)
	for i, c := range []struct {
		want string
		call func()
	}{
		{badBias, func() { w.SetBias(x[:3]) }},
		{badWeights, func() { w.SetFilters(x[:5]) }},
		{badRows, func() { w.SetRows(x, rows) }},
		{badWeights, func() { w.SetRows(x[:5], NewPoolRows(3, 1, func(row, _ int) int { return 2 * row })) }},
		{badDst, func() { ConvPictures(x[:15], 2, 8, x, 12, rows, w, 2, Epilogue{}) }},
		{badDst, func() { ConvPictures(x, 2, 7, x, 12, rows, w, 2, Epilogue{}) }},
		{badDst, func() {
			there := NewRows(4, 1, func(row, _ int) int { return 3 * row })
			there.Scatter(func(row int) int { return 7 * (row % 2) })
			ConvPictures(x, 2, 8, x, 12, there, w, 2, Epilogue{})
		}},
		{badSrc, func() { ConvPictures(x, 2, 8, x[:23], 12, rows, w, 2, Epilogue{}) }},
		{badSrc, func() { ConvPictures(x, 2, 8, x, 11, rows, w, 2, Epilogue{}) }},
		{badResidual, func() { ConvPictures(x, 2, 8, x, 12, rows, w, 2, Epilogue{Residual: x[:15]}) }},
		{badPoolRows, func() { FilterGradient(x, x, x, 12, rows, 2, 3, 2) }},
		{badDst, func() { FilterGradient(x[:5], x, x, 12, one, 2, 3, 2) }},
		{badSrc, func() { FilterGradient(x, x[:15], x, 12, one, 2, 3, 2) }},
		{badSrc, func() { FilterGradient(x, x, x, 11, one, 2, 3, 2) }},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, want %q", got, c.want)
				}
			}()
			c.call()
		})
	}
}
