package modelfile

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/eightbits"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/statedict"
	"github.com/seed8935e608/residua/weights"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t testing.TB, name string, sides ...string) *Opened {
	t.Helper()
	o, err := Open(read(t, name), Options{Name: name, Sides: given(sides)})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func given(texts []string) []Side {
	var sides []Side
	for _, text := range texts {
		sides = append(sides, Side{"side.json", []byte(text)})
	}
	return sides
}

// TestNotes: a file alone says little, and everything that is assumed is reported.
func TestNotes(t *testing.T) {
	o := open(t, "torchvision-basic.safetensors")
	want := []Note{
		{statedict.AssumedNormEpsilon, "1e-05"}, {NotePreprocessing, "imagenet"}, {NoteInputSize, "224"},
		{NoteLabels, "numbers"},
	}
	if !reflect.DeepEqual(o.Notes, want) {
		t.Errorf("the notes are %v, want %v", o.Notes, want)
	}
	c := o.Card
	if c.InputSize != 224 || c.ShortSide != 256 || c.ChannelOrder != "RGB" || c.Rescale != 1./255 ||
		c.Mean != [3]float32{0.485, 0.456, 0.406} ||
		c.Title != "torchvision-basic" || !strings.HasPrefix(c.Model, "own-torchvision-basic-") ||
		o.Names != "torchvision" || o.Kind != Safetensors {
		t.Errorf("the card is %+v, the names %s in %s", c, o.Names, o.Kind)
	}
	// A graph determines its input size and its structure.
	o = open(t, "basic-folded.onnx")
	want = []Note{{NotePreprocessing, "imagenet"}, {NoteLabels, "numbers"}}
	if !reflect.DeepEqual(o.Notes, want) || o.Card.InputSize != 32 || o.Card.ShortSide != 36 || o.Names != "graph" ||
		o.Kind != ONNX {
		t.Errorf("the notes of a graph are %v, want %v; its card is %+v", o.Notes, want, o.Card)
	}
	// Small pictures are not resized to less than their input size.
	if o = open(t, "cifar-pad.safetensors"); o.Card.InputSize != 32 || o.Card.ShortSide != 32 {
		t.Errorf("the card of a CIFAR network is %+v", o.Card)
	}
}

// TestLabels: a network of 1,000 classes gets ImageNet's labels.
func TestLabels(t *testing.T) {
	f, err := weights.Parse(read(t, "torchvision-basic.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	w, err1 := weights.NewTensor("fc.weight", weights.F32, []int{1000, 8}, make([]float32, 8000))
	b, err2 := weights.NewTensor("fc.bias", weights.F32, []int{1000}, make([]float32, 1000))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	var file bytes.Buffer
	if err := f.With(nil, []weights.Tensor{w, b}).Write(&file); err != nil {
		t.Fatal(err)
	}
	o, err := Open(file.Bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if l := o.Card.Labels; len(l) != 1000 || l[0] != "tench" || l[425] != "barn" || l[999] != "toilet tissue" {
		t.Errorf("%d labels: %.100q", len(l), l)
	}
	if !slices.Contains(o.Notes, Note{NoteLabels, "imagenet"}) {
		t.Errorf("the notes are %v", o.Notes)
	}
	if o.Card.Title != "ResNet-6" || !strings.HasPrefix(o.Card.Model, "own-network-") {
		t.Errorf("a file without a name is %q, %q", o.Card.Title, o.Card.Model)
	}
}

// TestSides: the files that are given with a network.
func TestSides(t *testing.T) {
	half := [3]float32{0.5, 0.5, 0.5}
	epsilon := []Note{{statedict.AssumedNormEpsilon, "1e-05"}}
	asSaid := func(o *Opened) bool { // pictures are prepared as the files say
		return !slices.ContainsFunc(o.Notes, func(n Note) bool {
			return slices.Contains([]string{NotePreprocessing, NoteInputSize, NoteInputShape, NoteGraphSize,
				NoteInterpolation, NoteResize, NoteProcessor}, n.Code)
		})
	}
	for _, c := range []struct {
		name  string
		sides []string
		check func(*Opened) bool
	}{
		{"timm", []string{`{"architecture": "resnet14t", "num_classes": 5,
			"label_names": ["n1", "n2", "n3", "n4", "n5"],
			"label_descriptions": {"n2": "great white shark"},
			"pretrained_cfg": {"input_size": [3, 288, 288], "crop_pct": 0.95, "interpolation": "bicubic",
			"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "hf_hub_id": "timm/x"}}`}, func(o *Opened) bool {
			return o.Card.InputSize == 288 && o.Card.ShortSide == 303 && o.Card.Mean == half && o.Card.Std == half &&
				o.Card.Rescale == 1./255 && o.Card.Labels[1] == "great white shark" && o.Card.Labels[4] == "n5" &&
				o.Card.Source == "timm/x" && o.Card.Interpolation == "bicubic" && reflect.DeepEqual(o.Notes, epsilon)
		}},
		{"timm, the whole picture", []string{`{"architecture": "resnet50",
			"pretrained_cfg": {"input_size": [3, 64, 64], "crop_pct": 1, "crop_mode": "squash",
			"interpolation": "bilinear", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}`}, func(o *Opened) bool {
			h, w := o.Card.Resized()
			return h == 64 && w == 64 && o.Card.Squash && o.Card.InputSize == 64
		}},
		{"timm, an older file", []string{`{"architecture": "resnet50", "input_size": [3, 160, 160],
			"crop_pct": 0.8, "interpolation": "bilinear",
			"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}`}, func(o *Opened) bool {
			return o.Card.InputSize == 160 && o.Card.ShortSide == 200 && o.Card.Mean == half
		}},
		{"transformers", []string{`{"model_type": "resnet", "layer_type": "bottleneck",
			"downsample_in_bottleneck": false, "hidden_act": "relu", "_name_or_path": "microsoft/x",
			"id2label": {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e, f"}}`, `{"crop_pct": 0.875,
			"do_normalize": true, "do_resize": true, "feature_extractor_type": "ConvNextFeatureExtractor",
			"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 3, "size": 224}`},
			func(o *Opened) bool {
				return o.Card.InputSize == 224 && o.Card.ShortSide == 256 && o.Card.Labels[4] == "e, f" &&
					o.Card.Mean == half && o.Card.Source == "microsoft/x" && o.Card.Interpolation == "bicubic" &&
					reflect.DeepEqual(o.Notes, epsilon)
			}},
		{"transformers, the stride in the first",
			[]string{`{"model_type": "resnet", "downsample_in_bottleneck": true}`},
			func(o *Opened) bool { return o.Config.StrideIn == resnet.StrideIn1x1 }},
		{"a processor with sizes by name", []string{`{"image_processor_type": "ConvNextImageProcessor",
			"size": {"shortest_edge": 224}, "image_mean": [0, 0, 0],
			"image_std": [1, 1, 1], "resample": 2}`}, func(o *Opened) bool {
			interpolates := func(n Note) bool { return n.Code == NoteInterpolation }
			return o.Card.InputSize == 224 && o.Card.ShortSide == 256 && !slices.ContainsFunc(o.Notes, interpolates)
		}},
		{"a processor for large pictures", []string{`{"image_processor_type": "ConvNextImageProcessor",
			"size": {"shortest_edge": 384}, "image_mean": [0, 0, 0],
			"image_std": [1, 1, 1]}`}, func(o *Opened) bool {
			return o.Card.InputSize == 384 && o.Card.ResizeWidth == 384 && o.Card.Squash
		}},
		{"a processor that cuts", []string{`{"image_processor_type": "CLIPImageProcessor",
			"size": {"shortest_edge": 232}, "do_center_crop": true,
			"crop_size": {"height": 224, "width": 224}, "image_mean": [0, 0, 0], "image_std": [1, 1, 1]}`},
			func(o *Opened) bool { return o.Card.InputSize == 224 && o.Card.ShortSide == 232 }},
		{"a processor that squeezes", []string{`{"image_processor_type": "ViTImageProcessor",
			"size": {"height": 96, "width": 96}, "do_normalize": false,
			"rescale_factor": 0.5}`}, func(o *Opened) bool {
			return o.Card.InputSize == 96 && o.Card.Mean == [3]float32{} && o.Card.Rescale == 0.5 &&
				o.Card.Squash && o.Card.ResizeHeight == 96 && asSaid(o)
		}},
		{"height unlike width", []string{`{"image_processor_type": "ViTImageProcessor",
			"size": {"height": 64, "width": 32}, "image_mean": [0, 0, 0], "image_std": [1, 1, 1]}`},
			func(o *Opened) bool {
				return o.Card.InputSize == 0 && o.Card.InputHeight == 64 && o.Card.InputWidth == 32 && o.Card.Squash &&
					o.Card.ResizeHeight == 64 && o.Card.ResizeWidth == 32 && asSaid(o)
			}},
		{"timm, height unlike width", []string{`{"architecture": "resnet50", "pretrained_cfg": {
			"input_size": [3, 96, 160], "crop_pct": 0.9, "mean": [0, 0, 0], "std": [1, 1, 1]}}`}, func(o *Opened) bool {
			return o.Card.InputHeight == 96 && o.Card.InputWidth == 160 && o.Card.ResizeHeight == 106 &&
				o.Card.ResizeWidth == 177 && !o.Card.Squash && asSaid(o)
		}},
		{"cut to height unlike width", []string{`{"image_processor_type": "CLIPImageProcessor",
			"size": {"shortest_edge": 256}, "crop_size": {"height": 256, "width": 128}, "image_mean": [0, 0, 0],
			"image_std": [1, 1, 1]}`}, func(o *Opened) bool {
			return o.Card.InputHeight == 256 && o.Card.InputWidth == 128 && o.Card.ShortSide == 256 && asSaid(o)
		}},
		{"bytes as they are", []string{`{"do_rescale": false, "do_normalize": true, "image_mean": [0, 0, 0],
			"image_std": [1, 1, 1], "size": 64}`}, func(o *Opened) bool { return o.Card.Rescale == 1 }},
		{"a list of labels", []string{`["a", "b", "c", "d", "e"]`},
			func(o *Opened) bool { return o.Card.Labels[4] == "e" }},
		{"numbered labels", []string{`{"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}`},
			func(o *Opened) bool { return o.Card.Labels[4] == "e" }},
		{"a class index",
			[]string{`{"0": ["n1", "a"], "1": ["n2", "b"], "2": ["n3", "c"], "3": ["n4", "d"], "4": ["n5", "e"]}`},
			func(o *Opened) bool { return o.Card.Labels[4] == "e" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, "transformers-bottleneck.safetensors", c.sides...)
			if !c.check(o) {
				t.Errorf("it is %+v %+v %v", o.Config, o.Card, o.Notes)
			}
		})
	}
}

// refusedSides lists side files that are refused.
var refusedSides = []struct{ name, text, want string }{
	{"another network", `{"model_type": "vit"}`, `"vit", not a resnet`},
	{"another activation", `{"model_type": "resnet", "hidden_act": "gelu"}`, `"gelu"`},
	{"another first stage", `{"model_type": "resnet", "downsample_in_first_stage": true}`, "downsample_in_first_stage"},
	{"another block", `{"model_type": "resnet", "layer_type": "basic"}`, "do not belong together"},
	{"blurred pooling", `{"architecture": "resnetblur50"}`, "anti-aliased"},
	{"another pooling", `{"architecture": "resnet50", "global_pool": "max"}`, `"max"`},
	{"pictures of one channel", `{"architecture": "x", "pretrained_cfg": {"input_size": [1, 224, 112]}}`,
		"[1 224 112]"},
	{"pictures without a width", `{"do_normalize": true, "size": {"height": 64}}`, "64×0"},
	{"a negative crop", `{"architecture": "x", "pretrained_cfg": {"input_size": [3, 224, 224], "crop_pct": -1}}`,
		"crop_pct of -1"},
	{"a crop of nothing", `{"do_normalize": true, "crop_pct": 1e-9, "size": 224}`, "crop_pct of 1e-09"},
	{"two means", `{"do_normalize": true, "image_mean": [0, 0], "image_std": [1, 1], "size": 64}`, "2 means"},
	{"a deviation of zero", `{"do_normalize": true, "image_mean": [0, 0, 0], "image_std": [0, 0, 0], "size": 64}`,
		"standard deviation"},
	{"a picture of a million pixels",
		`{"do_normalize": true, "image_mean": [0, 0, 0], "image_std": [1, 1, 1], "size": 1000000}`, "input size"},
	{"a negative picture", `{"do_normalize": true, "image_mean": [0, 0, 0], "image_std": [1, 1, 1], "size": -4}`,
		"input size"},
	{"a resampling that is none", `{"do_normalize": true, "size": 64, "resample": 17}`, "resample of 17"},
	{"a label that is missing", `{"0": "a", "2": "c"}`, "none for class 1"},
	{"an empty label", `["a", "", "c", "d", "e"]`, "label 1"},
}

func TestSidesRefused(t *testing.T) {
	file := read(t, "transformers-bottleneck.safetensors")
	for _, c := range refusedSides {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(file, Options{Sides: []Side{{"a.json", []byte(c.text)}}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestOpenOurs: Open opens the files that it made, in eight bits too.
func TestOpenOurs(t *testing.T) {
	first := open(t, "torchvision-basic.safetensors")
	for name, f := range map[string]*weights.File{"as it is": first.File,
		"in eight bits": eightbits.File(t, first.File)} {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := Open(b.Bytes(), Options{Name: "another name"})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again.Card, first.Card) || !reflect.DeepEqual(again.Config, first.Config) ||
			again.Names != "residua" || again.Notes != nil {
			t.Errorf("%s: %+v %+v came back as %+v %+v with %v", name, first.Card, first.Config, again.Card,
				again.Config, again.Notes)
		}
		loaded(t, again)
		// A list of labels is taken all the same, and other files are not needed.
		again, err = Open(b.Bytes(), Options{Sides: given([]string{`["a", "b", "c", "d", "e"]`})})
		if err != nil {
			t.Fatal(err)
		}
		if m := loaded(t, again); m.Label(4) != "e" || again.Notes != nil {
			t.Errorf("%s: the label is %q with %v", name, m.Label(4), again.Notes)
		}
		again, err = Open(b.Bytes(), Options{Sides: given([]string{`{"model_type": "resnet"}`})})
		if want := []Note{{NoteFileUnused, "side.json"}}; err != nil || !reflect.DeepEqual(again.Notes, want) {
			t.Errorf("%s: the notes are %v, want %v", name, again.Notes, want)
		}
	}
	// The metadata describe another network than the tensors.
	config := first.Config
	config.Classes++
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := first.File.With(map[string]string{weights.ConfigKey: string(text)}, nil).Write(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(b.Bytes(), Options{}); err == nil || !strings.Contains(err.Error(), "fc.weight") {
		t.Errorf("six classes for five: %v", err)
	}
}

// TestOpenAliases: weights are not copied.
func TestOpenAliases(t *testing.T) {
	for _, name := range []string{"torchvision-basic.safetensors", "basic-folded.onnx"} {
		file := read(t, name)
		o, err := Open(file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		x, _ := o.File.Tensor("layer2.0.conv2.weight")
		was := slices.Clone(x.Data)
		clear(file)
		if bytes.Equal(x.Data, was) {
			t.Errorf("%s: the weights are a copy", name)
		}
	}
}

func TestSniff(t *testing.T) {
	for _, c := range []struct {
		head string
		want Kind
	}{
		{string(read(t, "article.safetensors")[:16]), Safetensors},
		{string(read(t, "gate-folded.onnx")[:16]), ONNX},
		{"PK\x03\x04", Archive}, {"\x80\x02}q", Pickle}, {"\x89HDF\r\n\x1a\n", HDF5}, {"  {\"a\":1}", JSON},
		{"\ufeff{}", JSON}, {`["a"]`, JSON},
		{"", Other}, {"\x08", Other}, {"a text", Other}, {"\xff\xd8\xff", Other},
	} {
		if got := Sniff([]byte(c.head)); got != c.want {
			t.Errorf("%q is %s, want %s", c.head, got, c.want)
		}
	}
	for head, want := range map[string]string{"\x80\x02": "save the state dict", "\x89HDF": "as ONNX",
		"PK\x03\x04": "unpack it", "{}": "no weights", "\xff\xd8": "no file of a network"} {
		if _, err := Open([]byte(head), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %s", head, err, want)
		}
	}
}

func TestArchitecture(t *testing.T) {
	for name, want := range map[string]string{
		"resnet18": "ResNet-18", "resnet152": "ResNet-152", "resnext50_32x4d": "ResNeXt-50 32×4d",
		"wide_resnet50_2": "Wide ResNet-50-2",
		"resnet50_v2":     "ResNet-50 v2", "resnet110": "ResNet-110",
	} {
		c, err := resnet.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := Architecture(c); got != want {
			t.Errorf("%s is called %q, want %q", name, got, want)
		}
	}
	c, err := resnet.Preset("resnet56")
	if c.Join = resnet.JoinNone; err != nil || Architecture(c) != "Plain-56" {
		t.Errorf("without shortcuts ResNet-56 is called %q (%v)", Architecture(c), err)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"C:\\Models\\ResNet 50 (v2).safetensors": "own-resnet-50-v2", "/home/x/狗.onnx": "own-network",
		"..": "own-network", "a.b.onnx": "own-a.b",
		strings.Repeat("x", 300): "own-" + strings.Repeat("x", 40),
	} {
		o, err := Open(read(t, "basic-folded.onnx"), Options{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if model := o.Card.Model[:strings.LastIndexByte(o.Card.Model, '-')]; model != want { // without the sum
			t.Errorf("%q is the model %q, want %q", name, o.Card.Model, want)
		}
	}
}

// FuzzOpen: Open refuses any file, or gives a network that can be written and that resnet describes.
func FuzzOpen(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		if kind := filepath.Ext(name); kind == ".safetensors" || kind == ".onnx" {
			f.Add(read(f, filepath.Base(name)), "x.bin", options.Sides[0].Data)
		}
	}
	for _, c := range refusedSides {
		if len(c.text) < 1<<12 {
			f.Add(read(f, "cifar-pad.safetensors"), c.name, []byte(c.text))
		}
	}
	f.Fuzz(func(t *testing.T, file []byte, name string, text []byte) {
		o, err := Open(file, Options{Name: name, Sides: []Side{{name, text}}})
		if err != nil {
			return
		}
		if _, _, err := resnet.Describe(o.File); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := o.File.Write(&b); err != nil {
			t.Fatal(err)
		}
	})
}
