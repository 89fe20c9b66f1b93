package resnet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// This file implements the whole network a second time, from the definitions, in float64 and without folding norms, and
// compares small networks with random weights.

// small lists small networks of the basic kinds.
var small = map[string]Config{
	"basic": {Block: Basic, Layers: []int{2, 1, 2}, Width: 5, Expansion: 1, Stem: "imagenet", NormEpsilon: 1e-5,
		Join: "add", Classes: 7},
	"bottleneck v1": {Block: Bottleneck, Layers: []int{1, 2}, Width: 4, Expansion: 4, StrideIn: StrideIn1x1,
		Stem: "imagenet", NormEpsilon: 1e-3, Join: "add", Classes: 3},
	"bottleneck v1.5": {Block: Bottleneck, Layers: []int{2, 2}, Width: 8, Expansion: 2, StrideIn: StrideIn3x3,
		Stem: "imagenet", NormEpsilon: 1e-5, Join: "add", Classes: 10},
}

// more lists kinds that differ inside their blocks or in the stem. Their pictures are smaller.
var more = map[string]Config{
	"grouped": {Block: Bottleneck, Layers: []int{1, 2}, Width: 8, Expansion: 2, StrideIn: StrideIn3x3, Groups: 2,
		GroupWidth: 32,
		Stem:       "imagenet", NormEpsilon: 1e-5, Join: "add", Classes: 5},
	"wide and odd": {Block: Bottleneck, Layers: []int{1, 2}, Width: 4, Expansion: 2, StrideIn: StrideIn3x3, Groups: 3,
		GroupWidth: 96,
		Stem:       "imagenet", NormEpsilon: 1e-5, Join: "add", Classes: 5},
	"cifar": {Block: Basic, Layers: []int{1, 1}, Width: 3, Expansion: 1, Stem: "cifar", Shortcut: "pad",
		NormEpsilon: 1e-5, Join: "add", Classes: 4},
	"article": {Block: Basic, Layers: []int{1, 2}, Width: 8, Expansion: 1, LinearStem: true, NoLastNorm: true,
		Stem: "imagenet", NormEpsilon: 1e-5, Join: "add", Classes: 4},
	"v2 basic": {Block: Basic, Layers: []int{2, 2}, Width: 6, Expansion: 1, PreActivation: true, Stem: "imagenet",
		NormEpsilon: 1e-5, Join: "add", Classes: 4},
	"v2 bottleneck": {Block: Bottleneck, Layers: []int{1, 2}, Width: 4, Expansion: 2, StrideIn: StrideIn3x3,
		PreActivation: true,
		Stem:          "imagenet", NormEpsilon: 1e-5, Join: "add", Classes: 4},
	"v2 pad": {Block: Basic, Layers: []int{2, 2}, Width: 4, Expansion: 1, PreActivation: true, Shortcut: "pad",
		Stem: "imagenet", NormEpsilon: 1e-5, Join: "add", Classes: 4},
	"v2 product": {Block: Basic, Layers: []int{1, 2}, Width: 6, Expansion: 1, PreActivation: true, Stem: "imagenet",
		NormEpsilon: 1e-5, Join: "product", Classes: 4},
	"maximum": {Block: Bottleneck, Layers: []int{1, 2}, Width: 4, Expansion: 2, StrideIn: StrideIn3x3,
		Stem: "imagenet", NormEpsilon: 1e-5, Join: "maximum", Classes: 4},
	"gate": {Block: Basic, Layers: []int{1, 2}, Width: 6, Expansion: 1, Shortcut: "pad", Stem: "imagenet",
		NormEpsilon: 1e-5, Join: "gate", Classes: 4},
	"v2 gate": {Block: Basic, Layers: []int{1, 2}, Width: 6, Expansion: 1, PreActivation: true, Stem: "imagenet",
		NormEpsilon: 1e-5, Join: "gate", Classes: 4},
}

var smallCard = weights.Card{
	Model: "small", Title: "Small", InputSize: 37, ShortSide: 40, Interpolation: "bilinear", ChannelOrder: "RGB",
	Rescale: 1. / 255, Mean: [3]float32{0.5, 0.4, 0.3}, Std: [3]float32{0.2, 0.3, 0.4}, License: "none",
	Source: "random",
}

