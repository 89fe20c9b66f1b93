//go:build js

// Command engine is the worker that computes. It loads a model and answers the page's questions about pictures, in the
// messages of package proto. It draws nothing.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"syscall/js"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// collectAt is Go's garbage collector percentage (GOGC). Most of the memory is weights, which have no pointers, so a
// collection costs little. With Go's default of 100 the memory would grow to twice the weights, and WebAssembly's
// memory never shrinks.
const collectAt = 8

func main() {
	debug.SetGCPercent(collectAt)
	e := &engine{running: map[int]interrupts{}, queue: make(chan request, 64)}
	receive := js.FuncOf(func(_ js.Value, args []js.Value) any {
		e.receive(args[0].Get("data"))
		return nil
	})
	// The script that started this program has queued earlier messages, and delivers them now.
	js.Global().Call("engineReady", receive)
	for {
		if e.view.pending && e.idle() {
			e.guard(e.sendOverview, e.view.report)
			continue
		}
		r := <-e.queue
		e.guard(func() { e.serve(r) }, func(err *proto.Error) { e.fail(r, err) })
	}
}

// engine serves requests one at a time.
type engine struct {
	model   *resnet.Model
	info    proto.Info
	queue   chan request
	helpers int // threads in addition to this one
	canvas  canvas

	last     *picture       // the picture of the last request
	record   *resnet.Record // activations of a picture
	recorded *picture       // the record's picture; nil: none
	view     view
	taught   taught
	lab      lab
	yielded  float64 // when yield last paused, in milliseconds

	mu      sync.Mutex
	running map[int]interrupts // requests that are queued or running
}

// interrupts are how the page cancels a request or stops it early.
type interrupts struct{ cancel, stop context.CancelFunc }

// request is a message from the page, or from the view.
type request struct {
	ctx   context.Context // done when the page cancels the request
	stop  context.Context // done when the page asks for the result so far, and at the latest with ctx
	id    int
	op    proto.Op
	json  string
	image js.Value
	key   int // of the image: equal keys mean equal pixels; 0: unknown
	port  js.Value
	files js.Value // for load: the files of the user's model; for domains-norms: the pictures
	sent  js.Value // the buffers by name
	bytes []byte   // if not nil, the view's request, and the only field that is set
}

// buffers are typed arrays beside an answer, by name. Each is a []float32, a []uint16, a []byte, or what would be too
// large for Go's memory: a typed array.
type buffers map[string]any

// dataOnly is the buffer data, the only one that most answers have.
func dataOnly(data []float32) buffers {
	if data == nil {
		return nil
	}
	return buffers{"data": data}
}

// receive queues a message. Cancel and stop act at once.
func (e *engine) receive(data js.Value) {
	r := request{
		id: data.Get("id").Int(), op: proto.Op(data.Get("op").String()), json: data.Get("json").String(),
		image: data.Get("image"), port: data.Get("port"), files: data.Get("files"), sent: data.Get("buffers"),
	}
	if key := data.Get("key"); key.Type() == js.TypeNumber {
		r.key = key.Int()
	}
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
	if r.op == proto.OpCancel || r.op == proto.OpStop {
		var args proto.Cancel
		if json.Unmarshal([]byte(r.json), &args) != nil {
			return
		}
		if on, ok := e.running[args.ID]; ok && r.op == proto.OpCancel {
			on.cancel()
		} else if ok {
			on.stop()
		}
		return
	}
	var on interrupts
	r.ctx, on.cancel = context.WithCancel(context.Background())
	r.stop, on.stop = context.WithCancel(r.ctx)
	e.running[r.id] = on
	go func() { e.queue <- r }()
}

// idle reports whether no request waits, after a moment in which the page may send the next.
func (e *engine) idle() bool {
	pause(5)
	return len(e.queue) == 0
}

// guard runs work, and reports a panic.
func (e *engine) guard(work func(), report func(*proto.Error)) {
	defer func() {
		if fault := recover(); fault != nil {
			report(&proto.Error{
				Code:    proto.CodeEngineCrashed,
				Message: "The engine made a mistake. Reload the page and try again.",
				Details: map[string]string{"reason": fmt.Sprint(fault)},
			})
		}
	}()
	work()
}

// serve answers one request.
func (e *engine) serve(r request) {
	if r.bytes != nil {
		e.sendPage(r.bytes)
		return
	}
	defer func() {
		e.mu.Lock()
		e.running[r.id].cancel()
		delete(e.running, r.id)
		e.mu.Unlock()
	}()
	answer, out, err := e.answer(r)
	if r.ctx.Err() != nil {
		err = r.ctx.Err()
	}
	if err != nil {
		e.fail(r, err)
		return
	}
	post(r.id, proto.KindDone, answer, out)
}

