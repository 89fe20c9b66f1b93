package resnet

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// recorded makes a record of the small network's picture. The pass before it, of another picture, must leave no trace.
func (n both) recorded() *Record {
	r := n.NewRecord()
	r.Forward(make([]float32, n.InputLen()), nil)
	r.Forward(n.x, nil)
	return r
}

// inputs gives the reference's block inputs, and the last block's output, without the parts in cut.
func (n both) inputs(cut map[int]Part) []array {
	out := []array{n.reference.stem(n.in)}
	for i := range n.blocks {
		x, f := n.reference.block(i, out[i], cut[i])
		out = append(out, n.reference.act(n.reference.join(x, f, cut[i])))
	}
	return out
}

// cuts lists maps of parts to ablate: none, each part that can be ablated by itself, some together, and every F. In a
// plain network none can.
func (n both) cuts() []map[int]Part {
	out := []map[int]Part{nil, {}}
	if n.Config.Join == JoinNone {
		return out
	}
	every := map[int]Part{}
	for i := range n.blocks {
		out = append(out, map[int]Part{i: Residual})
		every[i] = Residual
		if !n.blocks[i].changesShape() {
			out = append(out, map[int]Part{i: Shortcut},
				map[int]Part{i: Shortcut, 0: Residual, len(n.blocks) - 1: Residual})
		}
	}
	return append(out, every)
}

func TestRecord(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		var traced []Parts
		want := n.Forward(n.x, func(_ int, p Parts) {
			traced = append(traced, Parts{slices.Clone(p.X), slices.Clone(p.F), slices.Clone(p.Y), p.Moments})
		})
		r := n.recorded()
		seen := 0
		observed := n.NewRecord()
		observed.Forward(n.x, func(i int, p Parts) {
			if !slices.Equal(p.X, traced[i].X) || !slices.Equal(p.F, traced[i].F) || !slices.Equal(p.Y, traced[i].Y) {
				t.Errorf("block %d has other parts in a pass that is kept", i)
			}
			seen++
		})
		if seen != len(n.blocks) {
			t.Errorf("%d blocks were observed, want %d", seen, len(n.blocks))
		}
		for i := range n.blocks {
			if moments, err := observed.Moments(i); err != nil || moments != traced[i].Moments {
				t.Errorf("after an observed pass block %d has the moments %v (%v), want %v",
					i, moments, err, traced[i].Moments)
			}
		}
		if !slices.Equal(r.Logits, want.Logits) || !slices.Equal(r.Features, want.Features) {
			t.Error("a pass that is kept has other results")
		}
		for range 2 { // from the last block to the first, twice: an answer must not depend on the calls before
			for i := len(n.blocks) - 1; i >= 0; i-- {
				p, err := r.Block(i)
				if err != nil {
					t.Fatal(err)
				}
				q := traced[i]
				if !slices.Equal(p.X, q.X) || !slices.Equal(p.F, q.F) || !slices.Equal(p.Y, q.Y) ||
					p.Moments != q.Moments {
					t.Errorf("block %d has other parts than in a traced pass", i)
				}
				if y, s := r.Input(i + 1); !slices.Equal(y, q.Y) || s != n.blocks[i].out() {
					t.Errorf("block %d: the next input is not its output", i)
				}
				if _, err := r.GradCAM(0, i, SourceF); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// TestAblate compares with the definitions, with the tolerance of TestSmallNetworks.
func TestAblate(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		r := n.recorded()
		whole := r.Result
		for _, cut := range n.cuts() {
			inputs := n.inputs(cut)
			got, err := r.Ablate(cut)
			if err != nil {
				t.Errorf("%v: %v", cut, err)
				continue
			}
			logits, features := n.reference.from(0, inputs[0], cut)
			if e := max(off(got.Logits, logits), off(got.Features, features)); e > 1e-5 {
				t.Errorf("without %v it is off by %.2g", cut, e)
			}
			for i := range n.blocks {
				// Moments comes before Block, and after a call about the network with other ablations.
				moments, err := r.Moments(i)
				if err != nil {
					t.Fatal(err)
				}
				next, _ := r.Input(i + 1)
				if e := off(next, inputs[i+1].x); e > 1e-5 {
					t.Errorf("without %v the input of block %d is off by %.2g", cut, i+1, e)
				}
				p, err := r.Block(i)
				if err != nil {
					t.Fatal(err)
				}
				if again, _ := r.Moments(i); moments != p.Moments || again != moments {
					t.Errorf("without %v: the moments of block %d are %v, then %v; the block's are %v",
						cut, i, moments, again, p.Moments)
				}
				x, f := n.reference.block(i, inputs[i], cut[i])
				for name, part := range map[string]struct {
					got  []float32
					want array
				}{"x": {p.X, x}, "F": {p.F, f}, "y": {p.Y, inputs[i+1]}} {
					largest := 1. // a product of large values is large
					for _, v := range part.want.x {
						largest = max(largest, math.Abs(v))
					}
					if e := furthest64(part.got, part.want.x); e > 1e-4*largest {
						t.Errorf("without %v: %s of block %d is off by %.2g", cut, name, i, e)
					}
				}
			}
		}
		if again, _ := r.Ablate(nil); !slices.Equal(again.Logits, whole.Logits) {
			t.Error("nothing cut off gives other logits than before")
		}

		for what, c := range map[string]struct {
			cut  map[int]Part
			want string
		}{
			"before the first": {map[int]Part{-1: Residual}, "no block -1"},
			"after the last": {map[int]Part{0: Residual, len(n.blocks): Shortcut},
				fmt.Sprintf("0 to %d", len(n.blocks)-1)},
			"no part": {map[int]Part{0: "norm"}, `not "norm"`},
		} {
			if _, err := r.Ablate(c.cut); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want one with %q", what, err, c.want)
			}
		}
		for i := range n.blocks {
			if !n.blocks[i].changesShape() {
				continue
			}
			if _, err := r.Ablate(map[int]Part{i: Shortcut}); err == nil ||
				!strings.Contains(err.Error(), "changes the shape") {
				t.Errorf("the shortcut of block %d was cut: %v", i, err)
			}
		}
	})
}