// randomTensors makes all tensors of a network.
func randomTensors(t testing.TB, c Config) []weights.Tensor {
	r := rand.New(rand.NewPCG(1, 2))
	var out []weights.Tensor
	add := func(name string, value func() float64, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		data := make([]byte, 0, 4*n)
		for range n {
			bits := math.Float32bits(float32(value()))
			data = append(data, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24))
		}
		out = append(out, weights.Tensor{Name: name, DType: weights.F32, Shape: shape, Data: data})
	}
	norm := func(name string, channels int) {
		if name == "" {
			return
		}
		add(name+".weight", func() float64 { return 0.5 + r.Float64() }, channels)
		add(name+".bias", r.NormFloat64, channels)
		add(name+".running_mean", r.NormFloat64, channels)
		add(name+".running_var", func() float64 { return 0.5 + r.Float64() }, channels)
	}
	conv := func(s ConvSpec) {
		shape := s.Shape()
		scale := 1 / math.Sqrt(float64(shape[1]*s.Size*s.Size))
		add(s.Conv+".weight", func() float64 { return r.NormFloat64() * scale }, shape...)
		if s.Bias {
			add(s.Conv+".bias", func() float64 { return r.NormFloat64() / 2 }, s.Out)
		}
		norm(s.Norm, s.Out)
	}
	conv(c.StemConv())
	for _, b := range c.Blocks() {
		norm(b.Norm, b.In)
		for _, s := range b.Residual {
			conv(s)
		}
		if b.Projection != nil {
			conv(*b.Projection)
		}
	}
	norm(c.LastNorm(), c.Features())
	add("fc.weight", r.NormFloat64, c.Classes, c.Features())
	add("fc.bias", r.NormFloat64, c.Classes)
	return out
}

