//go:build js

package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// taught is the network that Predict uses.
type taught struct {
	*transfer.Taught
	block *transfer.LastBlock // nil: that of the model
}

// use makes a taught network the one that Predict uses, or none if the request has no file.
func (e *engine) use(r request, _ proto.Use) (proto.Used, error) {
	file, err := received[byte](r, "weights")
	if err != nil {
		return proto.Used{}, err
	}
	e.taught = taught{}
	if file == nil {
		return proto.Used{Classes: []string{}}, nil
	}
	t, err := transfer.DecodeTaught(file, e.model)
	if err != nil {
		return proto.Used{}, badWeights(err)
	}
	if t.Block != nil {
		if err := t.Block.Plain(); err != nil {
			return proto.Used{}, badWeights(err)
		}
	}
	e.taught.Taught = t
	if t.Block != nil {
		e.taught.block = transfer.NewLastBlock(*t.Block, 1)
	}
	return used(t), nil
}

// used describes a taught network.
func used(t *transfer.Taught) proto.Used {
	u := proto.Used{Method: proto.MethodHead, Classes: t.Classes, L2: t.Head.L2, Temperature: t.Head.Temperature}
	if t.Block != nil {
		u.Method = proto.MethodLastBlock
	}
	return u
}

var errNothingTaught = badArgument("no taught network is in use")

// predict computes the taught network's answer for a picture.
func (e *engine) predict(r request, _ proto.Predict) (proto.Predicted, error) {
	if e.taught.Taught == nil {
		return proto.Predicted{}, errNothingTaught
	}
	p, err := e.picture(r)
	if err != nil {
		return proto.Predicted{}, err
	}
	predicted := proto.Predicted{Image: p.image, MS: p.ms}
	p.ms = proto.Timing{}
	start := jsbridge.Now()
	record, err := e.recordOf(p, nil)
	if err != nil {
		return proto.Predicted{}, err
	}
	e.compute(func() {
		predicted.Answer = answer(e.taught.Head.Predict(e.taughtFeatures(p, record))[0])
	})
	predicted.MS.Forward = jsbridge.Now() - start
	return predicted, nil
}

// taughtFeatures gives the features of a picture that the taught network classifies.
func (e *engine) taughtFeatures(p *picture, record *resnet.Record) []float32 {
	_, features := e.taught.output(record)
	if !e.taught.Mirrored {
		return features
	}
	features = slices.Clone(features)
	rgb, x := make([]byte, len(p.rgb)), make([]float32, len(p.rgb))
	input := make([]float32, e.model.LastInputShape().Len())
	height, width := e.model.Card.Shape()
	mirrored.Apply(rgb, p.rgb, height, width)
	e.normalise(x, rgb)
	e.model.LastInput(input, x)
	var others []float32
	if e.taught.block != nil {
		_, others = e.taught.block.Forward(input, 1)
	} else {
		others = e.model.FromLastInput(input).Features
	}
	for i, v := range others {
		features[i] = (features[i] + v) / 2
	}
	return features
}

// output computes the last block's output for a picture, not for its mirror image, and the features, which are its
// means. Both are valid until the next call.
func (t *taught) output(record *resnet.Record) (y, features []float32) {
	if t.block == nil {
		y, _ = record.Final()
		return y, record.Features
	}
	x, _ := record.Input(record.Blocks() - 1)
	return t.block.Forward(x, 1)
}

// cam is the class activation map of a class of the taught network.
func (t *taught) cam(record *resnet.Record, class int) (resnet.Map, error) {
	if t.Taught == nil {
		return resnet.Map{}, errors.New("no taught network is in use")
	}
	h := t.Head
	if class < 0 || class >= h.Classes {
		return resnet.Map{},
			fmt.Errorf("there is no class %d; the taught network has the classes 0 to %d", class, h.Classes-1)
	}
	_, shape := record.Final()
	y, _ := t.output(record)
	w, _ := h.Fold()
	return resnet.WeightedMap(y, w[class*h.D:][:h.D], shape), nil
}
