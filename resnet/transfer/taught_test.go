package transfer

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// smallModel is a network of two blocks with numbers by formula.
func smallModel(t testing.TB) *resnet.Model {
	t.Helper()
	c := resnet.Config{Block: resnet.Bottleneck, Layers: []int{1, 1}, Width: 8, Expansion: 4,
		StrideIn: resnet.StrideIn3x3, Stem: "imagenet", NormEpsilon: 1e-5, Join: "add", Classes: 5}
	card := weights.Card{Model: "small", Title: "Small", InputSize: 32, ShortSide: 32, Interpolation: "bilinear",
		ChannelOrder: "RGB", Rescale: 1, Std: [3]float32{1, 1, 1}}
	var n noise
	var wide, narrow []weights.Tensor
	tensor := func(name string, d weights.DType, values []float32, shape ...int) weights.Tensor {
		x, err := weights.NewTensor(name, d, shape, values)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	add := func(s resnet.ConvSpec) {
		narrow = append(narrow,
			tensor(s.Conv+".weight", weights.F16, n.halves(s.Out*s.In*s.Size*s.Size, 0), s.Out, s.In, s.Size, s.Size))
		for _, of := range []struct {
			name string
			to   float32
		}{{"weight", 1}, {"bias", 0}, {"running_mean", 0}, {"running_var", 1}} {
			wide = append(wide, tensor(s.Norm+"."+of.name, weights.F32, n.halves(s.Out, of.to), s.Out))
		}
	}
	add(c.StemConv())
	for _, b := range c.Blocks() {
		for _, s := range b.Residual {
			add(s)
		}
		if b.Projection != nil {
			add(*b.Projection)
		}
	}
	wide = append(wide, tensor("fc.weight", weights.F32, n.halves(c.Classes*c.Features(), 0), c.Classes, c.Features()),
		tensor("fc.bias", weights.F32, n.halves(c.Classes, 0), c.Classes))
	config, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	text, err := card.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := weights.Write(&b, map[string]string{weights.ConfigKey: string(config), weights.CardKey: text},
		append(wide, narrow...)); err != nil {
		t.Fatal(err)
	}
	m, err := resnet.Load(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// smallTaught is a head for three classes, and perhaps a last block.
func smallTaught(m *resnet.Model, withBlock bool) *Taught {
	var n noise
	d := m.Config.Features()
	h := &Head{
		Classes: 3, D: d, Mean: n.halves(d, 0), Std: n.halves(d, 2), W: n.halves(3*d, 0), B: n.halves(3, 0), L2: 0.1,
		Temperature: 2.5,
		Threshold:   &Threshold{D: d, Means: n.halves(3*d, 0), Limit: 0.4, Keep: 59. / 60, N: 59},
	}
	taught := &Taught{Model: m.Card.Model, Classes: []string{"cat", "dog", "小鸟"}, Head: h}
	if withBlock {
		b := m.LastBlock()
		for _, c := range b.Convs() {
			c.Norm.Bias = n.halves(len(c.Norm.Bias), 1)
		}
		taught.Tuned = []resnet.BlockWeights{b}
	}
	return taught
}

// A file from before thresholds needed evidence says how many pictures placed its own, and at which rank.
func TestOlderThreshold(t *testing.T) {
	m := smallModel(t)
	for _, c := range []struct {
		n, rank int
		stays   bool
	}{{16, 16, false}, {58, 58, false}, {59, 58, false}, {200, 191, false}, {59, 59, true}, {200, 196, true}} {
		old := smallTaught(m, false)
		old.Head.Threshold.N, old.Head.Threshold.Keep = c.n, float64(c.rank)/float64(c.n+1)
		file, err := old.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeTaught(file, m)
		if err != nil {
			t.Fatal(err)
		}
		if (got.Head.Threshold != nil) != c.stays {
			t.Errorf("rank %d of %d: threshold %+v", c.rank, c.n, got.Head.Threshold)
		}
	}
}

func TestTaughtFile(t *testing.T) {
	m := smallModel(t)
	for _, withBlock := range []bool{false, true} {
		want := smallTaught(m, withBlock)
		want.Mirrored = withBlock
		file, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeTaught(file, m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := got.Encode()
		if err != nil || !bytes.Equal(again, file) {
			t.Errorf("read and written again it differs (%v)", err)
		}
		g, h := got.Head, want.Head
		if !slices.Equal(got.Classes, want.Classes) || !slices.Equal(g.W, h.W) || !slices.Equal(g.Mean, h.Mean) ||
			!slices.Equal(g.Std, h.Std) || !slices.Equal(g.B, h.B) ||
			g.Temperature != h.Temperature || g.Threshold.Limit != h.Threshold.Limit ||
			!slices.Equal(g.Threshold.Means, h.Threshold.Means) {
			t.Error("what was read differs from what was written")
		}
		if (got.Tuned != nil) != withBlock || got.Mirrored != want.Mirrored {
			t.Errorf("with a block: %v, mirrored: %v, want %v for both", got.Tuned != nil, got.Mirrored, withBlock)
		}
	}
}

func TestDecodeTaughtRefuses(t *testing.T) {
	m := smallModel(t)
	file, err := smallTaught(m, false).Encode()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := weights.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	card := func(change func(*taughtCard)) map[string]string {
		var c taughtCard
		if err := json.Unmarshal([]byte(parsed.Metadata[TaughtKey]), &c); err != nil {
			t.Fatal(err)
		}
		change(&c)
		text, _ := json.Marshal(c)
		return map[string]string{TaughtKey: string(text)}
	}
	tensor := func(name string, values []float32, shape ...int) []weights.Tensor {
		x, err := weights.NewTensor(name, weights.F32, shape, values)
		if err != nil {
			t.Fatal(err)
		}
		return []weights.Tensor{x}
	}
	d := m.Config.Features()
	for name, c := range map[string]struct {
		metadata map[string]string
		tensors  []weights.Tensor
		want     string
	}{
		"no description":  {map[string]string{TaughtKey: "{"}, nil, "cannot be read"},
		"another version": {card(func(c *taughtCard) { c.Version = 2 }), nil, "version is 2"},
		"another network": {card(func(c *taughtCard) { c.Model = "resnet50" }), nil, `on the network "resnet50"`},
		"one class":       {card(func(c *taughtCard) { c.Classes = c.Classes[:1] }), nil, "1 classes"},
		"a class more":    {card(func(c *taughtCard) { c.Classes = append(c.Classes, "cow") }), nil, "head.weight"},
		"a class without": {card(func(c *taughtCard) { c.Classes[1] = "" }), nil, "name of class 1"},
		"a long name": {card(func(c *taughtCard) { c.Classes[1] = strings.Repeat("x", 300) }), nil,
			"name of class 1"},
		"no temperature":      {card(func(c *taughtCard) { c.Temperature = 0 }), nil, "temperature is 0"},
		"a cold temperature":  {card(func(c *taughtCard) { c.Temperature = -1 }), nil, "temperature is -1"},
		"a far limit":         {card(func(c *taughtCard) { x := 3.0; c.Limit = &x }), nil, "limit is 3"},
		"no deviation":        {nil, tensor(tensorStd, make([]float32, d), d), "not above 0"},
		"short means":         {nil, tensor(tensorMean, make([]float32, d-1), d-1), "head.mean"},
		"flat means":          {nil, tensor(tensorMeans, make([]float32, d), d), "threshold.means"},
		"a part of a block":   {nil, tensor("layer2.0.conv1.weight", make([]float32, 16*32), 16, 32, 1, 1), "layer2.0"},
		"something else":      {nil, tensor("secret", []float32{1}, 1), "layer2.0"},
		"no teaching of ours": {map[string]string{TaughtKey: "null"}, nil, "version is 0"},
	} {
		var b bytes.Buffer
		if err := parsed.With(c.metadata, c.tensors).Write(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeTaught(b.Bytes(), m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
	whole, err := smallTaught(m, true).Encode()
	if err != nil {
		t.Fatal(err)
	}
	withBlock, err := weights.Parse(whole)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := withBlock.With(nil, tensor("secret", []float32{1}, 1)).Write(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeTaught(b.Bytes(), m); err == nil || !strings.Contains(err.Error(), `"secret"`) {
		t.Errorf("a tensor too many beside a block: error %v", err)
	}
	for _, n := range []int{0, 7, 100, len(file) - 1} {
		if _, err := DecodeTaught(file[:n], m); err == nil {
			t.Errorf("a file cut after %d bytes was taken", n)
		}
	}
	one := &Taught{Model: "small", Classes: []string{"one"}, Head: smallTaught(m, false).Head}
	if _, err := one.Encode(); err == nil {
		t.Error("a head with one class was written")
	}
}

// TestNetwork: the whole network, loaded anew, answers as the head does on the block's features. Folded weights round
// once more: 1e-5 of logits of about 10.
func TestNetwork(t *testing.T) {
	m := smallModel(t)
	var n noise
	x := n.halves(m.InputLen(), 0)
	for _, withBlock := range []bool{false, true} {
		taught := smallTaught(m, withBlock)
		taught.Mirrored = withBlock
		m.Card.Activation = weights.Sigmoid // of the network's own classes: a head has a softmax all the same
		network, err := taught.Network(m)
		if err != nil {
			t.Fatal(err)
		}
		m.Card.Activation = ""
		var b bytes.Buffer
		if err := network.Write(&b); err != nil {
			t.Fatal(err)
		}
		loaded, err := resnet.Load(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if loaded.Activation() != resnet.ActivationSoftmax {
			t.Errorf("the network's activation is the %s", loaded.Activation())
		}
		if !slices.Equal(loaded.Card.Labels, taught.Classes) || loaded.Config.Classes != 3 {
			t.Errorf("the network's classes are %v", loaded.Card.Labels)
		}
		if _, says := network.Metadata[OnePassKey]; says != taught.Mirrored {
			t.Errorf("mirrored: %v, but the file says that it is one pass of two: %v", taught.Mirrored, says)
		}
		features := m.Forward(x, nil).Features
		if withBlock {
			input := make([]float32, m.LastInputShape().Len())
			m.LastInput(input, x)
			_, features = NewLastBlocks(taught.Tuned, 1).Forward(input, 1)
		}
		want := taught.Head.Logits(features)
		got := loaded.Forward(x, nil).Logits
		for i := range want {
			wanted := float64(want[i])
			off := math.Abs(float64(got[i]) - wanted/taught.Head.Temperature)
			if off > 1e-5*(1+math.Abs(wanted)) {
				want := wanted / taught.Head.Temperature
				t.Errorf("with a block %v: logit %d is %v, want %v", withBlock, i, got[i], want)
			}
		}
	}
	other := smallTaught(m, false)
	other.Model = "another"
	if _, err := other.Network(m); err == nil {
		t.Error("what was taught on another network was put into this one")
	}
}

// TestFromNetwork: a whole network gives back what was taught, and is refused if it is another network beyond that.
func TestFromNetwork(t *testing.T) {
	m := smallModel(t)
	for _, withBlock := range []bool{false, true} {
		taught := smallTaught(m, withBlock)
		taught.Mirrored = withBlock
		network, err := taught.Network(m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := FromNetwork(network, m)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Classes, taught.Classes) || got.Mirrored != withBlock || (got.Tuned != nil) != withBlock {
			t.Errorf("with a block %v: it reads as %+v", withBlock, got)
		}
		w, b := taught.Head.Fold()
		for i := range w {
			w[i] /= float32(taught.Head.Temperature)
		}
		for i := range b {
			b[i] /= float32(taught.Head.Temperature)
		}
		if !slices.Equal(got.Head.W, w) || !slices.Equal(got.Head.B, b) {
			t.Errorf("with a block %v: the head is another", withBlock)
		}
		if withBlock && !reflect.DeepEqual(got.Tuned[0].Convs(), taught.Tuned[0].Convs()) {
			t.Error("the last block is another")
		}

		refused := func(what, name string, change func(x weights.Tensor) weights.Tensor) {
			x, ok := network.Tensor(name)
			if !ok {
				t.Fatalf("there is no tensor %s", name)
			}
			other := network.With(network.Metadata, []weights.Tensor{change(x)})
			if _, err := FromNetwork(other, m); err == nil {
				t.Errorf("a network with %s was taken", what)
			}
		}
		refused("another stem", m.Config.StemConv().Conv+".weight", func(x weights.Tensor) weights.Tensor {
			x.Data = slices.Clone(x.Data)
			x.Data[0]++
			return x
		})
		refused("another tensor", "fc.bias", func(x weights.Tensor) weights.Tensor {
			x.Name = "fc.other"
			return x
		})
		refused("a bias of another length", "fc.bias", func(x weights.Tensor) weights.Tensor {
			x.Shape, x.Data = []int{2}, x.Data[:8]
			return x
		})
	}
	if _, err := FromNetwork(m.File(), m); err == nil {
		t.Error("the model itself was taken, whose classes have no names")
	}
}
