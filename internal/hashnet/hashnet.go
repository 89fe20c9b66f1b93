// Package hashnet makes networks whose weights are a function of the tensors' names, so that programs in any language
// get the same weights without a file. They are for tests, benchmarks and examples; such a network was not trained.
//
// Value i of a tensor comes from 64 random bits: output i of splitmix64 (Steele, Lea and Flood 2014), started at the
// FNV-1a hash of the tensor's name:
//
//	z = hash(name) + (i+1)·0x9E3779B97F4A7C15
//	z = (z ^ z>>30)·0xBF58476D1CE4E5B9,  z = (z ^ z>>27)·0x94D049BB133111EB,  z = z ^ z>>31
//
// A normal value is the sum of the four 16-bit parts, less its mean and divided by its standard deviation. That is an
// integer times a constant, so it is equal to the bit on every machine. resnet/testdata/hashnet.py is the same in
// Python.
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

// sequence is the random bits that belong to a name.
type sequence uint64

func sequenceOf(name string) sequence {
	h := fnv.New64a()
	h.Write([]byte(name))
	return sequence(h.Sum64())
}

// bits gives the 64 bits of value i.
func (s sequence) bits(i int) uint64 {
	z := uint64(s) + uint64(i+1)*0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// uniform gives value i in 0…1.
func (s sequence) uniform(i int) float64 { return float64(s.bits(i)>>40) * 0x1p-24 }

// normal gives value i with mean 0 and variance 1. Its magnitude is at most 2·√3.
func (s sequence) normal(i int) float64 {
	z := s.bits(i)
	sum := int(z&0xFFFF) + int(z>>16&0xFFFF) + int(z>>32&0xFFFF) + int(z>>48)
	// Each part, 0…65535, has the variance (2³²−1)/12; four of them have a third of 2³².
	return float64(sum-2*0xFFFF) * (math.Sqrt(3) / (1 << 16))
}

// value gives a tensor's values by its name and shape. Convolutions keep the variance of their input before ReLU. Norms
// have statistics other than 0 and 1, so that leaving a norm out shows, and weights so small that activations stay in
// an ordinary range over fifty blocks.
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
		// The conversion rounds the product, so that no compiler fuses it with the sum.
		return func(i int) float64 { return 0.35 + float64(0.7*s.uniform(i)) }
	default: // a bias or a running mean
		return func(i int) float64 { return s.normal(i) * 0.25 }
	}
}

// File makes a model file of a network for prepared pictures of size × size, such as Picture's.
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

// Picture gives a prepared picture for such a network, size × size × 3: normal values by the same formula.
func Picture(size int) []float32 {
	s := sequenceOf("picture")
	x := make([]float32, size*size*3)
	for i := range x {
		x[i] = float32(s.normal(i))
	}
	return x
}
