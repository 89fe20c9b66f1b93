//go:build js

package main

import (
	"errors"
	"fmt"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// taught is the network that Predict asks.
type taught struct {
	*transfer.Taught
	block *transfer.LastBlock // nil: the model's own
}

// use makes a taught network the one that Predict asks, or none.
func (e *engine) use(r request) (proto.Used, error) {
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
		return proto.Used{}, badModel(err)
	}
	e.taught.Taught = t
	used := proto.Used{Depth: proto.DepthHead, Classes: t.Classes}
	if t.Block != nil {
		used.Depth = proto.DepthLastBlock
		e.taught.block = transfer.NewLastBlock(*t.Block, 1)
	}
	return used, nil
}

var errNothingTaught = badArgument("no taught network is in use")

// predict says what the taught network takes a picture for.
func (e *engine) predict(r request) (proto.Predicted, error) {
	if e.taught.Taught == nil {
		return proto.Predicted{}, errNothingTaught
	}
	p, err := e.picture(r)
	if err != nil {
		return proto.Predicted{}, err
	}
	answer := proto.Predicted{Image: p.image, MS: p.ms}
	p.ms = proto.Timing{}
	start := jsbridge.Now()
	record, err := e.recordOf(p, nil)
	if err != nil {
		return proto.Predicted{}, err
	}
	e.compute(func() {
		_, features := e.taught.output(record)
		h := e.taught.Head
		probabilities := h.Probabilities(h.Logits(features))
		answer.Answer = proto.Answer{Class: h.Answers(features)[0], Best: likeliest(probabilities), Probabilities: probabilities}
	})
	answer.MS.Forward = jsbridge.Now() - start
	return answer, nil
}

// output is the taught network's last block's output and features for a picture, good until the next call.
func (t *taught) output(record *resnet.Record) (y, features []float32) {
	last := record.Blocks()
	if t.block == nil {
		y, _ = record.Input(last)
		return y, record.Features
	}
	x, _ := record.Input(last - 1)
	return t.block.Forward(x, 1)
}

// cam is the class activation map of one of the taught network's classes.
func (t *taught) cam(record *resnet.Record, class int) (resnet.Map, error) {
	if t.Taught == nil {
		return resnet.Map{}, errors.New("no taught network is in use")
	}
	h := t.Head
	if class < 0 || class >= h.Classes {
		return resnet.Map{}, fmt.Errorf("there is no class %d; the taught network has the classes 0 to %d", class, h.Classes-1)
	}
	_, shape := record.Input(record.Blocks())
	y, _ := t.output(record)
	w, _ := h.Fold()
	return resnet.WeightedMap(y, w[class*h.D:][:h.D], shape), nil
}
