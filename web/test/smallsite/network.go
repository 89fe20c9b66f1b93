//go:build !js

package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/weights"
)

// width is the narrow network's channels where ResNet-50 has 64.
const width = 8

// kind is a form of the model. Its file has as many shards as the real one, so a test can stop a download at the same
// one.
type kind struct {
	name    string
	dtype   weights.DType
	shards  int
	compute resnet.Compute
	sure    float64 // how probable the best class of each sample photo is at the least
}

// kinds are the models of the site. The page promises that the smaller download differs by 9 points at most.
var kinds = []kind{
	{"resnet50", weights.F16, 7, resnet.Float32, 0.92},
	{"resnet50-int8", weights.I8, 4, resnet.Int8, 0.87},
}

// makeModels writes the narrow network into dir, in each of its kinds.
func makeModels(dist, dir string) error {
	real, err := readModel(filepath.Join(dist, models, "resnet50"))
	if err != nil {
		return err
	}
	_, card, err := resnet.Describe(real)
	if err != nil {
		return err
	}
	photos, err := readPhotos(filepath.Join(dist, "samples"), card)
	if err != nil {
		return err
	}
	classes, err := answers(real, photos)
	if err != nil {
		return err
	}
	tensors, err := narrow(card, photos, classes)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		published, err := readModel(filepath.Join(dist, models, kind.name))
		if err != nil {
			return err
		}
		file, err := encode(published.Metadata[weights.CardKey], tensors, kind.dtype)
		if err != nil {
			return err
		}
		if err := kind.check(file, photos, classes); err != nil {
			return err
		}
		if err := publish(filepath.Join(dir, kind.name), kind.name, file, kind.shards); err != nil {
			return err
		}
	}
	return nil
}

// check returns an error unless the network says of each photo what the real one says, and is as sure as the page's
// tests want it.
func (k kind) check(file []byte, photos [][]byte, classes []int) error {
	m, err := resnet.Load(file, resnet.WithCompute(k.compute))
	if err != nil {
		return err
	}
	for i, photo := range photos {
		best := resnet.Top(m.Forward(prepared(photo, m.Card), nil).Logits, 1)[0]
		if best.Index != classes[i] || best.Probability < k.sure {
			return fmt.Errorf("%s says of photo %d %s with %.3f, want %s with %.2f or more", k.name, i,
				m.Label(best.Index), best.Probability, m.Label(classes[i]), k.sure)
		}
	}
	return nil
}

// config is ResNet-50 with an eighth of its channels.
func config() resnet.Config {
	c := resnet.ResNet50
	c.Width = width
	return c
}

// readModel puts a published model together.
func readModel(dir string) (*weights.File, error) {
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return nil, err
	}
	m, err := weights.ParseManifest(text)
	if err != nil {
		return nil, err
	}
	var file []byte
	for _, shard := range m.Shards {
		b, err := os.ReadFile(filepath.Join(dir, shard.Name))
		if err != nil {
			return nil, err
		}
		file = append(file, b...)
	}
	return weights.Parse(file)
}

// readPhotos reads the sample photos in the order of their names, as the network wants to see them: each cut out by the
// page's rule, as bytes R, G, B.
func readPhotos(dir string, card weights.Card) ([][]byte, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	var photos [][]byte
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		img, err := imageio.Decode(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		photos = append(photos, imageio.SpecFor(card).Crop(img))
	}
	return photos, nil
}

// prepared is a picture as the network's input.
func prepared(rgb []byte, card weights.Card) []float32 {
	x := make([]float32, len(rgb))
	imageio.SpecFor(card).Normalise(x, rgb)
	return x
}

// answers gives the best class of each photo by the real network.
func answers(real *weights.File, photos [][]byte) ([]int, error) {
	m, err := resnet.LoadFile(real)
	if err != nil {
		return nil, err
	}
	var classes []int
	for _, photo := range photos {
		classes = append(classes, resnet.Top(m.Forward(prepared(photo, m.Card), nil).Logits, 1)[0].Index)
	}
	return classes, nil
}

// A tensor is a name, a shape and its values in float32.
type tensor struct {
	name   string
	shape  []int
	values []float32
}

