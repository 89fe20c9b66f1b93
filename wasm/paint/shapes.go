package paint

import (
	"image"
	"math"
)

// All coordinates in this file are device pixels.

// quarter is the points of a quarter of a circle, from (1, 0) to (0, 1).
var quarter = func() (q [13]point) {
	for i := range q {
		s, c := math.Sincos(float64(i) / float64(len(q)-1) * math.Pi / 2)
		q[i] = point{c, s}
	}
	return q
}()

// boundsOf is the box of whole pixels round a line of some width through points.
func boundsOf(points []point, width float64) image.Rectangle {
	lo, hi := points[0], points[0]
	for _, p := range points[1:] {
		lo = point{min(lo.x, p.x), min(lo.y, p.y)}
		hi = point{max(hi.x, p.x), max(hi.y, p.y)}
	}
	far := width/2 + 1
	return image.Rect(
		int(math.Floor(lo.x-far)), int(math.Floor(lo.y-far)), int(math.Ceil(hi.x+far)), int(math.Ceil(hi.y+far)))
}

// circle paints a disc.
func (c *canvas) circle(at point, radius float64, col Color) {
	if !c.begin(boundsOf([]point{at}, 2*radius)) {
		return
	}
	c.outline(at, radius)
	c.fill(col, 256)
}

// outline adds a circle to the path.
func (c *canvas) outline(at point, radius float64) {
	c.moveTo(at.x+radius, at.y)
	for turn := range 4 {
		for _, q := range quarter[1:] {
			for range turn {
				q = point{-q.y, q.x}
			}
			c.lineTo(at.x+q.x*radius, at.y+q.y*radius)
		}
	}
}

// roundRect paints a box with round corners.
func (c *canvas) roundRect(r image.Rectangle, radius int, col Color) {
	radius = min(radius, r.Dx()/2, r.Dy()/2)
	if radius <= 0 {
		c.fillRect(r, col)
		return
	}
	x0, x1, d := float64(r.Min.X), float64(r.Max.X), float64(radius)
	for _, end := range [...]struct {
		strip  image.Rectangle
		y      float64 // of the straight edge
		inward float64 // the direction from there, 1 or −1
	}{
		{image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+radius), float64(r.Min.Y), 1},
		{image.Rect(r.Min.X, r.Max.Y-radius, r.Max.X, r.Max.Y), float64(r.Max.Y), -1},
	} {
		if !c.begin(end.strip) {
			continue
		}
		c.moveTo(x0, end.y+d*end.inward)
		for _, q := range quarter[1:] {
			c.lineTo(x0+d-d*q.x, end.y+(d-d*q.y)*end.inward)
		}
		for i := range quarter {
			q := quarter[len(quarter)-1-i]
			c.lineTo(x1-d+d*q.x, end.y+(d-d*q.y)*end.inward)
		}
		c.lineTo(x0, end.y+d*end.inward)
		c.fill(col, 256)
	}
	c.fillRect(image.Rect(r.Min.X, r.Min.Y+radius, r.Max.X, r.Max.Y-radius), col)
}

// frame paints a box with round corners: its outline, which is within the box, and its inside.
func (c *canvas) frame(r image.Rectangle, radius, width int, line, inside Color) {
	c.roundRect(r, radius, line)
	c.roundRect(r.Inset(width), radius-width, inside)
}

// edges paints a straight frame round a box, outside of it.
func (c *canvas) edges(r image.Rectangle, width int, col Color) {
	o := r.Inset(-width)
	c.fillRect(image.Rect(o.Min.X, o.Min.Y, o.Max.X, r.Min.Y), col)
	c.fillRect(image.Rect(o.Min.X, r.Max.Y, o.Max.X, o.Max.Y), col)
	c.fillRect(image.Rect(o.Min.X, r.Min.Y, r.Min.X, r.Max.Y), col)
	c.fillRect(image.Rect(r.Max.X, r.Min.Y, o.Max.X, r.Max.Y), col)
}

// stroke paints a line through some points. It has no rounded ends, and its bends must be wider than the line.
func (c *canvas) stroke(points []point, width float64, col Color) {
	if len(points) < 2 || !c.begin(boundsOf(points, 2*width)) {
		return
	}
	for i := range points {
		p := side(points, i, width/2)
		if i == 0 {
			c.moveTo(p.x, p.y)
		} else {
			c.lineTo(p.x, p.y)
		}
	}
	for i := range points {
		p := side(points, len(points)-1-i, -width/2)
		c.lineTo(p.x, p.y)
	}
	p := side(points, 0, width/2)
	c.lineTo(p.x, p.y)
	c.fill(col, 256)
}

// dashes paints a dashed line between two points.
func (c *canvas) dashes(a, b point, width, dash float64, col Color) {
	whole := math.Hypot(b.x-a.x, b.y-a.y)
	var piece [2]point
	for at := 0.0; at < whole; at += 2 * dash {
		end := min(at+dash, whole)
		piece[0] = point{a.x + (b.x-a.x)*at/whole, a.y + (b.y-a.y)*at/whole}
		piece[1] = point{a.x + (b.x-a.x)*end/whole, a.y + (b.y-a.y)*end/whole}
		c.stroke(piece[:], width, col)
	}
}

