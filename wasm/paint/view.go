// Package paint is the model and the pixels of the page's canvas. In Look inside it shows a trace of a photo through a
// network, in the Skip lab the numbers of networks that are trained side by side. It is plain Go that knows no browser:
// a View takes messages, the page's state and a person's input, and gives pixels, labels and events.
package paint

import (
	"image"
	"maps"
	"slices"

	"github.com/seed8935e608/residua/wasm/proto"
)

// View is the canvas. For each frame, Update brings the model up to date, and Draw paints what has
// changed. Coordinates are CSS pixels, unless a comment says otherwise.
type View struct {
	model    model
	scenes   [scenes]scene // at the index of their name in proto.ViewScenes
	viewport viewport
	pointer  pointer
	dynamic  dynamic // now
	drawn    dynamic // as it was painted last
	dirty    dirty
	layers   layers
	labels   labelList
	before   []Label   // the labels of the last call, and room for the next
	tips     labelList // about what is under the pointer
	outbox   outbox
}

// scenes is the number of scenes.
const scenes = 8

// scene is one of the pictures that a view can show. It has the model that it shows, and keeps its layout.
//
// A scene's content lies in one or more panes of the canvas. All panes have the same size and show the same part of the
// content; the transform zoom is from the content to a pane, relative to the pane's corner.
type scene interface {
	// layout lays the scene out on a canvas of w×h, and gives its panes.
	layout(w, h float64) panes
	// paintStatic paints all that does not follow the pointer or the animation. The painter's transform is the zoom.
	paintStatic(p *painter)
	// paintDynamic paints the rest over it; damage adds the boxes of the canvas in which two states of that differ.
	paintDynamic(p *painter, d dynamic)
	damage(to *damage, zoom transform, from, now dynamic)
	// hit is what is at a point of the canvas; from is what was under the pointer before.
	hit(zoom transform, p point, from target) target
	// step is where an arrow key leads from a target; bounds is where a target is in the content.
	step(from target, dx, dy int) target
	bounds(t target) (rect, bool)
	// labels adds the labels that stay, and tips those about what is under the pointer.
	labels(to *labelList, zoom transform)
	tips(to *labelList, zoom transform, hover target)
}

// panes is where a scene's content is seen.
type panes struct {
	boxes   []rect // of the canvas; at least one
	content rect   // in its own coordinates
}

// size is that of each pane, as a box in the content's coordinates at scale 1.
func (p *panes) size() rect { return rect{0, 0, p.boxes[0].w, p.boxes[0].h} }

// local is a point of the canvas, relative to the corner of the pane that it is in. A single pane takes every point.
func (p *panes) local(at point) (point, bool) {
	for _, b := range p.boxes {
		if len(p.boxes) == 1 || b.has(at) {
			return point{at.x - b.x, at.y - b.y}, true
		}
	}
	return point{}, false
}

// dynamic is what may change with every frame.
type dynamic struct {
	hover target  // under the pointer, or where the arrow keys have led
	play  float64 // how far the animated photo has come, 0 … 1; −1: no animation
}

// target is what a person can point at. Numbers that a part does not have are −1.
type target struct {
	part   proto.ViewPart
	block  int
	index  int // among the tiles, rows or channels of the part, as they are shown
	tensor proto.Tensor
	// As in proto.ViewEvent.
	channel, y, x                int
	known                        bool
	value                        float64
	network, layer, step, length int
	quantity                     proto.ViewQuantity
}

var noTarget = target{
	block: -1, index: -1, channel: -1, y: -1, x: -1, network: -1, layer: -1, step: -1, length: -1,
}

// viewport is the canvas's size, and how each scene is zoomed.
type viewport struct {
	w, h  int     // device pixels
	ratio float64 // device pixels in a CSS pixel
	zooms [scenes]transform
	panes panes // of the scene that is shown
}

func (v *viewport) width() float64  { return float64(v.w) / v.ratio }
func (v *viewport) height() float64 { return float64(v.h) / v.ratio }

// outbox is what the view has to tell.
type outbox struct {
	events   []proto.ViewEvent
	requests []proto.ViewRequest
}

