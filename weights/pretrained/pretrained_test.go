package pretrained_test

import (
	"context"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/seed8935e608/residua/weights"
	"github.com/seed8935e608/residua/weights/pretrained"
)

func Example() {
	path, err := pretrained.ResNet50(context.Background(), pretrained.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := weights.Parse(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	card, err := weights.CardFrom(file.Metadata)
	if err != nil {
		fmt.Println(err)
		return
	}
	stem, _ := file.Tensor("conv1.weight")
	fmt.Println(card.Title, card.ChannelOrder, card.Labels[425], stem.DType, stem.Shape)
	// Output: ResNet-50 BGR barn F16 [64 3 7 7]
}

// TestOptionsExclude: no file is of two types.
func TestOptionsExclude(t *testing.T) {
	both := pretrained.Options{Float32: true, Int8: true}
	if path, err := pretrained.ResNet50(t.Context(), both); err == nil {
		t.Errorf("there is a file of two types, %s", path)
	}
	dir := t.TempDir()
	if _, err := pretrained.Shards(t.Context(), dir, both); err == nil {
		t.Error("there are shards of two types")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v was written (%v)", left, err)
	}
}

// TestResNet50 checks the real file in all three types: every tensor of torchvision's ResNet-50 has its shape, and
// every value is finite.
func TestResNet50(t *testing.T) {
	type tensor struct {
		name  string
		shape []int
	}
	var want []tensor
	add := func(name string, shape ...int) { want = append(want, tensor{name, shape}) }
	convNorm := func(conv, norm string, out, in, k int) {
		add(conv+".weight", out, in, k, k)
		for _, v := range []string{"weight", "bias", "running_mean", "running_var"} {
			add(norm+"."+v, out)
		}
	}
	convNorm("conv1", "bn1", 64, 3, 7)
	in := 64
	for stage, blocks := range []int{3, 4, 6, 3} {
		width := 64 << stage
		for j := range blocks {
			block := fmt.Sprintf("layer%d.%d.", stage+1, j)
			convNorm(block+"conv1", block+"bn1", width, in, 1)
			convNorm(block+"conv2", block+"bn2", width, width, 3)
			convNorm(block+"conv3", block+"bn3", 4*width, width, 1)
			if j == 0 {
				convNorm(block+"downsample.0", block+"downsample.1", 4*width, in, 1)
			}
			in = 4 * width
		}
	}
	add("fc.weight", 1000, 2048)
	add("fc.bias", 1000)

	for _, o := range []pretrained.Options{{Log: t.Output()}, {Log: t.Output(), Float32: true},
		{Log: t.Output(), Int8: true}} {
		path, err := pretrained.ResNet50(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := weights.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if got := file.Tensors(); len(got) != len(want) {
			t.Fatalf("%d tensors, want %d", len(got), len(want))
		}
		var values []float32
		tensors := file.Tensors()
		if o.Int8 { // the wider types come first there
			tensors = nil
			for _, w := range want {
				x, _ := file.Tensor(w.name)
				tensors = append(tensors, x)
			}
		}
		for i, x := range tensors {
			if x.Name != want[i].name || !slices.Equal(x.Shape, want[i].shape) {
				t.Errorf("tensor %d is %s %v, want %s %v", i, x.Name, x.Shape, want[i].name, want[i].shape)
			}
			if values, err = x.AppendFloat32(values[:0]); err != nil {
				t.Error(err)
			}
		}
		card, err := weights.CardFrom(file.Metadata)
		if err != nil {
			t.Fatal(err)
		}
		if len(card.Labels) != 1000 || card.Labels[0] != "tench" || card.Labels[2] != "great white shark" ||
			card.Labels[999] != "toilet tissue" {
			t.Errorf("labels %q", card.Labels)
		}
		var config map[string]any
		if err := json.Unmarshal([]byte(file.Metadata[weights.ConfigKey]), &config); err != nil ||
			config["normEpsilon"] != 1e-3 || config["strideIn"] != "1x1" {
			t.Errorf("config %v, %v", config, err)
		}
	}
}

func TestGetty(t *testing.T) {
	dir := t.TempDir()
	samples, err := pretrained.Gallery(t.Context(), dir, pretrained.Options{Log: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	if len(samples) != 8 || samples[0].File != "dust-bowl-home.jpg" {
		t.Errorf("the samples are %+v", samples)
	}
	for _, s := range samples {
		f, err := os.Open(filepath.Join(dir, s.File))
		if err != nil {
			t.Fatal(err)
		}
		size, err := jpeg.DecodeConfig(f)
		f.Close()
		if err != nil || size.Width != s.Width || size.Height != s.Height {
			t.Errorf("%s is %d×%d, %v, listed as %d×%d", s.File, size.Width, size.Height, err, s.Width, s.Height)
		}
		if s.Title == "" || s.Alt == "" || s.Credit == "" || s.License != "CC0 1.0" || s.Source == "" {
			t.Errorf("%s lacks a word: %+v", s.File, s)
		}
		if !isChinese(s.Chinese.Title) || !isChinese(s.Chinese.Alt) {
			t.Errorf("%s lacks a Chinese word: %+v", s.File, s.Chinese)
		}
	}
}

func isChinese(words string) bool {
	return strings.ContainsFunc(words, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
