package skiplab

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/shapes"
	"github.com/seed8935e608/residua/resnet/train"
)

// somePictures are n pictures of a set, from number first on.
func somePictures(s shapes.Set, first, n int) train.Pictures {
	each := s.Len()
	pix := make([]byte, n*each)
	p := train.Pictures{Read: func(dst []float32, i, _ int) {
		for k, v := range pix[i*each:][:each] {
			dst[k] = float32(v) / 255
		}
	}}
	for i := range n {
		p.Labels = append(p.Labels, s.Draw(pix[i*each:][:each], first+i))
	}
	return p
}

// directions is a transfer from one domain to another: filled forms that point left or right, and outlined ones.
func directions(t *testing.T) Transferral {
	t.Helper()
	n := Network{Depth: 8, Join: op.JoinAdd, Norm: true, Width: 4}
	c, err := n.Config(2)
	if err != nil {
		t.Fatal(err)
	}
	side := func(domain shapes.Domain, learn, steps int) Side {
		s := shapes.Set{Task: shapes.Direction, Domain: domain, Size: 12, Difficulty: 0.2, Seed: 7}
		return Side{
			Classes: 2, Learn: somePictures(s, 0, learn), Held: somePictures(s, 1000, 64),
			Training: train.Settings{Steps: steps, Batch: 16, Optimizer: train.SGD{Momentum: 0.9},
				Schedule: train.Schedule{Rate: 0.05, Warmup: 5}, Clip: 5},
		}
	}
	return Transferral{
		Config: c, Options: train.Options{Height: 12, Width: 12, Batch: 16},
		From: side(shapes.Filled, 320, 60), To: side(shapes.Filled, 32, 12), Seeds: []uint64{1, 2, 3},
	}
}

// TestTransfer: where both sides are the same task, what was learnt of many pictures helps with few, as long as it may
// be used; and the facts of the result agree with each other.
func TestTransfer(t *testing.T) {
	e := directions(t)
	var last TransferProgress
	calls := 0
	e.Progress = func(p TransferProgress) {
		if calls++; p.Step != calls {
			t.Fatalf("call %d tells of step %d", calls, p.Step)
		}
		last = p
	}
	r, err := Transfer(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if want := 3 * (60 + 6*12); calls != want || last.Steps != want || last.Run != 2 || last.Network != "scratch" {
		t.Errorf("%d steps, want %d; the last is %+v", calls, want, last)
	}
	if len(r.Frozen) != 5 {
		t.Fatalf("%d outcomes of freezing, want 5", len(r.Frozen))
	}
	for i, o := range r.Frozen {
		if o.Stages != i || len(o.Accuracies) != 3 || !(o.Low <= o.Mean && o.Mean <= o.High) ||
			math.Abs(o.Gain-(o.Mean-r.Scratch.Mean)) > 1e-12 {
			t.Errorf("%d stages frozen: %+v, from scratch %+v", i, o, r.Scratch)
		}
	}
	if r.Source.Mean < 0.9 || r.Frozen[4].Mean < 0.85 {
		t.Errorf("the source is right in %v, the frozen network in %v", r.Source.Mean, r.Frozen[4].Mean)
	}
	if r.Helps != 4 || r.Hurts != -1 {
		t.Errorf("freezing helps up to %d stages, and hurts from %d on: %+v", r.Helps, r.Hurts, r.Frozen)
	}
}

// TestTransferAgain: the same experiment has the same outcome.
func TestTransferAgain(t *testing.T) {
	e := directions(t)
	e.From.Training.Steps, e.To.Training.Steps, e.Seeds = 3, 2, e.Seeds[:2]
	first, err := Transfer(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Transfer(t.Context(), e); err != nil || !reflect.DeepEqual(again, first) {
		t.Errorf("%+v, %v, want %+v", again, err, first)
	}
}

func TestTransferStops(t *testing.T) {
	e := directions(t)
	ctx, stop := context.WithCancel(t.Context())
	e.Progress = func(p TransferProgress) {
		if p.Step == 3 {
			stop()
		}
		if p.Step > 3 {
			t.Error("it goes on")
		}
	}
	if _, err := Transfer(ctx, e); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTransferDiverges(t *testing.T) {
	e := directions(t)
	wild := e.From.Training
	wild.Steps, wild.Clip, wild.Schedule = 20, 0, train.Schedule{Rate: 1e30}
	e.From.Training = wild
	if _, err := Transfer(t.Context(), e); !errors.Is(err, train.ErrDiverged) {
		t.Errorf("a source that diverges: %v", err)
	}
	e = directions(t)
	e.From.Training.Steps, e.To.Training = 2, wild
	r, err := Transfer(t.Context(), e)
	if err != nil || r.Frozen[0].Diverged != 3 || r.Scratch.Diverged != 3 || len(r.Scratch.Accuracies) != 3 {
		t.Errorf("goals that diverge: %+v, %v", r, err)
	}
	e = directions(t)
	e.From.Training.Steps = 1
	e.From.Held = train.Pictures{}
	var known *Error
	if _, err := Transfer(t.Context(), e); !errors.As(err, &known) || known.Why != WhyNoHeld {
		t.Errorf("without pictures to judge by: %v", err)
	}
}

// TestInterval: the quantiles of Student's t are those of the tables: 12.706, 4.303 and 2.776 for 1, 2 and 4 degrees of
// freedom.
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		x          []float64
		mean, half float64
	}{
		{[]float64{0, 2}, 1, 12.7062},                                        // deviation √2, by √2
		{[]float64{1, 2, 3}, 2, 4.30265 / math.Sqrt(3)},                      // deviation 1
		{[]float64{0, 0, 0, 0, 5}, 1, 2.77645 * math.Sqrt(5) / math.Sqrt(5)}, // deviation √5
		{[]float64{0.5, 0.5}, 0.5, 0},
	} {
		mean, low, high := interval(c.x)
		if mean != c.mean || math.Abs(mean-low-c.half) > 1e-4 || math.Abs(high-mean-c.half) > 1e-4 {
			t.Errorf("%v: %v from %v to %v, want ±%v", c.x, mean, low, high, c.half)
		}
	}
}
