//go:build js

package main

import (
	"math"
	"syscall/js"
)

// runCanvas2D puts the same pixels on a 2D canvas, without Ebitengine. It never returns.
func runCanvas2D(p *program) error {
	document, window := js.Global().Get("document"), js.Global()
	body := document.Get("body")
	body.Call("querySelector", "canvas").Call("remove") // Ebitengine's, which is not used
	canvas := document.Call("createElement", "canvas")
	canvas.Call("setAttribute", "aria-hidden", "true")
	body.Call("prepend", canvas)
	context := canvas.Call("getContext", "2d", map[string]any{"alpha": false})

	var image, bytes js.Value // an ImageData of the canvas's size, and its bytes
	pending := false          // a frame is requested
	frame := js.FuncOf(func(js.Value, []js.Value) any {
		pending = false
		ratio := window.Get("devicePixelRatio").Float()
		pixels := func(side string) int { return int(math.Ceil(body.Get(side).Float() * ratio)) }
		w, h := pixels("clientWidth"), pixels("clientHeight")
		if w < 1 || h < 1 {
			return nil
		}
		p.view.Resize(w, h, ratio)
		p.update()
		from, to := p.draw()
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
	p.requestFrame = func() {
		if !pending {
			pending = true
			window.Call("requestAnimationFrame", frame)
		}
	}
	p.requestFrame()
	select {}
}
