package paint

import (
	"image"
	"math"
)

// point is a place, and rect a box. Which coordinates they have, where they are used says: CSS pixels of the canvas or
// of a scene's content, or device pixels.
type point struct{ x, y float64 }

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

// fit is the largest rectangle in the middle of r that has the proportions of height × width.
func (r rect) fit(height, width int) rect {
	if height == width || height < 1 || width < 1 {
		return r.square()
	}
	s := min(r.w/float64(width), r.h/float64(height))
	w, h := s*float64(width), s*float64(height)
	return rect{r.x + (r.w-w)/2, r.y + (r.h-h)/2, w, h}
}

// intersect is what r and o have in common; it may be empty.
func (r rect) intersect(o rect) rect {
	x, y := max(r.x, o.x), max(r.y, o.y)
	return rect{x, y, min(r.right(), o.right()) - x, min(r.bottom(), o.bottom()) - y}
}

// transform places content on the canvas: it scales, then moves. Both sides are CSS pixels.
type transform struct{ scale, x, y float64 }

var identity = transform{scale: 1}

func (t transform) apply(p point) point   { return point{p.x*t.scale + t.x, p.y*t.scale + t.y} }
func (t transform) inverse(p point) point { return point{(p.x - t.x) / t.scale, (p.y - t.y) / t.scale} }

func (t transform) rect(r rect) rect {
	return rect{r.x*t.scale + t.x, r.y*t.scale + t.y, r.w * t.scale, r.h * t.scale}
}

// in is the transform for content in a pane, where t is relative to the pane's corner.
func (t transform) in(pane rect) transform { return transform{t.scale, t.x + pane.x, t.y + pane.y} }

// maxZoom is the largest scale.
const maxZoom = 16

// zoom multiplies the scale by a factor. The point of the canvas keeps the content that it shows.
func (t transform) zoom(at point, factor float64) transform {
	scale := min(max(t.scale*factor, 1), maxZoom)
	fixed := t.inverse(at)
	return transform{scale, at.x - fixed.x*scale, at.y - fixed.y*scale}
}

// clamp moves the content so that it leaves no more of the window empty than it must. Content smaller than the window
// stays at the window's top left.
func (t transform) clamp(content, window rect) transform {
	clamp := func(offset, start, size, from, room float64) float64 {
		lo := from + room - (start+size)*t.scale // the content ends where the window does
		hi := from - start*t.scale               // it begins where the window does
		return max(min(offset, hi), min(lo, hi))
	}
	t.x = clamp(t.x, content.x, content.w, window.x, window.w)
	t.y = clamp(t.y, content.y, content.h, window.y, window.h)
	return t
}

// devicePixels is a box of the canvas in whole device pixels. Boxes that touch still touch.
func devicePixels(r rect, ratio float64) image.Rectangle {
	round := func(v float64) int { return int(math.Floor(v*ratio + 0.5)) }
	return image.Rect(round(r.x), round(r.y), round(r.right()), round(r.bottom()))
}
