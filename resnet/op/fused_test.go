package op

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestFusedNorm holds a norm with what follows it to the ops one after the other. Both do the same sums, so that only
// roundings differ: a millionth of values below 10.
func TestFusedNorm(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	var batch NormBatch // is used again and again
	for _, size := range [][2]int{{5, 3}, {70, 8}, {64, 16}, {300, 5}} {
		rows, channels := size[0], size[1]
		n := BatchNorm{Weight: random(r, channels), Bias: random(r, channels), Mean: make([]float32, channels),
			Var: ones(channels), Epsilon: 1e-5}
		x, shortcut, dY := random(r, rows*channels), random(r, rows*channels), random(r, rows*channels)
		for _, e := range []Epilogue{{}, {ReLU: true}, {Residual: shortcut, ReLU: true}} {
			what := fmt.Sprintf("%v residual %v ReLU %v: ", size, e.Residual != nil, e.ReLU)
			want, got := make([]float32, len(x)), make([]float32, len(x))
			b := n.Train(want, x)
			if e.Residual != nil {
				Add(want, want, shortcut)
			}
			if e.ReLU {
				ReLU(want, want)
			}
			n.TrainInto(&batch, got, x, e)
			closeTo(t, what+"y", got, want, 1e-5)

			dSum := slices.Clone(dY)
			if e.ReLU {
				ReLUBackward(dSum, dSum, want)
			}
			var wantBy, gotBy [3][]float32
			for i, size := range []int{len(x), channels, channels} {
				wantBy[i], gotBy[i] = make([]float32, size), make([]float32, size)
			}
			n.TrainBackward(wantBy[0], wantBy[1], wantBy[2], dSum, x, b)
			switch {
			case e.Residual != nil:
				gotSum := slices.Clone(dY)
				n.TrainAddReLUBackward(gotBy[0], gotSum, gotBy[1], gotBy[2], gotSum, x, got, batch)
				closeTo(t, what+"dSum", gotSum, dSum, 0)
			case e.ReLU:
				n.TrainReLUBackward(gotBy[0], gotBy[1], gotBy[2], dY, x, got, batch)
			default:
				n.TrainReLUBackward(gotBy[0], gotBy[1], gotBy[2], dY, x, nil, batch)
			}
			for i, name := range []string{"dX", "dWeight", "dBias"} {
				closeTo(t, what+name, gotBy[i], wantBy[i], 1e-4)
			}
		}
	}
}

func closeTo(t *testing.T, what string, got, want []float32, bound float32) {
	t.Helper()
	for i := range want {
		if d := got[i] - want[i]; !(d <= bound && d >= -bound) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// TestNormBatchIsReused: after the first step a norm allocates nothing.
func TestNormBatchIsReused(t *testing.T) {
	n := BatchNorm{Weight: ones(8), Bias: make([]float32, 8), Mean: make([]float32, 8), Var: ones(8), Epsilon: 1e-5}
	x, y, dX, d := make([]float32, 160), make([]float32, 160), make([]float32, 160), make([]float32, 8)
	var b NormBatch
	step := func() {
		n.TrainInto(&b, y, x, Epilogue{ReLU: true})
		n.TrainReLUBackward(dX, d, d, y, x, y, b)
	}
	step()
	if count := testing.AllocsPerRun(10, step); count != 0 {
		t.Errorf("%v allocations a step, want 0", count)
	}
}

func TestSumRows(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	rows, got, want := random(r, 100*7), make([]float32, 7), make([]float32, 7)
	for i, v := range rows {
		want[i%7] += v
	}
	SumRows(got, rows)
	closeTo(t, "sums", got, want, 1e-4)
}
