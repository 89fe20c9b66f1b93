package transfer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// class makes n items of a class.
func class(label, n int) []Item {
	items := make([]Item, n)
	for i := range items {
		items[i] = Item{ID: fmt.Sprintf("%d/%d", label, i), Label: label}
	}
	return items
}

// count is how many of the items of a class are on a side.
func count(items []Item, sides []Side, label int, side Side) int {
	n := 0
	for i, item := range items {
		if item.Label == label && sides[i] == side {
			n++
		}
	}
	return n
}

func TestSplitIsStratified(t *testing.T) {
	var items []Item
	sizes := []int{0, 1, 2, 3, 4, 5, 9, 10, 37, 200}
	for label, n := range sizes {
		items = append(items, class(label, n)...)
	}
	for _, fraction := range []float64{0.001, 0.1, 0.2, 0.5, 0.9, 0.999} {
		for seed := range uint64(20) {
			sides := Split(items, fraction, seed)
			for label, n := range sizes {
				want := 0
				if n > 1 {
					want = min(max(int(math.Round(fraction*float64(n))), 1), n-1)
				}
				if got := count(items, sides, label, Validation); got != want {
					t.Errorf("seed %d, %v of %d: %d for validation, want %d", seed, fraction, n, got, want)
				}
				if got := count(items, sides, label, Training); got != n-want {
					t.Errorf("seed %d, %v of %d: %d for training, want %d", seed, fraction, n, got, n-want)
				}
			}
		}
	}
}

// The order of the pictures does not matter, and the seed does.
func TestSplitByHash(t *testing.T) {
	items := append(class(0, 50), class(1, 30)...)
	sides := Split(items, 0.2, 7)
	shuffled := rand.New(rand.NewPCG(1, 1)).Perm(len(items))
	mixed := make([]Item, len(items))
	for to, from := range shuffled {
		mixed[to] = items[from]
	}
	for to, side := range Split(mixed, 0.2, 7) {
		if side != sides[shuffled[to]] {
			t.Fatal("another order gives another split")
		}
	}
	if slices.Equal(sides, Split(items, 0.2, 8)) {
		t.Error("another seed gives the same split")
	}
	// Each picture is chosen about equally often: 10 of 50, over 1,000 seeds 200 times, give or take 5 standard
	// deviations of 12.6.
	times := make([]int, 50)
	for seed := range uint64(1000) {
		for i, side := range Split(items[:50], 0.2, seed) {
			if side == Validation {
				times[i]++
			}
		}
	}
	if least, most := slices.Min(times), slices.Max(times); least < 137 || most > 263 {
		t.Errorf("a picture was chosen %d times of 1,000, another %d times", least, most)
	}
}

// Whoever has a side keeps it, and the class stays as near to its fraction as that allows.
func TestSplitIsStable(t *testing.T) {
	var items []Item
	r := rand.New(rand.NewPCG(2, 2))
	for n := 1; n < 300; n += 1 + r.IntN(9) {
		items = append(items, class(0, n)[len(items):]...)
		sides := Split(items, 0.25, 1)
		for i, side := range sides {
			// The class's only picture is for training, and may have to move for the second to train.
			if was := items[i].Side; was != Unassigned && was != side && i > 0 {
				t.Fatalf("picture %d of %d has moved", i, n)
			}
			items[i].Side = side
		}
		if got, want := count(items, sides, 0, Validation), 0.25*float64(n); n > 1 && math.Abs(float64(got)-want) > 1 {
			t.Fatalf("%d of %d for validation", got, n)
		}
	}
}

// Without memory one picture more moves at most one other.
func TestSplitWithoutMemory(t *testing.T) {
	items := class(0, 120)
	for n := 2; n < len(items); n++ {
		before, after := Split(items[:n], 0.2, 3), Split(items[:n+1], 0.2, 3)
		moved := 0
		for i := range before {
			if before[i] != after[i] {
				moved++
			}
		}
		if moved > 1 {
			t.Fatalf("picture %d moved %d others", n, moved)
		}
	}
}

// A class that has lost a side gets it back from the other.
func TestSplitMends(t *testing.T) {
	for _, side := range []Side{Training, Validation} {
		items := class(0, 6)
		for i := range items {
			items[i].Side = side
		}
		sides := Split(items, 0.2, 1)
		if got := count(items, sides, 0, side); got != 5 {
			t.Errorf("of six with side %d, %d keep it, want 5", side, got)
		}
	}
	if sides := Split([]Item{{ID: "a", Side: Validation}}, 0.5, 1); sides[0] != Training {
		t.Error("the only picture of a class does not train")
	}
}

func TestSplitGroups(t *testing.T) {
	var items []Item
	for i, item := range class(0, 60) {
		item.Group = fmt.Sprint("recording ", i/6)
		items = append(items, item)
	}
	items = append(items, class(1, 10)...) // stand alone
	for _, item := range class(2, 8) {
		item.Group = "the only one"
		items = append(items, item)
	}
	items = append(items, Item{ID: "same", Label: 3}, Item{ID: "same", Label: 3}, Item{ID: "other", Label: 3})
	for seed := range uint64(30) {
		sides := Split(items, 0.2, seed)
		for i := range 60 {
			if sides[i] != sides[i/6*6] {
				t.Fatalf("seed %d: a recording is on both sides", seed)
			}
		}
		if got := count(items, sides, 0, Validation); got != 12 {
			t.Errorf("seed %d: %d of 60 in groups of 6 for validation, want 12", seed, got)
		}
		if got := count(items, sides, 1, Validation); got != 2 {
			t.Errorf("seed %d: %d of 10 for validation, want 2", seed, got)
		}
		if got := count(items, sides, 2, Validation); got != 2 {
			t.Errorf("seed %d: %d of 8 of a single group for validation, want 2", seed, got)
		}
		if last := sides[len(sides)-3:]; last[0] != last[1] || last[0] == last[2] {
			t.Errorf("seed %d: the same picture twice and another: %v", seed, last)
		}
	}
	// New frames go where their recording is.
	items = items[:12]
	for i := range 6 {
		items[i].Side = Validation
	}
	items[6].Side = Training
	items = append(items, Item{ID: "new", Group: "recording 0"}, Item{ID: "newer", Group: "recording 1"})
	sides := Split(items, 0.2, 1)
	for i, want := range []Side{
		0: Validation, 5: Validation, 6: Training, 7: Training, 11: Training, 12: Validation, 13: Training,
	} {
		if want != Unassigned && sides[i] != want {
			t.Errorf("picture %d is on side %d, want %d", i, sides[i], want)
		}
	}
}

func TestSplitPanics(t *testing.T) {
	for _, fraction := range []float64{0, 1, -1, math.NaN()} {
		panics(t, badSplit, func() { Split(nil, fraction, 1) })
	}
	panics(t, badSplit, func() { Split([]Item{{ID: "a", Label: -1}}, 0.5, 1) })
	panics(t, badSplit, func() { Split([]Item{{ID: "a", Side: Test}}, 0.5, 1) })
	panics(t, badSplit, func() { Split(make([]Item, 8), 0.25, 1) }) // without IDs all would be one picture
}
