//go:build js

package main

import (
	"context"
	"fmt"
	"maps"
	"syscall/js"

	"github.com/seed8935e608/residua/wasm/engine/digest"
	"github.com/seed8935e608/residua/wasm/proto"
)

// view is the engine's end of the port to the view, with what the view shows: the picture that was traced last
// with its answer.
type view struct {
	port     js.Value // undefined: no view
	listener js.Func
	picture  *picture // nil: none
	ablate   map[int]proto.Ablation
	taught   *answering // whose answer it is; nil: the model's
	trace    int        // the number of what is shown
	pending  bool       // the overview is still to be sent
	channels digest.Channels
}

// show makes the view show a picture. The overview is computed when no request waits.
func (v *view) show(p *picture, ablate map[int]proto.Ablation, taught *answering) {
	if p != nil && p == v.picture && taught == v.taught && maps.Equal(ablate, v.ablate) {
		return // shown already, or pending
	}
	v.picture, v.ablate, v.taught = p, ablate, taught
	v.trace++
	v.pending = p != nil && v.connected()
}

func (v *view) connected() bool { return v.port.Type() == js.TypeObject }

// connectView replaces the port.
func (e *engine) connectView(r request) error {
	if r.port.Type() != js.TypeObject {
		return badArgument("connectView wants a MessagePort")
	}
	v := &e.view
	if v.connected() {
		v.port.Call("close")
		v.listener.Release()
	}
	v.port = r.port
	v.listener = js.FuncOf(func(_ js.Value, args []js.Value) any {
		data := args[0].Get("data")
		if !data.InstanceOf(js.Global().Get("ArrayBuffer")) {
			return nil
		}
		bytes := copyToGo(js.Global().Get("Uint8Array").New(data))
		go func() { e.queue <- request{ctx: context.Background(), bytes: bytes} }()
		return nil
	})
	v.port.Set("onmessage", v.listener)
	v.pending = v.picture != nil
	return nil
}

// send posts a message to the view.
func (v *view) send(m proto.ViewMessage) {
	bytes := proto.EncodeView(m)
	array := js.Global().Get("Uint8Array").New(len(bytes))
	js.CopyBytesToJS(array, bytes)
	buffer := array.Get("buffer")
	v.port.Call("postMessage", buffer, []any{buffer})
}

// sendOverview sends the view the overview of its picture.
func (e *engine) sendOverview() {
	v := &e.view
	v.pending = false
	x, err := e.explainShown()
	if err != nil {
		panic(err) // cannot happen: the picture was classified with these ablations
	}
	var overview *proto.ViewOverview
	e.compute(func() { overview = digest.Overview(x.model, x.record, x.logits(), v.trace, v.picture.rgb) })
	v.send(overview)
}

// explainShown gives the pass of the picture that the view shows. Another taught network may be in use by now.
func (e *engine) explainShown() (explained, error) {
	v := &e.view
	if v.taught == nil {
		return e.explain(v.picture, v.ablate, false)
	}
	err := e.passTaught(v.taught, v.picture, v.ablate)
	return explained{v.taught.Model(), v.taught.Picture(), v.taught}, err
}

// sendPage answers a request of the view. It drops requests about a picture that is no longer shown; the view soon gets
// the next one's overview.
func (e *engine) sendPage(bytes []byte) {
	v := &e.view
	m, err := proto.DecodeView(bytes)
	request, ok := m.(*proto.ViewRequest)
	if err != nil || !ok {
		v.report(badArgument(fmt.Sprintf("a message of the view that is no request (%v)", err)))
		return
	}
	if request.Trace != v.trace || v.picture == nil || !v.connected() {
		return
	}
	x, err := e.explainShown()
	if err == nil {
		v.channels.Model, v.channels.Record = x.model, x.record
		var page *proto.ViewChannels
		e.compute(func() { page, err = v.channels.Page(request) })
		if err == nil {
			v.send(page)
			return
		}
	}
	v.report(badArgument(err.Error()))
}

// sendSweep sends the view a sweep, if it belongs to the picture that is shown.
func (v *view) sendSweep(p *picture, taught *answering, s proto.Swept) {
	if p != v.picture || taught != v.taught || !v.connected() {
		return
	}
	m := &proto.ViewSweep{Trace: v.trace, Class: s.ClassIndex, Base: float32(s.Probability)}
	for _, probability := range s.Without {
		m.Without = append(m.Without, float32(probability))
	}
	v.send(m)
}

// report logs what is wrong with a message of the view. The view expects no answer, and the page does not know of the
// message.
func (v *view) report(err *proto.Error) {
	js.Global().Get("console").Call("error", "engine: "+err.Message)
}
