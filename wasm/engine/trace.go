//go:build js

package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// recordOf gives the record of a picture with parts ablated. It computes only what is not recorded already.
func (e *engine) recordOf(p *picture, ablate map[int]proto.Ablation) (*resnet.Record, error) {
	var err error
	e.compute(func() {
		if e.recorded != p {
			e.recorded = nil
			e.record.Forward(p.input, e.observer())
			e.recorded = p
		}
		_, err = e.record.Ablate(cutOf(ablate))
	})
	if err == nil && !allFinite(e.record.Logits) {
		return nil, noNumber()
	}
	return e.record, refused(err)
}

// cutOf converts the parts that a request ablates.
func cutOf(ablate map[int]proto.Ablation) map[int]resnet.Part {
	cut := map[int]resnet.Part{}
	for block, part := range ablate {
		cut[block] = resnet.Part(part)
	}
	return cut
}

// observer is for passes whose picture the view may show: it needs the norms of all blocks' parts. Computing them
// during the pass costs a fifth of it, and afterwards more than another pass.
func (e *engine) observer() resnet.Observer {
	if !e.view.connected() {
		return nil
	}
	return func(int, resnet.Parts) {}
}

// allFinite reports whether all values are numbers, which JSON can hold.
func allFinite(values []float32) bool {
	return !slices.ContainsFunc(values, func(v float32) bool { return v-v != 0 }) // Inf − Inf is NaN
}

// noNumber is the error for a network whose outputs for a picture are infinite or NaN.
func noNumber() *proto.Error {
	err := badModel(errors.New("its output for this picture is infinite or no number (NaN), so its weights are " +
		"damaged, or too large for 32 bits; use another model, or export this one anew"))
	err.Details["why"] = "no-number"
	return err
}

// explained is a picture's pass, about whose answer a request asks: the model's, or the taught network's.
type explained struct {
	model  *resnet.Model
	record *resnet.Record // of the picture itself
	taught *answering     // nil: the model answers
}

// explainer answers questions about an answer.
type explainer interface {
	CAM(class int) (resnet.Map, error)
	GradCAM(class, block int, source resnet.Source) (resnet.Map, error)
	Occlusion(class, size, stride int, progress resnet.Progress) (resnet.Map, error)
	Sweep(class int, progress resnet.Progress) ([]float64, error)
}

// explainer is what is asked. A taught network may go by more than the record: by the mirror image too.
func (x explained) explainer() explainer {
	if x.taught != nil {
		return x.taught
	}
	return x.record
}

// logits are those of the answer.
func (x explained) logits() []float32 {
	if x.taught != nil {
		return x.taught.Logits()
	}
	return x.record.Logits
}

// explain gives a picture's pass with parts ablated, through the model or through the taught network.
func (e *engine) explain(p *picture, ablate map[int]proto.Ablation, taught bool) (explained, error) {
	if !taught {
		record, err := e.recordOf(p, ablate)
		return explained{model: e.model, record: record}, err
	}
	a, err := e.answering()
	if err == nil {
		err = e.passTaught(a, p, ablate)
	}
	if err != nil {
		return explained{}, err
	}
	return explained{a.Model(), a.Picture(), a}, nil
}

// refused converts an error of package resnet, which is always about the call's arguments.
func refused(err error) error {
	if err == nil || errors.Is(err, resnet.ErrStopped) {
		return err
	}
	return badArgument(err.Error())
}

// classOf is the class that the page has chosen, or the most probable one.
func (x explained) classOf(index int) int {
	if index == -1 {
		return x.model.Top(x.logits(), 1)[0].Index
	}
	return index
}

// steps reports the progress of a request to the page, and lets the page cancel it.
func steps(r request) resnet.Progress {
	return func(done, total int) bool {
		post(r.id, proto.KindProgress, proto.Steps{Done: done, Total: total}, nil)
		pause(0)
		return r.ctx.Err() == nil
	}
}

