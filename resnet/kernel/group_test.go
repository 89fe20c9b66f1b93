package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// groupCase is a shape for ConvGroups: in and out are a group's channels.
type groupCase struct{ m, groups, in, out, taps int }

// groupCases have every way and tail: rows 1…13 (tiles of 6, 5 and 4), groups of every size up to two panels and each
// of ResNeXt's, odd numbers of groups, more taps than the grouped kernels keep.
func groupCases() []groupCase {
	var out []groupCase
	for m := 1; m <= 13; m++ {
		for _, size := range []int{4, 8, 16} {
			out = append(out, groupCase{m, 2 + 2*(m%3), size, size, 9})
		}
	}
	for in := 1; in <= 19; in++ {
		out = append(out, groupCase{7, 3, in, 8, 2}, groupCase{7, 2, in, 24, 1}, groupCase{5, 3, in, in, 3})
	}
	return append(out,
		groupCase{7, 3, 4, 4, 9}, groupCase{7, 6, 4, 8, 9}, groupCase{7, 2, 8, 4, 9}, groupCase{7, 1, 4, 4, 9},
		groupCase{7, 1, 16, 16, 1},
		groupCase{9, 2, 4, 4, maxGroupedTaps}, groupCase{9, 2, 8, 8, maxGroupedTaps},
		groupCase{9, 2, 4, 4, maxGroupedTaps + 1},
		groupCase{9, 2, 8, 8, maxGroupedTaps + 1}, groupCase{49, 32, 32, 32, 9}, groupCase{130, 32, 4, 4, 9})
}

func TestConvGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 26))
	for i, c := range groupCases() {
		n, wide := c.groups*c.out, c.groups*c.in
		w := PackGroups(random(r, n*c.taps*c.in), n, wide, c.taps, 1, c.groups, random(r, n), random(r, n))
		src, _ := guarded((c.m + c.taps) * wide) // guards show in the sums if they are read
		copy(src, random(r, len(src)))
		rows := NewRows(c.m, c.taps, func(row, tap int) int {
			if (row+tap)%5 == 4 {
				return Zeros
			}
			return (row + tap) * wide
		})
		ld := n + i%3
		need := (c.m-1)*ld + n
		e := Epilogue{ReLU: i%2 == 0}
		if i%4 > 1 {
			e.Residual = random(r, need)
		}
		got, check := guarded(need)
		want := make([]float32, need)
		for i := range want {
			want[i] = guard
		}
		convGroupsReference(want, ld, src, rows, w, e)
		ConvGroups(got, ld, src, rows, w, e)
		check(t)
		for i := range want {
			if !(math.Abs(float64(got[i]-want[i])) <= tolerance(c.taps*c.in)) {
				t.Fatalf("%+v, ld %d: row %d channel %d is %v, want %v", c, ld, i/ld, i%ld, got[i], want[i])
			}
		}
	}
}

// TestPackGroups holds the layout to that of a convolution of all channels whose weights between groups are left out.
func TestPackGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(27, 28))
	for _, c := range groupCases() {
		n, k := c.groups*c.out, c.in
		w, scale, bias := random(r, n*c.taps*k), random(r, n), random(r, n)
		p := PackGroups(w, n, c.groups*k, c.taps, 1, c.groups, scale, bias)
		for o := range n {
			if p.at(-1, o) != bias[o] {
				t.Fatalf("%+v: the bias of channel %d is %v, want %v", c, o, p.at(-1, o), bias[o])
			}
			for i := range k {
				for tap := range c.taps {
					if got, want := p.at(tap*k+i, o), w[(o*k+i)*c.taps+tap]*scale[o]; got != want {
						t.Fatalf("%+v: weight %d,%d,%d is %v, want %v", c, o, i, tap, got, want)
					}
				}
			}
		}
	}
}

func TestGroupsPanic(t *testing.T) {
	x := make([]float32, 64)
	good := PackGroups(x[:32], 4, 8, 2, 1, 2, x[:4], x[:4])
	rows := NewRows(3, 2, func(row, tap int) int { return (row + tap) * 8 })
	for i, c := range []struct {
		want string
		call func()
	}{
		{badGroups, func() { PackGroups(x[:32], 4, 8, 2, 1, 3, x[:4], x[:4]) }},
		{badGroups, func() { PackGroups(x[:32], 4, 8, 2, 1, 0, x[:4], x[:4]) }},
		{badWeights, func() { PackGroups(x[:31], 4, 8, 2, 1, 2, x[:4], x[:4]) }},
		{badBias, func() { PackGroups(x[:32], 4, 8, 2, 1, 2, x[:3], x[:4]) }},
		{badRows, func() { ConvGroups(x, 4, x, NewRows(1, 3, func(int, int) int { return 0 }), good, Epilogue{}) }},
		{badDst, func() { ConvGroups(x[:11], 4, x, rows, good, Epilogue{}) }},
		{badDst, func() { ConvGroups(x, 3, x, rows, good, Epilogue{}) }},
		{badResidual, func() { ConvGroups(x, 4, x, rows, good, Epilogue{Residual: x[:11]}) }},
		{badSrc, func() { ConvGroups(x, 4, x[:31], rows, good, Epilogue{}) }},
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