// encode makes a model file.
func encode(t testing.TB, c Config, card weights.Card, tensors []weights.Tensor) []byte {
	t.Helper()
	text, err := card.Encode()
	if err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := weights.Write(&b, map[string]string{weights.CardKey: text, weights.ConfigKey: string(config)},
		tensors); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// array is an activation, H×W×C.
type array struct {
	h, w, c int
	x       []float64
}

func (a array) at(y, x, c int) float64 { return a.x[(y*a.w+x)*a.c+c] }

// reference is a network by its definitions.
type reference struct {
	config  Config
	tensors map[string][]float32
	int8    bool // computes in eight bits, see roundedFor
}

func (r reference) convNorm(a array, s ConvSpec) array {
	if r.int8 {
		a = a.roundedFor(s)
	}
	pad := s.Size / 2
	out := array{h: (a.h+2*pad-s.Size)/s.Stride + 1, w: (a.w+2*pad-s.Size)/s.Stride + 1, c: s.Out}
	w := r.tensors[s.Conv+".weight"]
	bias := r.tensors[s.Conv+".bias"]
	k := s.In / s.Groups // input channels of a group
	for y := range out.h {
		for x := range out.w {
			for o := range s.Out {
				sum, first := 0.0, o/(s.Out/s.Groups)*k
				for ky := range s.Size {
					for kx := range s.Size {
						sy, sx := y*s.Stride+ky-pad, x*s.Stride+kx-pad
						if sy < 0 || sy >= a.h || sx < 0 || sx >= a.w {
							continue
						}
						for i, v := range a.x[(sy*a.w+sx)*a.c+first:][:k] {
							sum += v * float64(w[((o*k+i)*s.Size+ky)*s.Size+kx])
						}
					}
				}
				if bias != nil {
					sum += float64(bias[o])
				}
				out.x = append(out.x, sum)
			}
		}
	}
	return r.norm(out, s.Norm)
}

// norm is a norm of the given name; "" is none.
func (r reference) norm(a array, name string) array {
	if name == "" {
		return a
	}
	of := func(what string) []float32 { return r.tensors[name+"."+what] }
	mean, variance, weight, bias := of("running_mean"), of("running_var"), of("weight"), of("bias")
	out := array{a.h, a.w, a.c, nil}
	for i, v := range a.x {
		c := i % a.c
		y := (v - float64(mean[c])) / math.Sqrt(float64(variance[c])+r.config.NormEpsilon)
		out.x = append(out.x, y*float64(weight[c])+float64(bias[c]))
	}
	return out
}

// activate applies the network's activation in place.
func (r reference) activate(a array) array {
	act := map[op.Activation]func(float64) float64{
		ActivationReLU:      func(v float64) float64 { return max(0, v) },
		ActivationLeakyReLU: func(v float64) float64 { return max(0.01*v, v) },
		ActivationTanh:      math.Tanh,
		ActivationSiLU:      func(v float64) float64 { return v / (1 + math.Exp(-v)) },
	}[r.config.Activation]
	for i, v := range a.x {
		a.x[i] = act(v)
	}
	return a
}

// stem computes the first block's input.
func (r reference) stem(in array) array {
	a := r.convNorm(in, r.config.StemConv())
	if !r.config.LinearStem && !r.config.PreActivation {
		a = r.activate(a)
	}
	if r.config.Stem == "cifar" {
		return a
	}
	pooled := array{h: (a.h + 1) / 2, w: (a.w + 1) / 2, c: a.c}
	for y := range pooled.h {
		for x := range pooled.w {
			for c := range a.c {
				most := math.Inf(-1)
				for sy := max(0, 2*y-1); sy <= min(a.h-1, 2*y+1); sy++ {
					for sx := max(0, 2*x-1); sx <= min(a.w-1, 2*x+1); sx++ {
						most = max(most, a.at(sy, sx, c))
					}
				}
				pooled.x = append(pooled.x, most)
			}
		}
	}
	return pooled
}

// block computes the shortcut's operand and F for a block's input; the ablated part is zeros.
func (r reference) block(i int, a array, cut Part) (x, f array) {
	b := r.config.Blocks()[i]
	x, f = a, a
	if r.config.PreActivation {
		f = array{a.h, a.w, a.c, slices.Clone(a.x)}
		if !r.config.NoNorm {
			f = r.norm(a, b.Name+".bn1")
		}
		f = r.activate(f)
	}
	switch h, w := (a.h+1)/2, (a.w+1)/2; {
	case b.Projection != nil:
		x = r.convNorm(f, *b.Projection)
	case b.Pad:
		x = array{h, w, b.Out, make([]float64, h*w*b.Out)}
		for y := range h {
			for z := range w {
				for c := range a.c {
					x.x[(y*w+z)*b.Out+c] = a.at(2*y, 2*z, c)
				}
			}
		}
	}
	for i, s := range b.Residual {
		f = r.convNorm(f, s)
		if i < len(b.Residual)-1 {
			f = r.activate(f)
		}
	}
	switch {
	case cut == Residual:
		clear(f.x)
	case cut == Shortcut || r.config.Join == JoinNone:
		x = array{f.h, f.w, f.c, make([]float64, len(f.x))}
	}
	return x, f
}

// join computes x ∘ f, or what is left of it when a part is ablated.
func (r reference) join(x, f array, cut Part) array {
	out := array{x.h, x.w, x.c, slices.Clone(x.x)}
	for i, b := range f.x {
		a := x.x[i]
		switch join := r.config.Join; {
		case join == JoinAdd || join == JoinNone || cut != "":
			a += b
		case join == JoinProduct:
			a *= b
		case join == JoinMaximum:
			a = max(a, b)
		case join == JoinGate:
			a = a/(1+math.Exp(-b)) + b
		}
		out.x[i] = a
	}
	return out
}

// act is the activation after a join.
func (r reference) act(a array) array {
	if r.config.PreActivation {
		return a
	}
	return r.activate(a)
}

// final is what the features are the means of.
func (r reference) final(y array) array {
	switch {
	case r.config.PreActivation && r.config.NoNorm:
		return r.activate(array{y.h, y.w, y.c, slices.Clone(y.x)})
	case r.config.PreActivation:
		return r.activate(r.norm(y, "norm"))
	}
	return y
}

// from runs the blocks from first on, without the parts in cut, and the rest of the network. a is the input of block
// first. The means of blocks before that are taken as zeros.
func (r reference) from(first int, a array, cut map[int]Part) (logits, features []float64) {
	heads := r.config.HeadBlocks
	head := func(block int, a array) {
		if !slices.Contains(heads, block) {
			return
		}
		means := make([]float64, r.config.Blocks()[block].Out)
		for i, v := range a.x {
			means[i%a.c] += v / float64(a.h*a.w)
		}
		features = append(features, means...)
	}
	for i := range first - 1 {
		head(i, array{})
	}
	head(first-1, a)
	for i := first; i < len(r.config.Blocks()); i++ {
		x, f := r.block(i, a, cut[i])
		a = r.act(r.join(x, f, cut[i]))
		head(i, a)
	}
	if len(heads) == 0 {
		a = r.final(a)
		heads = []int{len(r.config.Blocks()) - 1}
		head(heads[0], a)
	}
	for o := range r.config.Classes {
		sum := float64(r.tensors["fc.bias"][o])
		for i, v := range features {
			sum += v * float64(r.tensors["fc.weight"][o*len(features)+i])
		}
		logits = append(logits, sum)
	}
	return logits, features
}

// off is the greatest difference divided by the greatest value.
func off(got []float32, want []float64) float64 {
	var diff, most float64
	for i := range want {
		diff = max(diff, math.Abs(float64(got[i])-want[i]))
		most = max(most, math.Abs(want[i]))
	}
	return diff / most
}

// both is a small network in both implementations, with a picture.
type both struct {
	*Model
	reference reference
	x         []float32
	in        array // x
}

// forSmall runs a test for each small network.
func forSmall(t *testing.T, test func(t *testing.T, n both)) {
	forEach(t, small, smallCard, test)
	card := smallCard
	card.InputSize, card.InputHeight, card.InputWidth = 0, 19, 26 // not square
	forEach(t, more, card, test)
	forEach(t, lab, card, test)
	forEach(t, headed, card, test)
}

// forEach runs a test for some networks.
func forEach(t *testing.T, configs map[string]Config, card weights.Card, test func(t *testing.T, n both)) {
	for name, c := range configs {
		t.Run(name, func(t *testing.T) {
			tensors := randomTensors(t, c)
			m, err := Load(encode(t, c, card, tensors))
			if err != nil {
				t.Fatal(err)
			}
			height, width := card.Shape()
			n := both{Model: m, reference: reference{config: c, tensors: map[string][]float32{}},
				in: array{h: height, w: width, c: 3}}
			for _, x := range tensors {
				n.reference.tensors[x.Name], _ = x.AppendFloat32(nil)
			}
			r := rand.New(rand.NewPCG(3, 4))
			for range m.InputLen() {
				n.x = append(n.x, float32(r.NormFloat64()))
				n.in.x = append(n.in.x, float64(n.x[len(n.x)-1]))
			}
			test(t, n)
		})
	}
}

// TestSmallNetworks: float32 has 24 bits. Some ten layers of at most 100 products each, summed in another order, leave
// errors of 1e-5.
func TestSmallNetworks(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		for range 2 { // the second pass reuses the buffers
			a := n.reference.stem(n.in)
			logits, features := n.reference.from(0, a, nil)
			infos := n.Blocks()
			traced := n.Forward(n.x, func(i int, p Parts) {
				x, f := n.reference.block(i, a, "")
				a = n.reference.act(n.reference.join(x, f, ""))
				if infos[i].Height != a.h || infos[i].Width != a.w || infos[i].Channels != a.c {
					t.Fatalf("block %s is %v, want %d×%d×%d", infos[i].Name, infos[i], a.h, a.w, a.c)
				}
				for name, part := range map[string]struct {
					got  []float32
					want array
				}{"x": {p.X, x}, "F": {p.F, f}, "y": {p.Y, a}} {
					if e := off(part.got, part.want.x); len(part.got) != len(part.want.x) || e > 1e-5 {
						t.Errorf("block %s: %s is off by %.2g", infos[i].Name, name, e)
					}
				}
				checkNorms(t, infos[i].Name, p)
			})
			got := n.Forward(n.x, nil)
			if !slices.Equal(got.Logits, traced.Logits) || !slices.Equal(got.Features, traced.Features) {
				t.Error("a pass with an observer has other results than one without")
			}
			if e := off(got.Features, features); e > 1e-5 {
				t.Errorf("the features are off by %.2g", e)
			}
			if e := off(got.Logits, logits); e > 1e-5 {
				t.Errorf("the logits are off by %.2g", e)
			}
		}
	})
}

