package train

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// small is a network of 8×8 pictures that a test computes in milliseconds.
var small = resnet.Config{
	Block: resnet.Basic, Layers: []int{1, 1}, Width: 4, Expansion: 1, Stem: resnet.StemCIFAR, NormEpsilon: 1e-5,
	Join: resnet.JoinAdd, Classes: 3,
}

// kind is a network of the tests.
type kind struct {
	name   string
	config resnet.Config
}

// kinds are networks with everything that a Config can say.
func kinds() []kind {
	var out []kind
	add := func(name string, change func(c *resnet.Config)) {
		c := small
		c.Layers = slices.Clone(c.Layers)
		change(&c)
		out = append(out, kind{name, c})
	}
	for _, join := range []resnet.Join{
		resnet.JoinAdd, resnet.JoinNone, resnet.JoinProduct, resnet.JoinMaximum, resnet.JoinGate,
	} {
		for _, norm := range []bool{true, false} {
			for _, pre := range []bool{false, true} {
				for _, act := range activations {
					name := fmt.Sprintf("%s norm=%v pre=%v %s", join, norm, pre, act)
					add(name, func(c *resnet.Config) {
						c.Join, c.NoNorm, c.PreActivation = join, !norm, pre
						c.Activation = act
					})
				}
			}
		}
	}
	bottleneck := func(c *resnet.Config) { c.Block, c.Expansion, c.StrideIn = resnet.Bottleneck, 2, resnet.StrideIn3x3 }
	add("bottleneck", bottleneck)
	add("bottleneck v1", func(c *resnet.Config) { bottleneck(c); c.StrideIn = resnet.StrideIn1x1 })
	add("bottleneck pre-activation", func(c *resnet.Config) { bottleneck(c); c.PreActivation = true })
	add("groups", func(c *resnet.Config) { bottleneck(c); c.Groups, c.GroupWidth = 2, 32 })
	add("groups no norm", func(c *resnet.Config) { bottleneck(c); c.Groups, c.GroupWidth, c.NoNorm = 2, 32, true })
	add("ImageNet's stem", func(c *resnet.Config) { c.Stem = resnet.StemImageNet })
	add("pad", func(c *resnet.Config) { c.Shortcut = resnet.ShortcutPad })
	add("pad pre-activation", func(c *resnet.Config) { c.Shortcut, c.PreActivation = resnet.ShortcutPad, true })
	add("pad gate", func(c *resnet.Config) { c.Shortcut, c.Join = resnet.ShortcutPad, resnet.JoinGate })
	add("article", func(c *resnet.Config) { c.LinearStem, c.NoLastNorm = true, true })
	add("article product", func(c *resnet.Config) {
		c.LinearStem, c.NoLastNorm, c.Join = true, true, resnet.JoinProduct
	})
	add("two blocks a stage", func(c *resnet.Config) { c.Layers = []int{2, 2} })
	return out
}

var activations = []op.Activation{
	resnet.ActivationReLU, resnet.ActivationLeakyReLU, resnet.ActivationTanh, resnet.ActivationSiLU,
}

// card is for pictures of size×size.
func card(size int) weights.Card {
	return weights.Card{
		Model: "test", Title: "A test", InputSize: size, ShortSide: size, Interpolation: "bilinear",
		ChannelOrder: "RGB", Rescale: 1, Std: [3]float32{1, 1, 1}, License: "none", Source: "none",
	}
}

// normals are n normal values.
func normals(seed uint64, n int) []float32 {
	r := rand.New(rand.NewPCG(seed, 99))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// newTestNet makes a network for batches of four pictures of 8×8, and such a batch.
func newTestNet(t testing.TB, c resnet.Config) (n *Net, x []float32, labels []int) {
	t.Helper()
	n, err := New(c, Options{Height: 8, Width: 8, Batch: 4, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return n, normals(5, 4*n.InputLen()), []int{0, 1, 2, 1}
}

// scatterNorms gives norms weights and biases that are not 1 and 0, which a gradient or a file could leave out unseen.
func scatterNorms(n *Net) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, p := range n.Params() {
		if len(p.Shape) == 1 {
			for i := range p.Value {
				p.Value[i] += float32(r.Float64() - 0.5)
			}
		}
	}
}

// TestFileLoads: resnet.Load computes the logits that the network itself computes by its running statistics, after a
// few batches have moved them; and Open gives the same network again. Both sum some ten layers in float32, in other
// orders.
func TestFileLoads(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			n, x, labels := newTestNet(t, k.config)
			scatterNorms(n)
			for range 3 {
				n.Learn(x, labels, 0)
			}
			f, err := n.File(card(8))
			if err != nil {
				t.Fatal(err)
			}
			m, err := resnet.LoadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			z := n.Logits(x, 4)
			for i := range 4 {
				want := m.Forward(x[i*n.InputLen():][:n.InputLen()], nil).Logits
				for c, v := range want {
					if got := z[i*3+c]; !(math.Abs(float64(got-v)) <= 1e-5*(1+math.Abs(float64(v)))) {
						t.Errorf("logit %d of picture %d is %v, and %v in resnet.Model", c, i, got, v)
					}
				}
			}
			again, err := Open(f, Options{Batch: 2})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(again.Logits(x, 4), z) {
				t.Error("the network answers otherwise when it was written and opened again")
			}
		})
	}
}

