// Package paint is what the view shows: a trace of a photo through a network, painted into pixels. It is plain Go that knows no browser:
// a View takes messages, the page's state and a person's input, and gives pixels, the places of words, and events.
//
// Two layers make a picture. The still layer changes with the trace, the state, the size and the zoom; it is kept. The live layer is
// what follows the pointer and the photo on its way; of it only soiled boxes are painted again, over a copy of the still one.
package paint

import (
	"errors"
	"fmt"
	"image"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/seed8935e608/residua/wasm/proto"
)

// View is the model of the canvas, and its pixels. Coordinates are CSS pixels, unless they say otherwise.
//
// In a frame, Settle brings the model up to date, and Paint paints what has changed.
type View struct {
	state   proto.ViewState
	trace   *proto.ViewOverview
	overlay *proto.ViewOverlay
	sweep   *proto.ViewSweep
	shelf   shelf // channels of the selected block

	w, h  int     // device pixels
	ratio float64 // device pixels in a CSS pixel
	theme *theme

	scenes [4]scene // at the place of proto.ViewScenes
	at     int      // which of them is shown
	zooms  [4]lens
	glass  lens // through which the scene's places are seen; a scene may have another one for its inside

	pointed target // by the pointer or the keys
	hand    hand

	stale   bool // the layout
	faded   bool // the still layer
	unnamed bool // the labels
	untold  bool // the tips
	soiled  []image.Rectangle
	played  float64 // the photo's place, as it is painted
	kept    canvas  // the still layer
	shown   canvas  // both
	scaler  scaler
	ramp    ramp
	line    []point // a line on its way to the canvas
	labels  []Label
	tips    []Label
	writing *[]Label // where label adds

	events   []proto.ViewEvent
	requests []proto.ViewRequest
}

// scene is one of the pictures that a view can show.
type scene interface {
	// arrange lays everything out for the view's size, trace and state.
	arrange(v *View)
	// window is the part of the canvas that zooms, and content what lies in it, in the coordinates that local gives for a point of the canvas.
	window(v *View) rect
	content(v *View) rect
	local(v *View, p point) (point, bool)
	// grips are the parts of the canvas that the window is.
	grips(v *View) []rect
	// still and live paint the two layers.
	still(v *View, c *canvas)
	live(v *View, c *canvas)
	// hit is what lies at a point of the canvas; touched soils what looks different while a target is pointed at.
	hit(v *View, p point) target
	touched(v *View, t target)
	// step is where an arrow key leads; place is where a target lies, in the window's coordinates.
	step(v *View, from target, dx, dy int) target
	place(v *View, t target) (rect, bool)
	// words adds the labels, and tips those that follow what is pointed at.
	words(v *View)
	tips(v *View)
}

// target is what a person points at. Numbers that a part has not are −1.
type target struct {
	part   proto.ViewPart
	block  int
	place  int // among the tiles, rows or channels of the part, as they are shown
	tensor proto.Tensor
	// As in proto.ViewEvent.
	channel, y, x int
	known         bool
	value         float64
}

var nowhere = target{block: -1, place: -1, channel: -1, y: -1, x: -1}

// New is a view without a trace.
func New() *View {
	v := &View{theme: &light, pointed: nowhere, stale: true, played: -1}
	v.scenes = [4]scene{&networkScene{}, &blockScene{}, &photoScene{}, &filterScene{}}
	v.state = proto.ViewState{Scene: proto.SceneNetwork, Block: -1, Channel: -1, Play: -1}
	for i := range v.zooms {
		v.zooms[i] = lens{scale: 1}
	}
	return v
}

func (v *View) scene() scene { return v.scenes[v.at] }

// Resize gives the canvas a size in device pixels, ratio of them in a CSS pixel.
func (v *View) Resize(w, h int, ratio float64) {
	if w == v.w && h == v.h && ratio == v.ratio || w < 1 || h < 1 || !(ratio > 0) {
		return
	}
	v.w, v.h, v.ratio = w, h, ratio
	v.shown.resize(w, h)
	v.kept.resize(w, h)
	v.stale = true
}

