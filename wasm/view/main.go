//go:build js

// Command view is the canvas of Look inside and of the Skip lab. It runs in an iframe, web/static/view.html, and gets
// traces and the lab's numbers as messages.
// Package paint makes the pixels; this program puts them on the screen, by Ebitengine where there is WebGL 2, else on a
// 2D canvas. One program does both: most of it is the Go runtime and package paint, and a browser caches one file.
//
// Ebitengine gets no input, since it takes Tab, the wheel and drops from the page, and knows no pinch. Instead view.js
// listens on an element above the canvas.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"syscall/js"

	"github.com/seed8935e608/residua/wasm/paint"
	"github.com/seed8935e608/residua/wasm/proto"
)

func main() {
	p := &program{view: paint.New(), page: js.Global().Get("residuaView")}
	p.listen()
	yield() // the runtime and the packages have been initialized
	var err error
	if p.page.Get("renderer").String() == "webgl" {
		err = runGame(p)
	} else {
		err = runCanvas2D(p)
	}
	// Neither returns but after a fault. The page then loads another document; until that is there, the browser may
	// still call this program's functions.
	p.page.Call("ended", fmt.Sprint(err))
	select {}
}

// yield goes on in another task of the browser. Starting takes too long for one task: the iframe shares its thread with
// the page, which has to respond to a person meanwhile. A time.Sleep would not do, as Go may go on in the same task.
func yield() {
	next := make(chan struct{})
	f := js.FuncOf(func(js.Value, []js.Value) any {
		close(next)
		return nil
	})
	defer f.Release()
	js.Global().Call("setTimeout", f)
	<-next
}

// program is the model, and its connection to the page.
type program struct {
	view         *paint.View
	page         js.Value          // the object of view.js through which both call each other
	requestFrame func()            // nil until there is a canvas
	frames       int               // that were painted
	drawn        bool              // a trace or a run has been painted
	zoomed       [2]bool           // whether the page was told that the content can be zoomed out and in
	areas        []paint.TouchArea // that the page was told
}

// request brings the model up to date, and requests what it then needs.
func (p *program) request() {
	p.view.Update()
	for _, r := range p.view.Requests() {
		p.page.Call("request", bytesOf(proto.EncodeView(&r)))
	}
}

// update is the first half of a frame: it brings the model up to date and tells the page what has changed.
func (p *program) update() {
	p.request()
	for _, e := range p.view.Events() {
		p.post("event", e)
	}
	if labels, changed := p.view.Labels(); changed {
		p.post("labels", list(labels))
	}
	if areas := p.view.TouchAreas(); !slices.Equal(areas, p.areas) {
		p.areas = areas
		p.post("touchAreas", list(areas))
	}
	if tips, changed := p.view.Tips(); changed {
		p.post("tips", list(tips))
	}
	if out, in := p.view.CanZoom(); p.zoomed != [2]bool{out, in} {
		p.zoomed = [2]bool{out, in}
		p.page.Call("zoomed", out, in)
	}
}

// painted is the end of a frame.
func (p *program) painted() {
	p.frames++
	p.page.Set("frames", p.frames)
	p.page.Set("waits", p.view.Changed())
	if !p.drawn && p.view.HasContent() {
		p.drawn = true
		p.page.Call("drawn")
	}
}

// list makes nil an empty list, which is not null in JSON.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func (p *program) post(name string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // our own types can be encoded
	}
	p.page.Call(name, string(text))
}

func (p *program) fail(err error) { p.page.Call("failed", err.Error()) }

// listen gives view.js the functions that it calls. They live as long as the document.
func (p *program) listen() {
	number := func(v js.Value) float64 {
		if f := v.Float(); !math.IsNaN(f) {
			return f
		}
		return 0
	}
	on := func(name string, call func(args []js.Value) any) {
		p.page.Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any {
			answer := call(args)
			if p.view.Changed() && p.requestFrame != nil {
				p.page.Set("waits", true)
				p.requestFrame()
			}
			return answer
		}))
	}
	on("message", func(args []js.Value) any {
		b := make([]byte, args[0].Get("length").Int())
		js.CopyBytesToGo(b, args[0])
		m, err := proto.DecodeView(b)
		if err == nil {
			err = p.view.Receive(m)
		}
		if err != nil {
			p.fail(err)
			return nil
		}
		p.request() // of a live picture's channels the engine knows before the next frame
		return nil
	})
	on("state", func(args []js.Value) any {
		var s proto.ViewState
		if err := json.Unmarshal([]byte(args[0].String()), &s); err != nil {
			p.fail(fmt.Errorf("the page's state: %w", err))
			return nil
		}
		p.view.SetState(s)
		return nil
	})
	on("setHeatmap", func(args []js.Value) any {
		if err := p.view.SetHeatmap(args[0].Int(), args[1].Int(), floats(args[2])); err != nil {
			p.fail(err)
		}
		return nil
	})
	on("clearHeatmap", func([]js.Value) any { p.view.ClearHeatmap(); return nil })
	on("point", func(a []js.Value) any { p.view.Point(number(a[0]), number(a[1])); return nil })
	on("leave", func([]js.Value) any { p.view.Leave(); return nil })
	on("press", func(a []js.Value) any {
		p.view.Press(a[0].Int(), number(a[1]), number(a[2]), a[3].Bool())
		return nil
	})
	on("drag", func(a []js.Value) any { p.view.Drag(a[0].Int(), number(a[1]), number(a[2])); return nil })
	on("release", func(a []js.Value) any {
		p.view.Release(a[0].Int(), number(a[1]), number(a[2]), a[3].Bool())
		return nil
	})
	on("wheel", func(a []js.Value) any {
		return p.view.Wheel(number(a[0]), number(a[1]), number(a[2]), number(a[3]), a[4].Bool())
	})
	on("key", func(a []js.Value) any { return p.view.Key(a[0].String(), a[1].Bool()) })
	on("zoom", func(a []js.Value) any { p.view.Zoom(a[0].Int()); return nil })
	on("requestFrame", func([]js.Value) any {
		if p.requestFrame != nil {
			p.requestFrame()
		}
		return nil
	})
	// The pixels on the screen, for a picture that a person saves.
	on("pixels", func([]js.Value) any {
		pix, w, h := p.view.Pixels()
		to := js.Global().Get("Uint8ClampedArray").New(len(pix))
		js.CopyBytesToJS(to, pix)
		return map[string]any{"pixels": to, "width": w, "height": h}
	})
}

// bytesOf copies bytes into a new Uint8Array.
func bytesOf(b []byte) js.Value {
	to := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(to, b)
	return to
}

// floats copies a Float32Array.
func floats(v js.Value) []float32 {
	b := make([]byte, v.Get("byteLength").Int())
	js.CopyBytesToGo(b, js.Global().Get("Uint8Array").New(v.Get("buffer"), v.Get("byteOffset"), v.Get("byteLength")))
	values := make([]float32, len(b)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return values
}
