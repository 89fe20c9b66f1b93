package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/eightbits"
	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/modelfile"
	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/weights"
)

// kinds are small networks of three blocks, of all kinds on whose blocks a classifier may stand.
func kinds() map[string]resnet.Config {
	configs := map[string]resnet.Config{}
	add := func(name string, change func(c *resnet.Config)) {
		c := resnet.Config{Block: resnet.Basic, Layers: []int{1, 2}, Width: 4, Expansion: 1, Stem: resnet.StemCIFAR,
			NormEpsilon: 1e-5, Join: resnet.JoinAdd, Classes: 5}
		change(&c)
		configs[name] = c
	}
	add("basic", func(*resnet.Config) {})
	add("bottleneck", func(c *resnet.Config) {
		c.Block, c.StrideIn, c.Stem, c.Expansion = resnet.Bottleneck, resnet.StrideIn3x3, resnet.StemImageNet, 2
	})
	add("gate", func(c *resnet.Config) { c.Join = resnet.JoinGate })
	add("plain", func(c *resnet.Config) { c.Join = resnet.JoinNone })
	add("pre-activation", func(c *resnet.Config) { c.PreActivation = true })
	add("pre-activation without norms", func(c *resnet.Config) { c.PreActivation, c.NoNorm = true, true })
	return configs
}

