//go:build !js

package resnet_test

import (
	"context"
	"fmt"
	"math"
	"os"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/weights/pretrained"
)

// fifty loads ResNet-50 with its ImageNet weights, and downloads and converts them the first time.
func fifty() (*resnet.Model, error) {
	path, err := pretrained.ResNet50(context.Background(), pretrained.Options{})
	if err != nil {
		return nil, err
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return resnet.Load(file)
}

// open decodes a picture file and prepares it as the model's card says.
func open(m *resnet.Model, path string) ([]float32, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return imageio.Load(file, imageio.SpecFor(m.Card))
}

// What is in a picture?
func Example_classify() {
	model, err := fifty()
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := open(model, "testdata/nagasaki-boats.png")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, best := range model.Top(model.Forward(x, nil).Logits, 3) {
		fmt.Printf("%s %.0f %%\n", model.Label(best.Index), 100*best.Probability)
	}
	// Output:
	// dock 70 %
	// submarine 4 %
	// boathouse 3 %
}

// How similar are two pictures? The cosine of their features says more than their pixels do.
func Example_features() {
	model, err := fifty()
	if err != nil {
		fmt.Println(err)
		return
	}
	var features [][]float32
	for _, name := range []string{"march-pastoral", "dust-bowl-home", "nagasaki-boats"} {
		x, err := open(model, "testdata/"+name+".png")
		if err != nil {
			fmt.Println(err)
			return
		}
		features = append(features, model.Forward(x, nil).Features)
	}
	cosine := func(a, b []float32) float64 {
		var ab, aa, bb float64
		for i := range a {
			ab += float64(a[i] * b[i])
			aa += float64(a[i] * a[i])
			bb += float64(b[i] * b[i])
		}
		return ab / math.Sqrt(aa*bb)
	}
	fmt.Printf("%d features; sheep and a hut %.2f, sheep and boats %.2f\n",
		len(features[0]), cosine(features[0], features[1]), cosine(features[0], features[2]))
	// Output: 2048 features; sheep and a hut 0.32, sheep and boats 0.34
}

// A network by its name, and its tensors and blocks.
func ExamplePreset() {
	c, err := resnet.Preset("resnext50_32x4d")
	if err != nil {
		fmt.Println(err)
		return
	}
	parameters := 0
	for _, t := range c.Tensors() {
		n := 1
		for _, d := range t.Shape {
			n *= d
		}
		parameters += n
	}
	last := c.Blocks()[15]
	fmt.Printf("%.1f million values in %d tensors\n", float64(parameters)/1e6, len(c.Tensors()))
	fmt.Printf("%s: %d channels in, %d in %d groups, %d out\n",
		last.Name, last.In, last.Residual[1].Out, last.Residual[1].Groups, last.Out)
	// Output:
	// 25.1 million values in 267 tensors
	// layer4.2: 2048 channels in, 1024 in 32 groups, 2048 out
}

// A network of your own design: a small one for pictures of 32×32, whose blocks are joined by a gate.
func ExampleConfig() {
	c := resnet.Config{
		Block: resnet.Basic, Layers: []int{1, 1, 1}, Width: 8, Expansion: 1,
		Stem: resnet.StemCIFAR, Shortcut: resnet.ShortcutPad, Join: resnet.JoinGate, NormEpsilon: 1e-5, Classes: 3,
	}
	file, err := hashnet.File(c, 32) // weights by a formula, instead of trained ones
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := resnet.Load(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range model.Blocks() {
		fmt.Printf("%s %d×%d×%d\n", b.Name, b.Height, b.Width, b.Channels)
	}
	fmt.Println(len(model.Forward(hashnet.Picture(32), nil).Logits), "logits")
	// Output:
	// layer1.0 32×32×8
	// layer2.0 16×16×16
	// layer3.0 8×8×32
	// 3 logits
}
