package resnet

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights"
)

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

// TestProfileNeedsRuns: no run has no mean time.
func TestProfileNeedsRuns(t *testing.T) {
	c := small["basic"]
	m, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	for _, runs := range []int{0, -1} {
		if got := panicOf(func() { m.Profile(make([]float32, m.InputLen()), runs) }); got != badRuns {
			t.Errorf("%d runs: panic %v, want %q", runs, got, badRuns)
		}
	}
	if got := m.Label(-1); got != "class -1" {
		t.Errorf("class -1 is called %q", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	good := small["basic"]
	change := func(edit func(*Config)) Config {
		c := good
		c.Layers = slices.Clone(c.Layers)
		edit(&c)
		return c
	}
	// edit changes the tensor with the given name.
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
	largeCard := smallCard
	largeCard.InputSize, largeCard.ShortSide = 4096, 4096
	card := smallCard
	card.Labels = []string{"one", "two"}
	all := randomTensors(t, good)
	for what, c := range map[string]struct {
		file []byte
		want string
	}{
		"no file":     {nil, "safetensors"},
		"half a file": {encode(t, good, smallCard, all)[:5000], ""},
		"block": {encode(t, change(func(c *Config) { c.Block = "dense" }), smallCard, all),
			`unknown block "dense"`},
		"stride": {encode(t, change(func(c *Config) { c.Block = Bottleneck }), smallCard, all),
			"place of the stride"},
		"stem": {encode(t, change(func(c *Config) { c.Stem = "deep" }), smallCard, all),
			`unknown stem "deep"`},
		"join": {encode(t, change(func(c *Config) { c.Join = "mul" }), smallCard, all),
			`unknown join "mul"`},
		"epsilon":   {encode(t, change(func(c *Config) { c.NormEpsilon = 0 }), smallCard, all), "epsilon of 0"},
		"no stages": {encode(t, change(func(c *Config) { c.Layers = nil }), smallCard, all), "0 stages"},
		"an endless one": {encode(t, change(func(c *Config) { c.Layers[1] = 1 << 30 }), smallCard, all),
			"1 to 200 blocks"},
		"width": {encode(t, change(func(c *Config) { c.Width = 1 << 40 }), smallCard, all), "width"},
		"shortcut": {encode(t, change(func(c *Config) { c.Shortcut = "zero" }), smallCard, all),
			`unknown shortcut "zero"`},
		"basic groups": {encode(t, change(func(c *Config) { c.Groups = 2 }), smallCard, all),
			"only bottlenecks have them"},
		"basic width": {encode(t, change(func(c *Config) { c.GroupWidth = 32 }), smallCard, all),
			"only bottlenecks have them"},
		"less than none": {encode(t, change(func(c *Config) { c.Groups = -1 }), smallCard, all), "-1 groups"},
		"no width": {encode(t, change(func(c *Config) {
			c.Block, c.StrideIn, c.GroupWidth = Bottleneck, StrideIn3x3, 1
		}), smallCard, all), "0 groups of width 1"},
		"many groups": {encode(t, change(func(c *Config) {
			c.Block, c.StrideIn, c.Groups = Bottleneck, StrideIn3x3, 1<<13
		}), smallCard, all), "8192 groups"},
		"endless groups": {encode(t, change(func(c *Config) { c.Groups, c.GroupWidth = 1<<62, 1<<62 }), smallCard,
			all),
			"groups of width"},
		"a norm is missing": {encode(t, change(func(c *Config) { c.PreActivation = true }), smallCard, all),
			"layer2.0.bn1.weight has the shape [10]"},
		"a norm too many": {encode(t, change(func(c *Config) { c.NoLastNorm = true }), smallCard, all),
			"no place for tensor layer1.0.bn2"},
		"large pictures": {encode(t, change(func(c *Config) { c.Stem = StemCIFAR }), largeCard, all),
			"pictures of 4096×4096 are too large"},
		"classes": {encode(t, change(func(c *Config) { c.Classes = 0 }), smallCard, all), "0 classes"},
		"more classes": {encode(t, change(func(c *Config) { c.Classes = 8 }), smallCard, all),
			"fc.bias has the shape [7]"},
		"more blocks": {encode(t, change(func(c *Config) { c.Layers[0] = 3 }), smallCard, all),
			"no tensor layer1.2.bn1.weight"},
		"fewer blocks": {encode(t, change(func(c *Config) { c.Layers[0] = 1 }), smallCard, all),
			"no place for tensor layer1.1"},
		"labels": {encode(t, good, card, all), "2 labels for 7 classes"},
		"a missing tensor": {encode(t, good, smallCard,
			edit("bn1.bias", func(weights.Tensor) []weights.Tensor { return nil })),
			"no tensor bn1.bias"},
		"another shape": {encode(t, good, smallCard, edit("conv1.weight", func(x weights.Tensor) []weights.Tensor {
			x.Shape = []int{5, 7, 7, 3}
			return []weights.Tensor{x}
		})), "conv1.weight has the shape [5 7 7 3]"},
		"not a number": {encode(t, good, smallCard, edit("bn1.bias", func(x weights.Tensor) []weights.Tensor {
			copy(x.Data, []byte{0, 0, 0xC0, 0x7F})
			return []weights.Tensor{x}
		})), "bn1.bias"},
		"a negative variance": {encode(t, good, smallCard,
			edit("bn1.running_var", func(x weights.Tensor) []weights.Tensor {
				x.Data[3] |= 0x80
				return []weights.Tensor{x}
			})), "bn1.running_var is negative at 0"},
	} {
		if _, err := Load(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", what, err, c.want)
		}
	}
	counters := append(slices.Clone(all), weights.Tensor{Name: "bn1.num_batches_tracked", DType: weights.I64,
		Data: make([]byte, 8)})
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
