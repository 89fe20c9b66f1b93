package transfer

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"
)

// movedGolden is testdata/moved.json, and the features that it is of.
func movedGolden(t *testing.T) (channels []int, n int, before, after []float32, want []float64) {
	t.Helper()
	text, err := os.ReadFile("testdata/moved.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		N        int
		Channels []int
		Pairs    []float64
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	var noise noise
	sum := 0
	for _, c := range g.Channels {
		sum += c
	}
	before, after = noise.values(g.N*sum), noise.values(g.N*sum)
	for i, v := range before {
		after[i] = v*0.5 + after[i]*0.5
	}
	return g.Channels, g.N, before, after, g.Pairs
}

// readRows reads rows of n.
func readRows(x []float32, n int) func(dst []float32, i int) {
	d := len(x) / n
	return func(dst []float32, i int) { copy(dst, x[i*d:][:d]) }
}

func TestBlockCKA(t *testing.T) {
	channels, n, before, after, want := movedGolden(t)
	steps := 0
	got, err := BlockCKA(channels, n, readRows(before, n), readRows(after, n), func() error {
		steps++
		return nil
	})
	if err != nil || steps < n {
		t.Fatalf("%v after %d steps", err, steps)
	}
	for i, w := range want {
		// The products are float32's, of numbers below 1: exact to some 1e-6.
		if math.Abs(got[i]-w) > 1e-5 {
			t.Errorf("pair %d: %v, want %v", i, got[i], w)
		}
	}
	same, err := BlockCKA(channels, n, readRows(before, n), readRows(before, n), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range channels {
		if own := same[i*len(channels)+i]; own != 1 {
			t.Errorf("block %d that has not moved has a CKA of %v", i, own)
		}
		for j := range channels {
			if a, b := same[i*len(channels)+j], same[j*len(channels)+i]; math.Abs(a-b) > 1e-12 {
				t.Errorf("of blocks %d and %d one way it is %v, the other %v", i, j, a, b)
			}
		}
	}
}

func TestBlockCKAStops(t *testing.T) {
	channels, n, before, after, _ := movedGolden(t)
	enough := errors.New("enough")
	for _, most := range []int{0, n + 1, 2*n + 8} { // in each of its parts
		steps := 0
		_, err := BlockCKA(channels, n, readRows(before, n), readRows(after, n), func() error {
			if steps++; steps > most {
				return enough
			}
			return nil
		})
		if err != enough || steps != most+1 {
			t.Errorf("told to stop after %d steps it gave %v after %d", most, err, steps)
		}
	}
	flat := func(dst []float32, _ int) { clear(dst) }
	if got, err := BlockCKA(channels, n, flat, readRows(after, n), nil); err != nil || !math.IsNaN(got[0]) {
		t.Errorf("of pictures that are all the same: %v, %v", got, err)
	}
	panics(t, badFeatures, func() { _, _ = BlockCKA(channels, 1, flat, flat, nil) })
}

func TestRandomSample(t *testing.T) {
	if got := RandomSample(3, MovedPictures, 1); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("of three pictures: %v", got)
	}
	a, b := RandomSample(5000, MovedPictures, 1), RandomSample(5000, MovedPictures, 2)
	if len(a) != MovedPictures || !slices.IsSorted(a) || len(slices.Compact(slices.Clone(a))) != len(a) ||
		slices.Equal(a, b) || !slices.Equal(a, RandomSample(5000, MovedPictures, 1)) || a[len(a)-1] >= 5000 {
		t.Errorf("of 5000 pictures: %v", a)
	}
}