// TestSweep: a probability differs by at most half of the logits' difference.
func TestSweep(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		r, inputs := n.recorded(), n.inputs(nil)
		if n.Config.Join == JoinNone {
			return // see TestPlainNetwork
		}
		var steps []int
		got, err := r.Sweep(1, func(done, total int) bool {
			steps = append(steps, done, total)
			return true
		})
		if err != nil || len(got) != len(n.blocks) {
			t.Fatalf("%d probabilities and %v, want %d", len(got), err, len(n.blocks))
		}
		for i, p := range got {
			logits, _ := n.reference.from(0, inputs[0], map[int]Part{i: Residual})
			if want := softmax64(logits)[1]; math.Abs(p-want) > 1e-4 {
				t.Errorf("without F of block %d the probability is %v, want %v", i, p, want)
			}
			if steps[2*i] != i+1 || steps[2*i+1] != len(n.blocks) {
				t.Errorf("the steps are %v", steps)
			}
		}
		if quiet, err := r.Sweep(1, nil); err != nil || !slices.Equal(quiet, got) {
			t.Errorf("without a listener it is %v and %v", quiet, err)
		}
		// Without any F, removing one more makes no difference.
		every := n.cuts()[len(n.cuts())-1]
		if _, err := r.Ablate(every); err != nil {
			t.Fatal(err)
		}
		none, err := r.Sweep(1, nil)
		for i, p := range none {
			if err != nil || p != Softmax(r.Logits)[1] {
				t.Errorf("without any F the probability is %v, and with block %d's cut once more %v (%v)",
					Softmax(r.Logits)[1], i, p, err)
			}
		}
		if _, err := r.Sweep(1, func(done, _ int) bool { return done < 2 }); !errors.Is(err, ErrStopped) {
			t.Errorf("a stop gives %v", err)
		}
		for _, class := range []int{-1, n.Config.Classes} {
			if _, err := r.Sweep(class, nil); err == nil || !strings.Contains(err.Error(), "no class") {
				t.Errorf("class %d gives %v", class, err)
			}
		}
	})
}

