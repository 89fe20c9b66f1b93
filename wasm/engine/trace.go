//go:build js

package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/wasm/proto"
)

// recordOf gives the record of a picture with parts ablated. It computes only what is not recorded already.
func (e *engine) recordOf(p *picture, ablate map[int]proto.Ablation) (*resnet.Record, error) {
	cut := map[int]resnet.Part{}
	for block, part := range ablate {
		cut[block] = resnet.Part(part)
	}
	var err error
	e.compute(func() {
		if e.recorded != p {
			e.recorded = nil
			var observe resnet.Observer
			if e.view.connected() {
				// The view needs the norms of all blocks' parts. Computing them during the pass costs a fifth of it,
				// and afterwards more than another pass.
				observe = func(int, resnet.Parts) {}
			}
			e.record.Forward(p.input, observe)
			e.recorded = p
		}
		_, err = e.record.Ablate(cut)
	})
	if err == nil && !allFinite(e.record.Logits) {
		return nil, noNumber()
	}
	return e.record, refused(err)
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

// recordFor gives the record for a request about a picture.
func (e *engine) recordFor(r request, ablate map[int]proto.Ablation) (*resnet.Record, error) {
	p, err := e.picture(r)
	if err != nil {
		return nil, err
	}
	return e.recordOf(p, ablate)
}

// refused converts an error of package resnet, which is always about the call's arguments.
func refused(err error) error {
	if err == nil || errors.Is(err, resnet.ErrStopped) {
		return err
	}
	return badArgument(err.Error())
}

// classOf is the class that the page has chosen, or the most probable one.
func (e *engine) classOf(index int, record *resnet.Record) int {
	if index == -1 {
		return e.model.Top(record.Logits, 1)[0].Index
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
	var record *resnet.Record
	if args.TopK > 0 {
		traced.Classification = new(proto.Classification)
		*traced.Classification, record, err = e.classification(p, args.Ablate, args.TopK)
	} else {
		record, err = e.recordOf(p, args.Ablate)
	}
	if err != nil {
		return nil, nil, err
	}
	if args.TopK > 0 {
		// Photos that are only classified wait in the page's list: the view stays with the one on the stage.
		e.view.show(p, args.Ablate)
	}
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
	record, err := e.recordFor(r, args.Ablate)
	if err != nil {
		return nil, nil, err
	}
	if args.Taught && args.Method != proto.MethodCAM {
		return nil, nil, badArgument("a taught class has a class activation map only")
	}
	class := e.classOf(args.ClassIndex, record)
	block := args.Block
	if block == -1 {
		block = len(e.model.Blocks()) - 1
	}
	var cam resnet.Map
	e.compute(func() {
		switch {
		case args.Taught:
			if e.taught.Taught != nil && e.taught.Norms != nil {
				record = e.taught.recorded(e.recorded)
			}
			cam, err = e.taught.cam(record, class)
		case args.Method == proto.MethodCAM:
			cam, err = record.CAM(class)
		case args.Method == proto.MethodGradCAM:
			cam, err = record.GradCAM(class, block, resnet.Source(args.Source))
		case args.Method == proto.MethodOcclusion:
			cam, err = record.Occlusion(class, args.Size, args.Stride, steps(r))
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
	record, err := e.recordFor(r, args.Ablate)
	if err != nil {
		return proto.Swept{}, err
	}
	swept := proto.Swept{ClassIndex: e.classOf(args.ClassIndex, record)}
	e.compute(func() { swept.Without, err = record.Sweep(swept.ClassIndex, steps(r)) })
	if err != nil {
		return proto.Swept{}, refused(err)
	}
	swept.Probability = e.model.Probabilities(record.Logits)[swept.ClassIndex]
	e.view.sendSweep(e.recorded, swept)
	return swept, nil
}

// filters gives the first convolution's filters.
func (e *engine) filters() (message any, out buffers, err error) {
	spec := e.model.Config.StemConv()
	return proto.Filters{Count: spec.Out, Height: spec.Size, Width: spec.Size}, dataOnly(e.model.StemFilters()), nil
}
