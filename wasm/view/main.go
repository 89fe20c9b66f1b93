//go:build js

// Command view is the canvas of Look inside. It lives in an iframe of its own, web/static/view.html, and knows no network: traces come to
// it as messages. Package paint makes the pixels; here they are put on the screen, by Ebitengine where there is WebGL 2, else by a
// 2D canvas. It is one program for both: most of it is the Go runtime and paint, and a browser keeps one file.
//
// Ebitengine gets no input. It swallows Tab, the wheel and drops, and knows no pinch; so view.js listens to a layer above its canvas,
// for both ways of painting alike.
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"syscall/js"

	"github.com/seed8935e608/residua/wasm/paint"
	"github.com/seed8935e608/residua/wasm/proto"
)

func main() {
	p := &program{view: paint.New(), boot: js.Global().Get("residuaView")}
	p.listen()
	var err error
	if p.boot.Get("renderer").String() == "webgl" {
		err = runGame(p)
	} else {
		err = runPlain(p)
	}
	// Neither comes back but for a fault. The page then tries another document; until that has come, the browser may still call.
	p.boot.Call("ended", fmt.Sprint(err))
	select {}
}

// program is the model, and its way to the page.
type program struct {
	view   *paint.View
	boot   js.Value // the object that view.js made: what the program calls
	wake   func()   // brings the next frame
	frames int      // painted so far
	drawn  bool     // a trace has been painted
	zoomed [2]bool  // whether the content can be made smaller and larger, as the page knows it
}

// settle is the first half of a frame: the model, and what the page is to know of it.
func (p *program) settle() {
	p.view.Settle()
	for _, r := range p.view.Requests() {
		p.boot.Call("request", bytesOf(proto.EncodeView(&r)))
	}
	for _, e := range p.view.Events() {
		p.post("event", e)
	}
	if labels, changed := p.view.Labels(); changed {
		p.post("labels", list(labels))
		p.post("grips", list(p.view.Grips()))
	}
	if tips, changed := p.view.Tips(); changed {
		p.post("tips", list(tips))
	}
	if smaller, larger := p.view.Zoomed(); p.zoomed != [2]bool{smaller, larger} {
		p.zoomed = [2]bool{smaller, larger}
		p.boot.Call("zoomed", smaller, larger)
	}
}

// painted is the end of a frame.
func (p *program) painted() {
	p.frames++
	p.boot.Set("frames", p.frames)
	p.boot.Set("waits", p.view.Changed())
	if !p.drawn && p.view.Trace() >= 0 {
		p.drawn = true
		p.boot.Call("drawn")
	}
}

// list is never null in JSON.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func (p *program) post(name string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // of our own types
	}
	p.boot.Call(name, string(text))
}

func (p *program) fail(err error) { p.boot.Call("failed", err.Error()) }

// listen gives view.js the functions that it calls. They live as long as the page.
func (p *program) listen() {
	number := func(v js.Value) float64 {
		if f := v.Float(); !math.IsNaN(f) {
			return f
		}
		return 0
	}
	on := func(name string, call func(args []js.Value) any) {
		p.boot.Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any {
			answer := call(args)
			if p.view.Changed() && p.wake != nil {
				p.boot.Set("waits", true)
				p.wake()
			}
			return answer
		}))
	}
	on("message", func(args []js.Value) any {
		b := make([]byte, args[0].Get("length").Int())
		js.CopyBytesToGo(b, args[0])
		m, err := proto.DecodeView(b)
		if err == nil {
			err = p.view.Take(m)
		}
		if err != nil {
			p.fail(err)
		}
		return nil
	})
	on("state", func(args []js.Value) any {
		var s proto.ViewState
		if err := json.Unmarshal([]byte(args[0].String()), &s); err != nil {
			p.fail(fmt.Errorf("the page's state: %w", err))
			return nil
		}
		p.view.Show(s)
		return nil
	})
	on("lay", func(args []js.Value) any {
		if err := p.view.Lay(args[0].Int(), args[1].Int(), floats(args[2])); err != nil {
			p.fail(err)
		}
		return nil
	})
	on("lift", func([]js.Value) any { p.view.Lift(); return nil })
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
	on("wakeUp", func([]js.Value) any {
		if p.wake != nil {
			p.wake()
		}
		return nil
	})
	// pixels are those on the screen, for a picture that a person saves.
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
		values[i] = math.Float32frombits(uint32(b[4*i]) | uint32(b[4*i+1])<<8 | uint32(b[4*i+2])<<16 | uint32(b[4*i+3])<<24)
	}
	return values
}
