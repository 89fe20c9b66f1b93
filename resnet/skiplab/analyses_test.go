package skiplab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/train"
)

const tinySize, tinyBatch = 8, 6

// tinyNet makes a network of three blocks for two classes, with its running statistics moved from where they start.
func tinyNet(t *testing.T, change func(*Network)) *train.Net {
	t.Helper()
	n := Network{Depth: 8, Join: op.JoinAdd, Norm: true, Width: 3}
	if change != nil {
		change(&n)
	}
	c, err := n.Config(2)
	if err != nil {
		t.Fatal(err)
	}
	net, err := train.New(c, train.Options{Height: tinySize, Width: tinySize, Batch: tinyBatch, Seed: 4,
		ZeroLast: n.ZeroLast})
	if err != nil {
		t.Fatal(err)
	}
	x, labels := tinyPictures(tinyBatch)
	net.Learn(x, labels, 0)
	return net
}

// tinyPictures are n pictures by formula: of class 0 lying stripes, of class 1 standing ones.
func tinyPictures(n int) (x []float32, labels []int) {
	for i := range n {
		labels = append(labels, i%2)
		for y := range tinySize {
			for column := range tinySize {
				at := []int{y, column}[i%2]
				for c := range 3 {
					x = append(x, float32(0.5+0.5*math.Sin(float64(at*(i+2))+float64(i+c))))
				}
			}
		}
	}
	return x, labels
}

// unchanged returns what fails if a value of the network is another than now.
func unchanged(t *testing.T, net *train.Net) (check func(after string)) {
	t.Helper()
	params := slices.Concat(net.Params(), net.Statistics())
	var before [][]float32
	for _, p := range params {
		before = append(before, slices.Clone(p.Value))
	}
	return func(after string) {
		t.Helper()
		for i, p := range params {
			if !slices.Equal(p.Value, before[i]) {
				t.Errorf("after %s %s has other values", after, p.Name)
			}
		}
	}
}

func TestSignal(t *testing.T) {
	net := tinyNet(t, nil)
	net.Watch = false
	x, labels := tinyPictures(tinyBatch)
	check := unchanged(t, net)
	layers, score := Signal(net, x, labels)
	check("Signal")
	if net.Watch {
		t.Error("the network goes on to watch")
	}
	if len(layers) != 8 {
		t.Fatalf("%d layers, want 8", len(layers))
	}
	for i, l := range layers {
		for what, v := range map[string]float64{"activation": l.Activation, "output gradient": l.OutputGradient,
			"weight gradient": l.WeightGradient, "weight": l.Weight} {
			if !(v > 0) || math.IsInf(v, 0) {
				t.Errorf("layer %s has the %s %v", l.Name, what, v)
			}
		}
		if l.Depth != i {
			t.Errorf("layer %s has the depth %d, want %d", l.Name, l.Depth, i)
		}
	}
	logits := net.BatchLogits(x, len(labels))
	// Both are sums of the same float64 terms of the same float32 logits.
	if want := train.ScoreOf(logits, labels, 2); score.N != want.N || math.Abs(score.Loss-want.Loss) > 1e-12 {
		t.Errorf("the score is %+v, want %+v", score, want)
	}
	again, _ := Signal(net, x, labels)
	if !slices.Equal(again, layers) {
		t.Error("a second Signal tells something else")
	}
}

// deep is a network of 56 layers without norms.
func deep(join op.Join) func(*Network) {
	return func(n *Network) { n.Depth, n.Join, n.Norm = 56, join, false }
}

// TestSignalVanishes: what the room is about. Without norms the gradient of a plain network is lost on its way back; a
// residual one's arrives.
func TestSignalVanishes(t *testing.T) {
	x, labels := tinyPictures(tinyBatch)
	arrives := func(join op.Join) float64 {
		layers, _ := Signal(tinyNet(t, deep(join)), x, labels)
		return layers[0].WeightGradient / layers[len(layers)-2].WeightGradient
	}
	if plain, residual := arrives(op.JoinNone), arrives(op.JoinAdd); !(plain < 0.001 && residual > 0.1) {
		t.Errorf("of the last convolution's gradient %g arrives in a plain network, %g in a residual one", plain,
			residual)
	}
}

