package transfer

import (
	"math"
	"math/rand/v2"
	"slices"
)

// RandomSample draws at most limit of n pictures, in their order.
func RandomSample(n, limit int, seed uint64) []int {
	return sampled(rand.New(rand.NewPCG(seed, 0)), n, limit)
}

// StratifiedSample draws at most limit of the pictures with these labels, in their order: of each class its share,
// rounded, and at least two or all it has. With many small classes it may be a few more.
func StratifiedSample(labels []int, classes, limit int, seed uint64) []int {
	all := make([]int, len(labels))
	for i := range all {
		all[i] = i
	}
	return stratified(all, labels, classes, limit, seed)
}

// sampled draws at most limit of the numbers below n, in their order.
func sampled(r *rand.Rand, n, limit int) []int {
	sample := r.Perm(n)[:min(n, limit)]
	slices.Sort(sample)
	return sample
}

// stratified is StratifiedSample of some of the pictures.
func stratified(of, labels []int, classes, limit int, seed uint64) []int {
	if len(of) <= limit {
		return of
	}
	members := make([][]int, classes)
	for _, i := range of {
		members[labels[i]] = append(members[labels[i]], i)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	taken := map[int]bool{}
	for _, class := range members {
		share := int(math.Floor(float64(len(class)) * float64(limit) / float64(len(of))))
		share = min(max(share, 2), len(class))
		for _, k := range r.Perm(len(class))[:share] {
			taken[class[k]] = true
		}
	}
	var sample []int
	for _, i := range of {
		if taken[i] {
			sample = append(sample, i)
		}
	}
	return sample
}
