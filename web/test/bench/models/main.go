// Command models writes what the benchmark runs besides the built site: ResNet-50 as ONNX with its real weights, and
// ResNet-18 and ResNet-152 with random weights, as models for Residua and as ONNX.
//
// Usage: go run ./web/test/bench/models OUT
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/weights"
	"github.com/seed8935e608/residua/weights/pretrained"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: models OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "models:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	path, err := pretrained.ResNet50(context.Background(), pretrained.Options{Log: os.Stderr})
	if err != nil {
		return err
	}
	fifty, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := export(fifty, filepath.Join(out, "resnet50.onnx")); err != nil {
		return err
	}
	for _, name := range []string{"resnet18", "resnet152"} {
		config, err := resnet.Preset(name)
		if err != nil {
			return err
		}
		file, err := random(name, config)
		if err != nil {
			return err
		}
		if err := export(file, filepath.Join(out, name+".onnx")); err != nil {
			return err
		}
		if err := shards(name, file, filepath.Join(out, "models", name)); err != nil {
			return err
		}
	}
	return nil
}

func export(file []byte, path string) error {
	f, err := weights.Parse(file)
	if err != nil {
		return err
	}
	var model bytes.Buffer
	if err := onnx.Export(&model, f); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, model.Bytes(), 0o666)
}

// shards writes a model as the engine fetches it.
func shards(name string, file []byte, dir string) error {
	m, parts, err := weights.Split(name, name+".safetensors", file, weights.MaxShard)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for i, part := range parts {
		if err := os.WriteFile(filepath.Join(dir, m.Shards[i].Name), part, 0o666); err != nil {
			return err
		}
	}
	text, err := m.Encode()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o666)
}

// random makes a network with weights of He's initialisation. Its norms only scale each block's F down, so that all
// blocks together add about as much as the first one's input: activations stay in an ordinary range at any depth.
func random(name string, c resnet.Config) ([]byte, error) {
	r := rand.New(rand.NewPCG(1, 2))
	var tensors []weights.Tensor
	var failed error
	add := func(name string, dtype weights.DType, value func() float64, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(value())
		}
		t, err := weights.NewTensor(name, dtype, shape, x)
		if err != nil {
			failed = err
		}
		tensors = append(tensors, t)
	}
	constant := func(x float64) func() float64 { return func() float64 { return x } }
	blocks := c.Blocks()
	conv := func(s resnet.ConvSpec, gain float64) {
		scale := math.Sqrt(2 / float64(s.In*s.Size*s.Size))
		add(s.Conv+".weight", weights.F16, func() float64 { return r.NormFloat64() * scale }, s.Shape()...)
		add(s.Norm+".weight", weights.F32, constant(gain), s.Out)
		add(s.Norm+".bias", weights.F32, constant(0), s.Out)
		add(s.Norm+".running_mean", weights.F32, constant(0), s.Out)
		add(s.Norm+".running_var", weights.F32, constant(1), s.Out)
	}
	conv(c.StemConv(), 1)
	for _, b := range blocks {
		if b.Projection != nil {
			conv(*b.Projection, 1)
		}
		for i, s := range b.Residual {
			gain := 1.0
			if i == len(b.Residual)-1 {
				gain = 1 / math.Sqrt(float64(len(blocks)))
			}
			conv(s, gain)
		}
	}
	add("fc.weight", weights.F16, func() float64 { return r.NormFloat64() / math.Sqrt(float64(c.Features())) },
		c.Classes, c.Features())
	add("fc.bias", weights.F32, constant(0), c.Classes)

	if failed != nil {
		return nil, failed
	}
	config, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	card, err := weights.Card{
		Model: name, Title: name + ", random", InputSize: 224, ShortSide: 256, Interpolation: "bilinear",
		ChannelOrder: "BGR", Rescale: 1, Mean: [3]float32{103.939, 116.779, 123.68}, Std: [3]float32{1, 1, 1},
		License: "none", Source: "random",
	}.Encode()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = weights.Write(&b, map[string]string{weights.ConfigKey: string(config), weights.CardKey: card}, tensors)
	return b.Bytes(), err
}
