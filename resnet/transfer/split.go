package transfer

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
)

// A Side says what a picture is for.
type Side uint8

// The sides. Training pictures teach. Validation pictures choose settings and show how good the result is; only a refit
// learns from them too. Test pictures, which a person keeps apart, show how good it is and do nothing else.
const (
	Unassigned Side = iota // Split has not placed it yet
	Training
	Validation
	Test
)

// An Item is what Split needs to know of a picture.
type Item struct {
	ID    string // never empty, and the same for as long as the picture is there, as the hash of its bytes
	Group string // pictures that are nearly the same share a group: frames of one recording. "" is alone
	Label int
	Side  Side // where Split put it before
}

const badSplit = "transfer: the fraction of a split lies between 0 and 1, " +
	"labels are not negative, every item has an ID, and no item is a test picture"

// Split divides the pictures of each class: the given fraction for validation, rounded, the others for training. A
// class of two or more different pictures has at least one on each side; a single picture is for training.
//
// An item that has a side keeps it. So nothing that a network was trained on becomes validation when pictures are
// added, except where a class would otherwise have none. New pictures are placed by a hash of the seed and their ID, so
// their order does not matter. A group stays on one side: with frames of one recording on both, validation would test
// what was learnt by heart. Only if a class has a single group is that divided. Items of a class with the same ID are
// one picture that came several times, and stay together.
func Split(items []Item, fraction float64, seed uint64) []Side {
	if !(fraction > 0 && fraction < 1) {
		panic(badSplit)
	}
	classes := map[int][]int{}
	for i, item := range items {
		if item.ID == "" || item.Label < 0 || item.Side > Validation {
			panic(badSplit)
		}
		classes[item.Label] = append(classes[item.Label], i)
	}
	sides := make([]Side, len(items))
	for _, members := range classes { // each by itself: the order does not matter
		splitClass(sides, items, members, fraction, seed)
	}
	return sides
}

// A unit is what stays on one side: a group, or a picture by itself.
type unit struct {
	rank    uint64 // its hash
	name    string
	members []int
	side    Side
}

// splitClass sets the sides of one class's members.
func splitClass(sides []Side, items []Item, members []int, fraction float64, seed uint64) {
	want := 0 // pictures for validation
	if n := len(members); n > 1 {
		want = min(max(int(math.Round(fraction*float64(n))), 1), n-1)
	}
	units := unitsOf(items, members, seed, true)
	if len(units) == 1 && want > 0 {
		units = unitsOf(items, members, seed, false)
	}
	var count [Validation + 1]int
	for _, u := range units {
		count[u.side] += len(u.members)
	}
	place := func(u *unit, side Side) {
		count[u.side] -= len(u.members)
		count[side] += len(u.members)
		u.side = side
	}
	for i := range units {
		if u := &units[i]; u.side == Unassigned {
			// Beyond twice the missing number, a group would miss the wanted number by more than leaving it out.
			missing := want - count[Validation]
			if missing > 0 && len(u.members) <= 2*missing && len(u.members) < len(members) {
				place(u, Validation)
			} else {
				place(u, Training)
			}
		}
	}
	if want > 0 && count[Validation] == 0 {
		place(smallest(units), Validation)
	}
	if count[Training] == 0 {
		place(smallest(units), Training)
	}
	for _, u := range units {
		for _, i := range u.members {
			sides[i] = u.side
		}
	}
}

// unitsOf gathers the members of a class into units, ordered by rank.
func unitsOf(items []Item, members []int, seed uint64, grouped bool) []unit {
	type key struct {
		name  string
		alone bool
	}
	at := map[key]int{}
	var units []unit
	for _, i := range members {
		k := key{items[i].ID, true}
		if grouped && items[i].Group != "" {
			k = key{items[i].Group, false}
		}
		j, ok := at[k]
		if !ok {
			j = len(units)
			at[k] = j
			units = append(units, unit{rank: rank(seed, k.name), name: k.name})
		}
		u := &units[j]
		u.members = append(u.members, i)
		if s := items[i].Side; s == Training || u.side == Unassigned {
			u.side = s // a group that has been on both sides can no longer validate
		}
	}
	slices.SortFunc(units,
		func(a, b unit) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.name, b.name)) })
	return units
}

// smallest is the unit with the fewest pictures, the first by rank if there are several.
func smallest(units []unit) *unit {
	best := &units[0]
	for i := range units {
		if len(units[i].members) < len(best.members) {
			best = &units[i]
		}
	}
	return best
}

// rank hashes the seed and a name.
func rank(seed uint64, name string) uint64 {
	h := fnv.New64a()
	h.Write(binary.LittleEndian.AppendUint64(nil, seed))
	h.Write([]byte(name))
	// FNV's high bits change little with the last letters; this finish (of MurmurHash3) spreads them.
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
