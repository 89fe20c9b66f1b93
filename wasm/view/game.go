//go:build js

package main

import (
	"math"
	"syscall/js"

	"github.com/hajimehoshi/ebiten/v2"
)

// game is the view as Ebitengine runs it.
type game struct {
	program *program
	// Device pixels in a CSS pixel. Ebitengine keeps the first one, so view.js reloads the view when it changes.
	ratio float64
	drawn bool // a frame has been drawn
}

// runGame runs Ebitengine, with a frame only when there is something to paint.
func runGame(p *program) error {
	canvas := js.Global().Get("document").Call("querySelector", "canvas")
	canvas.Call("setAttribute", "tabindex", -1) // Tab goes to the element above it
	canvas.Call("setAttribute", "aria-hidden", "true")
	p.requestFrame = func() {
		//lint:ignore SA1019 goes with FPSModeVsyncOffMinimum
		ebiten.ScheduleFrame()
		p.page.Call("allowFrame")
	}
	ebiten.SetRunnableOnUnfocused(true)
	ebiten.SetScreenClearedEveryFrame(false)
	//lint:ignore SA1019 what is recommended instead paints 60 times a second, also when nothing has changed
	ebiten.SetFPSMode(ebiten.FPSModeVsyncOffMinimum)
	ebiten.SetTPS(ebiten.SyncWithFPS) // an Update in every frame
	return ebiten.RunGameWithOptions(&game{program: p, ratio: js.Global().Get("devicePixelRatio").Float()},
		&ebiten.RunGameOptions{InitUnfocused: true, ScreenTransparent: true})
}

// LayoutF makes the game's pixels device pixels.
func (g *game) LayoutF(width, height float64) (float64, float64) {
	w, h := width*g.ratio, height*g.ratio
	g.program.view.Resize(int(math.Ceil(w)), int(math.Ceil(h)), g.ratio)
	return w, h
}

// Layout is required by ebiten.Game; Ebitengine calls LayoutF instead.
func (g *game) Layout(width, height int) (int, int) {
	w, h := g.LayoutF(float64(width), float64(height))
	return int(w), int(h)
}

// Update brings the model up to date.
func (g *game) Update() error {
	if !g.drawn {
		yield() // Ebitengine has made its context
	}
	g.program.update()
	return nil
}

// Draw paints what has changed; the screen keeps the rest.
func (g *game) Draw(screen *ebiten.Image) {
	if from, to := g.program.draw(); from < to {
		pix, w, _ := g.program.view.Pixels()
		bounds := screen.Bounds()
		if bounds.Dx() != w { // the size is changing; the next frame has the new one
			g.program.requestFrame()
			return
		}
		bounds.Min.Y, bounds.Max.Y = from, to
		screen.SubImage(bounds).(*ebiten.Image).WritePixels(pix[4*w*from : 4*w*to])
	}
	if !g.drawn {
		g.drawn = true
		yield() // the first frame goes on to compile the shaders
	}
	g.program.painted()
}

// draw paints what has changed, and says in which rows. Whole rows are one piece of memory.
func (p *program) draw() (from, to int) {
	for i, r := range p.view.Draw() {
		if i == 0 {
			from, to = r.Min.Y, r.Max.Y
		}
		from, to = min(from, r.Min.Y), max(to, r.Max.Y)
	}
	return from, to
}
