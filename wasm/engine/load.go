//go:build js

package main

import (
	"context"
	"runtime"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/kernel"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// load fetches a model, unless the cache has it, and makes it ready. A model that was loaded before goes only if this one succeeds.
func (e *engine) load(ctx context.Context, args proto.Load, progress func(proto.Progress)) error {
	store := newStore(args.Models + args.Model + "/")
	manifest, err := store.manifest(ctx)
	if err != nil {
		return err
	}
	file, err := store.file(ctx, manifest, progress)
	if err != nil {
		return err
	}
	progress(proto.Progress{Phase: proto.PhasePrepare, Loaded: manifest.Size, Total: manifest.Size, Kept: manifest.Size})
	yield()
	model, err := resnet.Load(file)
	if err != nil {
		return badModel(err)
	}
	e.model, e.info = model, describe(model, manifest)
	e.startHelpers(min(args.Threads, 1+kernel.MaxHelpers) - 1)
	e.info.Threads = 1 + e.helpers
	e.forward(make([]float32, model.InputLen())) // the first pass is slow: browsers compile what runs often once more
	file = nil
	runtime.GC() // the file is as large as half of the model
	return nil
}

// yield lets the worker's event loop send what was posted.
func yield() {
	done := make(chan struct{})
	wake := js.FuncOf(func(js.Value, []js.Value) any {
		close(done)
		return nil
	})
	defer wake.Release()
	js.Global().Call("setTimeout", wake, 0)
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
