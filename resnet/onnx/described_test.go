package onnx

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// labConfigs are the networks of resnet/testdata/lab.json, and some with parts that those do not have.
func labConfigs(t *testing.T) map[string]resnet.Config {
	t.Helper()
	text, err := os.ReadFile("../testdata/lab.json")
	if err != nil {
		t.Fatal(err)
	}
	var networks map[string]struct{ Config resnet.Config }
	if err := json.Unmarshal(text, &networks); err != nil {
		t.Fatal(err)
	}
	configs := map[string]resnet.Config{}
	for name, n := range networks {
		configs[name] = n.Config
	}
	more := func(name string, change func(c *resnet.Config)) {
		c := configs["tanh"]
		change(&c)
		configs[name] = c
	}
	more("padded tanh", func(c *resnet.Config) { c.Shortcut = resnet.ShortcutPad })
	more("gate", func(c *resnet.Config) { c.Join, c.Activation = resnet.JoinGate, resnet.ActivationSiLU })
	more("bottleneck", func(c *resnet.Config) {
		c.Block, c.StrideIn, c.Stem = resnet.Bottleneck, resnet.StrideIn3x3, resnet.StemImageNet
		c.Join = resnet.JoinNone
	})
	more("bottleneck pre-activation", func(c *resnet.Config) {
		c.Block, c.StrideIn, c.Activation = resnet.Bottleneck, resnet.StrideIn1x1, resnet.ActivationSiLU
		c.PreActivation, c.NoNorm = true, true
	})
	more("two heads", func(c *resnet.Config) { c.HeadBlocks, c.Activation = []int{0, 2}, resnet.ActivationReLU })
	more("a head on every block", func(c *resnet.Config) {
		c.Block, c.StrideIn, c.Stem = resnet.Bottleneck, resnet.StrideIn3x3, resnet.StemImageNet
		c.HeadBlocks = []int{0, 1, 2}
	})
	more("pre-activation, one head", func(c *resnet.Config) { c.PreActivation, c.HeadBlocks = true, []int{2} })
	more("plain, two heads", func(c *resnet.Config) { c.Join, c.HeadBlocks = resnet.JoinNone, []int{1, 2} })
	return configs
}

// exportOf is the graph of a network.
func exportOf(t *testing.T, c resnet.Config) (graph []byte, f *weights.File) {
	t.Helper()
	file, err := hashnet.File(c, 16)
	if err != nil {
		t.Fatal(err)
	}
	if f, err = weights.Parse(file); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Export(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), f
}

// TestExportedIsImported: a network comes back from its graph, with the same structure and the same weights.
func TestExportedIsImported(t *testing.T) {
	for name, c := range labConfigs(t) {
		t.Run(name, func(t *testing.T) {
			graph, f := exportOf(t, c)
			n, err := Import(graph)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := json.Marshal(c)
			if got, _ := json.Marshal(n.Config); !bytes.Equal(got, want) {
				t.Errorf("it is %s, want %s", got, want)
			}
			if len(n.Tensors) != len(f.Tensors()) || n.InputHeight != 16 || n.InputWidth != 16 {
				t.Errorf("%d tensors for %d×%d pixels, want %d", len(n.Tensors), n.InputHeight, n.InputWidth,
					len(f.Tensors()))
			}
			for _, got := range n.Tensors {
				if want, ok := f.Tensor(got.Name); !ok || !slices.Equal(got.Shape, want.Shape) ||
					!bytes.Equal(got.Data, want.Data) {
					t.Errorf("tensor %s is another", got.Name)
				}
			}
		})
	}
}

