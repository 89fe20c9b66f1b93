package resnet

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights"
)

// TestLastInput: the two halves compute what Forward does, by the same operations.
func TestLastInput(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		want := n.Forward(n.x, nil)
		x := make([]float32, n.LastBlock().In.Len())
		n.LastInput(x, n.x)
		if len(n.Config.HeadBlocks) > 1 {
			if said := panicOf(func() { n.FromLastInput(x) }); said != severalHeads {
				t.Errorf("the panic is %v", said)
			}
			return
		}
		n.Forward(make([]float32, n.InputLen()), nil) // leaves other values in the workspace
		got := n.FromLastInput(x)
		if last := n.Config.Layers[len(n.Config.Layers)-1]; n.Config.MaxDepth() < last || n.Config.MaxDepth() < 2 {
			t.Errorf("at most %d blocks", n.Config.MaxDepth())
		}
		for depth := 1; depth <= len(n.blocks); depth++ {
			x := make([]float32, n.InputShapeOf(depth).Len())
			n.InputOf(depth, x, n.x)
			n.Forward(make([]float32, n.InputLen()), nil)
			if deep := n.FromInputOf(depth, x); !slices.Equal(deep.Logits, want.Logits) {
				t.Errorf("from the last %d blocks' input: %v, want %v", depth, deep.Logits, want.Logits)
			}
			blocks := n.LastBlocks(depth)
			if first := blocks[0]; len(blocks) != depth || first.In != n.InputShapeOf(depth) ||
				first.Name != n.Blocks()[len(n.blocks)-depth].Name {
				t.Errorf("of the last %d blocks the first of %d is %s", depth, len(blocks), first.Name)
			}
		}
		if !slices.Equal(got.Logits, want.Logits) || !slices.Equal(got.Features, want.Features) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// TestLastBlock: the weights are those of the file, can be written and read back, and are refused if they do not fit.
func TestLastBlock(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		b := n.LastBlock()
		tensors, err := b.Tensors(weights.F32)
		if err != nil {
			t.Fatal(err)
		}
		inBlock, norms, biases := 0, 0, 0
		for _, c := range b.Convs() {
			if c.Spec.Norm != "" {
				norms++
			}
			if c.Spec.Bias {
				biases++
			}
		}
		if b.Norm != nil {
			norms++
		}
		for _, w := range n.file.Tensors() {
			if strings.HasPrefix(w.Name, b.Name+".") {
				inBlock++
				at := slices.IndexFunc(tensors, func(got weights.Tensor) bool { return got.Name == w.Name })
				if at < 0 || !bytes.Equal(tensors[at].Data, w.Data) || !slices.Equal(tensors[at].Shape, w.Shape) {
					t.Errorf("tensor %s is not as in the file", w.Name)
				}
			}
		}
		if inBlock != len(tensors) || inBlock != len(b.Convs())+4*norms+biases {
			t.Errorf("%d tensors of the file's %d", len(tensors), inBlock)
		}
		written := func(tensors []weights.Tensor) *weights.File {
			var w bytes.Buffer
			if err := weights.Write(&w, nil, tensors); err != nil {
				t.Fatal(err)
			}
			f, err := weights.Parse(w.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		blocks, err := n.ReadLastBlocks(written(tensors), 1)
		if err != nil {
			t.Fatal(err)
		}
		again := blocks[0]
		if again.In != b.In || again.Join != n.Config.Join || again.Activation != n.Config.Activation ||
			len(again.Convs()) != len(b.Convs()) {
			t.Errorf("read again it is %v", again)
		}
		for i, c := range again.Convs() {
			was := b.Convs()[i]
			if c.Spec != was.Spec || !slices.Equal(c.Weight, was.Weight) || !slices.Equal(c.Norm.Var, was.Norm.Var) ||
				!slices.Equal(c.Bias, was.Bias) || c.Norm.Epsilon != was.Norm.Epsilon {
				t.Errorf("%s is not what was written", c.Spec.Conv)
			}
		}
		if _, err := n.ReadLastBlocks(written(tensors[1:]), 1); err == nil ||
			!strings.Contains(err.Error(), tensors[0].Name) {
			t.Errorf("without %s: %v", tensors[0].Name, err)
		}
		if norms == 0 {
			return
		}
		variance, err := weights.NewTensor(tensors[3].Name, weights.F32, tensors[3].Shape,
			slices.Repeat([]float32{-1}, tensors[3].Shape[0]))
		if err != nil {
			t.Fatal(err)
		}
		tensors[3] = variance
		if _, err := n.ReadLastBlocks(written(tensors), 1); err == nil || !strings.Contains(err.Error(), "negative") {
			t.Errorf("with a negative variance: %v", err)
		}
	})
}

// TestPlain: the last blocks of the small networks of the first kinds are plain, and a refusal says why.
func TestPlain(t *testing.T) {
	for name, want := range map[string]string{
		"basic": "", "bottleneck v1": "", "bottleneck v1.5": "", "grouped": "groups", "wide and odd": "3 groups",
		"cifar":   "pads with zeros",
		"article": "without a norm, layer2.1.conv2", "v2 basic": "pre-activation", "v2 bottleneck": "pre-activation",
		"v2 pad":     "pre-activation",
		"v2 product": "pre-activation", "maximum": `by "maximum"`, "gate": `by "gate"`, "v2 gate": "pre-activation",
		"plain": "no shortcut", "without norms": "without a norm, layer2.1.conv1", "tanh": `the activation "tanh"`,
	} {
		c, ok := small[name]
		if !ok {
			c, ok = more[name]
		}
		if !ok {
			c = lab[name]
		}
		m, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
		if err != nil {
			t.Fatal(err)
		}
		b := m.LastBlock()
		if err := b.Plain(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if err := (&BlockWeights{}).Plain(); err != nil {
		t.Errorf("a block that says nothing of a join: %v", err)
	}
}
