package modelfile

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/onnx"
)

// timmOf is a timm configuration for pictures of a size.
func timmOf(size string) string {
	return `{"architecture": "x", "pretrained_cfg": {"input_size": [3, ` + size + `], "crop_pct": 0.9,
		"interpolation": "bicubic", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}`
}

// exported is a network for pictures of a size as ONNX. A foreign one has no card, so that it says its input's shape
// and nothing else.
func exported(t *testing.T, size string, foreign bool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := onnx.Export(&b, open(t, "torchvision-basic.safetensors", timmOf(size)).File); err != nil {
		t.Fatal(err)
	}
	if foreign {
		return bytes.ReplaceAll(b.Bytes(), []byte("residua.card"), []byte("another.card"))
	}
	return b.Bytes()
}

// TestGraphShapes: a graph's size is used, whatever its shape, and what the files leave open is said.
func TestGraphShapes(t *testing.T) {
	type shape struct{ h, w, coverH, coverW int }
	for _, c := range []struct {
		name, size, side string
		want             shape
		squash           bool
		notes            []Note // about sizes
	}{
		{"a person", "64, 32", "", shape{64, 32, 64, 32}, true, []Note{{NoteInputShape, "64x32"}}},
		{"a landscape", "33, 65", "", shape{33, 65, 33, 65}, true, []Note{{NoteInputShape, "33x65"}}},
		{"a square", "56, 56", "", shape{56, 56, 64, 64}, false, nil},
		{"as its configuration says", "64, 32", timmOf("64, 32"), shape{64, 32, 71, 35}, false, nil},
		{"not as its configuration says", "64, 32", timmOf("32, 32"), shape{64, 32, 70, 35}, false,
			[]Note{{NoteGraphSize, "64x32"}}},
		{"with a configuration of labels only", "64, 32", `{"model_type": "resnet", "layer_type": "basic"}`,
			shape{64, 32, 64, 32}, true, []Note{{NoteInputShape, "64x32"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var sides []string
			if c.side != "" {
				sides = []string{c.side}
			}
			o, err := Open(exported(t, c.size, true), Options{Sides: given(sides)})
			if err != nil {
				t.Fatal(err)
			}
			var got shape
			got.h, got.w = o.Card.Shape()
			got.coverH, got.coverW = o.Card.Resized()
			if got != c.want || o.Card.Squash != c.squash {
				t.Errorf("it is %v, squeezed: %v; want %v", got, o.Card.Squash, c.want)
			}
			notes := slices.DeleteFunc(slices.Clone(o.Notes), func(n Note) bool {
				return !slices.Contains([]string{NoteInputSize, NoteInputShape, NoteGraphSize}, n.Code)
			})
			if !slices.Equal(notes, c.notes) {
				t.Errorf("the notes are %v, want %v", o.Notes, c.notes)
			}
			m, err := resnet.LoadFile(o.File)
			if err != nil {
				t.Fatal(err)
			}
			if n := m.InputLen(); n != c.want.h*c.want.w*3 {
				t.Errorf("Forward wants %d values", n)
			}
			m.Forward(make([]float32, m.InputLen()), nil)
		})
	}
}

// TestShapeIsKept: safetensors and ONNX files that Residua wrote come back with their card.
func TestShapeIsKept(t *testing.T) {
	first := open(t, "torchvision-basic.safetensors", timmOf("64, 32"))
	var file bytes.Buffer
	if err := first.File.Write(&file); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"safetensors": file.Bytes(), "ONNX": exported(t, "64, 32", false)} {
		again, err := Open(b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again.Card, first.Card) || again.Card.InputHeight != 64 || again.Card.InputWidth != 32 {
			t.Errorf("%s: %+v came back as %+v", name, first.Card, again.Card)
		}
	}
}

// TestShapeRefused: sizes that cannot be are named.
func TestShapeRefused(t *testing.T) {
	for size, want := range map[string]string{
		"64, 0": "[3 64 0]", "5000, 64": "5000×64", "-1, 64": "[3 -1 64]", "64": "[3 64]",
	} {
		_, err := Open(read(t, "torchvision-basic.safetensors"), Options{Sides: given([]string{timmOf(size)})})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", size, err, want)
		}
	}
}
