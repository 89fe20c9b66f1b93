package paint

import (
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// pointer is a person's mouse, pen or fingers.
type pointer struct {
	over     bool  // the canvas
	at       point // where it was last
	mouse    bool  // it can hover, unlike a finger
	contacts [2]contact
	count    int  // of contacts
	moved    bool // too far for a click
	// With two contacts:
	distance float64
	middle   point
}

// contact is a button or a finger that is down.
type contact struct {
	id int
	at point
}

// clickSlop is how far, in CSS pixels, a pointer may move in a click.
const clickSlop = 6

// pinch is the distance between the two contacts, and the point between them.
func (p *pointer) pinch() (distance float64, middle point) {
	a, b := p.contacts[0].at, p.contacts[1].at
	return math.Hypot(a.x-b.x, a.y-b.y), point{(a.x + b.x) / 2, (a.y + b.y) / 2}
}

// Point tells where a pointer is that is not down.
func (v *View) Point(x, y float64) {
	v.pointer.over, v.pointer.mouse, v.pointer.at = true, true, point{x, y}
	v.hitTest()
}

// Leave tells that the pointer has left the canvas.
func (v *View) Leave() {
	v.pointer.over = false
	v.setHover(noTarget)
}

// Press tells that a button or a finger goes down. A third finger does nothing.
func (v *View) Press(id int, x, y float64, mouse bool) {
	p := &v.pointer
	if p.count == len(p.contacts) {
		return
	}
	p.mouse, p.over, p.at = mouse, true, point{x, y}
	p.contacts[p.count] = contact{id, point{x, y}}
	p.count++
	if p.count == 1 {
		p.moved = false
		v.hitTest()
		return
	}
	p.moved = true // two fingers do not click
	p.distance, p.middle = p.pinch()
}

// Drag tells that a button or finger that is down moves: one pans, two also zoom.
func (v *View) Drag(id int, x, y float64) {
	p := &v.pointer
	for i := range p.count {
		if p.contacts[i].id != id {
			continue
		}
		last, now := p.contacts[i].at, point{x, y}
		if p.count == 2 {
			p.contacts[i].at = now
			distance, middle := p.pinch()
			if p.distance > 0 && distance > 0 {
				v.zoomAt(p.middle, distance/p.distance)
			}
			v.pan(middle.x-p.middle.x, middle.y-p.middle.y)
			p.distance, p.middle = distance, middle
			return
		}
		if !p.moved && math.Hypot(x-last.x, y-last.y) < clickSlop {
			return
		}
		p.moved = true
		p.contacts[i].at, p.at = now, now
		if !v.turn(x-last.x, y-last.y) {
			v.pan(x-last.x, y-last.y)
		}
		return
	}
}

// turner is a scene that turns instead of panning.
type turner interface {
	// turn turns by a drag of some CSS pixels. It says whether it does; turnable whether it would.
	turn(dx, dy float64) bool
	turnable() bool
}

// turn turns the scene, if it can be turned.
func (v *View) turn(dx, dy float64) bool {
	t, ok := v.scene().(turner)
	if !ok || !v.layOut() || !t.turn(dx, dy) {
		return false
	}
	v.invalidate(dirty{image: true, labels: true, tips: true})
	v.hitTest()
	return true
}

// Release tells that a button or finger goes up. If it is cancelled, by a page that scrolls for instance, it does not
// click.
func (v *View) Release(id int, x, y float64, cancelled bool) {
	p := &v.pointer
	for i := range p.count {
		if p.contacts[i].id != id {
			continue
		}
		p.count--
		p.contacts[i] = p.contacts[p.count]
		if p.count == 0 && !p.moved && !cancelled {
			p.at = point{x, y}
			v.hitTest()
			v.tell(proto.EventClick)
		}
		if p.count == 0 && !p.mouse {
			p.over = false
		}
		return
	}
}

// Wheel tells that the wheel turns by some CSS pixels. It zooms; where the content is a list that is longer than its
// pane, it scrolls instead, unless zoom is set. Wheel says whether anything changed: where the list and the zoom end
// the page may scroll.
func (v *View) Wheel(x, y, dx, dy float64, zoom bool) bool {
	if !v.layOut() {
		return false
	}
	before := v.zoom()
	if zoom || !v.scrolls() {
		v.zoomAt(point{x, y}, math.Exp(-min(max(dy, -240), 240)/320))
	} else {
		v.pan(-dx, -dy)
	}
	return v.zoom() != before
}

// scrolls says whether the content is higher than its pane at scale 1.
func (v *View) scrolls() bool {
	p := &v.viewport.panes
	return p.content.h > p.size().h+1
}

// TouchArea is a box of the canvas where a finger pans or turns the content instead of scrolling the page.
type TouchArea struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
	W float64 `json:"w"`
	H float64 `json:"h"`
}

// TouchAreas are all of them.
func (v *View) TouchAreas() []TouchArea {
	t, ok := v.scene().(turner)
	if !v.layOut() || v.zoom().scale == 1 && !v.scrolls() && !(ok && t.turnable()) {
		return nil
	}
	var areas []TouchArea
	for _, r := range v.viewport.panes.boxes {
		areas = append(areas, TouchArea{r.x, r.y, r.w, r.h})
	}
	return areas
}