// TestMemory: what Memory says before anything is made is what making and using a network takes, but for small things
// that it does not count, native kernels' copies of their input, and tables that it counts as if their tiles were the
// largest: a seventh.
func TestMemory(t *testing.T) {
	for _, c := range []resnet.Config{
		small,
		{Block: resnet.Basic, Layers: []int{3, 3, 3}, Width: 8, Expansion: 1, Stem: resnet.StemCIFAR, NormEpsilon: 1e-5,
			Join: resnet.JoinGate, Activation: resnet.ActivationSiLU, Classes: 10},
		{Block: resnet.Bottleneck, Layers: []int{1, 1}, Width: 32, Expansion: 4, StrideIn: resnet.StrideIn3x3,
			Stem: resnet.StemImageNet, NormEpsilon: 1e-5, Join: resnet.JoinAdd, Classes: 10, Groups: 4, GroupWidth: 16},
	} {
		o := Options{Height: 32, Width: 32, Batch: 8}
		want, err := Memory(c, o)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := New(c, o)
		if err != nil {
			t.Fatal(err)
		}
		own := 0
		for _, u := range n.units() { // what the first step makes, without its garbage
			group := u.conv.group
			dX, dY := make([]float32, group.In.Len()), make([]float32, group.Out.Len())
			group.BackwardInput(dX, dY, u.conv.weights(u.weight.Value, 0), nil, 1)
			own += 4 * (len(dX) + len(dY))
		}
		runtime.ReadMemStats(&after)
		got := float64(after.TotalAlloc-before.TotalAlloc) - float64(own)
		if got > 1.15*float64(want) || got < 0.85*float64(want) {
			t.Errorf("the network of %v takes %v bytes, Memory said %d", c.Layers, got, want)
		}
		o.MemoryLimit = want - 1
		var refused *MemoryError
		if _, err := New(c, o); !errors.As(err, &refused) || refused.Bytes != want || refused.Limit != want-1 {
			t.Errorf("with a limit of one byte less: %v", err)
		}
	}
	huge := Options{Height: 224, Width: 224, Batch: 256}
	c, err := resnet.Preset("resnet152")
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var refused *MemoryError
	if _, err := New(c, huge); !errors.As(err, &refused) {
		t.Errorf("a network that does not fit: %v", err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 10<<20 {
		t.Errorf("to refuse a network %d bytes were allocated", got)
	}
}

// TestInit: weights have the variance that they should have; of n normal values it is off by more than 5·√(2/n) of
// itself once in a million, and of uniform ones less. A twin has the same weights where it has the same tensors.
func TestInit(t *testing.T) {
	c := small
	c.Layers, c.Width, c.NoNorm = []int{1, 1, 1}, 16, true
	for init, want := range map[Init]func(p *Param) float64{
		"":         func(p *Param) float64 { return 2 / float64(p.Shape[0]*p.Shape[2]*p.Shape[3]) },
		InitHeOut:  func(p *Param) float64 { return 2 / float64(p.Shape[0]*p.Shape[2]*p.Shape[3]) },
		InitHeIn:   func(p *Param) float64 { return 2 / float64(p.Shape[1]*p.Shape[2]*p.Shape[3]) },
		InitXavier: func(p *Param) float64 { return 2 / float64((p.Shape[0]+p.Shape[1])*p.Shape[2]*p.Shape[3]) },
	} {
		n, err := New(c, Options{Height: 8, Width: 8, Batch: 1, Init: init, Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		twin := c
		twin.Join = resnet.JoinNone
		m, err := New(twin, Options{Height: 8, Width: 8, Batch: 1, Init: init, Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		of := map[string]*Param{}
		for _, p := range m.Params() {
			of[p.Name] = p
		}
		for _, p := range n.Params() {
			if q := of[p.Name]; q != nil && !slices.Equal(p.Value, q.Value) {
				t.Errorf("%q: the twin has another %s", init, p.Name)
			}
			count, of := float64(len(p.Value)), 1/float64(3*c.Width*4) // of a uniform one: ±1/√(4·Width) in fc
			switch {
			case len(p.Shape) == 4:
				of = want(p)
			case len(p.Shape) == 1:
				continue
			}
			if got := squares(p.Value) / count; math.Abs(got/of-1) > 5*math.Sqrt(2/count) {
				t.Errorf("%q: %s has the variance %v, want %v", init, p.Name, got, of)
			}
		}
		for _, u := range n.units() {
			if u.bias == nil {
				continue
			}
			bound := 1 / math.Sqrt(float64(product(u.weight.Shape[1:])))
			if most := float64(slices.Max(u.bias.Value)); most > bound || most < bound/2 {
				t.Errorf("%q: of %s the largest is %v, want at most %v", init, u.bias.Name, most, bound)
			}
		}
	}
}

// TestZeroLast: every block gives what its shortcut brings.
func TestZeroLast(t *testing.T) {
	for _, k := range kinds() {
		n, err := New(k.config, Options{Height: 8, Width: 8, Batch: 4, ZeroLast: true})
		if join := k.config.Join; join == resnet.JoinNone || join == resnet.JoinProduct {
			if err == nil {
				t.Errorf("%s: a network that gives zero is made", k.name)
			}
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		n.Learn(normals(5, 4*n.InputLen()), []int{0, 1, 2, 1}, 0)
		for _, b := range n.blocks {
			s := make([]float32, len(b.s))
			k.config.Join.Forward(s, b.s, make([]float32, len(b.s)))
			if k.config.Join == resnet.JoinAdd && b.s[0] != b.x[0] && b.projection == nil && b.pad == nil {
				t.Fatal("the shortcut is not the input")
			}
			if !k.config.PreActivation {
				k.config.Activation.Forward(s, s)
			}
			if !slices.Equal(s, b.y) {
				t.Errorf("%s: %s does not start as its shortcut", k.name, b.spec.Name)
			}
		}
	}
}

// TestLayers: what Layers says is what its comments define, of the outputs that the network has and of gradients that
// finite differences confirm elsewhere.
func TestLayers(t *testing.T) {
	n, x, labels := newTestNet(t, small)
	for _, l := range n.Layers() {
		if l.Activation != 0 || l.OutputGradient != 0 || l.WeightGradient != 0 || !(l.Weight > 0) {
			t.Errorf("before anything was learnt, %+v", l)
		}
	}
	n.Learn(x, labels, 0)
	layers := n.Layers()
	var names []string
	for i, l := range layers {
		names = append(names, fmt.Sprint(l.Name, " ", l.Kind, " ", l.Stage, ".", l.Block))
		if l.Depth != i || !(l.Activation > 0) || !(l.OutputGradient > 0) {
			t.Errorf("%+v", l)
		}
		for _, p := range n.Params() {
			weight, gradient := euclidean(p.Value), euclidean(p.Gradient)
			if p.Name == l.Name+".weight" && (l.Weight != weight || l.WeightGradient != gradient) {
				t.Errorf("%+v, its weights are %v long and their gradient %v", l, weight, gradient)
			}
		}
	}
	want := []string{
		"conv1 conv 0.0", "layer1.0.conv1 conv 1.0", "layer1.0.conv2 conv 1.0", "layer2.0.conv1 conv 2.0",
		"layer2.0.conv2 conv 2.0", "fc fc 2.0",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the layers are %q", names)
	}
	if got, want := layers[4].Activation, rms(n.blocks[1].y); got != want {
		t.Errorf("the last block's output is %v, want %v", got, want)
	}
	// The linear layer's bias adds up the gradients with respect to its outputs; of one picture they are the same.
	one, err := New(small, Options{Height: 8, Width: 8, Batch: 1, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	one.Learn(x[:one.InputLen()], labels[:1], 0)
	if got, want := one.Layers()[5].OutputGradient, rms(one.fcBias.Gradient); got != want {
		t.Errorf("the gradient with respect to the logits is %v, want %v", got, want)
	}
	n.Logits(x, 4)
	if l := n.Layers()[0]; l.Activation != 0 || l.OutputGradient != 0 {
		t.Errorf("after it answered, %+v", l)
	}
}

// TestFreeze: what is frozen stays to the bit, running statistics too, and the rest learns; the gradients that are left
// are those of the whole where the frozen part has no norms.
func TestFreeze(t *testing.T) {
	for _, k := range []string{"add norm=true pre=false ", "add norm=true pre=true ", "add norm=false pre=false "} {
		config := kinds()[slices.IndexFunc(kinds(), func(l kind) bool { return l.name == k })].config
		for stages := range 4 {
			n, x, labels := newTestNet(t, config)
			n.Learn(x, labels, 0)
			gradients := map[string][]float32{}
			for _, p := range n.Params() {
				gradients[p.Name] = slices.Clone(p.Gradient)
			}
			n.Freeze(stages)
			trainer, err := NewTrainer(n, Pictures{Labels: labels, Read: func(dst []float32, i, _ int) {
				copy(dst, x[i*n.InputLen():])
			}}, Settings{Steps: 2, Batch: 4, Optimizer: SGD{}, Schedule: Schedule{Rate: 0.1}, WeightDecay: 0.1})
			if err != nil {
				t.Fatal(err)
			}
			before := map[string][]float32{}
			for _, p := range slices.Concat(n.Params(), n.Statistics()) {
				before[p.Name] = slices.Clone(p.Value)
			}
			n.Learn(x, labels, 0)
			for _, p := range n.Params() {
				if config.NoNorm && !p.Frozen && !slices.Equal(p.Gradient, gradients[p.Name]) {
					t.Errorf("%s, %d stages frozen: %s has another gradient", k, stages, p.Name)
				}
			}
			mustStep(t, trainer)
			for _, p := range slices.Concat(n.Params(), n.Statistics()) {
				part := strings.Split(p.Name, ".")[0]
				stage := map[string]int{"conv1": 1, "bn1": 1, "layer1": 2, "layer2": 3, "norm": 3, "fc": 9}[part]
				frozen := stage <= stages
				if same := slices.Equal(p.Value, before[p.Name]); same != frozen {
					t.Errorf("%s, %d stages frozen: %s is the same: %v", k, stages, p.Name, same)
				}
			}
		}
	}
}

// TestOpenClasses: a network can go on with other classes.
func TestOpenClasses(t *testing.T) {
	n, x, _ := newTestNet(t, small)
	f, err := n.File(card(8))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(f, Options{Batch: 4, Classes: 5, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	if z := again.Logits(x, 4); len(z) != 20 || slices.Equal(again.fc.Value[:12], n.fc.Value) {
		t.Errorf("%d logits, want those of 5 new classes", len(z))
	}
	if !slices.Equal(again.stem.weight.Value, n.stem.weight.Value) {
		t.Error("the stem was not kept")
	}
}

func TestNewRefuses(t *testing.T) {
	good := Options{Height: 8, Width: 8, Batch: 4}
	one, unknown, heads := small, small, small
	one.Classes, unknown.Join = 1, "sum"
	heads.HeadBlocks = []int{0, len(small.BlockChannels()) - 1}
	for name, of := range map[string]struct {
		c resnet.Config
		o Options
	}{
		"no pictures": {small, Options{Batch: 4}},
		"no batch":    {small, Options{Height: 8, Width: 8}},
		"huge":        {small, Options{Height: 1 << 40, Width: 8, Batch: 1}},
		"init":        {small, Options{Height: 8, Width: 8, Batch: 4, Init: "zeros"}},
		"one class":   {one, good},
		"config":      {unknown, good},
		"two heads":   {heads, good},
	} {
		if _, err := New(of.c, of.o); err == nil {
			t.Errorf("%s: a network is made", name)
		}
	}
	n, x, labels := newTestNet(t, small)
	if _, err := n.File(card(9)); err == nil {
		t.Error("a card for other pictures is taken")
	}
	labelled := card(8)
	labelled.Labels = []string{"a", "b"}
	if _, err := n.File(labelled); err == nil {
		t.Error("a card with other labels is taken")
	}
	for name, f := range map[string]func(){
		"short":        func() { n.Learn(x[1:], labels, 0) },
		"many":         func() { n.Learn(slices.Repeat(x, 2), slices.Repeat(labels, 2), 0) },
		"label":        func() { n.Learn(x, []int{0, 1, 2, 3}, 0) },
		"stages":       func() { n.Freeze(4) },
		"path":         func() { n.Learn(x, labels, 0); n.InputGradient(make([]float32, len(x)), []bool{true}) },
		"before Learn": func() { n.Logits(x, 4); n.InputGradient(make([]float32, len(x)), nil) },
		"frozen":       func() { n.Freeze(1); n.Learn(x, labels, 0); n.InputGradient(make([]float32, len(x)), nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
