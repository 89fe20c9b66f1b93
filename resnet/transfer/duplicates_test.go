package transfer

import (
	"cmp"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// pattern is the picture of testdata/make_goldens.py.
func pattern(size int) []byte {
	var rgb []byte
	for y := range size {
		for x := range size {
			edge := byte(0)
			if (x/5+y/3)%2 != 0 {
				edge = 255
			}
			rgb = append(rgb, byte((x*x+3*y*y+5*x*y)>>3), edge, byte(2*x+y))
		}
	}
	return rgb
}

func TestDifferenceHash(t *testing.T) {
	for _, g := range readGoldens(t).Hashes {
		if got := fmt.Sprintf("%016x", DifferenceHash(pattern(g.Size), g.Size, g.Size)); got != g.Hash {
			t.Errorf("size %d: %s, numpy has %s", g.Size, got, g.Hash)
		}
	}
	ramp := make([]byte, 3*224*224)
	for i := range ramp {
		ramp[i] = byte(i / 3 % 224)
	}
	if got := DifferenceHash(ramp, 224, 224); got != ^uint64(0) {
		t.Errorf("a picture that gets brighter: %x", got)
	}
	for i := range ramp {
		ramp[i] = 223 - ramp[i]
	}
	if got := DifferenceHash(ramp, 224, 224); got != 0 {
		t.Errorf("a picture that gets darker: %x", got)
	}
	panics(t, badHashed, func() { DifferenceHash(make([]byte, 3*12*12), 12, 11) })
	panics(t, badHashed, func() { DifferenceHash(make([]byte, 10), 8, 8) })
	panics(t, badHashed, func() { DifferenceHash(nil, 0, 0) })
}

// A picture of any shape has a hash, and repeating each pixel changes nothing in it.
func TestDifferenceHashOfAnyShape(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for _, shape := range [][2]int{{8, 9}, {16, 5}, {8, 1}, {24, 32}, {40, 17}} {
		h, w := shape[0], shape[1]
		small, large := make([]byte, 3*h*w), make([]byte, 3*4*h*w)
		for i := range small {
			small[i] = byte(r.IntN(256))
		}
		for i := range large {
			y, x := i/3/(2*w)/2, i/3%(2*w)/2
			large[i] = small[3*(y*w+x)+i%3]
		}
		if a, b := DifferenceHash(small, h, w), DifferenceHash(large, 2*h, 2*w); a != b {
			t.Errorf("%d×%d: %016x, and %016x twice as large", h, w, a, b)
		}
	}
	if got := DifferenceHash([]byte{0, 0, 0, 9, 9, 9}, 1, 2); got>>56 == 0 {
		t.Errorf("two pixels, the second brighter, give %016x", got)
	}
}

// A little noise and a little more light leave the hash nearly as it is.
func TestDifferenceHashIsRobust(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		// A soft picture: a few waves.
		const size = 224
		a, b := make([]byte, 3*size*size), make([]byte, 3*size*size)
		dx, dy := 1+r.IntN(4), 1+r.IntN(4)
		for i := range a {
			x, y := i/3%size, i/3/size
			v := (dx*x + dy*y) % 448
			v = min(v, 447-v) / 2
			a[i], b[i] = byte(v+40), byte(v+60+r.IntN(11))
		}
		if got := bits.OnesCount64(DifferenceHash(a, size, size) ^ DifferenceHash(b, size, size)); got > 6 {
			t.Errorf("%d bits differ", got)
		}
	}
}

func TestFindDuplicates(t *testing.T) {
	low := func(n int) uint64 { return 1<<n - 1 }
	x := []float32{
		1, 0, // 0
		1, 0, // 1 the same bytes as 0
		8, 6, // 2 cosine 0.8 with 0, as nearly the same may be
		7, 6, // 3 cosine 0.76
		1, 0, // 4 another hash
		0, 0, // 5 no features
	}
	pictures := []Picture{{"a", 0, 0}, {"a", 0, 1}, {"b", low(nearBits), 0}, {"c", 0, 0}, {"d", low(nearBits + 1), 0},
		{"e", ^uint64(0), 0}}
	got := FindDuplicates(pictures, x, 2)
	want := []Pair{{0, 1, true}, {0, 2, false}, {1, 2, false}, {2, 3, false}, {2, 4, false}}
	if !slices.Equal(got, want) {
		t.Errorf("pairs %v, want %v", got, want)
	}
	if got := groupsOf(6, got); !slices.Equal(got, []int{0, 0, 0, 0, 0, 5}) {
		t.Errorf("groups %v", got)
	}
	if got := groupsOf(5, []Pair{{A: 3, B: 4}, {A: 1, B: 2}, {A: 2, B: 4}}); !slices.Equal(got, []int{0, 1, 1, 1, 1}) {
		t.Errorf("groups %v", got)
	}
	var hashes []uint64
	for _, p := range pictures {
		hashes = append(hashes, p.DHash)
	}
	read := 0
	rows := Rows{2, func(dst []float32, row int) { read += copy(dst, x[2*row:][:2]) }}
	same, err := NearlySame(hashes, rows, nil)
	if err != nil || !slices.Equal(same, []int{0, 0, 0, 0, 0, 5}) || read != 2*5 {
		t.Errorf("nearly the same are %v, for which %d numbers were read; %v", same, read, err)
	}
	if _, err := NearlySame(hashes, rows, func() error { return ErrOneEach }); err != ErrOneEach {
		t.Error("told to stop:", err)
	}
	panics(t, badFeatures, func() { FindDuplicates(pictures, x, 3) })
}

