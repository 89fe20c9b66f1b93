//go:build !js

package train_test

import (
	"bytes"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/train"
	"github.com/seed8935e608/residua/weights"
)

// stripes are n pictures of 8×8 among noise: of class 0 with a bright row, of class 1 with a bright column.
func stripes(seed uint64, n int) train.Pictures {
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i % 2
	}
	return train.Pictures{Labels: labels, Read: func(dst []float32, i, _ int) {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		at := r.IntN(8)
		for k := range dst {
			dst[k] = float32(0.2 * r.NormFloat64())
			if along := [2]int{k / 24, k / 3 % 8}; along[i%2] == at {
				dst[k]++
			}
		}
	}}
}

// Trains ResNet-8 from random weights, scores it on pictures that it has not seen, and writes it as a model file.
func Example() {
	config := resnet.Config{
		Block: resnet.Basic, Layers: []int{1, 1, 1}, Width: 8, Expansion: 1, Stem: resnet.StemCIFAR, NormEpsilon: 1e-5,
		Join: resnet.JoinAdd, Classes: 2,
	}
	net, err := train.New(config, train.Options{Height: 8, Width: 8, Batch: 16, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := train.NewTrainer(net, stripes(1, 64), train.Settings{
		Seed: 1, Steps: 40, Batch: 16, Optimizer: train.SGD{Momentum: 0.9, Nesterov: true},
		Schedule: train.Schedule{Rate: 0.05, Warmup: 5, Decay: train.DecayCosine}, WeightDecay: 1e-4, Clip: 5,
		Augment: train.Augment{Mirror: true},
	})
	if err != nil {
		log.Fatal(err)
	}
	for !trainer.Done() {
		if _, err := trainer.Step(); err != nil {
			log.Fatal(err)
		}
	}
	score := trainer.Score(stripes(2, 64))
	fmt.Printf("better than nine in ten: %v\n", score.Accuracy() > 0.9)

	file, err := net.File(weights.Card{
		Model: "stripes", Title: "Rows and columns", InputSize: 8, ShortSide: 8, Interpolation: "bilinear",
		ChannelOrder: "RGB", Rescale: 1. / 255, Std: [3]float32{1, 1, 1}, Labels: []string{"row", "column"},
		License: "CC0-1.0", Source: "made by a formula",
	})
	if err != nil {
		log.Fatal(err)
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		log.Fatal(err)
	}
	model, err := resnet.Load(b.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Card.Labels, len(model.Blocks()), "blocks")
	// Output:
	// better than nine in ten: true
	// [row column] 3 blocks
}
