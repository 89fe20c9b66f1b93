package resnet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights"
)

// This file has a second implementation of the whole network, by the definitions, in float64 and with the norms unfolded,
// and compares small networks of random weights with it.

// small are networks of every kind, small enough for the loops below.
var small = map[string]Config{
	"basic": {Block: Basic, Layers: []int{2, 1, 2}, Width: 5, Expansion: 1, Stem: "imagenet", NormEpsilon: 1e-5, Join: "add", Classes: 7},
	"bottleneck v1": {Block: Bottleneck, Layers: []int{1, 2}, Width: 4, Expansion: 4, StrideIn: StrideIn1x1,
		Stem: "imagenet", NormEpsilon: 1e-3, Join: "add", Classes: 3},
	"bottleneck v1.5": {Block: Bottleneck, Layers: []int{2, 2}, Width: 8, Expansion: 2, StrideIn: StrideIn3x3,
		Stem: "imagenet", NormEpsilon: 1e-5, Join: "add", Classes: 10},
}

var smallCard = weights.Card{
	Model: "small", Title: "Small", InputSize: 37, ShortSide: 40, Interpolation: "bilinear", ChannelOrder: "RGB",
	Rescale: 1. / 255, Mean: [3]float32{0.5, 0.4, 0.3}, Std: [3]float32{0.2, 0.3, 0.4}, License: "none", Source: "random",
}