// Compared step by step, as pictures are added, the same pairs are found; and only the features of candidates are asked
// for.
func TestSimilarHashesStepByStep(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	pictures := make([]Picture, 60)
	x := make([]float32, 2*len(pictures))
	for i := range pictures {
		// 16 bits apart, or 32
		pictures[i] = Picture{ID: fmt.Sprint(r.IntN(40)), DHash: uint64(r.IntN(4)) * 0x1111111111111111}
		x[2*i], x[2*i+1] = r.Float32(), r.Float32()
	}
	var got []Pair
	for _, step := range [][2]int{{0, 20}, {20, 21}, {21, 21}, {21, 60}} {
		first, end := step[0], step[1]
		alike := SimilarHashes(pictures[:end], first)
		wanted := map[int]bool{}
		for _, p := range alike {
			if p.B < first {
				t.Errorf("%v was compared before picture %d came", p, first)
			}
			wanted[p.A], wanted[p.B] = true, true
		}
		got = append(got, Confirm(alike, func(i int) []float32 {
			if !wanted[i] {
				t.Errorf("the features of %d were asked for", i)
			}
			return x[2*i:][:2]
		})...)
	}
	slices.SortFunc(got, func(p, q Pair) int { return cmp.Or(p.A-q.A, p.B-q.B) })
	want := FindDuplicates(pictures, x, 2)
	if !slices.Equal(got, want) || len(want) < 20 || len(want) > 1000 {
		t.Errorf("%d pairs step by step, %d at once", len(got), len(want))
	}
}

// Items that pairs join over several steps share a group, whatever group they had before; the others have none.
func TestGrouped(t *testing.T) {
	items := []Item{{ID: "a", Group: "x"}, {ID: "b"}, {ID: "c"}, {ID: "d"}, {ID: "e", Group: "x"}}
	var groups []string
	for _, item := range Grouped(items, []Pair{{A: 1, B: 3}, {A: 2, B: 3}}) {
		groups = append(groups, item.Group)
	}
	if want := []string{"", "b", "b", "b", ""}; !slices.Equal(groups, want) || items[0].Group != "x" {
		t.Errorf("groups %q, want %q", groups, want)
	}
}

// The same bytes are found even where their features are broken.
func TestFindDuplicatesWithoutFeatures(t *testing.T) {
	got := FindDuplicates([]Picture{{ID: "a"}, {ID: "a"}, {ID: "b", DHash: ^uint64(0)}}, make([]float32, 3), 1)
	if !slices.Equal(got, []Pair{{0, 1, true}}) {
		t.Errorf("pairs %v", got)
	}
}

func TestInspect(t *testing.T) {
	pictures := func(labels ...int) []Picture {
		p := make([]Picture, len(labels))
		for i, label := range labels {
			p[i] = Picture{ID: fmt.Sprint(i), Label: label}
		}
		return p
	}
	var many []int // 20 of class 0, 6 of class 1, 7 of class 2
	for class, n := range []int{20, 6, 7} {
		for range n {
			many = append(many, class)
		}
	}
	for _, c := range []struct {
		name     string
		pictures []Picture
		classes  int
		pairs    []Pair
		want     []Warning
	}{
		{"nothing", nil, 0, nil, nil},
		{"one class", pictures(0, 0, 0, 0, 0), 1, nil, []Warning{{OneClass, -1, -1, nil, 5}}},
		{"empty and too few", pictures(0, 0, 0, 0, 2, 2, 2, 2, 2), 4, nil, []Warning{
			{EmptyClass, 1, -1, nil, 0}, {EmptyClass, 3, -1, nil, 0}, {TooFew, 0, -1, nil, 4}}},
		{"all is well", pictures(0, 0, 0, 0, 0, 1, 1, 1, 1, 1), 2, nil, nil},
		{"unbalanced", pictures(many...), 3, nil, []Warning{{Unbalanced, 1, 0, nil, 6}}},
		{"duplicates", pictures(0, 0, 0, 0, 0, 1, 1, 1, 1, 1), 2,
			[]Pair{{0, 1, true}, {1, 3, false}, {2, 7, true}, {2, 8, false}, {4, 9, false}, {5, 6, true}},
			[]Warning{{InTwoClasses, 0, 1, []int{2, 7}, 2}, {NearInTwoClasses, 0, 1, []int{2, 4, 8, 9}, 4},
				{Repeated, 0, -1, []int{0, 1, 3}, 3}, {Repeated, 1, -1, []int{5, 6}, 2}}},
	} {
		if got := Inspect(c.pictures, c.classes, c.pairs); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	panics(t, badExamples, func() { Inspect(pictures(2), 2, nil) })
}