func TestLandscape(t *testing.T) {
	net := tinyNet(t, nil)
	x, labels := tinyPictures(2*tinyBatch + 1) // three batches
	check := unchanged(t, net)
	var done []int
	s := Surface{Side: 5, Span: 0.5, Seed: 3, Progress: func(n, of int) { done = append(done, n, of) }}
	losses, err := Landscape(t.Context(), net, x, labels, s)
	if err != nil {
		t.Fatal(err)
	}
	check("Landscape")
	if len(losses) != 25 || len(done) != 50 || done[0] != 1 || done[48] != 25 || done[49] != 25 {
		t.Fatalf("%d losses, progress %v", len(losses), done)
	}
	if want := float32(train.ScoreOf(net.BatchLogits(x, len(labels)), labels, 2).Loss); losses[12] != want {
		t.Errorf("in the middle the loss is %v, the network's own is %v", losses[12], want)
	}
	// The first row's last point: the first direction forward, the second back, as far as it goes.
	first, second := direction(net.Params(), 3, 1), direction(net.Params(), 3, 2)
	func() {
		defer keep(net.Params())()
		for i, p := range net.Params() {
			for k := range first[i] {
				p.Value[k] = p.Value[k] + 0.5*first[i][k] + -0.5*second[i][k]
			}
		}
		want := float32(train.ScoreOf(net.BatchLogits(x, len(labels)), labels, 2).Loss)
		if got := losses[4]; math.Abs(float64(got-want)) > 1e-6 { // fused multiply-adds may round otherwise
			t.Errorf("at (0.5, -0.5) the loss is %v, want %v", got, want)
		}
	}()
	if again, _ := Landscape(t.Context(), net, x, labels, s); !slices.Equal(again, losses) {
		t.Error("the same surface has other losses the second time")
	}
	s.Seed++
	if other, _ := Landscape(t.Context(), net, x, labels, s); slices.Equal(other, losses) || other[12] != losses[12] {
		t.Error("another seed must give another surface round the same point")
	}
}

// TestDirection: each filter is as long as the weights', norms and biases have none, and a filter of zeros stays.
func TestDirection(t *testing.T) {
	net := tinyNet(t, func(n *Network) { n.Norm, n.ZeroLast = false, true })
	params := net.Params()
	moved := 0
	for i, d := range direction(params, 1, 1) {
		p := params[i]
		if len(p.Shape) == 1 {
			if d != nil {
				t.Errorf("%s has a direction", p.Name)
			}
			continue
		}
		each := len(p.Value) / p.Shape[0]
		for f := range p.Shape[0] {
			want, got := length(p.Value[f*each:][:each]), length(d[f*each:][:each])
			// float32 rounds each of at most 108 numbers.
			if math.Abs(got-want) > 1e-6*want {
				t.Errorf("filter %d of %s has the length %v, the weights' has %v", f, p.Name, got, want)
			}
			if want > 0 {
				moved++
			}
		}
	}
	if moved == 0 {
		t.Error("nothing moves")
	}
}

