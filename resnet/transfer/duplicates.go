package transfer

import (
	"math/bits"
)

// A Picture is what finding duplicates needs to know of a picture, beside its features.
type Picture struct {
	ID    string // of its bytes, as their SHA-256: the same bytes, the same ID
	Look  uint64 // DifferenceHash of what the network sees
	Label int
}

// A Pair is two pictures that are the same, or nearly.
type Pair struct {
	A, B  int  // indices, A < B
	Exact bool // the same bytes
}

// Two pictures are nearly the same if their looks differ in at most nearBits of 64 and the cosine of their features is at least nearCosine.
// Each alone takes strangers for twins: two pale skies have one look, two photos of one kind of thing similar features. Both
// together found, of 50 photos, all 50 saved worse or made brighter, 48 of a third the size, and 46 and 48 with the edges cut by some
// 5 %; and none among the 41,025 pairs of different pictures within those 50 photos and twice 200 thumbnails.
const (
	nearBits   = 16
	nearCosine = 0.8
)

const badLook = "transfer: a look is of size × size × 3 bytes, size a multiple of 8"

// DifferenceHash is 64 bits that say how a picture looks: whether it gets brighter from each to the next of 9 columns, in 8 rows (Krawetz's
// dHash). rgb is size × size × 3 bytes, size a multiple of 8. Bit 8·row+column, from the lowest.
func DifferenceHash(rgb []byte, size int) uint64 {
	const rows, columns = 8, 9
	if size < rows || size%rows != 0 || len(rgb) != 3*size*size {
		panic(badLook)
	}
	var hash uint64
	for row := range rows {
		// A column of cells is size/9 pixels wide. In ninths of a pixel all is whole: pixel x covers 9x to 9x+9, cell c size·c to size·(c+1).
		var cells [columns]int
		for y := row * size / rows; y < (row+1)*size/rows; y++ {
			for x := range size {
				p := rgb[3*(y*size+x):]
				light := 19595*int(p[0]) + 38470*int(p[1]) + 7471*int(p[2]) // ITU-R 601-2
				first := columns * x / size
				in := min(size*(first+1)-columns*x, columns) // of the pixel's nine parts
				cells[first] += in * light
				if in < columns {
					cells[first+1] += (columns - in) * light
				}
			}
		}
		for c := range columns - 1 {
			if cells[c+1] > cells[c] {
				hash |= 1 << (8*row + c)
			}
		}
	}
	return hash
}

// FindDuplicates gives all pairs of pictures that are the same or nearly so, ordered by A and then B. x is their features, N×d.
func FindDuplicates(pictures []Picture, x []float32, d int) []Pair {
	if d < 1 || len(x) != len(pictures)*d {
		panic(badFeatures)
	}
	return Confirm(LookAlikes(pictures, 0), func(i int) []float32 { return x[i*d:][:d] })
}

// LookAlikes gives the pairs of pictures whose looks are near each other, ordered by A and then B: the candidates for duplicates, and few. Of
// each B is first or a later one: those that are new, if the others were looked through before.
func LookAlikes(pictures []Picture, first int) []Pair {
	var pairs []Pair
	for a, p := range pictures {
		for b := max(first, a+1); b < len(pictures); b++ {
			q := &pictures[b]
			if bits.OnesCount64(p.Look^q.Look) > nearBits {
				continue // so are nearly all, and the same bytes have the same look
			}
			pairs = append(pairs, Pair{a, b, p.ID == q.ID})
		}
	}
	return pairs
}

// Confirm gives those of LookAlikes' pairs whose features are near each other too, or whose bytes are the same. of gives a picture's features,
// and is asked only for pairs that are not the same.
func Confirm(pairs []Pair, of func(picture int) []float32) []Pair {
	var confirmed []Pair
	for _, p := range pairs {
		if !p.Exact {
			x, y := of(p.A), of(p.B)
			if !(dot(x, y) >= nearCosine*lengthOf(x)*lengthOf(y)) {
				continue
			}
		}
		confirmed = append(confirmed, p)
	}
	return confirmed
}

// dot is the scalar product.
func dot(x, y []float32) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v) * float64(y[i])
	}
	return sum
}

// GroupsOf numbers n pictures so that those joined by pairs, over any number of steps, share a number: the smallest index among
// them. It makes Groups for Split.
func GroupsOf(n int, pairs []Pair) []int {
	root := make([]int, n)
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, p := range pairs {
		a, b := find(p.A), find(p.B)
		root[max(a, b)] = min(a, b)
	}
	for i := range root {
		root[i] = find(i)
	}
	return root
}