// randomTensors are all tensors that a network needs.
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
	conv := func(s ConvSpec) {
		scale := 1 / math.Sqrt(float64(s.In*s.Size*s.Size))
		add(s.Conv+".weight", func() float64 { return r.NormFloat64() * scale }, s.Out, s.In, s.Size, s.Size)
		add(s.Norm+".weight", func() float64 { return 0.5 + r.Float64() }, s.Out)
		add(s.Norm+".bias", r.NormFloat64, s.Out)
		add(s.Norm+".running_mean", r.NormFloat64, s.Out)
		add(s.Norm+".running_var", func() float64 { return 0.5 + r.Float64() }, s.Out)
	}
	conv(c.StemConv())
	for _, b := range c.Blocks() {
		for _, s := range b.Residual {
			conv(s)
		}
		if b.Projection != nil {
			conv(*b.Projection)
		}
	}
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
	if err := weights.Write(&b, map[string]string{weights.CardKey: text, weights.ConfigKey: string(config)}, tensors); err != nil {
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

// reference is the network by its definitions.
type reference struct {
	config  Config
	tensors map[string][]float32
}

func (r reference) convNorm(a array, s ConvSpec) array {
	pad := s.Size / 2
	out := array{h: (a.h+2*pad-s.Size)/s.Stride + 1, w: (a.w+2*pad-s.Size)/s.Stride + 1, c: s.Out}
	w := r.tensors[s.Conv+".weight"]
	norm := func(name string, o int) float64 { return float64(r.tensors[s.Norm+"."+name][o]) }
	for y := range out.h {
		for x := range out.w {
			for o := range s.Out {
				sum := 0.0
				for i := range s.In {
					for ky := range s.Size {
						for kx := range s.Size {
							sy, sx := y*s.Stride+ky-pad, x*s.Stride+kx-pad
							if sy >= 0 && sy < a.h && sx >= 0 && sx < a.w {
								sum += a.at(sy, sx, i) * float64(w[((o*s.In+i)*s.Size+ky)*s.Size+kx])
							}
						}
					}
				}
				y := (sum - norm("running_mean", o)) / math.Sqrt(norm("running_var", o)+r.config.NormEpsilon)
				out.x = append(out.x, y*norm("weight", o)+norm("bias", o))
			}
		}
	}
	return out
}

func relu(a array) array {
	for i, v := range a.x {
		a.x[i] = max(0, v)
	}
	return a
}

// stem gives the first block's input.
func (r reference) stem(in array) array {
	a := relu(r.convNorm(in, r.config.StemConv()))
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

// block gives what the shortcut brings and what F adds, for a block's input; zeros for what is cut.
func (r reference) block(i int, a array, cut Part) (x, f array) {
	b := r.config.Blocks()[i]
	x, f = a, a
	for i, s := range b.Residual {
		f = r.convNorm(f, s)
		if i < len(b.Residual)-1 {
			f = relu(f)
		}
	}
	if b.Projection != nil {
		x = r.convNorm(a, *b.Projection)
	}
	switch cut {
	case Residual:
		clear(f.x)
	case Shortcut:
		x = array{x.h, x.w, x.c, make([]float64, len(x.x))}
	}
	return x, f
}

// join is x + f.
func join(x, f array) array {
	sum := array{x.h, x.w, x.c, slices.Clone(x.x)}
	for i, v := range f.x {
		sum.x[i] += v
	}
	return sum
}

// from runs the blocks from first on, without the parts in cut, and what follows them.
func (r reference) from(first int, a array, cut map[int]Part) (logits, features []float64) {
	for i := first; i < len(r.config.Blocks()); i++ {
		a = relu(join(r.block(i, a, cut[i])))
	}
	features = make([]float64, a.c)
	for i, v := range a.x {
		features[i%a.c] += v / float64(a.h*a.w)
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

// off is the greatest difference, as a part of the greatest value.
func off(got []float32, want []float64) float64 {
	var diff, most float64
	for i := range want {
		diff = max(diff, math.Abs(float64(got[i])-want[i]))
		most = max(most, math.Abs(want[i]))
	}
	return diff / most
}

// both is a small network in both implementations, and a picture.
type both struct {
	*Model
	reference reference
	x         []float32
	in        array // x
}

// forSmall runs a test for each small network.
func forSmall(t *testing.T, test func(t *testing.T, n both)) {
	for name, c := range small {
		t.Run(name, func(t *testing.T) {
			tensors := randomTensors(t, c)
			m, err := Load(encode(t, c, smallCard, tensors))
			if err != nil {
				t.Fatal(err)
			}
			n := both{Model: m, reference: reference{c, map[string][]float32{}}, in: array{h: smallCard.InputSize, w: smallCard.InputSize, c: 3}}
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

// TestSmallNetworks: float32 keeps 24 bits; some ten layers of at most 100 products each, in another order, leave 1e-5.
func TestSmallNetworks(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		for range 2 { // the second pass finds the buffers used
			a := n.reference.stem(n.in)
			logits, features := n.reference.from(0, a, nil)
			infos := n.Blocks()
			traced := n.Forward(n.x, func(i int, p Parts) {
				x, f := n.reference.block(i, a, "")
				a = relu(join(x, f))
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

// checkNorms compares a block's norms and cosine with their definitions. Their sums over a position's channels are in float32, see op.AddReLU.
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
		"‖x‖": {x, math.Sqrt(dot(p.X, p.X))}, "‖F‖": {f, math.Sqrt(dot(p.F, p.F))}, "‖y‖": {y, math.Sqrt(dot(p.Y, p.Y))},
		"the cosine": {p.Cosine(), dot(p.X, p.F) / math.Sqrt(dot(p.X, p.X)*dot(p.F, p.F))},
	} {
		if math.Abs(v[0]-v[1]) > 1e-5*max(1, v[1]) {
			t.Errorf("block %s: %s is %v, want %v", block, name, v[0], v[1])
		}
	}
}

func TestBlocks(t *testing.T) {
	infos := model(t, false).Blocks()
	if len(infos) != 16 {
		t.Fatalf("%d blocks, want 16", len(infos))
	}
	for i, want := range map[int]BlockInfo{
		0:  {"layer1.0", 1, 56, 56, 256, true},
		1:  {"layer1.1", 1, 56, 56, 256, false},
		3:  {"layer2.0", 2, 28, 28, 512, true},
		12: {"layer3.5", 3, 14, 14, 1024, false},
		15: {"layer4.2", 4, 7, 7, 2048, false},
	} {
		if infos[i] != want {
			t.Errorf("block %d is %v, want %v", i, infos[i], want)
		}
	}
}

func TestForwardPanics(t *testing.T) {
	c := small["basic"]
	m, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if got := recover(); got != badInput {
			t.Errorf("panic %v, want %q", got, badInput)
		}
	}()
	m.Forward(make([]float32, 5), nil)
}

func TestLoadRefuses(t *testing.T) {
	good := small["basic"]
	change := func(edit func(*Config)) Config {
		c := good
		c.Layers = slices.Clone(c.Layers)
		edit(&c)
		return c
	}
	// An edit of the tensors, of the one with the given name.
	edit := func(name string, do func(x weights.Tensor) []weights.Tensor) []weights.Tensor {
		var out []weights.Tensor
		for _, x := range randomTensors(t, good) {
			if x.Name == name {
				out = append(out, do(x)...)
			} else {
				out = append(out, x)
			}
		}
		return out
	}
	card := smallCard
	card.Labels = []string{"one", "two"}
	all := randomTensors(t, good)
	for what, c := range map[string]struct {
		file []byte
		want string
	}{
		"no file":        {nil, "safetensors"},
		"half a file":    {encode(t, good, smallCard, all)[:5000], ""},
		"block":          {encode(t, change(func(c *Config) { c.Block = "dense" }), smallCard, all), `unknown block "dense"`},
		"stride":         {encode(t, change(func(c *Config) { c.Block = Bottleneck }), smallCard, all), "place of the stride"},
		"stem":           {encode(t, change(func(c *Config) { c.Stem = "deep" }), smallCard, all), `unknown stem "deep"`},
		"join":           {encode(t, change(func(c *Config) { c.Join = "mul" }), smallCard, all), `unknown join "mul"`},
		"epsilon":        {encode(t, change(func(c *Config) { c.NormEpsilon = 0 }), smallCard, all), "epsilon of 0"},
		"no stages":      {encode(t, change(func(c *Config) { c.Layers = nil }), smallCard, all), "0 stages"},
		"an endless one": {encode(t, change(func(c *Config) { c.Layers[1] = 1 << 30 }), smallCard, all), "1 to 200 blocks"},
		"width":          {encode(t, change(func(c *Config) { c.Width = 1 << 40 }), smallCard, all), "width"},
		"classes":        {encode(t, change(func(c *Config) { c.Classes = 0 }), smallCard, all), "0 classes"},
		"more classes":   {encode(t, change(func(c *Config) { c.Classes = 8 }), smallCard, all), "fc.bias has the shape [7]"},
		"more blocks":    {encode(t, change(func(c *Config) { c.Layers[0] = 3 }), smallCard, all), "no tensor layer1.2.bn1.weight"},
		"fewer blocks":   {encode(t, change(func(c *Config) { c.Layers[0] = 1 }), smallCard, all), "no place for tensor layer1.1"},
		"labels":         {encode(t, good, card, all), "2 labels for 7 classes"},
		"a missing tensor": {encode(t, good, smallCard, edit("bn1.bias", func(weights.Tensor) []weights.Tensor { return nil })),
			"no tensor bn1.bias"},
		"another shape": {encode(t, good, smallCard, edit("conv1.weight", func(x weights.Tensor) []weights.Tensor {
			x.Shape = []int{5, 7, 7, 3}
			return []weights.Tensor{x}
		})), "conv1.weight has the shape [5 7 7 3]"},
		"not a number": {encode(t, good, smallCard, edit("bn1.bias", func(x weights.Tensor) []weights.Tensor {
			copy(x.Data, []byte{0, 0, 0xC0, 0x7F})
			return []weights.Tensor{x}
		})), "bn1.bias"},
		"a negative variance": {encode(t, good, smallCard, edit("bn1.running_var", func(x weights.Tensor) []weights.Tensor {
			x.Data[3] |= 0x80
			return []weights.Tensor{x}
		})), "bn1.running_var is negative at 0"},
	} {
		if _, err := Load(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", what, err, c.want)
		}
	}
	counters := append(slices.Clone(all), weights.Tensor{Name: "bn1.num_batches_tracked", DType: weights.I64, Data: make([]byte, 8)})
	if _, err := Load(encode(t, good, smallCard, counters)); err != nil {
		t.Errorf("PyTorch's counters of batches: %v", err)
	}
	var bare bytes.Buffer
	if err := weights.Write(&bare, nil, all); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(bare.Bytes()); err == nil || !strings.Contains(err.Error(), weights.ConfigKey) {
		t.Errorf("no metadata: %v", err)
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
