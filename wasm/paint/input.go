package paint

import (
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// hand is what a person's pointers do.
type hand struct {
	over   bool  // the canvas
	at     point // the last place
	mouse  bool  // it hovers; a finger does not
	down   [2]press
	downs  int
	moved  bool // too far for a click
	pinch  float64
	middle point // of the two fingers
}

// press is a button or a finger that is down.
type press struct {
	id int
	at point
}

// still is how far, in CSS pixels, a finger or a hand trembles in a click.
const still = 6

// Point tells where a pointer is that is not down.
func (v *View) Point(x, y float64) {
	v.hand.over, v.hand.mouse, v.hand.at = true, true, point{x, y}
	v.follow()
}

// Leave tells that the pointer has left the canvas.
func (v *View) Leave() {
	v.hand.over = false
	v.aim(nowhere)
}

// Press tells that a button or a finger comes down. A third finger does nothing.
func (v *View) Press(id int, x, y float64, mouse bool) {
	h := &v.hand
	if h.downs == 2 {
		return
	}
	h.mouse, h.over, h.at = mouse, true, point{x, y}
	h.down[h.downs] = press{id, point{x, y}}
	h.downs++
	if h.downs == 1 {
		h.moved = false
		v.follow()
		return
	}
	h.moved = true // two fingers do not click
	h.pinch, h.middle = h.spread()
}

func (h *hand) spread() (distance float64, middle point) {
	a, b := h.down[0].at, h.down[1].at
	return math.Hypot(a.x-b.x, a.y-b.y), point{(a.x + b.x) / 2, (a.y + b.y) / 2}
}

// Drag tells that a button or finger that is down moves: one moves the content, two also zoom.
func (v *View) Drag(id int, x, y float64) {
	h := &v.hand
	for i := range h.downs {
		if h.down[i].id != id {
			continue
		}
		last := h.down[i].at
		to := point{x, y}
		if h.downs == 2 {
			h.down[i].at = to
			distance, middle := h.spread()
			if h.pinch > 0 && distance > 0 {
				v.zoomAt(h.middle, distance/h.pinch)
			}
			v.pan(middle.x-h.middle.x, middle.y-h.middle.y)
			h.pinch, h.middle = distance, middle
			return
		}
		if !h.moved && math.Hypot(x-last.x, y-last.y) < still {
			return
		}
		h.moved = true
		h.down[i].at, h.at = to, to
		v.pan(x-last.x, y-last.y)
		return
	}
}

// Release tells that a button or finger goes up; cancelled: it was taken away, by the page that scrolls for instance.
func (v *View) Release(id int, x, y float64, cancelled bool) {
	h := &v.hand
	for i := range h.downs {
		if h.down[i].id != id {
			continue
		}
		h.downs--
		h.down[i] = h.down[h.downs]
		if h.downs == 0 && !h.moved && !cancelled {
			v.hand.at = point{x, y}
			v.follow()
			v.tell(proto.EventClick)
		}
		if h.downs == 0 && !h.mouse {
			h.over = false
		}
		return
	}
}

// Wheel turns at a place, by some CSS pixels. It zooms; where the content is a list that goes on below, only if it shall: else it moves that.
// It says whether anything changed: at the end of the list and of the zoom the page may scroll.
func (v *View) Wheel(x, y, dx, dy float64, zoom bool) bool {
	if !v.ready() {
		return false
	}
	before := v.zooms[v.at]
	if zoom || !v.scrolls() {
		v.zoomAt(point{x, y}, math.Exp(-min(max(dy, -240), 240)/320))
	} else {
		v.pan(-dx, -dy)
	}
	return v.zooms[v.at] != before
}

// scrolls says whether the content is higher than its window as it is.
func (v *View) scrolls() bool { return v.scene().content(v).h > v.scene().window(v).h+1 }

// Grip is a box of the canvas where a finger moves the content, and not the page.
type Grip struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
	W float64 `json:"w"`
	H float64 `json:"h"`
}

// Grips are all of them.
func (v *View) Grips() []Grip {
	if !v.ready() || v.zooms[v.at].scale == 1 && !v.scrolls() {
		return nil
	}
	var grips []Grip
	for _, r := range v.scene().grips(v) {
		grips = append(grips, Grip{r.x, r.y, r.w, r.h})
	}
	return grips
}