// New is a view without a trace and without networks.
func New() *View {
	v := &View{dirty: dirty{layout: true}}
	v.model.state = proto.ViewState{Scene: proto.SceneNetwork, Block: -1, Channel: -1, Play: -1}
	v.model.lab.state = noLabState
	v.dynamic = dynamic{noTarget, -1}
	v.drawn = v.dynamic
	m := &v.model
	v.scenes = [scenes]scene{
		&networkScene{model: m}, &blockScene{model: m}, &photoScene{model: m}, &filterScene{model: m},
		&signalScene{lab: &m.lab}, &heatScene{lab: &m.lab}, newLandscapeScene(&m.lab), &pathsScene{lab: &m.lab},
	}
	for i := range v.viewport.zooms {
		v.viewport.zooms[i] = identity
	}
	return v
}

func (v *View) sceneIndex() int { return slices.Index(proto.ViewScenes, v.model.state.Scene) }

func (v *View) scene() scene { return v.scenes[v.sceneIndex()] }

func (v *View) zoom() transform { return v.viewport.zooms[v.sceneIndex()] }

// Resize gives the canvas a size in device pixels, ratio of them in a CSS pixel.
func (v *View) Resize(w, h int, ratio float64) {
	p := &v.viewport
	if w == p.w && h == p.h && ratio == p.ratio || w < 1 || h < 1 || !(ratio > 0) {
		return
	}
	p.w, p.h, p.ratio = w, h, ratio
	v.layers.resize(w, h, ratio)
	v.dirty.layout = true
}

// Receive takes a message. One about another trace than the current one comes too late, and is ignored.
func (v *View) Receive(m proto.ViewMessage) error {
	d, err := v.model.receive(m)
	v.invalidate(d)
	return err
}

func (v *View) invalidate(d dirty) {
	v.dirty.layout = v.dirty.layout || d.layout
	v.dirty.image = v.dirty.image || d.image
	v.dirty.labels = v.dirty.labels || d.labels
	v.dirty.tips = v.dirty.tips || d.tips
}

// Trace is the number of the trace that is shown; −1: none.
func (v *View) Trace() int { return v.model.traceNumber() }

// SetHeatmap lays a map of height×width values over the photo, as a ViewOverlay does. Its scale reaches from the least
// value to the greatest, and includes zero.
func (v *View) SetHeatmap(height, width int, values []float32) error {
	o, err := overlayOf(v.Trace(), height, width, values)
	if err != nil {
		return err
	}
	return v.Receive(o)
}

// ClearHeatmap takes it away, or the engine's.
func (v *View) ClearHeatmap() {
	if v.model.overlay != nil {
		v.model.overlay = nil
		v.dirty.layout = true
	}
}

// SetState takes the page's state.
func (v *View) SetState(s proto.ViewState) {
	before := v.model.state
	if !slices.Contains(proto.ViewScenes, s.Scene) {
		s.Scene = before.Scene
	}
	v.model.state = s
	v.dynamic.play = s.Play
	lab := noLabState
	if s.Lab != nil {
		lab = *s.Lab
	}
	if s.Scene != before.Scene || lab.Surface != v.model.lab.state.Surface {
		v.setHover(noTarget)
	}
	if lab != v.model.lab.state {
		v.model.lab.state = lab
		v.dirty.layout = true
	}
	v.model.lab.words = s.Words
	if s.Block != before.Block || s.Order != before.Order || s.Class != before.Class {
		v.viewport.zooms[slices.Index(proto.ViewScenes, proto.SceneBlock)] = identity
	}
	if s.Language != before.Language || !maps.Equal(s.Words, before.Words) {
		// The lab's scenes leave as much room as their words need.
		v.invalidate(dirty{layout: v.model.showsLab(), labels: true, tips: true})
	}
	if appearanceOf(s) != appearanceOf(before) || !maps.Equal(s.Ablate, before.Ablate) ||
		!slices.Equal(s.Knowledge, before.Knowledge) {
		v.dirty.layout = true
	}
}

// appearance is what of the page's state the static layer shows, but for the ablations and the knowledge.
type appearance struct {
	scene                 proto.ViewScene
	block, channel, class int
	tensor                proto.ViewTensor
	order                 proto.ViewOrder
	colormap              proto.ViewColormap
	opacity               float64
	dark, reducedMotion   bool
	join                  string
	linear                bool
	nonlinearity          string
}

