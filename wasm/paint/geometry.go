package paint

import (
	"image"
	"math"
)

// rect is a box in CSS pixels, of a scene or of the canvas.
type rect struct{ x, y, w, h float64 }

func (r rect) right() float64  { return r.x + r.w }
func (r rect) bottom() float64 { return r.y + r.h }
func (r rect) empty() bool     { return r.w <= 0 || r.h <= 0 }
func (r rect) middle() point   { return point{r.x + r.w/2, r.y + r.h/2} }

func (r rect) has(p point) bool {
	return p.x >= r.x && p.x < r.right() && p.y >= r.y && p.y < r.bottom()
}

func (r rect) inset(d float64) rect { return rect{r.x + d, r.y + d, r.w - 2*d, r.h - 2*d} }

// square is the largest square in the middle of r.
func (r rect) square() rect {
	s := min(r.w, r.h)
	return rect{r.x + (r.w-s)/2, r.y + (r.h-s)/2, s, s}
}

// lens is how a scene lies on the canvas: enlarged, then moved. Both sides are CSS pixels.
type lens struct{ scale, x, y float64 }

func (l lens) to(p point) point   { return point{p.x*l.scale + l.x, p.y*l.scale + l.y} }
func (l lens) from(p point) point { return point{(p.x - l.x) / l.scale, (p.y - l.y) / l.scale} }

func (l lens) rect(r rect) rect {
	return rect{r.x*l.scale + l.x, r.y*l.scale + l.y, r.w * l.scale, r.h * l.scale}
}

// maxZoom is how far a person can zoom in.
const maxZoom = 16

// zoom enlarges by a factor, and keeps the point of the canvas where it is.
func (l lens) zoom(at point, factor float64) lens {
	scale := min(max(l.scale*factor, 1), maxZoom)
	held := l.from(at)
	return lens{scale, at.x - held.x*scale, at.y - held.y*scale}
}

// keep moves the lens so that content, enlarged, leaves no more of the window empty than it must. Smaller content stays at the
// window's beginning.
func (l lens) keep(content, window rect) lens {
	hold := func(at, start, size, from, room float64) float64 {
		lo := from + room - (start+size)*l.scale // the content's end is the window's
		hi := from - start*l.scale
		return max(min(at, hi), min(lo, hi))
	}
	l.x = hold(l.x, content.x, content.w, window.x, window.w)
	l.y = hold(l.y, content.y, content.h, window.y, window.h)
	return l
}

// device is a box of the canvas in whole device pixels. Boxes that touch still touch.
func device(r rect, ratio float64) image.Rectangle {
	round := func(v float64) int { return int(math.Floor(v*ratio + 0.5)) }
	return image.Rect(round(r.x), round(r.y), round(r.right()), round(r.bottom()))
}
