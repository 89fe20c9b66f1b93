package train

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
)

// TestAugment: of a picture whose values are all different, what stands anywhere is a pixel of the picture from the
// same distance, or 0.
func TestAugment(t *testing.T) {
	const h, w, most = 10, 16, 2
	shape := op.Shape{H: h, W: w, C: 3}
	x, space := make([]float32, shape.Len()), make([]float32, shape.Len())
	seen := map[[3]int]bool{}
	for seed := range uint64(400) {
		for i := range x {
			x[i] = float32(i + 1)
		}
		Augment{Mirror: true, Shift: most}.apply(x, space, shape, rand.New(rand.NewPCG(seed, 0)))
		pixel := func(row, col int) int { return (int(x[(row*w+col)*3]) - 1) / 3 }
		middle := pixel(h/2, w/2)
		step := pixel(h/2, w/2+1) - middle // 1, or −1 in a mirrored picture
		if step != 1 && step != -1 {
			t.Fatalf("beside pixel %d stands %d", middle, pixel(h/2, w/2+1))
		}
		seen[[3]int{step, middle / w, middle % w}] = true
		for i, v := range x {
			row, col := i/3/w+middle/w-h/2, middle%w+step*(i/3%w-w/2)
			want := float32((row*w+col)*3 + i%3 + 1)
			if row < 0 || row >= h || col < 0 || col >= w {
				want = 0
			}
			if v != want {
				t.Fatalf("seed %d: value %d is %v, want %v", seed, i, v, want)
			}
		}
	}
	if want := 2 * 5 * 5; len(seen) != want { // both ways, −2 … 2 down and to the right
		t.Errorf("%d ways to augment, want %d: %v", len(seen), want, seen)
	}
	before := slices.Clone(x)
	if (Augment{}).apply(x, space, shape, rand.New(rand.NewPCG(3, 0))); !slices.Equal(x, before) {
		t.Error("a picture was augmented that should not be")
	}
}

// TestCut: a square is cut out, less what lies outside, and every pixel is the middle of one at times.
func TestCut(t *testing.T) {
	shape := op.Shape{H: 4, W: 6, C: 3}
	sizes := map[int]int{}
	for seed := range uint64(300) {
		x := slices.Repeat([]float32{1}, shape.Len())
		Augment{Cut: 3}.apply(x, nil, shape, rand.New(rand.NewPCG(seed, 0)))
		zeros := 0
		for i := 0; i < len(x); i += 3 {
			if x[i] != x[i+1] || x[i] != x[i+2] {
				t.Fatal("a pixel is cut in some channels only")
			}
			if x[i] == 0 {
				zeros++
			}
		}
		sizes[zeros]++
	}
	for zeros := range sizes {
		if zeros != 9 && zeros != 6 && zeros != 4 {
			t.Errorf("a square of 3×3 cuts %d pixels", zeros)
		}
	}
	if len(sizes) != 3 {
		t.Errorf("the cuts' sizes are %v, want some at the borders and in the corners", sizes)
	}
}
