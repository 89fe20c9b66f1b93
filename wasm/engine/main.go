//go:build js

// Command engine is the worker that computes: it loads a model, and answers the page's questions about pictures.
// Package proto defines the messages. It draws nothing; all pictures that a person sees are the page's or the view's.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// collectAt is the garbage, in percent of what is in use, at which Go's collector runs. The weights are most of what is in use, and without
// pointers, so a collection costs little; with Go's usual 100 the memory would grow to twice the weights, and in WebAssembly it never shrinks.
const collectAt = 8

func main() {
	debug.SetGCPercent(collectAt)
	e := &engine{cancels: map[int]context.CancelFunc{}, queue: make(chan request, 64)}
	receive := js.FuncOf(func(_ js.Value, args []js.Value) any {
		e.receive(args[0].Get("data"))
		return nil
	})
	// The worker's starter keeps messages that come before this, and hands them over now.
	js.Global().Call("engineReady", receive)
	for r := range e.queue {
		e.serve(r)
	}
}

// engine serves requests one at a time.
type engine struct {
	model   *resnet.Model
	info    proto.Info
	queue   chan request
	helpers int // threads beside this one
	canvas  canvas

	mu      sync.Mutex
	cancels map[int]context.CancelFunc // of requests that wait or run
}

// request is a message from the page.
type request struct {
	ctx   context.Context
	id    int
	op    proto.Op
	json  string
	image js.Value
}

