//go:build js

package main

import (
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// taught is the network that Predict uses.
type taught struct {
	*transfer.Taught
	last    *transfer.LastBlocks // those that were trained, if they were needed; see lastBlocks
	applied *resnet.Model        // the whole network as it was taught, if it was needed; see asTaught
	asked   *answering           // what answers questions about its answers, if there was one
}

// answering keeps a picture's activations in the taught network, for questions about its answer.
type answering struct {
	*transfer.Record
	recorded *picture // the record's picture; nil: none
}

// lastBlocks gives the last blocks that were trained; nil: they are the model's. They are made when they are first
// needed.
func (t *taught) lastBlocks() *transfer.LastBlocks {
	if t.last == nil && len(t.Tuned) > 0 {
		t.last = transfer.NewLastBlocks(t.Tuned, 1)
	}
	return t.last
}

// makeRoom gives back what of the taught network is made again when it is needed, unless the view shows it.
func (e *engine) makeRoom() {
	t := &e.taught
	t.last = nil
	if t.Taught != nil && t.Norms == nil && (t.asked == nil || t.asked != e.view.taught) {
		t.applied, t.asked = nil, nil
	}
}

// answering gives what answers questions about the answers of the taught network. It is made when it is first needed.
func (e *engine) answering() (*answering, error) {
	applied, err := e.asTaught()
	if err != nil || e.taught.asked != nil {
		return e.taught.asked, err
	}
	record, err := e.taught.NewRecord(applied)
	if err != nil {
		return nil, badWeights(err)
	}
	e.taught.asked = &answering{Record: record}
	return e.taught.asked, nil
}

// passTaught is recordOf for the taught network.
func (e *engine) passTaught(a *answering, p *picture, ablate map[int]proto.Ablation) error {
	var err error
	e.compute(func() {
		if a.recorded != p {
			a.recorded = nil
			a.Forward(p.input, e.observer())
			a.recorded = p
		}
		err = a.Ablate(cutOf(ablate))
	})
	if err == nil && !allFinite(a.Logits()) {
		return noNumber()
	}
	return refused(err)
}

// use makes a taught network the one that Predict uses, or none if the request has no file.
func (e *engine) use(r request, _ proto.Use) (proto.Used, error) {
	file, err := received[byte](r, "weights")
	if err != nil {
		return proto.Used{}, err
	}
	e.taught = taught{}
	if file == nil {
		return proto.Used{Classes: []string{}, Blocks: []int{}}, nil
	}
	t, err := transfer.DecodeTaught(file, e.model)
	if err != nil {
		return proto.Used{}, badWeights(err)
	}
	for i := range t.Tuned {
		if err := t.Tuned[i].Plain(); err != nil {
			return proto.Used{}, badWeights(err)
		}
	}
	e.taught.Taught = t
	if t.Norms != nil {
		if _, err := e.asTaught(); err != nil {
			e.taught = taught{}
			return proto.Used{}, err
		}
	}
	return used(t), nil
}

// used describes a taught network.
func used(t *transfer.Taught) proto.Used {
	u := proto.Used{Method: proto.MethodHead, Classes: t.Classes, L2: t.Head.L2, Temperature: t.Head.Temperature,
		Blocks: append([]int{}, t.Blocks...), Depth: len(t.Tuned), Norms: t.Norms != nil}
	if u.Depth > 0 {
		u.Method = proto.MethodLastBlock
	}
	return u
}

var errNothingTaught = badArgument("no taught network is in use")

// predict computes the taught network's answer for a picture.
func (e *engine) predict(r request, args proto.Predict) (proto.Predicted, error) {
	if e.taught.Taught == nil {
		return proto.Predicted{}, errNothingTaught
	}
	p, err := e.picture(r)
	if err != nil {
		return proto.Predicted{}, err
	}
	ms := p.timing()
	start := jsbridge.Now()
	if args.Ablate != nil {
		x, err := e.explain(p, args.Ablate, true)
		if err != nil {
			return proto.Predicted{}, err
		}
		ms.Forward = jsbridge.Now() - start
		return e.predictedOf(x.taught.Answer(), p, ms), nil
	}
	var known func() []float32 // the features of the picture itself
	if len(e.taught.Blocks) > 0 || e.taught.Norms != nil {
		means, err := e.taughtMeans(p)
		if err != nil {
			return proto.Predicted{}, err
		}
		known = func() []float32 { return means }
	} else {
		record, err := e.recordOf(p, nil)
		if err != nil {
			return proto.Predicted{}, err
		}
		known = func() []float32 {
			_, features := e.taught.output(record)
			return features
		}
	}
	var a transfer.Answer
	e.compute(func() { a = e.taught.Head.Predict(e.taughtFeatures(p, known()))[0] })
	ms.Forward = jsbridge.Now() - start
	return e.predictedOf(a, p, ms), nil
}

// predictedOf converts the taught network's answer to a picture.
func (e *engine) predictedOf(a transfer.Answer, p *picture, ms proto.Timing) proto.Predicted {
	return proto.Predicted{
		Answer: answer(a), Unlike: a.Unlike, TellsNone: e.taught.Head.Threshold != nil, Image: p.image, MS: ms,
	}
}

// taughtFeatures gives the features of a picture that the taught network classifies, where features are those of the
// picture itself.
func (e *engine) taughtFeatures(p *picture, features []float32) []float32 {
	if !e.taught.Mirrored {
		return features
	}
	features = slices.Clone(features)
	rgb, x := make([]byte, len(p.rgb)), make([]float32, len(p.rgb))
	height, width := e.model.Card.Shape()
	mirrored.Apply(rgb, p.rgb, height, width)
	e.normalise(x, rgb)
	var others []float32
	switch {
	case e.taught.Norms != nil:
		others = e.taught.adaptedFeatures(x)
	case len(e.taught.Blocks) > 0:
		others = make([]float32, len(features))
		e.model.BlockMeans(others, x, e.taught.Blocks)
	case len(e.taught.Tuned) > 0:
		last := e.taught.lastBlocks()
		input := make([]float32, last.In().Len())
		e.model.InputOf(last.Depth(), input, x)
		_, others = last.Forward(input, 1)
	default:
		others = e.model.Forward(x, nil).Features
	}
	for i, v := range others {
		features[i] = (features[i] + v) / 2
	}
	return features
}

// output computes the last block's output for a picture, not for its mirror image, and the features, which are its
// means. Both are valid until the next call.
func (t *taught) output(record *resnet.Record) (y, features []float32) {
	last := t.lastBlocks()
	if last == nil {
		y, _ = record.Final()
		return y, record.Features
	}
	x, _ := record.Input(record.Blocks() - last.Depth())
	return last.Forward(x, 1)
}
