package transfer

import (
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
)

// BenchmarkTunerEpoch is an epoch of the last block of ResNet-50 on 200 pictures of ten classes, without validation.
func BenchmarkTunerEpoch(b *testing.B) {
	var n noise
	in := op.Shape{H: 7, W: 7, C: 2048}
	block := n.block("layer4.2", in, [][4]int{{2048, 512, 1, 1}, {512, 512, 3, 1}, {512, 2048, 1, 1}}, nil)
	quiet(block)
	labels := make([]int, 200)
	for i := range labels {
		labels[i] = i % 10
	}
	x := n.values(in.Len())
	pictures := Pictures{Labels: labels, Read: func(dst []float32, i, _ int) {
		copy(dst, x)
		dst[i] = 1
	}}
	o := DefaultTuning
	o.Epochs, o.Patience = 1<<20, 0
	w, bias := make([]float32, 10*2048), make([]float32, 10)
	tuner, err := NewTuner([]resnet.BlockWeights{block}, w, bias, pictures, Pictures{}, o)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for range tuner.batches() {
			if _, err := tuner.step(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(labels)*b.N)/b.Elapsed().Seconds(), "pictures/s")
}

// quiet makes a block's weights so small that its output stays within bounds.
func quiet(block resnet.BlockWeights) {
	for _, c := range block.Convs() {
		for i := range c.Weight {
			c.Weight[i] /= 100
		}
	}
}

// BenchmarkScratchEpoch is an epoch of MethodScratch's network on 200 pictures of ten classes, without validation.
func BenchmarkScratchEpoch(b *testing.B) {
	var n noise
	labels := make([]int, 200)
	for i := range labels {
		labels[i] = i % 10
	}
	x := n.values(smallPixels)
	pictures := Pictures{Labels: labels, Read: func(dst []float32, i, _ int) {
		copy(dst, x)
		dst[i] = 1
	}}
	o := DefaultScratch
	o.Epochs, o.Patience = 1<<20, 0
	s, err := NewScratch(ScratchNetwork(10), ScratchSize, pictures, Pictures{}, o)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for range s.batches() {
			if _, err := s.step(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(labels)*b.N)/b.Elapsed().Seconds(), "pictures/s")
}