// keyTurn is the drag, in CSS pixels, that an arrow key stands for.
const keyTurn = 12

// Key tells that a key goes down, named as in a browser's KeyboardEvent. It says whether the view used it; Tab is never
// used.
func (v *View) Key(key string, shift bool) bool {
	if !v.layOut() {
		return false
	}
	pane := v.viewport.panes.size()
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
		v.pan(0, 0.9*pane.h)
		return true
	case "PageDown":
		v.pan(0, -0.9*pane.h)
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
		v.outbox.events = append(v.outbox.events, event(proto.EventBack, noTarget))
		return true
	default:
		return false
	}
	if shift { // pan instead of moving the highlight
		step := 0.15 * min(pane.w, pane.h)
		v.pan(-float64(dx)*step, -float64(dy)*step)
		return true
	}
	if v.turn(float64(dx)*keyTurn, float64(dy)*keyTurn) {
		return true
	}
	v.pointer.over = false // the highlight stays until the pointer moves
	t := v.scene().step(v.dynamic.hover, dx, dy)
	v.setHover(t)
	v.scrollTo(t)
	return true
}

// Zoom zooms in by some steps, or out, about what is highlighted, or else the pane's middle; 0 steps show all.
func (v *View) Zoom(steps int) {
	if !v.layOut() {
		return
	}
	if steps == 0 {
		v.setZoom(identity)
		v.scrollTo(v.dynamic.hover)
		return
	}
	middle := v.viewport.panes.size().middle()
	if r, ok := v.scene().bounds(v.dynamic.hover); ok {
		middle = v.zoom().rect(r).middle()
	}
	v.setZoom(v.zoom().zoom(middle, math.Pow(1.5, float64(steps))))
}

// CanZoom says whether the content can be zoomed out, and whether in.
func (v *View) CanZoom() (out, in bool) {
	if !v.ready() {
		return false, false
	}
	const rounding = 1e-9 // of steps in and out again
	scale := v.zoom().scale
	return scale > 1+rounding, scale < maxZoom-rounding
}

// scrollTo pans so that a target is in the pane.
func (v *View) scrollTo(t target) {
	r, ok := v.scene().bounds(t)
	if !ok {
		return
	}
	z, pane := v.zoom(), v.viewport.panes.size()
	seen := z.rect(r)
	z.x += max(pane.x-seen.x, 0) - max(seen.right()-pane.right(), 0)
	z.y += max(pane.y-seen.y, 0) - max(seen.bottom()-pane.bottom(), 0)
	v.setZoom(z)
}

// zoomAt zooms by a factor about a point of the canvas.
func (v *View) zoomAt(at point, factor float64) {
	if !v.layOut() {
		return
	}
	if p, ok := v.viewport.panes.local(at); ok {
		v.setZoom(v.zoom().zoom(p, factor))
	}
}

// pan moves the content.
func (v *View) pan(dx, dy float64) {
	if !v.layOut() {
		return
	}
	z := v.zoom()
	z.x, z.y = z.x+dx, z.y+dy
	v.setZoom(z)
}

// setZoom changes the zoom of the scene that is shown, as far as there is content.
func (v *View) setZoom(z transform) {
	p := &v.viewport.panes
	z = z.clamp(p.content, p.size())
	if z != v.zoom() {
		v.viewport.zooms[v.sceneIndex()] = z
		v.invalidate(dirty{image: true, labels: true, tips: true})
	}
	v.hitTest()
}

// hitTest finds what is under the pointer.
func (v *View) hitTest() {
	if v.pointer.over && v.ready() && !v.dirty.layout {
		v.setHover(v.scene().hit(v.zoom(), v.pointer.at, v.dynamic.hover))
	}
}

// setHover changes what is highlighted, and tells the page.
func (v *View) setHover(t target) {
	if t == v.dynamic.hover {
		return
	}
	v.dynamic.hover = t
	v.dirty.tips = true
	v.tell(proto.EventHover)
}

// tell adds an event about what is highlighted. Of several moves between two frames the page hears of the last.
func (v *View) tell(kind proto.ViewEventKind) {
	e, events := event(kind, v.dynamic.hover), v.outbox.events
	if n := len(events); kind == proto.EventHover && n > 0 && events[n-1].Kind == kind {
		events[n-1] = e
		return
	}
	v.outbox.events = append(events, e)
}

func event(kind proto.ViewEventKind, t target) proto.ViewEvent {
	e := proto.ViewEvent{
		Kind: kind, Part: t.part, Block: t.block, Channel: t.channel, Y: t.y, X: t.x, Known: t.known, Value: t.value,
		Network: t.network, Layer: t.layer, Step: t.step, Length: t.length, Quantity: t.quantity,
	}
	if t.part == proto.PartChannel {
		e.Tensor = proto.ViewTensors[t.tensor]
	}
	return e
}
