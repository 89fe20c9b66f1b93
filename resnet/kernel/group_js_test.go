package kernel

import (
	"fmt"
	"slices"
	"testing"
)

// BenchmarkConvGroups times the 3×3s of ResNeXt-50 32×4d by their kernels and, to compare, by Conv's: the groups as
// batches, all in one job.
func BenchmarkConvGroups(b *testing.B) {
	for _, s := range [][2]int{{56, 4}, {28, 8}, {14, 16}, {7, 32}} {
		size, each := s[0], s[1]
		const groups = 32
		c := groups * each
		at := func(row, tap int) int {
			y, x := row/size+tap/3-1, row%size+tap%3-1
			if y < 0 || y >= size || x < 0 || x >= size {
				return Zeros
			}
			return (y*size + x) * c
		}
		rows := NewRows(size*size, 9, at)
		ones := make([]float32, c)
		for i := range ones {
			ones[i] = 1
		}
		src, dst := make([]float32, size*size*c), make([]float32, size*size*c)
		run := func(name string, conv func()) {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", size, size, each, name), func(b *testing.B) {
				for b.Loop() {
					conv()
				}
				b.ReportMetric(2*9*float64(size*size*c*each)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
		w := PackGroups(make([]float32, 9*c*each), c, c, 3, 3, groups, ones, ones)
		run("own", func() { ConvGroups(dst, c, src, rows, w, Epilogue{ReLU: true}) })
		set := Pack(make([]float32, 9*each*each), each, each, 3, 3, ones[:each], ones[:each])
		sets := Weights{N: each, Depth: set.Depth, data: slices.Repeat(set.data, groups)}
		run("Conv's", func() {
			convBatch(dst, c, each, src, each, rows, &sets, len(set.data), groups,
				Epilogue{ReLU: true})
		})
	}
}