// checkNorms compares a block's norms and cosine with their definitions. The sums over a position's channels are in
// float32, see op.AddReLU.
func checkNorms(t *testing.T, block string, p Parts) {
	t.Helper()
	dot := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += float64(a[i]) * float64(b[i])
		}
		return sum
	}
	x, f, y := p.Norms()
	for name, v := range map[string][2]float64{
		"‖x‖": {x, math.Sqrt(dot(p.X, p.X))}, "‖F‖": {f, math.Sqrt(dot(p.F, p.F))},
		"‖y‖":        {y, math.Sqrt(dot(p.Y, p.Y))},
		"the cosine": {p.Cosine(), dot(p.X, p.F) / math.Sqrt(dot(p.X, p.X)*dot(p.F, p.F))},
	} {
		if math.Abs(v[0]-v[1]) > 1e-5*max(1, v[1]) {
			t.Errorf("block %s: %s is %v, want %v", block, name, v[0], v[1])
		}
	}
}

func TestTop(t *testing.T) {
	top := Top([]float32{1, 1000, -5, 1000, 999}, 3)
	sum := 2 + math.Exp(-1)
	want := []Prediction{{1, 1 / sum}, {3, 1 / sum}, {4, math.Exp(-1) / sum}}
	for i := range want {
		if top[i].Index != want[i].Index || math.Abs(top[i].Probability-want[i].Probability) > 1e-15 {
			t.Errorf("place %d is %v, want %v", i, top[i], want[i])
		}
	}
	if n := len(Top([]float32{1, 2}, 5)); n != 2 {
		t.Errorf("%d predictions of 2 classes, want 2", n)
	}
	if got := fmt.Sprint(Top(nil, 1)); got != "[]" {
		t.Errorf("no logits give %s", got)
	}
}
