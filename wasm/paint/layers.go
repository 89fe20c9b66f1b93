package paint

import (
	"image"
)

// layers are the two layers of the picture. The static one changes with the trace, the state, the size and the zoom.
// The dynamic layer is what the pointer highlights and the animation; it is painted over a copy of the static one, and
// only in damaged boxes.
type layers struct {
	static   canvas
	composed canvas // the static layer with the dynamic one over it: what is shown
	painter  painter
	damage   damage
	painted  scene // whose picture the static layer is
}

// A growingScene can add to its picture on the static layer.
type growingScene interface {
	scene
	// grow paints what has come since paintStatic or grow, and damages it. It paints nothing and returns false if
	// something else has changed as well.
	grow(p *painter, to *damage) bool
}

func (l *layers) resize(w, h int, ratio float64) {
	l.painted = nil
	l.static.resize(w, h)
	l.composed.resize(w, h)
	l.painter.ratio = ratio
	l.damage.bounds, l.damage.ratio = image.Rect(0, 0, w, h), ratio
}

// draw repaints what is out of date, and says where: boxes in device pixels, good until the next call. scene is nil
// while there is nothing to show.
func (l *layers) draw(scene scene, static bool, zoom transform, from, to dynamic) []image.Rectangle {
	p, bounds := &l.painter, l.damage.bounds
	if static {
		p.canvas, p.transform = &l.static, zoom
		p.clip = bounds
		growing, grows := scene.(growingScene)
		static = !(grows && l.painted == scene && growing.grow(p, &l.damage))
	}
	switch {
	case static:
		if scene == nil {
			p.fillRect(bounds, p.theme.paper)
		} else {
			scene.paintStatic(p)
		}
		l.painted = scene
		l.damage.all()
	case scene != nil && from != to:
		scene.damage(&l.damage, zoom, from, to)
	}
	p.canvas = &l.composed
	for _, r := range l.damage.boxes {
		p.clip, p.transform = r, zoom
		p.copyFrom(&l.static, r)
		if scene != nil {
			scene.paintDynamic(p, to)
		}
	}
	boxes := l.damage.boxes
	l.damage.boxes = boxes[:0]
	return boxes
}

// damage is the boxes of the canvas that must be painted again, in device pixels.
type damage struct {
	boxes  []image.Rectangle
	bounds image.Rectangle
	ratio  float64
}

// maxDamage is the number of boxes from which on one large box costs no more.
const maxDamage = 32

// add damages a box of the canvas, in CSS pixels; addPixels in device pixels.
func (d *damage) add(r rect) { d.addPixels(devicePixels(r, d.ratio)) }

func (d *damage) addPixels(b image.Rectangle) {
	b = b.Intersect(d.bounds)
	if b.Empty() {
		return
	}
	for _, other := range d.boxes {
		if b.In(other) {
			return
		}
	}
	if len(d.boxes) == maxDamage {
		for _, other := range d.boxes {
			b = b.Union(other)
		}
		d.boxes = d.boxes[:0]
	}
	d.boxes = append(d.boxes, b)
}

// all damages the whole canvas.
func (d *damage) all() { d.boxes = append(d.boxes[:0], d.bounds) }