// narrow makes the tensors of the narrow network: convolutions by a formula, and a last layer that is fitted to the
// photos.
func narrow(card weights.Card, photos [][]byte, classes []int) ([]tensor, error) {
	b, err := hashnet.File(config(), card.InputSize)
	if err != nil {
		return nil, err
	}
	file, err := weights.Parse(b)
	if err != nil {
		return nil, err
	}
	var tensors []tensor
	for _, t := range file.Tensors() {
		values, err := t.AppendFloat32(nil)
		if err != nil {
			return nil, err
		}
		gain := gainOf(t)
		for i := range values {
			values[i] *= gain
		}
		tensors = append(tensors, tensor{t.Name, t.Shape, values})
	}
	text, err := card.Encode()
	if err != nil {
		return nil, err
	}
	var forms []*resnet.Model
	for _, form := range []struct {
		dtype   weights.DType
		compute resnet.Compute
	}{{weights.F32, resnet.Float32}, {weights.I8, resnet.Float32}, {weights.I8, resnet.Int8}} {
		file, err := encode(text, tensors, form.dtype)
		if err != nil {
			return nil, err
		}
		m, err := resnet.Load(file, resnet.WithCompute(form.compute))
		if err != nil {
			return nil, err
		}
		forms = append(forms, m)
	}
	w, bias, err := fit(forms, photos, classes)
	if err != nil {
		return nil, err
	}
	for i := range tensors {
		switch tensors[i].name {
		case "fc.weight":
			tensors[i].values = w
		case "fc.bias":
			tensors[i].values = bias
		}
	}
	return tensors, nil
}

// gainOf is what a tensor of the formula is multiplied by. The formula's biases are as large as what pictures make, and
// the signal halves with each ReLU: after 16 blocks all pictures would look alike.
func gainOf(t weights.Tensor) float32 {
	switch {
	case t.Name == "conv1.weight":
		return math.Sqrt2 / 64 // the formula expects pictures with a deviation of 1; those of the card have some 64
	case len(t.Shape) > 1:
		return math.Sqrt2 // ReLU halves the second moment (He and others 2015)
	case strings.HasSuffix(t.Name, ".bias"), strings.HasSuffix(t.Name, ".running_mean"):
		return 0.125
	}
	return 1
}

// variations is how many times each photo is seen in another crop, mirrored and in other colours.
const variations = 12

// fit makes the last layer: a logistic regression on the features of the photos and of plain and noisy pictures, which
// are of one more class. The forms are the network in float32, with weights in eight bits, and computing in eight bits,
// which natively is slow and sees the photos only as they are. The row of that class is taken from all others, and its
// share is spread over the classes that no photo has: those have small weights by chance, so that the guesses after the
// first are not all alike.
func fit(forms []*resnet.Model, photos [][]byte, classes []int) (w, bias []float32, err error) {
	config, card := forms[0].Config, forms[0].Card
	d := config.Features()
	known := slices.Compact(slices.Sorted(slices.Values(classes)))
	none := len(known)
	examples := transfer.Examples{D: d, Classes: len(known) + 1}
	add := func(rgb []byte, label int, forms ...*resnet.Model) {
		for _, m := range forms {
			examples.X = append(examples.X, m.Forward(prepared(rgb, card), nil).Features...)
			examples.Labels = append(examples.Labels, label)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	varied := make([]byte, 3*card.InputSize*card.InputSize)
	for i, photo := range photos {
		label, _ := slices.BinarySearch(known, classes[i])
		add(photo, label, forms...)
		for range variations {
			imageio.DefaultAugment.Draw(card.InputSize, r).Apply(varied, photo, card.InputSize)
			add(varied, label, forms[:2]...)
		}
	}
	for level := 0; level < 256; level += 24 {
		for i := range varied {
			varied[i] = byte(level)
		}
		add(varied, none, forms[:2]...)
	}
	for range variations / 2 {
		for i := range varied {
			varied[i] = byte(r.UintN(256))
		}
		add(varied, none, forms[:2]...)
	}
	options := transfer.HeadOptions{L2s: []float64{0.002}}
	head, err := transfer.TrainHead(context.Background(), examples, transfer.Examples{}, options, nil)
	if err != nil {
		return nil, nil, err
	}
	rows, offsets := head.Fold()

	w, bias = make([]float32, config.Classes*d), make([]float32, config.Classes)
	for c := range config.Classes {
		row := w[c*d : (c+1)*d]
		if k, ok := slices.BinarySearch(known, c); ok {
			for j := range row {
				row[j] = rows[k*d+j] - rows[none*d+j]
			}
			bias[c] = offsets[k] - offsets[none]
			continue
		}
		for j := range row {
			row[j] = float32(r.NormFloat64() * 0.02)
		}
		bias[c] = float32(r.NormFloat64() - math.Log(float64(config.Classes)))
	}
	return w, bias, nil
}