// trace computes what each block does to a picture.
func (e *engine) trace(r request, args proto.Trace) (message any, out buffers, err error) {
	blocks := e.model.Blocks()
	if args.Block < -1 || args.Block >= len(blocks) {
		return nil, nil, badArgument(fmt.Sprintf("there is no block %d; the network has the blocks 0 to %d", args.Block,
			len(blocks)-1))
	}
	p, err := e.picture(r)
	if err != nil {
		return nil, nil, err
	}
	var traced proto.Traced
	ms := p.timing()
	start := jsbridge.Now()
	x, err := e.explain(p, args.Ablate, args.Taught)
	if err != nil {
		return nil, nil, err
	}
	if ms.Forward = jsbridge.Now() - start; args.TopK > 0 {
		if x.taught != nil {
			predicted := e.predictedOf(x.taught.Answer(), p, ms)
			traced.Predicted = &predicted
		} else {
			c := e.classificationOf(p, x.record, args.TopK, ms)
			traced.Classification = &c
		}
		// Photos that are only classified wait in the page's list: the view stays with the one on the stage.
		e.view.show(p, args.Ablate, x.taught)
	}
	record := x.record
	var data []float32
	e.compute(func() {
		traced.Blocks, data = nil, nil
		if args.Block >= 0 {
			err = record.ObserveBlock(args.Block, func(_ int, p resnet.Parts) { data = slices.Concat(p.X, p.F, p.Y) })
			if err != nil {
				return
			}
		}
		for i := range blocks {
			var moments resnet.Moments
			if moments, err = record.Moments(i); err != nil {
				return
			}
			x, f, y := moments.Norms()
			traced.Blocks = append(traced.Blocks,
				proto.BlockTrace{NormX: x, NormF: f, NormY: y, Cosine: moments.Cosine()})
		}
	})
	return traced, dataOnly(data), err
}

// cam computes where in a picture the network sees a class.
func (e *engine) cam(r request, args proto.CAM) (message any, out buffers, err error) {
	p, err := e.picture(r)
	if err != nil {
		return nil, nil, err
	}
	x, err := e.explain(p, args.Ablate, args.Taught)
	if err != nil {
		return nil, nil, err
	}
	class := x.classOf(args.ClassIndex)
	block := args.Block
	if block == -1 {
		block = len(e.model.Blocks()) - 1
	}
	var cam resnet.Map
	e.compute(func() {
		switch args.Method {
		case proto.MethodCAM:
			cam, err = x.explainer().CAM(class)
		case proto.MethodGradCAM:
			cam, err = x.explainer().GradCAM(class, block, resnet.Source(args.Source))
		case proto.MethodOcclusion:
			cam, err = x.explainer().Occlusion(class, args.Size, args.Stride, steps(r))
		default:
			err = fmt.Errorf("there is no method %q", args.Method)
		}
	})
	if err != nil {
		return nil, nil, refused(err)
	}
	low, high := slices.Min(cam.Values), slices.Max(cam.Values)
	for i, v := range cam.Values {
		cam.Values[i] = 0
		if high > low {
			cam.Values[i] = (v - low) / (high - low)
		}
	}
	m := proto.Map{Width: cam.W, Height: cam.H, Min: float64(low), Max: float64(high), ClassIndex: class}
	return m, dataOnly(cam.Values), nil
}

// sweep computes the probability of a class without each block's F.
func (e *engine) sweep(r request, args proto.Sweep) (proto.Swept, error) {
	p, err := e.picture(r)
	if err != nil {
		return proto.Swept{}, err
	}
	x, err := e.explain(p, args.Ablate, args.Taught)
	if err != nil {
		return proto.Swept{}, err
	}
	swept := proto.Swept{ClassIndex: x.classOf(args.ClassIndex)}
	e.compute(func() { swept.Without, err = x.explainer().Sweep(swept.ClassIndex, steps(r)) })
	if err != nil {
		return proto.Swept{}, refused(err)
	}
	swept.Probability = x.model.Probabilities(x.logits())[swept.ClassIndex]
	e.view.sendSweep(p, x.taught, swept)
	return swept, nil
}

// filters gives the first convolution's filters.
func (e *engine) filters() (message any, out buffers, err error) {
	spec := e.model.Config.StemConv()
	return proto.Filters{Count: spec.Out, Height: spec.Size, Width: spec.Size}, dataOnly(e.model.StemFilters()), nil
}