func furthest64(got []float32, want []float64) float64 {
	var most float64
	for i := range want {
		most = max(most, math.Abs(float64(got[i])-want[i]))
	}
	return most
}

func softmax64(logits []float64) []float64 {
	out := make([]float32, len(logits))
	for i, x := range logits {
		out[i] = float32(x)
	}
	return Softmax(out)
}

// TestOcclusion compares with passes by definition. 37 pixels by 10 are four cells, the last of 7 pixels; 19 are two.
func TestOcclusion(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		const class, stride = 2, 10
		side := max(n.in.h, n.in.w)
		rows, cells := (n.in.h+stride-1)/stride, (n.in.w+stride-1)/stride
		r := n.recorded()
		logits, _ := n.reference.from(0, n.reference.stem(n.in), nil)
		whole := softmax64(logits)[class]
		for _, size := range []int{7, 16} {
			got, err := r.Occlusion(class, size, stride, nil)
			if err != nil || got.H != rows || got.W != cells {
				t.Fatalf("the map is %d×%d, error %v", got.H, got.W, err)
			}
			for i, v := range got.Values {
				// The centres of a cell and of its square are at most half a pixel apart.
				middleY, middleX := float64(i/cells*stride)+stride/2., float64(i%cells*stride)+stride/2.
				in := array{n.in.h, n.in.w, 3, slices.Clone(n.in.x)}
				for at := range in.x {
					y, x := float64(at/3/in.w)+0.5, float64(at/3%in.w)+0.5
					top, left := math.Floor(middleY-float64(size)/2), math.Floor(middleX-float64(size)/2)
					if y > top && y < top+float64(size) && x > left && x < left+float64(size) {
						in.x[at] = 0
					}
				}
				logits, _ := n.reference.from(0, n.reference.stem(in), nil)
				if want := whole - softmax64(logits)[class]; math.Abs(float64(v)-want) > 1e-4 {
					t.Errorf("size %d: the drop in cell %d is %v, want %v", size, i, v, want)
				}
			}
		}
		if _, err := r.Occlusion(class, 7, stride,
			func(done, total int) bool { return done*2 < total }); !errors.Is(err, ErrStopped) {
			t.Errorf("a stop gives %v", err)
		}
		for _, c := range []struct{ class, size, stride int }{{-1, 7, 7}, {0, 0, 7}, {0, 7, 0}, {0, side + 1, 7},
			{0, 7, side + 1}, {n.Config.Classes, 7, 7}} {
			if _, err := r.Occlusion(c.class, c.size, c.stride, nil); err == nil {
				t.Errorf("%v is not refused", c)
			}
		}
	})
}

// goldenAblations compares the probability of the best class of the photo that was recorded last: without F of each
// block, and without each shortcut that can be removed.
func goldenAblations(t *testing.T, r *Record, g golden, tolerance float64) {
	top := Top(r.Logits, 1)[0].Index
	worst := 0.0
	check := func(what string, block int, got, want float64) {
		if math.Abs(got-want) > tolerance {
			t.Errorf("without %s of block %d the probability is %v, want %v", what, block, got, want)
		}
		worst = max(worst, math.Abs(got-want))
	}
	sweep, err := r.Sweep(top, nil)
	if err != nil || len(sweep) != 16 {
		t.Fatalf("%d probabilities and error %v", len(sweep), err)
	}
	for i, want := range g.tensors["sweep"] {
		check("F", i, sweep[i], float64(want))
	}
	for i, want := range g.tensors["cut"] {
		without, err := r.Ablate(map[int]Part{i: Shortcut})
		if (want < 0) != (err != nil) {
			t.Errorf("cutting the shortcut of block %d gives error %v", i, err)
		}
		if err == nil {
			check("the shortcut", i, Softmax(without.Logits)[top], float64(want))
		}
	}
	t.Logf("probabilities off by at most %.2g", worst)
}

