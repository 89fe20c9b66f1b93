package shapes

import (
	"cmp"
	"math"
	"slices"
)

// A point is a place on the canvas in pixels: x to the right, y down.
type point struct{ x, y float64 }

// A contour is a closed polygon.
type contour []point

// A rgb is a colour, 0 to 255 each.
type rgb [3]int32

// A canvas is a picture that is drawn on. Places are rounded to fractions of a pixel before anything is filled, and
// from there on all is whole numbers: so the bytes do not depend on how a processor rounds its products.
type canvas struct {
	size  int
	pix   []byte  // size × size × 3
	cover []int32 // of the present row: how much of each pixel is inside, in fractions × subrows
	edges []edge  // of what is being filled
	near  []edge  // those that touch the present row
	cross []crossing
}

const (
	fraction = 256 // places are multiples of 1/256 of a pixel
	subrows  = 8   // lines on which a row of pixels is looked at
)

// An edge goes down: y0 < y1. turn is 1 if the contour goes down there, else -1.
type edge struct{ x0, y0, x1, y1, turn int32 }

// A crossing is where a line crosses an edge.
type crossing struct{ x, turn int32 }

// fill paints what the contours enclose by the nonzero winding rule, with soft edges.
func (c *canvas) fill(colour rgb, contours ...contour) {
	c.edges = c.edges[:0]
	lo, hi := int32(c.size*fraction), int32(0)
	for _, polygon := range contours {
		last := place(polygon[len(polygon)-1])
		for _, p := range polygon {
			next := place(p)
			if e := (edge{last[0], last[1], next[0], next[1], 1}); e.y0 < e.y1 {
				c.edges = append(c.edges, e)
			} else if e.y0 > e.y1 {
				c.edges = append(c.edges, edge{e.x1, e.y1, e.x0, e.y0, -1})
			}
			lo, hi, last = min(lo, next[1]), max(hi, next[1]), next
		}
	}
	for y := max(lo/fraction, 0); y < int32(c.size) && y*fraction < hi; y++ {
		c.row(y, colour)
	}
}

// place rounds a point to fractions of a pixel. Far outside of the canvas it does not matter where a point is.
func place(p point) [2]int32 {
	round := func(v float64) int32 { return int32(math.Floor(min(max(v, -4096), 4096)*fraction + 0.5)) }
	return [2]int32{round(p.x), round(p.y)}
}

// row paints one row of pixels.
func (c *canvas) row(y int32, colour rgb) {
	clear(c.cover)
	c.near = c.near[:0]
	for _, e := range c.edges {
		if e.y0 < (y+1)*fraction && e.y1 > y*fraction {
			c.near = append(c.near, e)
		}
	}
	for k := range int32(subrows) {
		at := y*fraction + k*(fraction/subrows) + fraction/subrows/2
		c.cross = c.cross[:0]
		for _, e := range c.near {
			if e.y0 <= at && at < e.y1 {
				x := e.x0 + int32(int64(at-e.y0)*int64(e.x1-e.x0)/int64(e.y1-e.y0))
				c.cross = append(c.cross, crossing{x, e.turn})
			}
		}
		slices.SortFunc(c.cross, func(a, b crossing) int { return cmp.Compare(a.x, b.x) })
		winding := int32(0)
		for i, at := range c.cross {
			if winding != 0 {
				c.span(c.cross[i-1].x, at.x)
			}
			winding += at.turn
		}
	}
	for x, n := range c.cover {
		if n > 0 {
			c.blend(c.pix[3*(int(y)*c.size+x):][:3], colour, n)
		}
	}
}

// span adds the part of each pixel between two places of a line.
func (c *canvas) span(from, to int32) {
	from, to = max(from, 0), min(to, int32(c.size*fraction))
	for from < to {
		x := from / fraction
		end := min((x+1)*fraction, to)
		c.cover[x] += end - from
		from = end
	}
}

// blend mixes n parts of fraction × subrows of a colour into a pixel.
func (c *canvas) blend(pixel []byte, colour rgb, n int32) {
	const whole = fraction * subrows
	for i, v := range colour {
		pixel[i] = byte((int32(pixel[i])*(whole-n) + v*n + whole/2) / whole)
	}
}

// stroke paints the line along closed contours, with round corners.
func (c *canvas) stroke(colour rgb, width float64, contours ...contour) {
	var parts []contour
	for _, polygon := range contours {
		last := polygon[len(polygon)-1]
		for _, p := range polygon {
			if length := math.Hypot(p.x-last.x, p.y-last.y); length > 0 {
				// The half width, across the edge.
				dx, dy := -(p.y-last.y)/length*width/2, (p.x-last.x)/length*width/2
				parts = append(parts, contour{{last.x - dx, last.y - dy}, {p.x - dx, p.y - dy}, {p.x + dx, p.y + dy},
					{last.x + dx, last.y + dy}})
			}
			parts = append(parts, regular(8, p, width/2))
			last = p
		}
	}
	c.fill(colour, parts...)
}

// regular is a regular polygon, clockwise as one looks at it.
func regular(corners int, centre point, radius float64) contour {
	polygon := make(contour, corners)
	for i := range polygon {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(corners))
		polygon[i] = point{centre.x + radius*cos, centre.y + radius*sin}
	}
	return polygon
}
