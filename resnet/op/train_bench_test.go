package op

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// This file times a step of training, op by op and layer by layer:
//
//	KERNELS=relaxed GOOS=js GOARCH=wasm go test -exec 'node ABSOLUTE/web/test/gotest.mjs' ./resnet/op \
//		-run NONE -bench TrainStep -benchtime 20x
//
// KERNELS=relaxed is one thread, KERNELS=relaxed_shared two. It prints, for each op of each kind of layer, the fastest
// of all steps, and of the whole step the median.

// benchLayer is a kind of layer of a network for small pictures: count convolutions, each with what follows it.
type benchLayer struct {
	name   string
	in     Shape
	out    int
	window Window
	count  int
	last   bool // it ends a block: its norm is followed by the shortcut and ReLU
	plain  bool // a projection: no ReLU
}

// benchLayers lists the kinds of layers of a residual network of three stages of n basic blocks.
func benchLayers(size, width, n int) []benchLayer {
	conv3, conv1 := Window{3, 1, 1}, Window{1, 2, 0}
	layers := []benchLayer{{"stem", Shape{size, size, 3}, width, conv3, 1, false, false}}
	for stage := range 3 {
		c, s := width<<stage, size>>stage
		at := Shape{s, s, c}
		name := fmt.Sprintf("%dx%dx%d", s, s, c)
		first := n
		if stage > 0 {
			first--
			before := Shape{2 * s, 2 * s, c / 2}
			layers = append(layers,
				benchLayer{name + "/2", before, c, Window{3, 2, 1}, 1, false, false},
				benchLayer{name + "/1x1", before, c, conv1, 1, false, true})
		}
		layers = append(layers,
			benchLayer{name, at, c, conv3, first, false, false},
			benchLayer{name + "+", at, c, conv3, n, true, false})
	}
	return layers
}

// stopwatch has the least time of each op of a layer.
type stopwatch struct {
	least map[string]time.Duration
	step  time.Duration // of all ops since it began
}

func (s *stopwatch) time(op string, count int, do func()) {
	began := time.Now()
	do()
	took := time.Since(began)
	if least, ok := s.least[op]; !ok || took < least {
		s.least[op] = took
	}
	s.step += took * time.Duration(count)
}

func BenchmarkTrainStep(b *testing.B) {
	for _, net := range []struct {
		name                     string
		size, width, n, pictures int
	}{{"ResNet-20, width 16, 32x32", 32, 16, 3, 64}, {"depth 56, width 8, 16x16", 16, 8, 9, 64}} {
		b.Run(net.name, func(b *testing.B) { benchmarkStep(b, benchLayers(net.size, net.width, net.n), net.pictures) })
	}
}

// benchmarkStep does what a step does for one layer of each kind, and counts it as often as there are such layers.
func benchmarkStep(b *testing.B, layers []benchLayer, n int) {
	r := rand.New(rand.NewPCG(1, 2))
	ops := []string{"forward", "norm", "by norm", "by weights", "by input", "descend"}
	type state struct {
		benchLayer
		stopwatch
		conv                           *BatchConv2D
		norm                           BatchNorm
		batch                          NormBatch
		x, w, raw, y, dY, d, dX, dW, v []float32
		dGamma, dBeta                  []float32
		flops                          float64
	}
	var all []*state
	var flops float64
	for _, l := range layers {
		if l.count == 0 {
			continue
		}
		c := NewBatchConv2D(l.in, l.out, l.window)
		s := &state{benchLayer: l, stopwatch: stopwatch{least: map[string]time.Duration{}}, conv: c}
		s.norm = BatchNorm{Weight: random(r, l.out), Bias: random(r, l.out), Mean: make([]float32, l.out),
			Var: make([]float32, l.out), Epsilon: 1e-5}
		s.x, s.w = random(r, n*l.in.Len()), random(r, c.Filters())
		out := n * c.Out.Len()
		s.raw, s.y, s.dY, s.d = make([]float32, out), make([]float32, out), random(r, out), make([]float32, out)
		s.dX, s.dW, s.v = make([]float32, len(s.x)), make([]float32, len(s.w)), make([]float32, len(s.w))
		s.dGamma, s.dBeta = make([]float32, l.out), make([]float32, l.out)
		s.flops = 2 * float64(n*c.Out.H*c.Out.W*c.Filters())
		passes := 3.
		if l.name == "stem" {
			passes = 2 // no gradient by its input
		}
		flops += passes * s.flops * float64(l.count)
		all = append(all, s)
	}
	var steps []float64
	for b.Loop() {
		var step time.Duration
		for _, s := range all {
			s.step = 0
			s.time(ops[0], s.count, func() { s.conv.Forward(s.raw, s.x, s.w, nil, n, Epilogue{}) })
			e := Epilogue{ReLU: !s.plain}
			if s.last {
				e.Residual = s.x
			}
			s.time(ops[1], s.count, func() { s.norm.TrainInto(&s.batch, s.y, s.raw, e) })
			s.time(ops[2], s.count, func() {
				switch {
				case s.last:
					s.norm.TrainAddReLUBackward(s.d, s.dY, s.dGamma, s.dBeta, s.dY, s.raw, s.y, s.batch)
				case s.plain:
					s.norm.TrainBackward(s.d, s.dGamma, s.dBeta, s.dY, s.raw, s.batch)
				default:
					s.norm.TrainReLUBackward(s.d, s.dGamma, s.dBeta, s.dY, s.raw, s.y, s.batch)
				}
			})
			s.time(ops[3], s.count, func() { s.conv.BackwardWeights(s.dW, s.d, s.x, n) })
			if s.name != "stem" {
				s.time(ops[4], s.count, func() { s.conv.BackwardInput(s.dX, s.d, s.w, nil, n) })
			}
			s.time(ops[5], s.count, func() { SGD{Rate: 1e-9, Momentum: 0.9, Factor: 1}.Descend(s.w, s.dW, s.v) })
			step += s.step
		}
		steps = append(steps, step.Seconds())
	}
	b.StopTimer()
	fmt.Printf("%-14s %5s %9s", "layer", "count", "MFLOP")
	for _, op := range ops {
		fmt.Printf(" %11s", op)
	}
	fmt.Println(" (ms each; GFLOP/s of convolutions, GB/s of norms)")
	least := 0.
	for _, s := range all {
		fmt.Printf("%-14s %5d %9.1f", s.name, s.count, s.flops/1e6)
		for i, op := range ops {
			took, ok := s.least[op]
			if !ok {
				fmt.Printf(" %11s", "")
				continue
			}
			t := took.Seconds()
			least += t * float64(s.count)
			rate := s.flops / t / 1e9
			switch i { // floats that are read and written
			case 1:
				rate = 4 * float64(len(s.y)) * 3 / t / 1e9
			case 2:
				rate = 4 * float64(len(s.y)) * 6 / t / 1e9
			case 5:
				rate = 4 * float64(len(s.w)) * 5 / t / 1e9
			}
			fmt.Printf(" %5.2f %5.1f", 1e3*t, rate)
		}
		fmt.Println()
	}
	slices.Sort(steps)
	median := steps[len(steps)/2]
	fmt.Printf("a step: %.1f GFLOP; by the fastest of each op %.1f ms, %.1f GFLOP/s; median %.1f ms, fastest %.1f ms\n",
		flops/1e9, 1e3*least, flops/least/1e9, 1e3*median, 1e3*steps[0])
	b.ReportMetric(flops/least/1e9, "GFLOP/s")
	if math.IsNaN(float64(all[0].y[0])) {
		b.Fatal("not a number")
	}
}