func TestLandscapeInfinite(t *testing.T) {
	net := tinyNet(t, func(n *Network) { n.Norm = false })
	for _, p := range net.Params() {
		if p.Name == "fc.weight" {
			for i := range p.Value {
				p.Value[i] = 3e38
			}
		}
	}
	x, labels := tinyPictures(tinyBatch)
	losses, err := Landscape(t.Context(), net, x, labels, Surface{Side: 2, Span: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, loss := range losses {
		if !math.IsInf(float64(loss), 1) {
			t.Errorf("the losses are %v", losses)
			break
		}
	}
}

func TestAnalysesStop(t *testing.T) {
	net := tinyNet(t, nil)
	x, labels := tinyPictures(tinyBatch)
	check := unchanged(t, net)
	for name, run := range map[string]func(ctx context.Context, progress func(done, of int)) error{
		"Landscape": func(ctx context.Context, progress func(done, of int)) error {
			_, err := Landscape(ctx, net, x, labels, Surface{Side: 9, Span: 1, Progress: progress})
			return err
		},
		"Paths": func(ctx context.Context, progress func(done, of int)) error {
			_, err := Paths(ctx, net, x, labels, Ways{Samples: 9, Progress: progress})
			return err
		},
	} {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		err := run(ctx, func(done, _ int) {
			if done == 3 {
				stop()
			} else if done > 3 {
				t.Errorf("%s goes on", name)
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		check("a " + name + " that was stopped")
	}
}

func TestAnalysesRefuse(t *testing.T) {
	x, labels := tinyPictures(tinyBatch)
	net, frozen := tinyNet(t, nil), tinyNet(t, nil)
	frozen.Freeze(1)
	for name, c := range map[string]struct {
		run  func() error
		want Why
	}{
		"one point":         {surface(net, Surface{Side: 1, Span: 1}), WhySetting},
		"too many points":   {surface(net, Surface{Side: MaxSide + 1, Span: 1}), WhySetting},
		"no span":           {surface(net, Surface{Side: 5}), WhySetting},
		"a span of no end":  {surface(net, Surface{Side: 5, Span: math.Inf(1)}), WhySetting},
		"no number as span": {surface(net, Surface{Side: 5, Span: math.NaN()}), WhySetting},
		"no paths":          {ways(net, x, labels, Ways{}), WhySetting},
		"paths, if frozen":  {ways(frozen, x, labels, Ways{Samples: 1}), WhyNoNetwork},
		"one run":           {runs(1), WhySetting},
		"no run":            {runs(), WhySetting},
	} {
		var known *Error
		if err := c.run(); !errors.As(err, &known) || known.Why != c.want {
			t.Errorf("%s: %v, want the reason %q", name, err, c.want)
		}
	}
}

func surface(net *train.Net, s Surface) func() error {
	return func() error {
		x, labels := tinyPictures(tinyBatch)
		_, err := Landscape(context.Background(), net, x, labels, s)
		return err
	}
}

func runs(seeds ...uint64) func() error {
	return func() error {
		_, err := Transfer(context.Background(), Transferral{Seeds: seeds})
		return err
	}
}

func ways(net *train.Net, x []float32, labels []int, w Ways) func() error {
	return func() error {
		_, err := Paths(context.Background(), net, x, labels, w)
		return err
	}
}

// TestPaths: the gradients of all paths add up to the network's, and Paths tells their mean length.
func TestPaths(t *testing.T) {
	x, labels := tinyPictures(tinyBatch)
	for name, change := range map[string]func(*Network){
		"residual":       nil,
		"without norms":  func(n *Network) { n.Norm = false },
		"pre-activation": func(n *Network) { n.PreActivation = true },
		"product":        func(n *Network) { n.Join = op.JoinProduct },
		"maximum":        func(n *Network) { n.Join = op.JoinMaximum },
	} {
		t.Run(name, func(t *testing.T) {
			net := tinyNet(t, change)
			check := unchanged(t, net)
			lengths, err := Paths(t.Context(), net, x, labels, Ways{Samples: 10})
			if err != nil {
				t.Fatal(err)
			}
			check("Paths")
			var want [4]float64
			sum, whole, dX := make([]float64, len(x)), make([]float32, len(x)), make([]float32, len(x))
			net.Learn(x, labels, 0)
			for mask := range 8 {
				k := mask&1 + mask>>1&1 + mask>>2
				net.InputGradient(dX, []bool{mask&1 != 0, mask&2 != 0, mask&4 != 0})
				for i, v := range dX {
					sum[i] += float64(v)
				}
				for i := range labels {
					want[k] += length(dX[i*len(x)/len(labels):][:len(x)/len(labels)]) / []float64{1, 3, 3, 1}[k]
				}
			}
			net.InputGradient(whole, nil)
			largest := 0.
			for _, v := range whole {
				largest = max(largest, math.Abs(float64(v)))
			}
			for i, v := range whole {
				// Some hundred float32 roundings on each path.
				if math.Abs(float64(v)-sum[i]) > 1e-5*largest {
					t.Fatalf("the paths add up to %v, the gradient is %v", sum[i], v)
				}
			}
			for k, count := range []float64{1, 3, 3, 1} {
				got := lengths[k]
				if got.Length != k || got.Count != count || float64(got.Sampled) != count ||
					math.Abs(got.Gradient-want[k]) > 1e-9*want[k] {
					t.Errorf("of length %d: %+v, want the gradient %v", k, got, want[k])
				}
			}
		})
	}
}

func TestPathsSampled(t *testing.T) {
	net := tinyNet(t, func(n *Network) { n.Depth = 20 })
	x, labels := tinyPictures(tinyBatch)
	last, of := 0, 0
	w := Ways{Samples: 5, Seed: 2, Progress: func(done, paths int) { last, of = done, paths }}
	lengths, err := Paths(t.Context(), net, x, labels, w)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{1, 9, 36, 84, 126, 126, 84, 36, 9, 1}
	if len(lengths) != 10 {
		t.Fatalf("%d lengths", len(lengths))
	}
	sampled := 0
	for k, p := range lengths {
		if p.Length != k || p.Count != want[k] || p.Sampled != int(min(want[k], 5)) || !(p.Gradient > 0) {
			t.Errorf("of length %d: %+v", k, p)
		}
		sampled += p.Sampled
	}
	if last != sampled || of != sampled {
		t.Errorf("progress ends at %d of %d, want %d", last, of, sampled)
	}
	if again, _ := Paths(t.Context(), net, x, labels, w); !slices.Equal(again, lengths) {
		t.Error("the same seed looks at other paths")
	}
}

func TestPathsPlain(t *testing.T) {
	net := tinyNet(t, func(n *Network) { n.Join = op.JoinNone })
	x, labels := tinyPictures(tinyBatch)
	lengths, err := Paths(t.Context(), net, x, labels, Ways{Samples: 5})
	if err != nil || len(lengths) != 1 || lengths[0].Length != 3 || lengths[0].Count != 1 || lengths[0].Sampled != 1 {
		t.Fatalf("%+v, %v; a plain network has one path", lengths, err)
	}
	net.Learn(x, labels, 0)
	dX := make([]float32, len(x))
	net.InputGradient(dX, nil)
	if want := gradientOf(dX, len(labels)); lengths[0].Gradient != want {
		t.Errorf("its gradient is %v, the network's %v", lengths[0].Gradient, want)
	}
}

// TestNextPath: every path comes once.
func TestNextPath(t *testing.T) {
	for n := range 9 {
		for k := range n + 1 {
			path := make([]bool, n)
			for i := range k {
				path[i] = true
			}
			seen := map[string]bool{}
			count := int(binomial(n, k))
			for range count {
				nextPath(path, nil)
				through := 0
				for _, residual := range path {
					if residual {
						through++
					}
				}
				if through != k {
					t.Fatalf("%v goes through %d modules, want %d", path, through, k)
				}
				seen[fmt.Sprint(path)] = true
			}
			if len(seen) != count {
				t.Errorf("%d of %d paths of length %d through %d blocks", len(seen), count, k, n)
			}
		}
	}
}

func TestBinomial(t *testing.T) {
	for _, c := range []struct {
		n, k int
		want float64
	}{{0, 0, 1}, {3, 1, 3}, {9, 4, 126}, {27, 13, 20058300}, {54, 27, 1946939425648112}} {
		if got := binomial(c.n, c.k); got != c.want {
			t.Errorf("%d over %d is %v, want %v", c.n, c.k, got, c.want)
		}
	}
}