// goldenFilters compares the stem's filters.
func goldenFilters(t *testing.T, m *Model, g golden, tolerance float64) {
	filters := m.StemFilters()
	if len(filters) != 64*7*7*3 {
		t.Fatalf("%d values, want 64×7×7×3", len(filters))
	}
	if off := relative(sampled(filters), g.tensors["stem"]); off > tolerance {
		t.Errorf("the filters are off by %.2g relative", off)
	}
}

// TestStemFilters looks at networks whose card says RGB.
func TestStemFilters(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		w, got := n.reference.tensors["conv1.weight"], n.StemFilters()
		for i, v := range got {
			size := n.Config.StemConv().Size
			area := size * size
			channel, at, filter := i%3, i/3%area, i/3/area
			if want := w[(filter*3+channel)*area+at]; v != want {
				t.Fatalf("value %d is %v, want %v", i, v, want)
			}
		}
	})
}

// TestEmptyRecord: a record without a picture has no answers, rather than those about a black one.
func TestEmptyRecord(t *testing.T) {
	c := small["basic"]
	m, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	r := m.NewRecord()
	ask := map[string]func() error{
		"CAM":           func() error { _, err := r.CAM(0); return err },
		"GradCAM":       func() error { _, err := r.GradCAM(0, 0, SourceY); return err },
		"Contributions": func() error { _, err := r.Contributions(0, 0, SourceF); return err },
		"Sweep":         func() error { _, err := r.Sweep(0, nil); return err },
		"Occlusion":     func() error { _, err := r.Occlusion(0, 8, 8, nil); return err },
		"Ablate":        func() error { _, err := r.Ablate(map[int]Part{0: Residual}); return err },
		"Ablate, whole": func() error { _, err := r.Ablate(nil); return err },
		"Block":         func() error { _, err := r.Block(0); return err },
		"Moments":       func() error { _, err := r.Moments(0); return err },
		"Input":         func() error { return panicOf(func() { r.Input(0) }).(error) },
		"Final":         func() error { return panicOf(func() { r.Final() }).(error) },
	}
	for name, question := range ask {
		if err := question(); !errors.Is(err, ErrEmptyRecord) {
			t.Errorf("%s: %v, want %v", name, err, ErrEmptyRecord)
		}
	}
	x := make([]float32, m.InputLen())
	r.Forward(x, nil)
	if _, err := r.CAM(0); err != nil {
		t.Error(err)
	}
	// A pass that fails leaves half a picture, which is none.
	if got := panicOf(func() { r.Forward(x[1:], nil) }); got != badInput {
		t.Errorf("panic %v, want %q", got, badInput)
	}
	if _, err := r.CAM(0); !errors.Is(err, ErrEmptyRecord) {
		t.Errorf("after a pass that failed: %v, want %v", err, ErrEmptyRecord)
	}
}

// TestRecordInUse: a change in the middle of a question is refused, and so is a question in the middle of a change.
func TestRecordInUse(t *testing.T) {
	c := small["basic"]
	m, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	x, r := make([]float32, m.InputLen()), m.NewRecord()
	r.Forward(x, nil)
	during := func(do func()) {
		t.Helper()
		if got := panicOf(do); got != badUse {
			t.Errorf("panic %v, want %q", got, badUse)
		}
	}
	_, err = r.Sweep(0, func(int, int) bool {
		during(func() { r.Forward(x, nil) })
		during(func() { _, _ = r.Ablate(nil) })
		_, err := r.CAM(0) // a question beside a question is allowed
		return err == nil
	})
	if err != nil {
		t.Error(err)
	}
	r.Forward(x, func(int, Parts) {
		during(func() { _, _ = r.CAM(0) })
		during(func() { r.Input(0) })
	})
	if _, err := r.CAM(0); err != nil {
		t.Error(err)
	}
}

// panicOf runs a function and gives what it panics with.
func panicOf(do func()) (fault any) {
	defer func() { fault = recover() }()
	do()
	return nil
}