// roundLine paints only the outline of a box with round corners.
func (c *canvas) roundLine(r image.Rectangle, radius, width float64, col Color) {
	// Paint it in four strips, so that the large inside costs nothing.
	far := int(max(radius, width)) + 1
	whole := c.clip
	for _, strip := range [...]image.Rectangle{
		{r.Min, image.Pt(r.Max.X, min(r.Min.Y+far, r.Max.Y))},
		{image.Pt(r.Min.X, max(r.Max.Y-far, r.Min.Y+far)), r.Max},
		{image.Pt(r.Min.X, r.Min.Y+far), image.Pt(min(r.Min.X+far, r.Max.X), r.Max.Y-far)},
		{image.Pt(max(r.Max.X-far, r.Min.X+far), r.Min.Y+far), image.Pt(r.Max.X, r.Max.Y-far)},
	} {
		c.clip = whole.Intersect(strip)
		if !c.begin(r) {
			continue
		}
		c.roundOutline(r, 0, radius, 1)
		c.roundOutline(r, width, max(radius-width, 0), -1)
		c.fill(col, 256)
	}
	c.clip = whole
}

// roundOutline adds a box with round corners to the path, in the direction 1 or −1. An outline in the other direction
// is a hole.
func (c *canvas) roundOutline(r image.Rectangle, inset, radius, direction float64) {
	mid := point{float64(r.Min.X+r.Max.X) / 2, float64(r.Min.Y+r.Max.Y) / 2}
	w, h := float64(r.Dx())/2-inset, float64(r.Dy())/2-inset
	radius = min(radius, w, h)
	started := false
	for turn := range 4 {
		for _, q := range quarter {
			p := point{w - radius + q.x*radius, h - radius + q.y*radius}
			if turn%2 == 1 { // the corner's mirror image, walked backwards
				p = point{w - radius + q.y*radius, h - radius + q.x*radius}
			}
			switch turn {
			case 1:
				p.x = -p.x
			case 2:
				p.x, p.y = -p.x, -p.y
			case 3:
				p.y = -p.y
			}
			x, y := mid.x+p.x, mid.y+p.y*direction
			if started {
				c.lineTo(x, y)
			} else {
				c.moveTo(x, y)
				started = true
			}
		}
	}
	c.lineTo(mid.x+w, mid.y+(h-radius)*direction)
}

// side is the point beside points[i] that has a distance from both lines that meet there.
func side(points []point, i int, distance float64) point {
	at := points[i]
	a, b := normal(points[max(i-1, 0)], at), normal(at, points[min(i+1, len(points)-1)])
	if a == (point{}) { // the line's start, or the same point twice
		a = b
	}
	if b == (point{}) {
		b = a
	}
	mx, my := a.x+b.x, a.y+b.y
	// The mitre's length is 1/cos of half the angle. Spikes are cut off.
	scale := 2 / max(mx*mx+my*my, 0.5)
	return point{at.x + mx*scale*distance, at.y + my*scale*distance}
}

// normal is the unit vector to the left of the direction from a to b.
func normal(a, b point) point {
	dx, dy := b.x-a.x, b.y-a.y
	d := math.Sqrt(dx*dx + dy*dy)
	if d == 0 {
		return point{}
	}
	return point{dy / d, -dx / d}
}

// bend adds a rounded corner to a line that comes from its last point and goes on towards next.
func bend(line []point, corner, next point, radius float64) []point {
	last := line[len(line)-1]
	in, out := normal(last, corner), normal(corner, next)
	from := point{corner.x + in.y*radius, corner.y - in.x*radius}
	to := point{corner.x - out.y*radius, corner.y + out.x*radius}
	centre := point{from.x + to.x - corner.x, from.y + to.y - corner.y}
	for _, q := range quarter {
		line = append(line, point{
			centre.x + (from.x-centre.x)*q.x + (to.x-centre.x)*q.y,
			centre.y + (from.y-centre.y)*q.x + (to.y-centre.y)*q.y,
		})
	}
	return line
}

// lineLength is the length of a line.
func lineLength(line []point) float64 {
	sum := 0.0
	for i := range line[1:] {
		sum += math.Hypot(line[i+1].x-line[i].x, line[i+1].y-line[i].y)
	}
	return sum
}

// along is the point after a part, 0 … 1, of a line's length.
func along(line []point, part float64) point {
	left := part * lineLength(line)
	for i := range line[1:] {
		a, b := line[i], line[i+1]
		d := math.Hypot(b.x-a.x, b.y-a.y)
		if left <= d && d > 0 {
			return point{a.x + (b.x-a.x)*left/d, a.y + (b.y-a.y)*left/d}
		}
		left -= d
	}
	return line[len(line)-1]
}