// Key is pressed, named as in a browser's KeyboardEvent. It says whether the view took it; Tab is never taken.
func (v *View) Key(key string, shift bool) bool {
	if !v.ready() {
		return false
	}
	s := v.scene()
	window := s.window(v)
	step := 0.15 * min(window.w, window.h)
	dx, dy := 0, 0
	switch key {
	case "ArrowLeft":
		dx = -1
	case "ArrowRight":
		dx = 1
	case "ArrowUp":
		dy = -1
	case "ArrowDown":
		dy = 1
	case "PageUp":
		v.pan(0, 0.9*window.h)
		return true
	case "PageDown":
		v.pan(0, -0.9*window.h)
		return true
	case "+", "=":
		v.Zoom(1)
		return true
	case "-", "_":
		v.Zoom(-1)
		return true
	case "0", "Home":
		v.Zoom(0)
		return true
	case "Enter", " ":
		v.tell(proto.EventClick)
		return true
	case "Escape":
		v.events = append(v.events, event(proto.EventBack, nowhere))
		return true
	default:
		return false
	}
	if shift { // move the content, not the cursor
		v.pan(-float64(dx)*step, -float64(dy)*step)
		return true
	}
	v.hand.over = false // the keys' cursor stays until the pointer moves
	t := s.step(v, v.pointed, dx, dy)
	v.aim(t)
	v.show(t)
	return true
}

// Zoom enlarges by some steps about what is pointed at, or the window's middle; 0 steps show all.
func (v *View) Zoom(steps int) {
	if !v.ready() {
		return
	}
	if steps == 0 {
		v.zoom(lens{scale: 1})
		v.show(v.pointed)
		return
	}
	s := v.scene()
	mid := s.window(v).middle()
	l := v.zooms[v.at]
	if r, ok := s.place(v, v.pointed); ok {
		mid = l.rect(r).middle()
	}
	v.zoom(l.zoom(mid, math.Pow(1.5, float64(steps))))
}

// Zoomed says whether the content can be made smaller, and whether larger.
func (v *View) Zoomed() (smaller, larger bool) {
	if !v.ready() {
		return false, false
	}
	const ease = 1e-9 // for steps in and out again
	scale := v.zooms[v.at].scale
	return scale > 1+ease, scale < maxZoom-ease
}

// show moves the content so that a target is in the window.
func (v *View) show(t target) {
	s := v.scene()
	r, ok := s.place(v, t)
	if !ok {
		return
	}
	l, window := v.zooms[v.at], s.window(v)
	seen := l.rect(r)
	l.x += max(window.x-seen.x, 0) - max(seen.right()-window.right(), 0)
	l.y += max(window.y-seen.y, 0) - max(seen.bottom()-window.bottom(), 0)
	v.zoom(l)
}

// zoomAt enlarges by a factor about a point of the canvas.
func (v *View) zoomAt(at point, factor float64) {
	if !v.ready() {
		return
	}
	if p, ok := v.scene().local(v, at); ok {
		v.zoom(v.zooms[v.at].zoom(p, factor))
	}
}

// pan moves the content.
func (v *View) pan(dx, dy float64) {
	if !v.ready() {
		return
	}
	l := v.zooms[v.at]
	l.x, l.y = l.x+dx, l.y+dy
	v.zoom(l)
}

// zoom looks through another lens, as far as there is content.
func (v *View) zoom(l lens) {
	s := v.scene()
	l = l.keep(s.content(v), s.window(v))
	if l != v.zooms[v.at] {
		v.zooms[v.at] = l
		v.faded, v.unnamed, v.untold = true, true, true
	}
	v.glass = l
	if _, ok := s.(*blockScene); ok { // of a block only the channels zoom, each tensor's in a window of its own
		v.glass = lens{scale: 1}
	}
	if v.hand.over && !v.stale {
		v.follow()
	}
}

// follow aims at what is under the pointer.
func (v *View) follow() {
	if v.hand.over && v.ready() && !v.stale {
		v.aim(v.scene().hit(v, v.hand.at))
	}
}

// aim points at a target, soils what that changes, and tells the page.
func (v *View) aim(t target) {
	if t == v.pointed {
		return
	}
	if v.ready() && !v.faded {
		v.scene().touched(v, v.pointed)
		v.scene().touched(v, t)
	}
	v.pointed = t
	v.untold = true
	v.tell(proto.EventHover)
}

// lose points at nothing, because what was pointed at is gone.
func (v *View) lose() {
	if v.pointed != nowhere {
		v.pointed, v.untold = nowhere, true
		v.tell(proto.EventHover)
	}
}

// tell adds an event about what is pointed at. Of many moves in a frame the page hears the last.
func (v *View) tell(kind proto.ViewEventKind) {
	e := event(kind, v.pointed)
	if n := len(v.events); kind == proto.EventHover && n > 0 && v.events[n-1].Kind == kind {
		v.events[n-1] = e
		return
	}
	v.events = append(v.events, e)
}

func event(kind proto.ViewEventKind, t target) proto.ViewEvent {
	e := proto.ViewEvent{Kind: kind, Part: t.part, Block: t.block, Channel: t.channel, Y: t.y, X: t.x, Known: t.known, Value: t.value}
	if t.part == proto.PartChannel {
		e.Tensor = proto.ViewTensors[t.tensor]
	}
	return e
}