// answer computes the reply to one request: a message, and the buffers beside it.
func (e *engine) answer(r request) (message any, out buffers, err error) {
	if err := r.ctx.Err(); err != nil {
		return nil, nil, err
	}
	if strings.HasPrefix(string(r.op), proto.LabPrefix) {
		return e.answerLab(r)
	}
	if r.op != proto.OpLoad && r.op != proto.OpView && e.model == nil {
		return nil, nil, badArgument("no model is loaded yet")
	}
	if strings.HasPrefix(string(r.op), proto.DomainsPrefix) {
		return e.answerDomains(r)
	}
	switch r.op {
	case proto.OpLoad:
		return plain(r, e.load)
	case proto.OpClassify:
		return plain(r, e.classify)
	case proto.OpFeatures:
		return e.features(r)
	case proto.OpTrace:
		return decoded(r, e.trace)
	case proto.OpCAM:
		return decoded(r, e.cam)
	case proto.OpSweep:
		return plain(r, e.sweep)
	case proto.OpFilters:
		return e.filters()
	case proto.OpView:
		return nil, nil, e.connectView(r)
	case proto.OpProfile:
		return plain(r, e.profile)
	case proto.OpPrepare:
		return decoded(r, e.prepareToTeach)
	case proto.OpSplit:
		return plain(r, e.split)
	case proto.OpTrain:
		return decoded(r, e.train)
	case proto.OpUse:
		return plain(r, e.use)
	case proto.OpPredict:
		return plain(r, e.predict)
	case proto.OpInspect:
		return plain(r, e.inspect)
	case proto.OpPlot:
		return decoded(r, e.plot)
	case proto.OpCompare:
		return plain(r, compare)
	case proto.OpExport:
		return plain(r, e.export)
	case proto.OpImport:
		return decoded(r, e.importTaught)
	}
	return nil, nil, badArgument(fmt.Sprintf("unknown operation %q", r.op))
}

// decoded decodes a request's arguments for a handler.
func decoded[T any](r request, handle func(request, T) (any, buffers, error)) (any, buffers, error) {
	var args T
	if err := json.Unmarshal([]byte(r.json), &args); err != nil {
		return nil, nil, badArgument(errtext.Clause(err))
	}
	return handle(r, args)
}

// plain is decoded for a handler whose answer has no buffers.
func plain[T, A any](r request, handle func(request, T) (A, error)) (any, buffers, error) {
	return decoded(r, func(r request, args T) (any, buffers, error) {
		message, err := handle(r, args)
		return message, nil, err
	})
}

// classify computes what a picture shows.
func (e *engine) classify(r request, args proto.Classify) (proto.Classification, error) {
	if args.TopK < 1 {
		return proto.Classification{}, badArgument("topK must be at least 1")
	}
	get := e.newPicture
	if args.Ablate != nil {
		get = e.picture
	}
	p, err := get(r)
	if err != nil {
		return proto.Classification{}, err
	}
	ms := p.timing()
	start := jsbridge.Now()
	record, err := e.recordOf(p, args.Ablate)
	if err != nil {
		return proto.Classification{}, err
	}
	ms.Forward = jsbridge.Now() - start
	return e.classificationOf(p, record, args.TopK, ms), nil
}

// classificationOf gives the most probable classes of a picture's record.
func (e *engine) classificationOf(
	p *picture, record *resnet.Record, topK int, ms proto.Timing,
) proto.Classification {
	c := proto.Classification{Image: p.image, MS: ms}
	for _, top := range e.model.Top(record.Logits, topK) {
		c.Predictions = append(c.Predictions,
			proto.Prediction{Index: top.Index, Label: e.model.Label(top.Index), Probability: top.Probability})
	}
	return c
}

// features computes the network's features of a picture.
func (e *engine) features(r request) (message any, out buffers, err error) {
	p, err := e.prepare(r.ctx, r.image)
	if err != nil {
		return nil, nil, err
	}
	var data []float32
	e.compute(func() { data = e.model.Forward(p.input, nil).Features })
	if !allFinite(data) {
		return nil, nil, noNumber()
	}
	return struct{}{}, dataOnly(data), nil
}

// profile measures where the time of a pass goes.
func (e *engine) profile(_ request, args proto.Profile) (proto.Times, error) {
	if args.Runs < 1 {
		return proto.Times{}, badArgument("runs must be at least 1")
	}
	start := jsbridge.Now()
	layers := e.model.Profile(make([]float32, e.model.InputLen()), args.Runs)
	t := proto.Times{
		MS:     (jsbridge.Now() - start) / float64(args.Runs),
		Memory: int64(js.Global().Get("engineMemory").Get("buffer").Get("byteLength").Float()),
	}
	for _, l := range layers {
		t.Layers = append(t.Layers,
			proto.LayerTime{Name: l.Name, Algorithm: l.Algorithm, MS: l.Time.Seconds() * 1e3, FLOP: l.FLOP})
	}
	return t, nil
}

// fail answers with an error, converted to one of the API's.
func (e *engine) fail(r request, err error) {
	post(r.id, proto.KindError, apiError(err), nil)
}

// apiError converts any error to one of the API's.
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
		Message: "The engine failed. Reload the page and try again.",
		Details: map[string]string{"reason": err.Error()},
	}
}

func badArgument(reason string) *proto.Error {
	reason = strings.TrimRight(reason, ".")
	return &proto.Error{
		Code:    proto.CodeBadArgument,
		Message: "The call cannot be carried out: " + reason + ".",
		Details: map[string]string{"reason": reason},
	}
}

// post sends an answer to the page.
func post(id int, kind proto.Kind, message any, out buffers) {
	text, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	arrays, given := map[string]any{}, []any{}
	for name, numbers := range out {
		var array js.Value
		switch x := numbers.(type) {
		case []float32:
			array = jsbridge.TypedArray(x)
		case []uint16:
			array = jsbridge.TypedArray(x)
		case []byte:
			array = jsbridge.TypedArray(x)
		case js.Value:
			array = x
		}
		arrays[name] = array
		given = append(given, array.Get("buffer"))
	}
	js.Global().Call("postMessage",
		map[string]any{"id": id, "kind": string(kind), "json": string(text), "buffers": arrays}, given)
}