func appearanceOf(s proto.ViewState) appearance {
	return appearance{
		s.Scene, s.Block, s.Channel, s.Class, s.Tensor, s.Order, s.Map, s.Opacity, s.Dark, s.ReducedMotion,
		s.Join, s.Linear, s.Nonlinearity,
	}
}

// ready says whether there is anything to paint, and a canvas for it.
func (v *View) ready() bool { return v.model.hasContent() && v.viewport.w > 0 }

// HasContent says whether there is a trace, or, in the lab's scenes, networks.
func (v *View) HasContent() bool { return v.model.hasContent() }

// layOut brings the layout up to date, and says whether there is one.
func (v *View) layOut() bool {
	if v.dirty.layout {
		v.dirty = dirty{image: true, labels: true, tips: true}
		if v.ready() {
			if !v.model.showsLab() && v.model.selectBlock() && v.dynamic.hover.part == proto.PartChannel {
				v.setHover(noTarget) // it was one of the last block's
			}
			v.viewport.panes = v.scene().layout(v.viewport.width(), v.viewport.height())
			v.setZoom(v.zoom())
		}
	}
	return v.ready()
}

// Update brings the model up to date: the layout, what lies under the pointer, and what is to be requested of the
// engine.
func (v *View) Update() {
	if v.layOut() && v.dirty.image {
		v.requestChannels()
		v.hitTest() // something else may be under the pointer now
	}
}

// requestChannels requests the channels that are seen, and the selected one, which may lie over the photo.
func (v *View) requestChannels() {
	c, requests := &v.model.channels, v.outbox.requests
	if c.len() == 0 || !v.model.usesChannels() {
		return
	}
	if b, ok := v.scene().(*blockScene); ok {
		first, last := b.visible(v.zoom())
		requests = c.requestRange(requests, first, last)
	}
	v.outbox.requests = c.requestChannel(requests, v.model.state.Channel)
}

// Changed says whether a frame would bring anything: pixels, labels or events.
func (v *View) Changed() bool {
	return v.dirty != dirty{} || v.dynamic != v.drawn || len(v.outbox.events) > 0
}

// Draw paints what has changed, and says where: boxes of the canvas in device pixels, good until the next call.
func (v *View) Draw() []image.Rectangle {
	from, static := v.drawn, v.dirty.image
	v.drawn = v.dynamic
	if v.viewport.w == 0 {
		return nil
	}
	v.dirty.image = false
	s := &v.model.state
	v.layers.painter.theme, v.layers.painter.colormap, v.layers.painter.join = themeOf(s.Dark), s.Map, s.Join
	var scene scene
	if v.model.hasContent() {
		scene = v.scene()
	}
	return v.layers.draw(scene, static, v.zoom(), from, v.dynamic)
}

// Pixels are the canvas's: R, G, B, A for each device pixel, row by row from the top.
func (v *View) Pixels() (pixels []byte, w, h int) {
	return v.layers.composed.pix, v.viewport.w, v.viewport.h
}

// Labels are the words on the canvas, good until the next call but one; changed says whether they differ from the last
// call's.
func (v *View) Labels() (labels []Label, changed bool) {
	if v.dirty.labels {
		v.dirty.labels = false
		v.labels.list, v.before = v.before, v.labels.list
		v.labels.reset(&v.viewport)
		if v.ready() {
			v.scene().labels(&v.labels, v.zoom())
		}
		changed = !slices.EqualFunc(v.labels.list, v.before, sameLabel)
	}
	return v.labels.list, changed
}

// Tips are the words about what is under the pointer; changed says whether they differ from the last call's.
func (v *View) Tips() (labels []Label, changed bool) {
	if changed = v.dirty.tips; changed {
		v.dirty.tips = false
		v.tips.reset(&v.viewport)
		if v.ready() {
			v.scene().tips(&v.tips, v.zoom(), v.dynamic.hover)
		}
	}
	return v.tips.list, changed
}

// Events are what a person has done since the last call.
func (v *View) Events() []proto.ViewEvent {
	events := v.outbox.events
	v.outbox.events = nil
	return events
}

// Requests are the channels that are seen, or will soon be, and have not arrived. Each is requested once.
func (v *View) Requests() []proto.ViewRequest {
	requests := v.outbox.requests
	v.outbox.requests = nil
	return requests
}
