package resnet

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/eightbits"
)

// lab are small networks with what only networks without shortcuts, without norms or with another activation have.
var lab = map[string]Config{}

func init() {
	base := Config{Block: Basic, Layers: []int{1, 2}, Width: 4, Expansion: 1, Stem: StemCIFAR, NormEpsilon: 1e-5,
		Join: JoinAdd, Classes: 3}
	add := func(name string, change func(c *Config)) {
		c := base
		change(&c)
		lab[name] = c
	}
	add("plain", func(c *Config) { c.Join = JoinNone })
	add("plain without norms", func(c *Config) { c.Join, c.NoNorm = JoinNone, true })
	add("without norms", func(c *Config) { c.NoNorm, c.NormEpsilon = true, 0 })
	add("leaky ReLU", func(c *Config) { c.Activation = ActivationLeakyReLU })
	add("tanh", func(c *Config) { c.Activation = ActivationTanh })
	add("SiLU", func(c *Config) { c.Activation = ActivationSiLU })
	add("plain pre-activation", func(c *Config) { c.Join, c.PreActivation = JoinNone, true })
	add("pre-activation without norms", func(c *Config) {
		c.PreActivation, c.NoNorm, c.Activation = true, true, ActivationSiLU
	})
}

// TestLabConfigs: what a network lacks is neither among its blocks nor among its tensors, and JSON keeps it.
func TestLabConfigs(t *testing.T) {
	for name, c := range lab {
		if err := c.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseConfig(string(text))
		if err != nil || !again.equal(c) {
			t.Errorf("%s: %s is read as %+v (%v)", name, text, again, err)
		}
		for other, d := range lab {
			if c.equal(d) != (name == other) {
				t.Errorf("%s and %s are taken for equal: %v", name, other, c.equal(d))
			}
		}
		projections, norms, biases := 0, 0, 0
		for _, b := range c.Blocks() {
			if b.Projection != nil {
				projections++
			}
		}
		for _, tensor := range c.Tensors() {
			switch {
			case strings.HasSuffix(tensor.Name, "running_var"):
				norms++
			case strings.HasSuffix(tensor.Name, "downsample.0.bias"):
				t.Errorf("%s: a projection has a bias", name)
			case strings.HasSuffix(tensor.Name, ".bias") && strings.Contains(tensor.Name, "conv"):
				biases++
				conv, _ := strings.CutSuffix(tensor.Name, ".bias")
				at := slices.IndexFunc(c.Tensors(), func(s TensorSpec) bool { return s.Name == conv+".weight" })
				if at < 0 || c.Tensors()[at].Shape[0] != tensor.Shape[0] {
					t.Errorf("%s: %s has the shape %v", name, tensor.Name, tensor.Shape)
				}
			}
		}
		if want := map[bool]int{true: 0, false: 1}[c.Join == JoinNone]; projections != want {
			t.Errorf("%s has %d projections, want %d", name, projections, want)
		}
		wantNorms, wantBiases := 7, 0 // of the stem and two in each block; pre-activation has one at the end, no stem's
		switch {
		case c.NoNorm:
			wantNorms, wantBiases = 0, 7
		case c.Join != JoinNone && !c.PreActivation:
			wantNorms = 8 // the projection's
		}
		if norms != wantNorms || biases != wantBiases {
			t.Errorf("%s has %d norms and %d biases, want %d and %d", name, norms, biases, wantNorms, wantBiases)
		}
	}
}

func TestLabConfigsRefused(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		`unknown activation "relu"`: func(c *Config) { c.Activation = "relu" },
		`unknown join ""`:           func(c *Config) { c.Join = "" },
		`shortcut "pad"`:            func(c *Config) { c.Join, c.Shortcut = JoinNone, ShortcutPad },
		"a norm epsilon of 0":       func(c *Config) { c.NormEpsilon = 0 },
	} {
		c := lab["plain"]
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v gives %v, want %q", c, err, want)
		}
	}
}

// TestPlainNetwork: a network without shortcuts has no part that could be left out, and says so. Its x is zeros.
func TestPlainNetwork(t *testing.T) {
	forEach(t, lab, smallCard, func(t *testing.T, n both) {
		r := n.recorded()
		whole := r.Result
		_, err := r.Sweep(0, nil)
		if plain := n.Config.Join == JoinNone; plain != errors.Is(err, ErrNoShortcuts) {
			t.Errorf("a sweep gives %v", err)
		} else if !plain {
			return
		}
		for _, part := range []Part{Residual, Shortcut} {
			for i := range n.blocks {
				if _, err := r.Ablate(map[int]Part{i: part}); !errors.Is(err, ErrNoShortcuts) ||
					!strings.Contains(err.Error(), n.blocks[i].spec.Name) {
					t.Errorf("block %d without its %s gives %v", i, part, err)
				}
			}
		}
		if !slices.Equal(r.Logits, whole.Logits) {
			t.Error("a refused question changes the record")
		}
		for i, b := range n.Blocks() {
			p, err := r.Block(i)
			if err != nil || b.Projection || p.XX != 0 || p.Cosine() != 0 || p.FF == 0 ||
				slices.ContainsFunc(p.X, func(v float32) bool { return v != 0 }) {
				t.Errorf("block %d has a shortcut (%v, %v): %v", i, b, err, p.Moments)
			}
			if m, err := r.GradCAM(0, i, SourceX); err != nil || slices.Max(m.Values) != 0 {
				t.Errorf("block %d: Grad-CAM of x is %v (%v)", i, m.Values, err)
			}
		}
	})
}

// TestActivationsAreNotReLU: with signs in every activation, no convolution can take eight bits, and a file of eight
// bits is computed in float32.
func TestActivationsAreNotReLU(t *testing.T) {
	c := lab["tanh"]
	m, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	f := eightbits.File(t, m.file)
	if _, err := LoadFile(f, WithCompute(Int8)); err == nil || !strings.Contains(err.Error(), "no convolution") {
		t.Errorf("in eight bits it gives %v", err)
	}
	if m, err = LoadFile(f, WithCompute(Fastest)); err != nil || m.Compute() != Float32 {
		t.Errorf("it computes in %v (%v)", m.Compute(), err)
	}
}
