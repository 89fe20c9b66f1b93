package statedict

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// small makes a network of any kind, with a width of two.
func small(change func(*resnet.Config)) resnet.Config {
	c := resnet.Config{
		Block: resnet.Bottleneck, Layers: []int{2, 1}, Width: 2, Expansion: 4, StrideIn: resnet.StrideIn3x3,
		Stem:        resnet.StemImageNet,
		NormEpsilon: 1e-5, Join: resnet.JoinAdd, Classes: 3,
	}
	change(&c)
	return c
}

// tensorsOf makes a network's tensors, filled with ones.
func tensorsOf(c resnet.Config) []weights.Tensor {
	var all []weights.Tensor
	for _, t := range c.Tensors() {
		all = append(all, ones(t.Name, t.Shape...))
	}
	return all
}

// file makes a file of tensors with other names.
func file(t testing.TB, tensors []weights.Tensor, rename func(string) string) *weights.File {
	t.Helper()
	renamed := slices.Clone(tensors)
	for i := range renamed {
		renamed[i].Name = rename(renamed[i].Name)
	}
	f, err := weights.NewFile(nil, renamed)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func same(name string) string { return name }

// TestReadStructures derives each structure from its own tensors. What these do not determine comes from the hints, or
// is listed as assumed.
func TestReadStructures(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*resnet.Config)
	}{
		{"bottleneck", func(*resnet.Config) {}},
		{"basic", func(c *resnet.Config) { c.Block, c.Expansion, c.StrideIn = resnet.Basic, 1, "" }},
		{"cifar", func(c *resnet.Config) { c.Stem = resnet.StemCIFAR }},
		{"groups", func(c *resnet.Config) { c.Groups, c.GroupWidth = 2, 96 }},
		{"wide", func(c *resnet.Config) { c.GroupWidth, c.Groups = 128, 1 }},
		{"pre-activation", func(c *resnet.Config) { c.PreActivation = true }},
		{"pad", func(c *resnet.Config) {
			c.Block, c.Expansion, c.StrideIn, c.Shortcut = resnet.Basic, 1, "", resnet.ShortcutPad
		}},
		{"article", func(c *resnet.Config) {
			c.Block, c.Expansion, c.StrideIn, c.NoLastNorm, c.LinearStem = resnet.Basic, 1, "", true, true
		}},
		{"one stage of many blocks", func(c *resnet.Config) { c.Layers = []int{12} }},
		{"six stages", func(c *resnet.Config) { c.Layers = []int{1, 1, 1, 1, 1, 1} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := small(c.change)
			n, err := Read(file(t, tensorsOf(want), same), Hints{})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(n.Config, want) {
				t.Errorf("it reads\n%+v, want\n%+v", n.Config, want)
			}
			codes := map[string]string{}
			for _, a := range n.Assumed {
				codes[a.Code] = a.Value
			}
			assumed := map[string]string{AssumedNormEpsilon: "1e-05"}
			if want.Block == resnet.Bottleneck {
				assumed[AssumedStrideIn] = "3x3"
			}
			if want.LinearStem {
				assumed[AssumedLinearStem] = "true"
			}
			if want.Shortcut == resnet.ShortcutPad {
				assumed[AssumedPad] = "behind"
			}
			if !reflect.DeepEqual(codes, assumed) {
				t.Errorf("it assumes %v, want %v", codes, assumed)
			}
		})
	}
	want := small(func(c *resnet.Config) { c.StrideIn, c.NormEpsilon = resnet.StrideIn1x1, 1e-3 })
	n, err := Read(file(t, tensorsOf(want), same), Hints{StrideIn: resnet.StrideIn1x1, NormEpsilon: 1e-3})
	if err != nil || !reflect.DeepEqual(n.Config, want) || n.Assumed != nil {
		t.Errorf("with hints it reads %+v, assuming %v (%v)", n.Config, n.Assumed, err)
	}
}

