package transfer

import (
	"math/bits"
	"slices"
	"strconv"
)

// A Picture is what finding duplicates needs to know of a picture, beside its features.
type Picture struct {
	ID    string // of its bytes, as their SHA-256: the same bytes, the same ID
	DHash uint64 // DifferenceHash of what the network gets
	Label int
}

// A Pair is two pictures that are the same, or nearly.
type Pair struct {
	A, B  int  // indices, A < B
	Exact bool // the same bytes
}

// Two pictures are nearly the same if their hashes differ in at most nearBits of 64 and the cosine of their features is
// at least nearCosine. Either test alone takes different pictures for duplicates: two pale skies have one hash, two
// photos of one kind of thing similar features. Of 50 photos both together found all 50 saved at a lower quality or
// made brighter, 48 shrunk to a third, and 46 and 48 with the edges cropped by some 5 %. They found none among the
// 41,025 pairs of different pictures within those 50 photos and twice 200 thumbnails, and none among the 17,292 within
// 132 renderings and 132 drawings on white.
const (
	nearBits   = 16
	nearCosine = 0.8
)

const badHashed = "transfer: a picture to be hashed is of height × width × 3 bytes"

// DifferenceHash is a perceptual hash, which similar pictures share most bits of: whether the picture gets brighter
// from each to the next of 9 columns, in 8 rows (Krawetz's dHash). rgb is height × width × 3 bytes. Bit 8·row+column,
// from the lowest.
func DifferenceHash(rgb []byte, height, width int) uint64 {
	const rows, columns = 8, 9
	if height < 1 || width < 1 || len(rgb) != 3*height*width {
		panic(badHashed)
	}
	var hash uint64
	for row := range rows {
		// A column of cells is width/9 pixels wide. Counted in ninths of a pixel all is whole: pixel x covers 9x to
		// 9x+9, cell c covers width·c to width·(c+1).
		var cells [columns]int
		for y := row * height / rows; y < (row+1)*height/rows; y++ {
			for x := range width {
				p := rgb[3*(y*width+x):]
				light := 19595*int(p[0]) + 38470*int(p[1]) + 7471*int(p[2]) // ITU-R 601-2
				for at := columns * x; at < columns*(x+1); {
					cell := at / width
					end := min(width*(cell+1), columns*(x+1))
					cells[cell] += (end - at) * light
					at = end
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

// FindDuplicates gives all pairs of pictures that are the same or nearly so, ordered by A and then B. x is their
// features, N×d.
func FindDuplicates(pictures []Picture, x []float32, d int) []Pair {
	if d < 1 || len(x) != len(pictures)*d {
		panic(badFeatures)
	}
	return Confirm(SimilarHashes(pictures, 0), func(i int) []float32 { return x[i*d:][:d] })
}

// SimilarHashes gives the pairs of pictures whose hashes are near each other, ordered by A and then B: the candidates
// for duplicates, and few. B is first or later in each pair: where all pictures before first have been compared
// already, these are the new pairs.
func SimilarHashes(pictures []Picture, first int) []Pair {
	var pairs []Pair
	for a, p := range pictures {
		for b := max(first, a+1); b < len(pictures); b++ {
			q := &pictures[b]
			if bits.OnesCount64(p.DHash^q.DHash) > nearBits {
				continue // as with nearly all pairs; the same bytes have the same hash
			}
			pairs = append(pairs, Pair{a, b, p.ID == q.ID})
		}
	}
	return pairs
}

// Confirm gives those of SimilarHashes' pairs whose features are near each other too, or whose bytes are the same. of
// gives a picture's features, and is asked only for pairs that are not the same.
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

// NearlySame numbers pictures so that those which are the same or nearly so, over any number of steps, share a number:
// the smallest index among them. hashes are their DifferenceHash; rows reads the features of a picture once, and only
// of those with similar hashes. progress, if not nil, is called some hundred times a second; its error ends the work.
func NearlySame(hashes []uint64, rows Rows, progress func() error) ([]int, error) {
	if progress == nil {
		progress = noPause
	}
	pictures := make([]Picture, len(hashes))
	for i, hash := range hashes {
		pictures[i] = Picture{ID: strconv.Itoa(i), DHash: hash}
	}
	features, lengths := make([][]float32, len(hashes)), make([]float64, len(hashes))
	of := func(i int) []float32 {
		if features[i] == nil {
			features[i] = make([]float32, rows.D)
			rows.Read(features[i], i)
			lengths[i] = lengthOf(features[i])
		}
		return features[i]
	}
	var pairs []Pair
	for k, p := range SimilarHashes(pictures, 0) {
		if dot(of(p.A), of(p.B)) >= nearCosine*lengths[p.A]*lengths[p.B] {
			pairs = append(pairs, p)
		}
		if k%1024 == 0 {
			if err := progress(); err != nil {
				return nil, err
			}
		}
	}
	return groupsOf(len(pictures), pairs), nil
}

// Grouped gives the items with each in the group of those that pairs join it to, over any number of steps, so that
// Split keeps them on one side. An item that no pair names has no group.
func Grouped(items []Item, pairs []Pair) []Item {
	grouped := slices.Clone(items)
	for i := range grouped {
		grouped[i].Group = ""
	}
	first := groupsOf(len(items), pairs)
	for _, p := range pairs {
		for _, i := range []int{p.A, p.B} {
			grouped[i].Group = items[first[i]].ID
		}
	}
	return grouped
}

// clustersOf lists the pictures that count as one: those with the same label and the same number in groups, in order of
// the first of each. Without groups each picture is alone.
func clustersOf(labels, groups []int) [][]int {
	var clusters [][]int
	at := map[[2]int]int{}
	for i, label := range labels {
		if groups != nil {
			if u, seen := at[[2]int{label, groups[i]}]; seen {
				clusters[u] = append(clusters[u], i)
				continue
			}
			at[[2]int{label, groups[i]}] = len(clusters)
		}
		clusters = append(clusters, []int{i})
	}
	return clusters
}

// groupsOf numbers n pictures so that those joined by pairs, over any number of steps, share a number: the smallest
// index among them.
func groupsOf(n int, pairs []Pair) []int {
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
