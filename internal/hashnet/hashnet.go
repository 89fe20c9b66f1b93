// Package hashnet makes networks whose weights are a function of their names: whoever has the formula has the weights,
// in any language and without a file. They are for tests, benchmarks and examples; such a network has learnt nothing.
//
// Value i of a tensor comes from 64 random bits, those of splitmix64 (Steele, Lea and Flood 2014) at place i of the
// sequence that starts at the FNV-1a hash of the tensor's name:
//
//	z = hash(name) + (i+1)·0x9E3779B97F4A7C15
//	z = (z ^ z>>30)·0xBF58476D1CE4E5B9,  z = (z ^ z>>27)·0x94D049BB133111EB,  z = z ^ z>>31
//
// A normal value is the sum of its four 16-bit parts, less their mean and divided by their spread: an integer times a
// constant, so that it is the same to the bit everywhere. resnet/testdata/make_presets.py is the twin in Python.
package hashnet

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"math"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// sequence is random bits that belong to a name.
type sequence uint64

func sequenceOf(name string) sequence {
	h := fnv.New64a()
	h.Write([]byte(name))
	return sequence(h.Sum64())
}

// bits is the i-th value's.
func (s sequence) bits(i int) uint64 {
	z := uint64(s) + uint64(i+1)*0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// uniform is in 0…1.
func (s sequence) uniform(i int) float64 { return float64(s.bits(i)>>40) * 0x1p-24 }

// normal has mean 0 and variance 1, and is at most 2·√3.
func (s sequence) normal(i int) float64 {
	z := s.bits(i)
	sum := int(z&0xFFFF) + int(z>>16&0xFFFF) + int(z>>32&0xFFFF) + int(z>>48)
	// Of 0 … 65535 the variance is (2³²−1)/12, of four of them a third of 2³².
	return float64(sum-2*0xFFFF) * (math.Sqrt(3) / (1 << 16))
}

// value gives a tensor's values by its name and shape. A convolution keeps its input's variance before ReLU, and norms
// have statistics other than 0 and 1, so that a norm that is left out shows, and weights so small that fifty blocks add
// up to ordinary activations.
func value(name string, shape []int) func(i int) float64 {
	s := sequenceOf(name)
	switch {
	case len(shape) > 1: // a convolution's or the linear layer's
		inputs := 1
		for _, n := range shape[1:] {
			inputs *= n
		}
		scale := math.Sqrt(1 / float64(inputs))
		return func(i int) float64 { return s.normal(i) * scale }
	case strings.HasSuffix(name, ".running_var"):
		return func(i int) float64 { return 0.5 + s.uniform(i) }
	case strings.HasSuffix(name, ".weight"): // a norm's
		// The conversion keeps the product and the sum two roundings, so that no fused multiply-add joins them.
		return func(i int) float64 { return 0.35 + float64(0.7*s.uniform(i)) }
	default: // a bias or a running mean
		return func(i int) float64 { return s.normal(i) * 0.25 }
	}
}

// File makes the file of a network, for pictures of size × size that are prepared already, as Picture is.
func File(c resnet.Config, size int) ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var tensors []weights.Tensor
	total := 1 << 20 // for the header
	for _, spec := range c.Tensors() {
		n := 1
		for _, d := range spec.Shape {
			n *= d
		}
		of := value(spec.Name, spec.Shape)
		data := make([]byte, 4*n)
		for i := range n {
			binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(float32(of(i))))
		}
		tensors = append(tensors, weights.Tensor{Name: spec.Name, DType: weights.F32, Shape: spec.Shape, Data: data})
		total += len(data)
	}
	name := c.Name()
	if name == "" {
		name = "hashnet"
	}
	card, err := weights.Card{
		Model: name, Title: "Made by a formula", InputSize: size, ShortSide: size, Interpolation: "bilinear",
		ChannelOrder: "RGB", Rescale: 1, Std: [3]float32{1, 1, 1}, License: "none", Source: "none",
	}.Encode()
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	file.Grow(total)
	err = weights.Write(&file, map[string]string{weights.CardKey: card, weights.ConfigKey: string(config)}, tensors)
	return file.Bytes(), err
}

// Picture is a picture for such a network, size × size × 3, prepared: normal values, by the same formula.
func Picture(size int) []float32 {
	s := sequenceOf("picture")
	x := make([]float32, size*size*3)
	for i := range x {
		x[i] = float32(s.normal(i))
	}
	return x
}
