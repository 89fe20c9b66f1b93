package train

import (
	"fmt"
	"testing"

	"github.com/seed8935e608/residua/resnet"
)

// BenchmarkStep is a step of networks of the skip lab, batches of 64 pictures. Under js/wasm:
//
//	KERNELS=relaxed GOOS=js GOARCH=wasm go test -exec 'node ABSOLUTE/web/test/gotest.mjs' ./resnet/train \
//		-run NONE -bench Step -benchtime 20x
func BenchmarkStep(b *testing.B) {
	for _, net := range []struct {
		size, width, n int
		join           resnet.Join
	}{
		{32, 16, 3, resnet.JoinAdd}, {16, 8, 3, resnet.JoinAdd}, {16, 8, 9, resnet.JoinAdd},
		{16, 8, 9, resnet.JoinNone},
	} {
		name := fmt.Sprintf("depth %d, width %d, %dx%d, join %s", 6*net.n+2, net.width, net.size, net.size, net.join)
		b.Run(name, func(b *testing.B) {
			c := small
			c.Layers, c.Width, c.Join, c.Classes = []int{net.n, net.n, net.n}, net.width, net.join, 10
			n, err := New(c, Options{Height: net.size, Width: net.size, Batch: 64})
			if err != nil {
				b.Fatal(err)
			}
			labels := make([]int, 64)
			for i := range labels {
				labels[i] = i % 10
			}
			x := normals(1, 64*n.InputLen())
			pictures := Pictures{Labels: labels, Read: func(dst []float32, i, _ int) { copy(dst, x[i*len(dst):]) }}
			trainer, err := NewTrainer(n, pictures, Settings{
				Steps: 1 << 30, Batch: 64, Optimizer: SGD{Momentum: 0.9}, Schedule: Schedule{Rate: 1e-3},
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				mustStep(b, trainer)
			}
		})
	}
}