// TestExportedNodes: what a network lacks is not in its graph, and the activation is the network's.
func TestExportedNodes(t *testing.T) {
	configs := labConfigs(t)
	for name, want := range map[string]map[string]int{
		"plain":                        {"Conv": 7, "BatchNormalization": 7, "Relu": 7},
		"plain without norms":          {"Conv": 7, "Relu": 7},
		"without norms":                {"Conv": 9, "Relu": 7, "Add": 3},
		"leaky ReLU":                   {"Conv": 9, "BatchNormalization": 9, "LeakyRelu": 7, "Add": 3},
		"tanh":                         {"Conv": 9, "BatchNormalization": 9, "Tanh": 7, "Add": 3},
		"SiLU":                         {"Conv": 9, "BatchNormalization": 9, "Sigmoid": 7, "Mul": 7, "Add": 3},
		"pre-activation without norms": {"Conv": 9, "LeakyRelu": 7, "Add": 3},
		"two heads":                    {"Conv": 9, "BatchNormalization": 9, "Relu": 7, "Add": 3, "Concat": 1},
		"pre-activation, one head":     {"Conv": 9, "BatchNormalization": 6, "Tanh": 6, "Add": 3},
	} {
		graph, _ := exportOf(t, configs[name])
		m, err := read(graph, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{"GlobalAveragePool": -max(1, len(configs[name].HeadBlocks)), "Flatten": -1, "Gemm": -1}
		for _, n := range m.nodes {
			got[n.op]++
		}
		if maps.DeleteFunc(got, func(_ string, n int) bool { return n == 0 }); !maps.Equal(got, want) {
			t.Errorf("%s: the nodes are %v, want %v", name, got, want)
		}
	}
}

// TestDescribedRefuses: a graph that is not what its metadata describe, and one whose metadata are gone.
func TestDescribedRefuses(t *testing.T) {
	configs := labConfigs(t)
	for name, c := range map[string]struct {
		from   string
		change func(c *resnet.Config)
		want   string
	}{
		"another activation": {"tanh", func(c *resnet.Config) { c.Activation = resnet.ActivationSiLU },
			"no Sigmoid follows"},
		"another slope": {"leaky ReLU", nil, "no LeakyRelu follows"},
		"no shortcuts": {"tanh", func(c *resnet.Config) { c.Join = resnet.JoinNone },
			"no Tanh follows"},
		"shortcuts": {"plain", func(c *resnet.Config) {
			c.Join, c.Activation = resnet.JoinAdd, resnet.ActivationTanh
		}, "no Tanh follows"},
		"no norms":    {"plain", func(c *resnet.Config) { c.NoNorm = true }, "no Relu follows"},
		"more layers": {"plain", func(c *resnet.Config) { c.Layers = []int{1, 1, 2} }, "no Conv follows"},
		"fewer layers": {"plain", func(c *resnet.Config) { c.Layers = []int{1, 1} },
			"(Conv) is not the mean over the whole picture"},
		"other heads": {"two heads", func(c *resnet.Config) { c.HeadBlocks = []int{1, 2} },
			"no GlobalAveragePool follows"},
		"fewer heads": {"a head on every block", func(c *resnet.Config) { c.HeadBlocks = []int{0, 2} },
			"no Concat follows"},
		"no heads": {"plain, two heads", func(c *resnet.Config) { c.HeadBlocks = nil },
			"has no place in the network"},
		"pooling": {"plain", func(c *resnet.Config) { c.Stem = resnet.StemImageNet }, "no Conv follows"},
		"no metadata": {"plain", func(c *resnet.Config) { *c = resnet.Config{} },
			"the graph has no residual block: nothing meets again"},
	} {
		config := configs[c.from]
		graph, _ := exportOf(t, config)
		if c.change != nil {
			c.change(&config)
			text, _ := json.Marshal(config)
			var property, again message // of two values for a key, the last one counts
			property.text(propertyKey, weights.ConfigKey)
			property.text(propertyValue, string(text))
			again.bytes(modelMetadata, property)
			graph = append(graph, again...)
		} else {
			graph = bytes.Replace(graph, float("alpha", 0.01), float("alpha", 0.02), 1)
		}
		if n, err := Import(graph); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: accepted as %+v, or the error is %v, want %q", name, n, err, c.want)
		}
	}
}

// TestDescribedIsWhole: another node that reads a value of the network is not passed over.
func TestDescribedIsWhole(t *testing.T) {
	graph, _ := exportOf(t, labConfigs(t)["plain"])
	var extra message
	extra.text(nodeInput, "layer1.0.bn1.relu")
	extra.text(nodeOutput, "aside")
	extra.text(nodeOp, "Relu")
	var out, body message
	for rest := graph; len(rest) > 0; {
		number, _, n := protowire.ConsumeField(rest)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		if number != modelGraph {
			out = append(out, rest[:n]...)
		} else {
			_, _, tag := protowire.ConsumeTag(rest)
			content, _ := protowire.ConsumeBytes(rest[tag:])
			body = append(body, content...)
			body.bytes(graphNode, extra)
			out.bytes(modelGraph, body)
		}
		rest = rest[n:]
	}
	if _, err := Import(out); err == nil || !strings.Contains(err.Error(), "has no place in the network") {
		t.Errorf("the error is %v", err)
	}
}