// TestPresets derives every preset from the shapes of its tensors. They have no values: the structure is read first.
func TestPresets(t *testing.T) {
	for _, name := range resnet.PresetNames() {
		want, err := resnet.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		d := &dict{tensors: map[string]weights.Tensor{}, theirs: map[string]string{}}
		for _, x := range want.Tensors() {
			d.tensors[x.Name] = weights.Tensor{Name: x.Name, DType: weights.F32, Shape: x.Shape}
			d.order = append(d.order, x.Name)
			d.theirs[x.Name] = x.Name
		}
		n := &Network{}
		if err := d.structure(n, Hints{StrideIn: want.StrideIn, NormEpsilon: want.NormEpsilon}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want.GroupWidth != 0 {
			want.Groups = max(1, want.Groups)
		}
		if !reflect.DeepEqual(n.Config, want) {
			t.Errorf("%s reads as\n%+v, want\n%+v", name, n.Config, want)
		}
	}
}

// TestDialects: the same tensors under each program's names.
func TestDialects(t *testing.T) {
	transformers := strings.NewReplacer(
		"conv1.", "resnet.embedder.embedder.convolution.", "bn1.", "resnet.embedder.embedder.normalization.", "fc.",
		"classifier.1.")
	inBlock := func(name string) string {
		p := strings.Split(name, ".")
		if !strings.HasPrefix(name, "layer") {
			return transformers.Replace(name)
		}
		at := fmt.Sprintf("resnet.encoder.stages.%d.layers.%s.", p[0][5]-'1', p[1])
		kind := map[string]string{"c": "convolution", "b": "normalization"}
		switch {
		case p[2] == "downsample" && p[3] == "0":
			return at + "shortcut.convolution." + p[4]
		case p[2] == "downsample":
			return at + "shortcut.normalization." + p[4]
		}
		return fmt.Sprintf("%slayer.%d.%s.%s", at, p[2][len(p[2])-1]-'1', kind[p[2][:1]], p[3])
	}
	for _, c := range []struct {
		name    string
		rename  func(string) string
		dialect Dialect
	}{
		{"torchvision", same, Torchvision},
		{"wrapped", func(name string) string { return "module.model." + name }, Torchvision},
		{"shortcut and linear", strings.NewReplacer("downsample", "shortcut", "fc.", "linear.").Replace, Torchvision},
		{"a classifier behind a dropout", strings.NewReplacer("fc.", "fc.1.").Replace, Torchvision},
		{"transformers", inBlock, Transformers},
	} {
		t.Run(c.name, func(t *testing.T) {
			tensors := tensorsOf(small(func(*resnet.Config) {}))
			n, err := Read(file(t, tensors, c.rename), Hints{})
			if err != nil {
				t.Fatal(err)
			}
			if n.Dialect != c.dialect {
				t.Errorf("the dialect is %s, want %s", n.Dialect, c.dialect)
			}
			for _, want := range tensors {
				at := slices.IndexFunc(n.Tensors, func(t weights.Tensor) bool { return t.Name == want.Name })
				if at < 0 || !reflect.DeepEqual(n.Tensors[at], want) {
					t.Errorf("%s is lost", want.Name)
				} else if &n.Tensors[at].Data[0] != &want.Data[0] {
					t.Errorf("%s was copied", want.Name)
				}
			}
		})
	}
}

// spoilt lists changes of good tensors that Read must refuse, with a part of the error.
var spoilt = []struct {
	name   string
	change func(d map[string]weights.Tensor)
	want   string
}{
	{"no tensors", func(d map[string]weights.Tensor) { clear(d) }, "no tensors"},
	{"another kind of network", func(d map[string]weights.Tensor) {
		clear(d)
		d["bert.weight"] = ones("bert.weight", 1)
	}, `no residual network whose names are known: it has 1 tensors, the first is "bert.weight"`},
	{"a vision transformer", func(d map[string]weights.Tensor) {
		clear(d)
		d["patch_embed.proj.weight"] = ones("patch_embed.proj.weight", 1)
	}, "vision transformer"},
	{"an adapter", func(d map[string]weights.Tensor) {
		clear(d)
		d["x.lora_A.weight"] = ones("x.lora_A.weight", 1)
	}, "an adapter"},
	{"no classifier", func(d map[string]weights.Tensor) { delete(d, "fc.weight"); delete(d, "fc.bias") },
		"it gives features, not classes"},
	{"a head of two layers", func(d map[string]weights.Tensor) { d["fc.1.weight"] = ones("fc.1.weight", 3, 16) },
		"must be one linear layer"},
	{"squeeze and excitation",
		func(d map[string]weights.Tensor) { d["layer1.0.se.fc1.weight"] = ones("layer1.0.se.fc1.weight", 1) },
		`"layer1.0.se.fc1.weight" belongs to a squeeze-and-excitation block`},
	{"a deep stem", func(d map[string]weights.Tensor) {
		delete(d, "conv1.weight")
		d["conv1.0.weight"] = ones("conv1.0.weight", 2, 3, 3, 3)
	}, `"conv1.0.weight" belongs to a stem of several convolutions`},
	{"a pooling shortcut", func(d map[string]weights.Tensor) {
		for _, field := range []string{"weight", "bias", "running_mean", "running_var"} {
			delete(d, "layer2.0.downsample.1."+field)
		}
		delete(d, "layer2.0.downsample.0.weight")
		d["layer2.0.downsample.1.weight"] = ones("layer2.0.downsample.1.weight", 16, 8, 1, 1)
	}, `"layer2.0.downsample.1.weight" is a convolution where a norm is expected`},
	{"anti-aliased pooling", func(d map[string]weights.Tensor) { d["layer2.0.aa.filt"] = ones("layer2.0.aa.filt", 1) },
		"anti-aliased"},
	{"group normalisation", func(d map[string]weights.Tensor) {
		for name := range d {
			if strings.HasSuffix(name, "running_mean") || strings.HasSuffix(name, "running_var") {
				delete(d, name)
			}
		}
	}, "norm without running statistics"},
	{"no norms at all", func(d map[string]weights.Tensor) {
		for name := range d {
			if strings.Contains(name, "bn") || strings.Contains(name, "downsample.1") {
				delete(d, name)
			}
		}
	}, "no batch norms"},
	{"a convolution with a bias",
		func(d map[string]weights.Tensor) { d["layer1.0.conv1.bias"] = ones("layer1.0.conv1.bias", 2) },
		"with a bias besides its norm"},
	{"weight normalisation",
		func(d map[string]weights.Tensor) { d["layer1.0.conv1.weight_g"] = ones("layer1.0.conv1.weight_g", 2) },
		"weight normalisation"},
	{"a fourth convolution", func(d map[string]weights.Tensor) {
		d["layer1.0.conv4.weight"] = ones("layer1.0.conv4.weight", 2)
	}, `"layer1.0.conv4.weight" has no place`},
	{"a leading zero", func(d map[string]weights.Tensor) { d["layer1.00.bn1.bias"] = ones("layer1.00.bn1.bias", 2) },
		`"layer1.00.bn1.bias" has no place`},
	{"grey pictures", func(d map[string]weights.Tensor) { d["conv1.weight"] = ones("conv1.weight", 2, 1, 7, 7) },
		"pictures of 1 channels"},
	{"a 5×5 stem", func(d map[string]weights.Tensor) { d["conv1.weight"] = ones("conv1.weight", 2, 3, 5, 5) },
		"must be 7×7"},
	{"an empty stem", func(d map[string]weights.Tensor) { d["conv1.weight"] = ones("conv1.weight", 0, 3, 7, 7) },
		"holds nothing"},
	{"a stem of three dimensions",
		func(d map[string]weights.Tensor) { d["conv1.weight"] = ones("conv1.weight", 2, 3, 7) }, "4 dimensions"},
	{"no stem", func(d map[string]weights.Tensor) { delete(d, "conv1.weight") }, "no tensor for conv1.weight"},
	{"no second convolution", func(d map[string]weights.Tensor) { delete(d, "layer1.0.conv2.weight") },
		"no tensor for layer1.0.conv2.weight"},
	{"an empty convolution", func(d map[string]weights.Tensor) {
		d["layer1.0.conv2.weight"] = ones("layer1.0.conv2.weight", 2, 0, 3, 3)
	}, "holds nothing"},
	{"groups that do not come out even", func(d map[string]weights.Tensor) {
		d["layer1.0.conv2.weight"] = ones("layer1.0.conv2.weight", 2, 3, 3, 3)
	}, "cannot be cut into groups"},
	{"an odd number of channels", func(d map[string]weights.Tensor) {
		d["layer1.0.conv3.weight"] = ones("layer1.0.conv3.weight", 9, 2, 1, 1)
	}, "no multiple"},
	{"a block that is missing", func(d map[string]weights.Tensor) {
		for name := range d {
			if strings.HasPrefix(name, "layer1.0.") {
				delete(d, name)
			}
		}
	}, "no residual network whose names are known"},
	{"a hole in the list of blocks", func(d map[string]weights.Tensor) {
		for name, t := range d {
			if rest, ok := strings.CutPrefix(name, "layer1.1."); ok {
				t.Name = "layer1.2." + rest
				d[t.Name] = t
				delete(d, name)
			}
		}
	}, "has no place in the network"},
	{"a norm that lacks its variance", func(d map[string]weights.Tensor) { delete(d, "layer1.1.bn2.running_var") },
		"no tensor for layer1.1.bn2.running_var"},
	{"a block of another width", func(d map[string]weights.Tensor) {
		d["layer2.0.conv2.weight"] = ones("layer2.0.conv2.weight", 5, 4, 3, 3)
	}, `"layer2.0.conv2.weight" has the shape [5 4 3 3]; in this network it must be [4 4 3 3]`},
	{"a classifier for other features", func(d map[string]weights.Tensor) { d["fc.weight"] = ones("fc.weight", 3, 15) },
		`must be [3 16]`},
	{"no classes", func(d map[string]weights.Tensor) { d["fc.weight"] = ones("fc.weight", 0, 16) }, "holds nothing"},
	{"a million classes", func(d map[string]weights.Tensor) { d["fc.weight"] = ones("fc.weight", 1000000, 1) },
		"1000000 classes"},
	{"a NaN", func(d map[string]weights.Tensor) { copy(d["layer1.0.bn2.bias"].Data[4:], []byte{0, 0, 0xc0, 0x7f}) },
		`"layer1.0.bn2.bias" holds NaN at index 1`},
	{"a variance below zero", func(d map[string]weights.Tensor) { d["bn1.running_var"].Data[7] = 0xbf },
		`"bn1.running_var" holds the variance -1 at index 1`},
	{"whole numbers for weights", func(d map[string]weights.Tensor) {
		t := d["layer1.0.bn2.bias"]
		t.DType = weights.I32
		d["layer1.0.bn2.bias"] = t
	}, "holds I32"},
}

// ones makes a float32 tensor of ones.
func ones(name string, shape ...int) weights.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x, err := weights.NewTensor(name, weights.F32, shape, slices.Repeat([]float32{1}, n))
	if err != nil {
		panic(err)
	}
	return x
}

