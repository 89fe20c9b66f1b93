package modelfile

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/onnx"
)

// golden is PyTorch's result for a file in testdata; make_goldens.py wrote both.
type golden struct {
	Config resnet.Config `json:"config"`
	Logits []float32     `json:"logits"`
}

func goldens(t testing.TB) map[string]golden {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "goldens.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]golden
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// goldenSide is the side of the small networks' pictures.
const goldenSide = 32

// picture is the picture of make_goldens.py: a formula, from −1 to 1, H×W×3.
func picture() []float32 {
	x := make([]float32, goldenSide*goldenSide*3)
	for i := range x {
		x[i] = float32(float64((uint64(i)*2654435761+12345)%(1<<32))/(1<<31) - 1)
	}
	return x
}

// loaded writes a network that was opened, and loads it again.
func loaded(t testing.TB, o *Opened) *resnet.Model {
	t.Helper()
	var file bytes.Buffer
	if err := o.File.Write(&file); err != nil {
		t.Fatal(err)
	}
	m, err := resnet.Load(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// answers gives a network's logits, or their softmax if the file had one.
func answers(t testing.TB, o *Opened) []float32 {
	t.Helper()
	logits := loaded(t, o).Forward(picture(), nil).Logits
	for _, n := range o.Notes {
		if n.Code != NoteSoftmax {
			continue
		}
		out := make([]float32, len(logits))
		for i, p := range resnet.Softmax(logits) {
			out[i] = float32(p)
		}
		return out
	}
	return logits
}

// agree compares logits. In float32 the sums of PyTorch and of the kernels differ only by their order: 1e-5 for logits
// of about 1, and 1e-4 with folded norms.
func agree(t testing.TB, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d logits, want %d", what, len(got), len(want))
	}
	for i := range want {
		if d := math.Abs(float64(got[i] - want[i])); !(d <= 1e-4*(1+math.Abs(float64(want[i])))) {
			t.Errorf("%s: the logits are %v, want %v", what, got, want)
			return
		}
	}
}

// options give the small networks' input size, as timm's config.json does.
var options = Options{Name: "tiny.bin", Sides: []Side{{"config.json", []byte(`{"architecture": "tiny", "pretrained_cfg":
	{"input_size": [3, 32, 32], "crop_pct": 1, "mean": [0, 0, 0], "std": [1, 1, 1], "interpolation": "bilinear"}}`)}}}

// v1 is transformers' config.json of a network with the stride in the first 1×1.
var v1 = Side{"config.json",
	[]byte(`{"model_type": "resnet", "layer_type": "bottleneck", "downsample_in_bottleneck": true}`)}

// TestGoldens opens each file, checks that the structure is the one that it was made with, and compares its logits with
// PyTorch's. Then it does the same after an export to ONNX and an import.
func TestGoldens(t *testing.T) {
	for name, want := range goldens(t) {
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			o := options
			if name == "transformers-v1.safetensors" {
				o.Sides = append(o.Sides[:1:1], v1)
			}
			opened, err := Open(file, o)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(opened.Config, want.Config) {
				t.Errorf("the structure is\n%+v, want\n%+v", opened.Config, want.Config)
			}
			agree(t, "from the file", answers(t, opened), want.Logits)

			var exported bytes.Buffer
			if err := onnx.Export(&exported, opened.File); err != nil {
				t.Fatal(err)
			}
			again, err := Open(exported.Bytes(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(again.Config, want.Config) || !reflect.DeepEqual(again.Card, opened.Card) {
				t.Errorf("after ONNX and back it is\n%+v %+v, it was\n%+v %+v", again.Config, again.Card, want.Config,
					opened.Card)
			}
			again.Notes = opened.Notes
			agree(t, "after ONNX and back", answers(t, again), want.Logits)
		})
	}
}
