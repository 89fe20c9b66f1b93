//go:build js

package main

import (
	"cmp"
	"context"
	"syscall/js"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/kernel"
	"github.com/seed8935e608/residua/resnet/modelfile"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// load loads a model: the user's files if the page has sent some, or a model by its name from the cache or the network.
// The model in use is replaced only if that succeeds.
func (e *engine) load(r request, args proto.Load) (proto.Info, error) {
	progress := func(p proto.Progress) { post(r.id, proto.KindProgress, p, nil) }
	var s source
	var err error
	if r.files.Type() == js.TypeObject {
		s, err = openFiles(r.ctx, r.files, progress)
	} else {
		s, err = fetchModel(r.ctx, args, progress)
	}
	if err != nil {
		return proto.Info{}, err
	}
	progress(proto.Progress{Phase: proto.PhasePrepare, Loaded: s.size, Total: s.size, Kept: s.size})
	pause(0)
	model, err := resnet.LoadFile(s.file, resnet.WithCompute(resnet.Fastest))
	if err != nil {
		return proto.Info{}, s.refusal(err)
	}
	if err := r.ctx.Err(); err != nil {
		return proto.Info{}, err
	}
	e.model, e.info, e.record = model, describe(model, s), model.NewRecord()
	e.last, e.recorded = nil, nil
	e.view.show(nil, nil, nil)
	e.startHelpers(min(args.Threads, 1+kernel.MaxHelpers) - 1)
	e.info.Threads = 1 + e.helpers
	// The first pass is slow, because browsers compile hot code a second time.
	e.compute(func() { e.model.Forward(make([]float32, model.InputLen()), nil) })
	if s.fresh {
		progress(proto.Progress{Phase: proto.PhaseKeep, Total: s.size})
		e.info.Bytes, e.info.Kept = keepOwn(r.ctx, args.Models, s, e.info.About, progress)
	}
	return e.info, nil
}

// source is a model's file and its origin.
type source struct {
	name  string
	file  *weights.File
	size  int64 // the file's, in bytes
	own   bool  // it is the user's
	fresh bool  // it just came as a file, and is not in the cache yet
	kept  bool
	notes []proto.Note
}

// fetchModel gets a model by its name.
func fetchModel(ctx context.Context, args proto.Load, progress func(proto.Progress)) (source, error) {
	cache := newModelCache(args.Models, args.Model)
	manifest, err := cache.manifest(ctx)
	if err != nil {
		return source{}, err
	}
	s := source{name: args.Model, size: manifest.Size, own: cache.own, notes: []proto.Note{}}
	bytes, kept, err := cache.file(ctx, manifest, progress)
	if err != nil {
		return source{}, err
	}
	if s.file, err = weights.Parse(bytes); err != nil {
		return source{}, badModel(err)
	}
	s.kept = kept
	if cache.own {
		s.notes = cache.notes()
	}
	return s, nil
}

// refusal is the error for a file that is not a network.
func (s source) refusal(err error) error {
	if s.fresh {
		return badFile(errtext.Clause(err), err)
	}
	return badModel(err)
}

// pause lets the worker's event loop send and receive messages for some milliseconds.
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

// describe is the description of a model for the page.
func describe(m *resnet.Model, s source) proto.Info {
	height, width := m.Card.Shape()
	coverHeight, coverWidth := m.Card.Resized()
	info := proto.Info{
		About: proto.About{
			Model:        s.name,
			Title:        m.Card.Title,
			Architecture: modelfile.Architecture(m.Config),
			Classes:      m.Config.Answers(),
			InputSize:    m.Card.InputSize,
			InputHeight:  height,
			InputWidth:   width,
			DType:        string(storedAs(m.File())),
			Bytes:        s.size,
			License:      m.Card.License,
			Source:       m.Card.Source,
			Own:          s.own,
			Notes:        s.notes,
		},
		Kept:         s.kept,
		ShortSide:    m.Card.ShortSide,
		ResizeHeight: coverHeight,
		ResizeWidth:  coverWidth,
		Squash:       m.Card.Squash,
		Activation:   proto.Activation(m.Activation()),
		Outputs:      m.Config.Classes,
		Join:         string(m.Config.Join),
		Linear:       m.Config.PreActivation,
		Nonlinearity: cmp.Or(string(m.Config.Activation), "relu"),
		SIMD:         js.Global().Get("kernelVariant").String(),
		Compute:      string(m.Compute()),
	}
	for class := range m.Config.Answers() {
		info.Labels = append(info.Labels, m.Label(class))
	}
	for _, b := range m.Blocks() {
		info.Blocks = append(info.Blocks, proto.Block{
			Name: b.Name, Stage: b.Stage, Height: b.Height, Width: b.Width, Channels: b.Channels,
			Projection: b.Projection,
		})
	}
	return info
}

// storedAs is the type of the file's largest tensor.
func storedAs(f *weights.File) weights.DType {
	var largest weights.Tensor
	for _, t := range f.Tensors() {
		if len(t.Data) > len(largest.Data) {
			largest = t
		}
	}
	return largest.DType
}

func badModel(err error) *proto.Error {
	reason := errtext.Clause(err)
	return &proto.Error{
		Code:    proto.CodeBadModel,
		Message: "The model cannot be used: " + reason + ".",
		Details: map[string]string{"reason": reason},
	}
}
