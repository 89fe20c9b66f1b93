//go:build js

package main

import (
	"math"
	"syscall/js"
)

// runPlain paints the same pixels on a 2D canvas, without Ebitengine's loop. It returns never.
func runPlain(p *program) error {
	document, window := js.Global().Get("document"), js.Global()
	body := document.Get("body")
	body.Call("querySelector", "canvas").Call("remove") // Ebitengine's, which has no use here
	canvas := document.Call("createElement", "canvas")
	canvas.Call("setAttribute", "aria-hidden", "true")
	body.Call("prepend", canvas)
	context := canvas.Call("getContext", "2d", map[string]any{"alpha": false})

	var image, bytes js.Value // the canvas's pixels, as the browser has them
	waits := false
	frame := js.FuncOf(func(js.Value, []js.Value) any {
		waits = false
		ratio := window.Get("devicePixelRatio").Float()
		w, h := int(math.Ceil(body.Get("clientWidth").Float()*ratio)), int(math.Ceil(body.Get("clientHeight").Float()*ratio))
		if w < 1 || h < 1 {
			return nil
		}
		p.view.Resize(w, h, ratio)
		p.settle()
		from, to := p.paint()
		pix, w, h := p.view.Pixels()
		if canvas.Get("width").Int() != w || canvas.Get("height").Int() != h || image.IsUndefined() {
			canvas.Set("width", w)
			canvas.Set("height", h)
			image = context.Call("createImageData", w, h)
			bytes = image.Get("data")
			from, to = 0, h
		}
		if from < to {
			js.CopyBytesToJS(bytes.Call("subarray", 4*w*from, 4*w*to), pix[4*w*from:4*w*to])
			context.Call("putImageData", image, 0, 0, 0, from, w, to-from)
		}
		p.painted()
		return nil
	})
	p.wake = func() {
		if !waits {
			waits = true
			window.Call("requestAnimationFrame", frame)
		}
	}
	p.wake()
	select {}
}
