package transfer

import (
	"math/rand/v2"
	"testing"
)

// resnet50Channels are those of ResNet-50's blocks.
var resnet50Channels = []int{
	256, 256, 256, 512, 512, 512, 512, 1024, 1024, 1024, 1024, 1024, 1024, 2048, 2048, 2048,
}

// probingOf makes a probing of examples, all of them learnt from.
func probingOf(e Examples) Probing {
	p := Probing{Rows: rowsOf(e), Labels: e.Labels, Classes: e.Classes}
	for range e.Labels {
		p.Sides = append(p.Sides, Training)
	}
	return p
}

func rowsOf(e Examples) Rows {
	return Rows{e.D, func(dst []float32, row int) { copy(dst, e.Row(row)) }}
}

// The probes of all 16 blocks of a ResNet-50 on 10 classes × 100 pictures: 12 s of processor time natively.
func BenchmarkProbe(b *testing.B) {
	blocks := map[int]Probing{}
	for _, d := range resnet50Channels {
		if blocks[d].D == 0 {
			blocks[d] = probingOf(likeFeatures(rand.New(rand.NewPCG(1, 1)), 100, 10, d))
		}
	}
	for b.Loop() {
		for _, d := range resnet50Channels {
			if _, err := Probe(b.Context(), blocks[d], nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// The scores of all 16 blocks of a ResNet-50 on 10 classes × 20 pictures: 0.2 s of processor time natively.
func BenchmarkLogME(b *testing.B) {
	blocks := map[int]Examples{}
	for _, d := range resnet50Channels {
		if blocks[d].D == 0 {
			blocks[d] = likeFeatures(rand.New(rand.NewPCG(1, 1)), 20, 10, d)
		}
	}
	for b.Loop() {
		for _, d := range resnet50Channels {
			if _, err := LogME(b.Context(), rowsOf(blocks[d]), blocks[d].Labels, 10, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// The distance of two sets of 500 pictures by one of a ResNet-50's last blocks: 0.9 s of processor time natively.
func BenchmarkDistance(b *testing.B) {
	e := likeFeatures(rand.New(rand.NewPCG(1, 1)), 500, 2, 2048)
	rows := rowsOf(e)
	other := Rows{rows.D, func(dst []float32, row int) { rows.Read(dst, 500+row) }}
	for b.Loop() {
		if _, err := Distance(b.Context(), rows, 500, other, 500, DistanceOptions{}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