// Take takes a message of the engine. What belongs to another trace than the one that is shown comes too late, and is left out.
func (v *View) Take(m proto.ViewMessage) error {
	current := func(trace int) bool { return v.trace != nil && v.trace.Trace == trace }
	switch m := m.(type) {
	case *proto.ViewOverview:
		if len(m.Blocks) == 0 {
			return errors.New("paint: a trace without blocks")
		}
		v.trace, v.overlay, v.sweep = m, nil, nil
	case *proto.ViewChannels:
		if v.shelf.put(m) {
			v.faded, v.unnamed, v.untold = true, true, true
		}
		return nil
	case *proto.ViewOverlay:
		if !current(m.Trace) {
			return nil
		}
		v.overlay = m
		if len(m.Map) == 0 {
			v.overlay = nil
		}
	case *proto.ViewSweep:
		if !current(m.Trace) {
			return nil
		}
		v.sweep = m
	default:
		return fmt.Errorf("paint: a %T is not for the view", m)
	}
	v.stale = true
	return nil
}

// Trace is the number of the trace that is shown; −1: none.
func (v *View) Trace() int {
	if v.trace == nil {
		return -1
	}
	return v.trace.Trace
}

// Lay lays a map of height×width values over the photo, as ViewOverlay does. Its scale is that of its values, and holds zero.
func (v *View) Lay(height, width int, values []float32) error {
	m := &proto.ViewOverlay{Trace: v.Trace(), Height: height, Width: width, Map: make([]byte, len(values))}
	if m.Trace < 0 || len(values) == 0 || height < 1 || height > proto.MaxViewSide || width < 1 || width > proto.MaxViewSide || len(values) != height*width {
		return fmt.Errorf("paint: a map of %d×%d with %d values over trace %d", height, width, len(values), m.Trace)
	}
	for _, x := range values {
		if !(x >= -math.MaxFloat32/4 && x <= math.MaxFloat32/4) {
			return fmt.Errorf("paint: a map with the value %v", x)
		}
		m.Scale.Lo, m.Scale.Hi = min(m.Scale.Lo, x), max(m.Scale.Hi, x)
	}
	if wide := m.Scale.Hi - m.Scale.Lo; wide > 0 {
		for i, x := range values {
			m.Map[i] = byte((x-m.Scale.Lo)/wide*255 + 0.5)
		}
	}
	return v.Take(m)
}

// Lift takes away what lies over the photo.
func (v *View) Lift() {
	if v.overlay != nil {
		v.overlay = nil
		v.stale = true
	}
}

// Show takes the page's state.
func (v *View) Show(s proto.ViewState) {
	before := v.state
	v.state = s
	v.theme = themeOf(s.Dark)
	if i := slices.Index(proto.ViewScenes, s.Scene); i >= 0 && i != v.at {
		v.at, v.stale = i, true
		v.lose()
	}
	if s.Block != before.Block || s.Order != before.Order || s.Class != before.Class {
		v.zooms[slices.Index(proto.ViewScenes, proto.SceneBlock)] = lens{scale: 1}
	}
	if s.Language != before.Language || !maps.Equal(s.Words, before.Words) {
		v.unnamed, v.untold = true, true
	}
	if painted(s) != painted(before) || !maps.Equal(s.Ablate, before.Ablate) {
		v.stale = true
	}
}

// look is what of the page's state is painted, but for the photo's place on its way; of that only what changes is painted again.
type look struct {
	scene                 proto.ViewScene
	block, channel, class int
	tensor                proto.ViewTensor
	order                 proto.ViewOrder
	colours               proto.ViewMap
	opacity               float64
	dark, reduced         bool
	join                  string
	linear                bool
}

func painted(s proto.ViewState) look {
	return look{s.Scene, s.Block, s.Channel, s.Class, s.Tensor, s.Order, s.Map, s.Opacity, s.Dark, s.ReducedMotion, s.Join, s.Linear}
}

// ready says whether there is anything to paint, and a place for it.
func (v *View) ready() bool { return v.trace != nil && v.w > 0 }

// Settle brings the model up to date: the layout, what lies under the pointer, and what is to be asked of the engine.
func (v *View) Settle() {
	if v.stale {
		v.stale, v.faded, v.unnamed, v.untold = false, true, true, true
		if v.ready() {
			v.want()
			v.scene().arrange(v)
			v.zoom(v.zooms[v.at])
		}
	}
	if v.faded && v.ready() {
		v.ask()
		v.follow() // what lies under the pointer may be something else now
	}
	if n, ok := v.scene().(*networkScene); ok && v.ready() && v.played != v.state.Play {
		if !v.faded {
			n.moved(v, v.played, v.state.Play)
		}
	}
}

