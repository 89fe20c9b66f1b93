//go:build js

package main

import (
	"syscall/js"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/kernel"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// load fetches a model, unless the cache has it, and makes it ready. A model that was loaded before goes only if this one succeeds.
func (e *engine) load(r request) (proto.Info, error) {
	args, err := arguments[proto.Load](r)
	if err != nil {
		return proto.Info{}, err
	}
	progress := func(p proto.Progress) { post(r.id, proto.KindProgress, p, nil) }
	store := newStore(args.Models + args.Model + "/")
	manifest, err := store.manifest(r.ctx)
	if err != nil {
		return proto.Info{}, err
	}
	file, err := store.file(r.ctx, manifest, progress)
	if err != nil {
		return proto.Info{}, err
	}
	progress(proto.Progress{Phase: proto.PhasePrepare, Loaded: manifest.Size, Total: manifest.Size, Kept: manifest.Size})
	pause(0)
	model, err := resnet.Load(file)
	if err != nil {
		return proto.Info{}, badModel(err)
	}
	e.model, e.info, e.record = model, describe(model, manifest), model.NewRecord()
	e.last, e.recorded = nil, nil
	e.view.show(nil, nil)
	e.startHelpers(min(args.Threads, 1+kernel.MaxHelpers) - 1)
	e.info.Threads = 1 + e.helpers
	// The first pass is slow: browsers compile what runs often once more.
	e.compute(func() { e.model.Forward(make([]float32, model.InputLen()), nil) })
	return e.info, nil
}

// pause lets the worker's event loop send what was posted and hear what has come, for some milliseconds.
func pause(ms int) {
	done := make(chan struct{})
	wake := js.FuncOf(func(js.Value, []js.Value) any {
		close(done)
		return nil
	})
	defer wake.Release()
	js.Global().Call("setTimeout", wake, ms)
	<-done
}

// describe is what the page is told of a model.
func describe(m *resnet.Model, manifest weights.Manifest) proto.Info {
	info := proto.Info{
		Model:     m.Card.Model,
		Title:     m.Card.Title,
		InputSize: m.Card.InputSize,
		ShortSide: m.Card.ShortSide,
		Labels:    m.Card.Labels,
		SIMD:      js.Global().Get("kernelVariant").String(),
		Bytes:     manifest.Size,
		License:   m.Card.License,
		Source:    m.Card.Source,
	}
	for _, b := range m.Blocks() {
		info.Blocks = append(info.Blocks, proto.Block{
			Name: b.Name, Stage: b.Stage, Height: b.Height, Width: b.Width, Channels: b.Channels, Projection: b.Projection,
		})
	}
	return info
}

func badModel(err error) *proto.Error {
	return &proto.Error{
		Code:    proto.CodeBadModel,
		Message: "The model cannot be used: " + err.Error() + ".",
		Details: map[string]string{"reason": err.Error()},
	}
}