func spoil(t testing.TB, change func(map[string]weights.Tensor)) *weights.File {
	t.Helper()
	d := map[string]weights.Tensor{}
	for _, x := range tensorsOf(small(func(*resnet.Config) {})) {
		d[x.Name] = x
	}
	change(d)
	var tensors []weights.Tensor
	for _, x := range d {
		tensors = append(tensors, x)
	}
	slices.SortFunc(tensors, func(a, b weights.Tensor) int { return strings.Compare(a.Name, b.Name) })
	return file(t, tensors, same)
}

func TestReadRefuses(t *testing.T) {
	for _, c := range spoilt {
		t.Run(c.name, func(t *testing.T) {
			f := spoil(t, c.change)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			n, err := Read(f, Hints{})
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatalf("accepted as %+v", n.Config)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nand does not say\n%s", err, c.want)
			}
			// The names and maps of 67 tensors. The largest file here has four million bytes of weights.
			if got := after.TotalAlloc - before.TotalAlloc; got > 1<<17 {
				t.Errorf("refusing it allocated %d bytes", got)
			}
		})
	}
}

// TestReadWithoutBias: a classifier without a bias gets one of zeros.
func TestReadWithoutBias(t *testing.T) {
	n, err := Read(spoil(t, func(d map[string]weights.Tensor) { delete(d, "fc.bias") }), Hints{})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(n.Tensors, func(t weights.Tensor) bool { return t.Name == "fc.bias" })
	values, err := n.Tensors[at].AppendFloat32(nil)
	if err != nil || !slices.Equal(values, []float32{0, 0, 0}) {
		t.Errorf("the bias is %v, %v", values, err)
	}
	if !slices.Contains(n.Assumed, Assumption{AssumedBias, "0"}) {
		t.Errorf("it assumes %v", n.Assumed)
	}
}

// TestGroupWidth covers torchvision's values.
func TestGroupWidth(t *testing.T) {
	for _, c := range []struct{ width, channels, want int }{
		{64, 64, 64}, {64, 4, 4}, {64, 8, 8}, {64, 128, 128}, {16, 1, 4}, {4, 8, 128}, {2, 3, 96},
	} {
		got := GroupWidth(c.width, c.channels)
		if got != c.want || int(math.Floor(float64(c.width)*float64(got)/64)) != c.channels {
			t.Errorf("%d channels of %d: %d, want %d", c.channels, c.width, got, c.want)
		}
	}
}