// modelOf is a network with numbers by formula.
func modelOf(t *testing.T, c resnet.Config) *resnet.Model {
	t.Helper()
	file, err := hashnet.File(c, 16)
	if err != nil {
		t.Fatal(err)
	}
	m, err := resnet.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// taughtOn is a head for three classes on some blocks of a network.
func taughtOn(m *resnet.Model, blocks []int) *Taught {
	var n noise
	d := m.Config.MeansLen(blocks)
	h := &Head{
		Classes: 3, D: d, Mean: n.halves(d, 0), Std: n.halves(d, 2), W: n.halves(3*d, 0), B: n.halves(3, 0), L2: 0.1,
		Temperature: 2.5,
	}
	return &Taught{Model: m.Card.Model, Classes: []string{"cat", "dog", "小鸟"}, Head: h, Blocks: blocks, Mirrored: true}
}

// forBlocks runs a test for heads on single blocks and on several, of networks of all kinds.
func forBlocks(t *testing.T, test func(t *testing.T, m *resnet.Model, taught *Taught)) {
	for name, c := range kinds() {
		m := modelOf(t, c)
		for _, blocks := range [][]int{{0}, {1}, {2}, {0, 2}, {0, 1}} {
			t.Run(name, func(t *testing.T) { test(t, m, taughtOn(m, blocks)) })
		}
	}
}

// logitsOn are the logits of a head on block means, divided by its temperature.
func logitsOn(m *resnet.Model, taught *Taught, x []float32) []float32 {
	means := make([]float32, taught.Head.D)
	m.BlockMeans(means, x, taught.Blocks)
	logits := taught.Head.Logits(means)
	for i := range logits {
		logits[i] /= float32(taught.Head.Temperature)
	}
	return logits
}

// TestTaughtBlocksFile: a head on blocks comes back from its file. Files without blocks are as before.
func TestTaughtBlocksFile(t *testing.T) {
	forBlocks(t, func(t *testing.T, m *resnet.Model, want *Taught) {
		file, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeTaught(file, m)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Blocks, want.Blocks) || !slices.Equal(got.Head.W, want.Head.W) || !got.Mirrored {
			t.Errorf("it reads as %+v", got)
		}
		if again, err := got.Encode(); err != nil || !bytes.Equal(again, file) {
			t.Errorf("read and written again it differs (%v)", err)
		}
	})
	m := smallModel(t)
	for _, withBlock := range []bool{false, true} {
		file, err := smallTaught(m, withBlock).Encode()
		if err != nil {
			t.Fatal(err)
		}
		f, err := weights.Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"version":1,"model":"small","classes":["cat","dog","小鸟"],"strength":0.1,"temperature":2.5,` +
			`"limit":0.4,"keep":0.9833333333333333,"n":59}`
		if got := f.Metadata[TaughtKey]; got != want {
			t.Errorf("without blocks the description is %s, want %s", got, want)
		}
	}
}

// TestTaughtBlocksRefuses: a file's blocks that cannot be.
func TestTaughtBlocksRefuses(t *testing.T) {
	m := modelOf(t, kinds()["basic"])
	file, err := taughtOn(m, []int{0, 2}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	endless := make([]int, 100_000)
	for i := range endless {
		endless[i] = i
	}
	for want, change := range map[string]func(c *taughtCard){
		"there is no block 3":                   func(c *taughtCard) { c.Blocks = []int{0, 3} },
		"from 0 on":                             func(c *taughtCard) { c.Blocks = []int{-1, 2} },
		"the blocks [2 0]":                      func(c *taughtCard) { c.Blocks = []int{2, 0} },
		"the blocks [2 2]":                      func(c *taughtCard) { c.Blocks = []int{2, 2} },
		"the blocks [0 1 2 3":                   func(c *taughtCard) { c.Blocks = endless },
		`"head.mean" is [12], want [16]`:        func(c *taughtCard) { c.Blocks = []int{1, 2} },
		"version is 2, with 0 blocks":           func(c *taughtCard) { c.Blocks = nil },
		"version is 1, with 2 blocks":           func(c *taughtCard) { c.Version = 1 },
		"version is 3":                          func(c *taughtCard) { c.Version = 3 },
		"the file's description cannot be read": nil,
	} {
		var c taughtCard
		if err := json.Unmarshal([]byte(f.Metadata[TaughtKey]), &c); err != nil {
			t.Fatal(err)
		}
		text := []byte(`{"version":2,"blocks":[0.5]}`)
		if change != nil {
			change(&c)
			text, _ = json.Marshal(c)
		}
		var b bytes.Buffer
		if err := f.With(map[string]string{TaughtKey: string(text)}, nil).Write(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeTaught(b.Bytes(), m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v", want, err)
		}
	}

	both := smallTaught(smallModel(t), true)
	plain, err := both.Encode()
	if err != nil {
		t.Fatal(err)
	}
	both.Blocks = []int{1}
	if _, err := both.Encode(); !errors.Is(err, errBlocksAndBlock) {
		t.Errorf("blocks and a trained block are written: %v", err)
	}
	if _, err := both.Network(smallModel(t)); !errors.Is(err, errBlocksAndBlock) {
		t.Errorf("blocks and a trained block make a network: %v", err)
	}
	whole, err := weights.Parse(plain)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(whole.Metadata[TaughtKey], `"version":1`, `"version":2,"blocks":[1]`, 1)
	var b bytes.Buffer
	if err := whole.With(map[string]string{TaughtKey: text}, nil).Write(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeTaught(b.Bytes(), smallModel(t)); !errors.Is(err, errBlocksAndBlock) {
		t.Errorf("blocks and a trained block are read: %v", err)
	}
}

// TestShorterNetwork: the network of a head on blocks has no part too many, answers as the head does on the block
// means, and is opened again, from safetensors and from ONNX, by those who load models and by those who load what was
// taught. Folded weights round once more: 1e-5 of logits of about 10.
func TestShorterNetwork(t *testing.T) {
	forBlocks(t, func(t *testing.T, m *resnet.Model, taught *Taught) {
		network, err := taught.Network(m)
		if err != nil {
			t.Fatal(err)
		}
		var file, graph bytes.Buffer
		if err := errors.Join(network.Write(&file), onnx.Export(&graph, network)); err != nil {
			t.Fatal(err)
		}
		x := hashnet.Picture(16)
		want := logitsOn(m, taught, x)
		check := func(from string, f *weights.File) {
			loaded, err := resnet.LoadFile(f)
			if err != nil {
				t.Fatalf("from %s: %v", from, err)
			}
			if n, want := len(loaded.Blocks()), taught.Blocks[len(taught.Blocks)-1]+1; n != want {
				t.Errorf("from %s it has %d blocks, want %d", from, n, want)
			}
			for i, got := range loaded.Forward(x, nil).Logits {
				if off := math.Abs(float64(got - want[i])); off > 1e-5*(1+math.Abs(float64(want[i]))) {
					t.Errorf("from %s, blocks %v: logit %d is %v, want %v", from, taught.Blocks, i, got, want[i])
				}
			}
			got, err := FromNetwork(f, m)
			if err != nil {
				t.Fatalf("from %s: %v", from, err)
			}
			blocks := taught.Blocks
			if slices.Equal(blocks, []int{2}) && !m.Config.PreActivation {
				blocks = nil // these are the network's own features
			}
			if !slices.Equal(got.Blocks, blocks) || !got.Mirrored || got.Tuned != nil || got.Head.D != taught.Head.D ||
				!slices.Equal(got.Classes, taught.Classes) {
				t.Errorf("from %s, blocks %v: what was taught is %+v", from, taught.Blocks, got)
			}
		}
		check("memory", network)
		for name, content := range map[string][]byte{"a.safetensors": file.Bytes(), "a.onnx": graph.Bytes()} {
			opened, err := modelfile.Open(content, modelfile.Options{Name: name})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(opened.Notes) > 0 {
				t.Errorf("%s is opened with the notes %v", name, opened.Notes)
			}
			f := opened.File
			if f.Metadata[OnePassKey] == "" { // a graph's own metadata are the importer's to keep
				f = f.With(map[string]string{OnePassKey: "yes"}, nil)
			}
			check(name, f)
		}
	})
}

// TestShorterNetworkInt8: a model in eight bits gives the shorter network with its own weights, as they are stored.
func TestShorterNetworkInt8(t *testing.T) {
	whole := modelOf(t, kinds()["bottleneck"])
	m, err := resnet.LoadFile(eightbits.File(t, whole.File()))
	if err != nil {
		t.Fatal(err)
	}
	for _, blocks := range [][]int{{1}, {0, 2}} {
		taught := taughtOn(m, blocks)
		network, err := taught.Network(m)
		if err != nil {
			t.Fatal(err)
		}
		var b, graph bytes.Buffer
		if err := errors.Join(network.Write(&b), onnx.Export(&graph, network)); err != nil {
			t.Fatal(err)
		}
		loaded, err := resnet.Load(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		x := hashnet.Picture(16)
		want := logitsOn(m, taught, x)
		for i, got := range loaded.Forward(x, nil).Logits {
			if math.Abs(float64(got-want[i])) > 1e-5*(1+math.Abs(float64(want[i]))) {
				t.Errorf("blocks %v: logit %d is %v, want %v", blocks, i, got, want[i])
			}
		}
		if c, _ := network.Tensor("layer1.0.conv1.weight"); c.DType != weights.I8 {
			t.Errorf("its convolutions are %s", c.DType)
		}
		if n, err := onnx.Import(graph.Bytes()); err != nil || len(n.Tensors) != len(network.Tensors()) {
			t.Errorf("blocks %v: as a graph it has %d tensors (%v)", blocks, len(n.Tensors), err)
		}
	}
}

// TestShorterNetworkWithoutMetadata: a program that drops the metadata leaves an ordinary network of one block's head,
// which is recognised by its tensors. That of several heads is refused, not taken for another network.
func TestShorterNetworkWithoutMetadata(t *testing.T) {
	m := modelOf(t, kinds()["bottleneck"])
	for _, blocks := range [][]int{{1}, {0, 2}} {
		network, err := taughtOn(m, blocks).Network(m)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := weights.Write(&b, nil, network.Tensors()); err != nil {
			t.Fatal(err)
		}
		opened, err := modelfile.Open(b.Bytes(), modelfile.Options{Name: "a.safetensors"})
		switch {
		case len(blocks) > 1:
			if err == nil || !strings.Contains(err.Error(), `"fc.weight" has the shape [3 24]`) {
				t.Errorf("two heads without metadata: %v", err)
			}
		case err != nil || len(opened.Config.Blocks()) != 2:
			t.Errorf("one head without metadata: %v", err)
		}
	}
}

func TestShorterNetworkTitle(t *testing.T) {
	m := modelOf(t, kinds()["basic"])
	for want, blocks := range map[string][]int{
		"taught from block 1.1": {0}, "taught from block 2.2": {2}, "taught from 2 blocks": {0, 2},
	} {
		network, err := taughtOn(m, blocks).Network(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, card, err := resnet.Describe(network); err != nil || !strings.HasSuffix(card.Title, want) {
			t.Errorf("the title is %q (%v), want %q", card.Title, err, want)
		}
	}
}

// TestShorterNetworkRefuses: a network that is no part of the one here, and a head on blocks that it does not have.
func TestShorterNetworkRefuses(t *testing.T) {
	m := modelOf(t, kinds()["basic"])
	network, err := taughtOn(m, []int{0, 1}).Network(m)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(change func(c *resnet.Config)) *weights.File {
		c, _, err := resnet.Describe(network)
		if err != nil {
			t.Fatal(err)
		}
		change(&c)
		text, _ := json.Marshal(c)
		return network.With(map[string]string{weights.ConfigKey: string(text)}, nil)
	}
	other, _ := network.Tensor("layer1.0.conv1.weight")
	other.Data = slices.Clone(other.Data)
	other.Data[0]++
	spare := other
	spare.Name = "layer2.1.conv1.weight"
	for want, f := range map[string]*weights.File{
		"is no part of the network's here": changed(func(c *resnet.Config) { c.Join = resnet.JoinGate }),
		"blocks do not fit": changed(func(c *resnet.Config) {
			c.Layers[1], c.HeadBlocks = 3, []int{0, 3}
		}),
		"its layer1.0.conv1.weight is not": network.With(nil, []weights.Tensor{other}),
		"its tensor fc.weight is":          changed(func(c *resnet.Config) { c.Layers, c.HeadBlocks = []int{1}, nil }),
		"tensors, and its structure has":   network.With(nil, []weights.Tensor{spare}),
	} {
		if _, err := FromNetwork(f, m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
	for _, blocks := range [][]int{{3}, {1, 0}, {-1}} {
		taught := taughtOn(m, []int{0})
		taught.Blocks = blocks
		if _, err := taught.Network(m); err == nil || !strings.Contains(err.Error(), "do not fit the network") {
			t.Errorf("blocks %v: the error is %v", blocks, err)
		}
	}
}

// TestLastBlockOfHeads: a network whose classifier reads several blocks takes a new head, and no last block.
func TestLastBlockOfHeads(t *testing.T) {
	c := kinds()["basic"]
	c.HeadBlocks = []int{0, 2}
	m := modelOf(t, c)
	block := m.LastBlock()
	taught := taughtOn(m, []int{0, 2})
	taught.Blocks = nil
	network, err := taught.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := FromNetwork(network, m)
	if err != nil || got.Blocks != nil || got.Head.D != 12 {
		t.Errorf("it reads as %+v (%v)", got, err)
	}
	taught.Tuned = []resnet.BlockWeights{block}
	if _, err := taught.Network(m); !errors.Is(err, errBlocksAndBlock) {
		t.Errorf("with a last block: %v", err)
	}
	file, err := taught.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeTaught(file, m); !errors.Is(err, errBlocksAndBlock) {
		t.Errorf("the file with a last block: %v", err)
	}
}

// TestTeachBlocks: a lesson on block means gives a head on these blocks. A head on the features that tell the classes
// apart learns them; the same lesson without the list of blocks gives the same head.
func TestTeachBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, method := range []Method{MethodClassMeans, MethodHead} {
		l := lessonOf(method)
		l.D, l.Features, l.Blocks = 4+8, nil, []int{0, 2}
		for i, label := range l.Labels {
			for range l.variants(l.Sides[i]) {
				for k := range l.D {
					v := float32(r.NormFloat64() * 0.1)
					if k%3 == label {
						v++
					}
					l.Features = append(l.Features, v)
				}
			}
		}
		got := learn(t, l, nil)
		if !slices.Equal(got.Taught.Blocks, l.Blocks) || got.Taught.Head.D != 12 || !got.Taught.Mirrored ||
			got.Test.Confusion.Accuracy().K != 6 {
			t.Errorf("%s: report %+v", method, got)
		}
		l.Blocks = nil
		plain := learn(t, l, nil)
		if plain.Taught.Blocks != nil || !slices.Equal(plain.Taught.Head.W, got.Taught.Head.W) {
			t.Errorf("%s: another head without the blocks' names", method)
		}
	}
	for want, change := range map[string]func(l *Lesson){
		"cannot learn from chosen blocks": func(l *Lesson) { l.Method, l.Blocks = MethodLastBlock, []int{0} },
		"the blocks are [1 0]":            func(l *Lesson) { l.Blocks = []int{1, 0} },
	} {
		l := lessonOf(MethodHead)
		change(&l)
		var argument *ArgumentError
		if _, err := Teach(t.Context(), l, nil); !errors.As(err, &argument) || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
	l := lessonOf(MethodScratch)
	l.Blocks = []int{0}
	if _, err := Teach(t.Context(), l, nil); err == nil {
		t.Error("a network from scratch was taught from blocks")
	}
}