// receive queues a message; cancel acts at once.
func (e *engine) receive(data js.Value) {
	r := request{id: data.Get("id").Int(), op: proto.Op(data.Get("op").String()), json: data.Get("json").String(), image: data.Get("image")}
	if v := data.Get("version"); v.Type() != js.TypeNumber || v.Int() != proto.Version {
		e.fail(r, &proto.Error{
			Code:    proto.CodeEngineCrashed,
			Message: "The page and its engine come from different versions of Residua. Reload the page.",
			Details: map[string]string{"reason": "the page and its engine come from different versions"},
		})
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if r.op == proto.OpCancel {
		var args proto.Cancel
		if json.Unmarshal([]byte(r.json), &args) == nil && e.cancels[args.ID] != nil {
			e.cancels[args.ID]()
		}
		return
	}
	var cancel context.CancelFunc
	r.ctx, cancel = context.WithCancel(context.Background())
	e.cancels[r.id] = cancel
	go func() { e.queue <- r }()
}

// serve answers one request.
func (e *engine) serve(r request) {
	defer func() {
		if fault := recover(); fault != nil {
			e.fail(r, &proto.Error{
				Code:    proto.CodeEngineCrashed,
				Message: fmt.Sprintf("The engine made a mistake (%v). Reload the page and try again.", fault),
				Details: map[string]string{"reason": fmt.Sprint(fault)},
			})
		}
		e.mu.Lock()
		e.cancels[r.id]()
		delete(e.cancels, r.id)
		e.mu.Unlock()
	}()
	answer, data, err := e.answer(r)
	if r.ctx.Err() != nil {
		err = r.ctx.Err()
	}
	if err != nil {
		e.fail(r, err)
		return
	}
	post(r.id, proto.KindDone, answer, data)
}

// answer computes the reply to one request: a message, and data that goes beside it.
func (e *engine) answer(r request) (message any, data js.Value, err error) {
	if err := r.ctx.Err(); err != nil {
		return nil, js.Undefined(), err
	}
	if r.op != proto.OpLoad && e.model == nil {
		return nil, js.Undefined(), badArgument("no model is loaded yet")
	}
	switch r.op {
	case proto.OpLoad:
		var args proto.Load
		if err := json.Unmarshal([]byte(r.json), &args); err != nil {
			return nil, js.Undefined(), badArgument(err.Error())
		}
		err := e.load(r.ctx, args, func(p proto.Progress) { post(r.id, proto.KindProgress, p, js.Undefined()) })
		return e.info, js.Undefined(), err
	case proto.OpClassify:
		var args proto.Classify
		if err := json.Unmarshal([]byte(r.json), &args); err != nil {
			return nil, js.Undefined(), badArgument(err.Error())
		}
		c, err := e.classify(r.ctx, args, r.image)
		return c, js.Undefined(), err
	case proto.OpProfile:
		var args proto.Profile
		if err := json.Unmarshal([]byte(r.json), &args); err != nil || args.Runs < 1 {
			return nil, js.Undefined(), badArgument("runs must be at least 1")
		}
		return e.profile(args.Runs), js.Undefined(), nil
	case proto.OpFeatures:
		p, err := e.prepare(r.ctx, r.image)
		if err != nil {
			return nil, js.Undefined(), err
		}
		return struct{}{}, jsbridge.Float32Array(e.forward(p.input).Features), nil
	}
	return nil, js.Undefined(), badArgument(fmt.Sprintf("unknown operation %q", r.op))
}

// classify says what a picture shows.
func (e *engine) classify(ctx context.Context, args proto.Classify, image js.Value) (proto.Classification, error) {
	if args.TopK < 1 {
		return proto.Classification{}, badArgument("topK must be at least 1")
	}
	p, err := e.prepare(ctx, image)
	if err != nil {
		return proto.Classification{}, err
	}
	start := jsbridge.Now()
	logits := e.forward(p.input).Logits
	p.ms.Forward = jsbridge.Now() - start

	c := proto.Classification{Image: p.image, MS: p.ms}
	for _, top := range resnet.Top(logits, args.TopK) {
		label := fmt.Sprintf("class %d", top.Index)
		if top.Index < len(e.info.Labels) {
			label = e.info.Labels[top.Index]
		}
		c.Predictions = append(c.Predictions, proto.Prediction{Index: top.Index, Label: label, Probability: top.Probability})
	}
	return c, nil
}

// profile says where the time of a pass goes.
func (e *engine) profile(runs int) proto.Times {
	start := jsbridge.Now()
	layers := e.model.Profile(make([]float32, e.model.InputLen()), runs)
	t := proto.Times{
		MS:     (jsbridge.Now() - start) / float64(runs),
		Memory: int64(js.Global().Get("engineMemory").Get("buffer").Get("byteLength").Float()),
	}
	for _, l := range layers {
		t.Layers = append(t.Layers, proto.LayerTime{Name: l.Name, Algorithm: l.Algorithm, MS: l.Time.Seconds() * 1e3, FLOP: l.FLOP})
	}
	return t
}

// fail answers with an error, made into one of the API's.
func (e *engine) fail(r request, err error) {
	post(r.id, proto.KindError, apiError(err), js.Undefined())
}

// apiError is any error as the user of the API gets it.
func apiError(err error) *proto.Error {
	var known *proto.Error
	var image *imageio.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &image):
		return &proto.Error{Code: proto.Code(image.Code), Message: image.Message, Details: image.Details}
	case errors.Is(err, context.Canceled):
		return &proto.Error{Code: proto.CodeCancelled, Message: "Cancelled.", Details: map[string]string{}}
	}
	return &proto.Error{
		Code:    proto.CodeEngineCrashed,
		Message: fmt.Sprintf("The engine failed (%v). Reload the page and try again.", err),
		Details: map[string]string{"reason": err.Error()},
	}
}

func badArgument(reason string) *proto.Error {
	return &proto.Error{
		Code:    proto.CodeBadArgument,
		Message: "The call cannot be carried out: " + reason + ".",
		Details: map[string]string{"reason": reason},
	}
}

// post sends an answer to the page.
func post(id int, kind proto.Kind, message any, data js.Value) {
	text, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	answer := map[string]any{"id": id, "kind": string(kind), "json": string(text)}
	if data.Type() != js.TypeObject {
		js.Global().Call("postMessage", answer)
		return
	}
	answer["data"] = data
	js.Global().Call("postMessage", answer, []any{data.Get("buffer")})
}