// Changed says whether a frame would bring anything: pixels, words or events.
func (v *View) Changed() bool {
	return v.stale || v.faded || v.unnamed || v.untold || len(v.soiled) > 0 || len(v.events) > 0 || v.played != v.state.Play
}

// Paint paints what has changed, and says where: boxes of the canvas in device pixels, good until the next call.
func (v *View) Paint() []image.Rectangle {
	v.played = v.state.Play
	if v.w == 0 {
		return nil
	}
	whole := image.Rect(0, 0, v.w, v.h)
	if v.faded {
		v.faded = false
		v.kept.clip = whole
		if v.trace == nil {
			v.kept.fillRect(whole, v.theme.paper)
		} else {
			v.scene().still(v, &v.kept)
		}
		v.soiled = append(v.soiled[:0], whole)
	}
	for _, r := range v.soiled {
		v.shown.clip = r
		v.shown.copyFrom(&v.kept, r)
		if v.trace != nil {
			v.scene().live(v, &v.shown)
		}
	}
	done := v.soiled
	v.soiled = v.soiled[:0]
	return done
}

// Pixels are the canvas's: R, G, B, A for each device pixel, row by row from the top.
func (v *View) Pixels() (pixels []byte, w, h int) { return v.shown.pix, v.w, v.h }

// Labels are the words on the canvas; changed says whether they differ from the last call's.
func (v *View) Labels() (labels []Label, changed bool) {
	return v.write(&v.labels, &v.unnamed, scene.words)
}

// Tips are the words that follow what is pointed at.
func (v *View) Tips() (labels []Label, changed bool) {
	return v.write(&v.tips, &v.untold, scene.tips)
}

func (v *View) write(to *[]Label, changed *bool, words func(scene, *View)) ([]Label, bool) {
	if !*changed {
		return *to, false
	}
	*changed, *to = false, (*to)[:0]
	if v.ready() {
		v.writing = to
		words(v.scene(), v)
	}
	return *to, true
}

// Events are what a person has done since the last call.
func (v *View) Events() []proto.ViewEvent {
	events := v.events
	v.events = nil
	return events
}

// Requests are the channels that are seen, or will soon be, and are not there. Each is asked for once.
func (v *View) Requests() []proto.ViewRequest {
	requests := v.requests
	v.requests = nil
	return requests
}

// soil marks a box of the scene to be painted again.
func (v *View) soil(r rect) {
	b := v.box(r).Intersect(image.Rect(0, 0, v.w, v.h))
	if b.Empty() {
		return
	}
	for _, has := range v.soiled {
		if b.In(has) {
			return
		}
	}
	const most = 32
	if len(v.soiled) == most { // so many that one large box costs no more
		for _, has := range v.soiled {
			b = b.Union(has)
		}
		v.soiled = v.soiled[:0]
	}
	v.soiled = append(v.soiled, b)
}

func (v *View) soilAll() { v.soiled = append(v.soiled[:0], image.Rect(0, 0, v.w, v.h)) }

func (v *View) width() float64  { return float64(v.w) / v.ratio }
func (v *View) height() float64 { return float64(v.h) / v.ratio }

// unit is the device pixels of one of the scene's pixels, and px some of them, whole and at least one.
func (v *View) unit() float64 { return v.ratio * v.glass.scale }

func (v *View) px(n float64) int { return max(int(n*v.unit()+0.5), 1) }

// box is a box of the scene in device pixels, and point a place.
func (v *View) box(r rect) image.Rectangle { return device(v.glass.rect(r), v.ratio) }

func (v *View) point(p point) point {
	p = v.glass.to(p)
	return point{p.x * v.ratio, p.y * v.ratio}
}

// ablation is what was taken out of a block.
func (v *View) ablation(block int) proto.Ablation {
	if len(v.state.Ablate) == 0 {
		return "" // the common case, without a string to be made
	}
	return v.state.Ablate[strconv.Itoa(block)]
}

// sweepFits says whether there is a sweep of this network, and of the class that is meant.
func (v *View) sweepFits() bool {
	return v.sweep != nil && len(v.sweep.Without) == len(v.trace.Blocks) && (v.state.Class < 0 || v.state.Class == v.sweep.Class)
}
