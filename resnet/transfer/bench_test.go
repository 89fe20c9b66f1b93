package transfer

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"
)

// likeFeatures makes examples like pooled features: not negative, many correlated, classes that overlap.
func likeFeatures(r *rand.Rand, perClass, classes, d int) Examples {
	const factors = 40
	mix := make([]float32, factors*d)
	for i := range mix {
		mix[i] = float32(r.NormFloat64() / 6)
	}
	centers := make([]float32, classes*factors)
	for i := range centers {
		centers[i] = float32(0.8 * r.NormFloat64())
	}
	e := Examples{D: d, Classes: classes}
	hidden := make([]float32, factors)
	for class := range classes {
		for range perClass {
			for f := range hidden {
				hidden[f] = centers[class*factors+f] + float32(r.NormFloat64())
			}
			for j := range d {
				v := float32(0.5*r.NormFloat64() - 0.3)
				for f, h := range hidden {
					v += h * mix[f*d+j]
				}
				e.X = append(e.X, max(v, 0))
			}
			e.Labels = append(e.Labels, class)
		}
	}
	return e
}

// A head of 10 classes × 200 pictures: all strengths of the penalty.
func BenchmarkTrainHead(b *testing.B) {
	e := likeFeatures(rand.New(rand.NewPCG(1, 1)), 200, 10, 2048)
	train, validation := divided(e, Split(itemsOf(e.Labels), 0.2, 1))
	for b.Loop() {
		if _, err := TrainHead(context.Background(), train, validation, HeadOptions{}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// itemsOf makes an item of each label, with its index as ID.
func itemsOf(labels []int) []Item {
	items := make([]Item, len(labels))
	for i, label := range labels {
		items[i] = Item{ID: strconv.Itoa(i), Label: label}
	}
	return items
}

// The map of 2,000 pictures.
func BenchmarkPCAMap(b *testing.B) {
	e := likeFeatures(rand.New(rand.NewPCG(1, 1)), 200, 10, 2048)
	for b.Loop() {
		m, err := NewPCAMap(b.Context(), e.X, e.D, nil)
		if err != nil {
			b.Fatal(err)
		}
		m.Project(e.X)
	}
}

// 2,000 pictures before and after.
func BenchmarkCKA(b *testing.B) {
	e := likeFeatures(rand.New(rand.NewPCG(1, 1)), 200, 10, 2048)
	f := likeFeatures(rand.New(rand.NewPCG(2, 2)), 200, 10, 2048)
	for b.Loop() {
		CKA(e.X, f.X, e.Len())
	}
}

// The threshold of 2,000 pictures, and what is the same among them.
func BenchmarkLearnThreshold(b *testing.B) {
	e := likeFeatures(rand.New(rand.NewPCG(1, 1)), 200, 10, 2048)
	for b.Loop() {
		LearnThreshold(e, nil, 0.95)
	}
}

// All pairs of 10,000 pictures, whose hashes are as different as those of photos.
func BenchmarkFindDuplicates(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	const n, d = 10_000, 64
	pictures, x := make([]Picture, n), make([]float32, n*d)
	for i := range pictures {
		pictures[i] = Picture{ID: strconv.Itoa(i), DHash: r.Uint64() & r.Uint64()} // half of the bits are alike
	}
	for i := range x {
		x[i] = r.Float32()
	}
	for b.Loop() {
		FindDuplicates(pictures, x, d)
	}
}

// The interval of a comparison on 10,000 pictures.
func BenchmarkCompareMethods(b *testing.B) {
	labels, base, other := outcomes(1500, 1600, 5000, 1900)
	for b.Loop() {
		CompareMethods(labels, base, other)
	}
}
