package transfer

import (
	"cmp"
	"slices"
)

// A Problem is something about the pictures that makes a classifier worse, or its scores untrue.
type Problem string

// The problems that Inspect finds.
const (
	// OneClass: there is a single class, and nothing to tell it from.
	OneClass Problem = "one-class"
	// EmptyClass: a class has no pictures.
	EmptyClass Problem = "empty-class"
	// TooFew: a class has fewer pictures than Enough.
	TooFew Problem = "too-few"
	// Unbalanced: a class has less than a third of the pictures that another has. A classifier learns to prefer the
	// frequent.
	Unbalanced Problem = "unbalanced"
	// InTwoClasses: the same picture, byte for byte, is in two classes.
	InTwoClasses Problem = "in-two-classes"
	// NearInTwoClasses: nearly the same picture is in two classes.
	NearInTwoClasses Problem = "near-in-two-classes"
	// Repeated: pictures of a class are the same or nearly so. They count several times and add nothing.
	Repeated Problem = "repeated"
)

// Enough is how many pictures a class needs at least: fewer leave one or two for validation, which says next to
// nothing.
const Enough = 5

// balance is how many times more pictures one class may have than another.
const balance = 3

// A Warning is a problem and where it is. The page has the words.
type Warning struct {
	Problem  Problem
	Class    int   // -1 for all
	Other    int   // the second class, or -1
	Pictures []int // indices of those concerned, ascending; nil if they are all of the class
	Count    int   // of the class's pictures for TooFew and Unbalanced, of Pictures otherwise
}

// Inspect looks for problems of pictures of the given classes. pairs are FindDuplicates'. The warnings are ordered by
// problem, as the problems are above, and by class.
func Inspect(pictures []Picture, classes int, pairs []Pair) []Warning {
	counts := make([]int, classes)
	for _, p := range pictures {
		if p.Label < 0 || p.Label >= classes {
			panic(badExamples)
		}
		counts[p.Label]++
	}
	var warnings []Warning
	if classes == 1 {
		warnings = append(warnings, Warning{Problem: OneClass, Class: -1, Other: -1, Count: counts[0]})
	}
	each := func(problem Problem, concerns func(n int) bool, other int) {
		for class, n := range counts {
			if concerns(n) {
				warnings = append(warnings, Warning{Problem: problem, Class: class, Other: other, Count: n})
			}
		}
	}
	each(EmptyClass, func(n int) bool { return n == 0 }, -1)
	each(TooFew, func(n int) bool { return n > 0 && n < Enough }, -1)
	if classes > 0 {
		most := slices.Index(counts, slices.Max(counts))
		each(Unbalanced, func(n int) bool { return n > 0 && n*balance < counts[most] }, most)
	}
	return append(warnings, fromPairs(pictures, pairs)...)
}

// fromPairs gathers the pairs by problem and classes.
func fromPairs(pictures []Picture, pairs []Pair) []Warning {
	type key struct {
		problem      Problem
		class, other int
	}
	gathered := map[key][]int{}
	for _, p := range pairs {
		a, b := pictures[p.A].Label, pictures[p.B].Label
		k := key{NearInTwoClasses, min(a, b), max(a, b)}
		switch {
		case a == b:
			k = key{Repeated, a, -1}
		case p.Exact:
			k.problem = InTwoClasses
		}
		gathered[k] = append(gathered[k], p.A, p.B)
	}
	var warnings []Warning
	for k, concerned := range gathered {
		slices.Sort(concerned)
		concerned = slices.Compact(concerned)
		warnings = append(warnings, Warning{k.problem, k.class, k.other, concerned, len(concerned)})
	}
	order := []Problem{InTwoClasses, NearInTwoClasses, Repeated}
	slices.SortFunc(warnings, func(a, b Warning) int {
		return cmp.Or(slices.Index(order, a.Problem)-slices.Index(order, b.Problem), a.Class-b.Class, a.Other-b.Other)
	})
	return warnings
}
