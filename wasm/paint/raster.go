package paint

import (
	"encoding/binary"
	"image"
)

// canvas is pixels to paint on, and the clip, outside of which nothing is painted. All coordinates are device pixels.
type canvas struct {
	pix  []byte // R, G, B, A; always opaque
	w, h int
	clip image.Rectangle

	// The path that is filled next: what its edges cover of each pixel.
	cover, area []int32         // one for each pixel of bounds, row by row
	bounds      image.Rectangle // the path's box within the clip
	px, py      int             // the last point, in 256ths of a pixel
}

func (c *canvas) resize(w, h int) {
	if n := 4 * w * h; cap(c.pix) < n {
		c.pix = make([]byte, n)
	} else {
		c.pix = c.pix[:n]
	}
	c.w, c.h = w, h
	c.clip = image.Rect(0, 0, w, h)
}

// row is the pixels x0 … x1 of a row.
func (c *canvas) row(y, x0, x1 int) []byte {
	at := 4 * y * c.w
	return c.pix[at+4*x0 : at+4*x1 : at+4*x1]
}

// fillRect paints whole pixels.
func (c *canvas) fillRect(r image.Rectangle, col Color) {
	r = r.Intersect(c.clip)
	if r.Empty() {
		return
	}
	first := c.row(r.Min.Y, r.Min.X, r.Max.X)
	for i := 0; i < len(first); i += 4 {
		binary.LittleEndian.PutUint32(first[i:], uint32(col))
	}
	for y := r.Min.Y + 1; y < r.Max.Y; y++ {
		copy(c.row(y, r.Min.X, r.Max.X), first)
	}
}

// blend mixes a colour into whole pixels, with an alpha of 256.
func (c *canvas) blend(r image.Rectangle, col Color, alpha uint32) {
	r = r.Intersect(c.clip)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := c.row(y, r.Min.X, r.Max.X)
		for i := 0; i < len(row); i += 4 {
			p := row[i : i+4 : i+4]
			binary.LittleEndian.PutUint32(p, uint32(mix(Color(binary.LittleEndian.Uint32(p)), col, alpha)))
		}
	}
}

// mix is the mean of a and b, with the weight part/256 for b. It computes red and blue at once: 255·256 fits in 16
// bits.
func mix(a, b Color, part uint32) Color {
	const two = 0x00ff00ff
	rb := (uint32(a)&two*(256-part) + uint32(b)&two*part + 0x00800080) >> 8 & two
	g := (uint32(a)>>8&0xff*(256-part) + uint32(b)>>8&0xff*part + 0x80) >> 8 & 0xff
	return Color(rb | g<<8 | 0xff<<24)
}

// copyFrom copies whole pixels of a canvas of the same size.
func (c *canvas) copyFrom(src *canvas, r image.Rectangle) {
	r = r.Intersect(c.clip)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		copy(c.row(y, r.Min.X, r.Max.X), src.row(y, r.Min.X, r.Max.X))
	}
}

// A path is some closed outlines, which may not overlap. The coverage of each pixel is exact, for points in 256ths of a
// pixel. For every row that an edge crosses, each pixel it crosses gets the height of the edge there, and the area to
// the left of the edge. The sum of the heights from the left says what is inside.

// begin starts a path that is within a box. It says whether any of it can be seen.
func (c *canvas) begin(box image.Rectangle) bool {
	c.bounds = box.Intersect(c.clip)
	if c.bounds.Empty() {
		return false
	}
	n := c.bounds.Dx() * c.bounds.Dy()
	if cap(c.cover) < n {
		c.cover, c.area = make([]int32, n), make([]int32, n)
	}
	c.cover, c.area = c.cover[:n], c.area[:n]
	return true
}

// fixed is a coordinate in 256ths of a pixel. It is clamped far outside of the canvas, so that no product overflows.
func fixed(v float64) int {
	const far = 1 << 20
	return int(min(max(v, -far), far)*256+far*256+0.5) - far*256
}

func (c *canvas) moveTo(x, y float64) { c.px, c.py = fixed(x), fixed(y) }

func (c *canvas) lineTo(x, y float64) {
	x1, y1 := fixed(x), fixed(y)
	c.edge(c.px, c.py, x1, y1)
	c.px, c.py = x1, y1
}

// edge adds an edge, one row of pixels after the other.
func (c *canvas) edge(x0, y0, x1, y1 int) {
	sign := 1
	if y0 > y1 {
		x0, y0, x1, y1, sign = x1, y1, x0, y0, -1
	}
	top, bottom := max(y0, c.bounds.Min.Y<<8), min(y1, c.bounds.Max.Y<<8)
	if top >= bottom {
		return
	}
	dx, dy := x1-x0, y1-y0
	x := x0 + floorDiv(dx*(top-y0), dy)
	for y := top; y < bottom; {
		end := min((y>>8+1)<<8, bottom)
		next := x0 + floorDiv(dx*(end-y0), dy)
		c.span(y>>8, x, next, (end-y)*sign)
		x, y = next, end
	}
}

// span adds the part of an edge within one row, from x0 to x1, of height dy.
func (c *canvas) span(row, x0, x1, dy int) {
	cells := c.cover[(row-c.bounds.Min.Y)*c.bounds.Dx():][:c.bounds.Dx()]
	areas := c.area[(row-c.bounds.Min.Y)*c.bounds.Dx():][:c.bounds.Dx()]
	left, right := c.bounds.Min.X<<8, c.bounds.Max.X<<8
	switch {
	case x0 <= left && x1 <= left: // the whole row is right of it
		cells[0] += int32(dy)
		return
	case x0 >= right && x1 >= right:
		return
	case x0>>8 == x1>>8:
		at := x0>>8 - c.bounds.Min.X
		cells[at] += int32(dy)
		areas[at] += int32(dy * (x0&255 + x1&255))
		return
	}
	if x0 > x1 {
		x0, x1 = x1, x0
	}
	// Each pixel gets its share of the height; the shares add up to dy exactly.
	width, done := x1-x0, 0
	for x := x0; x < x1; {
		end := min((x>>8+1)<<8, x1)
		share := floorDiv(dy*(end-x0), width) - done
		done += share
		switch {
		case x < left:
			cells[0] += int32(share)
		case x < right:
			at := x>>8 - c.bounds.Min.X
			cells[at] += int32(share)
			areas[at] += int32(share * (x&255 + end - x>>8<<8))
		}
		x = end
	}
}

// floorDiv is a/b rounded down, for b > 0.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// fill paints the path with an alpha of 256, and clears it.
func (c *canvas) fill(col Color, alpha uint32) {
	w := c.bounds.Dx()
	for y := range c.bounds.Dy() {
		cover, area := c.cover[y*w:][:w], c.area[y*w:][:w]
		row := c.row(c.bounds.Min.Y+y, c.bounds.Min.X, c.bounds.Max.X)
		sum := int32(0)
		for x, v := range cover {
			sum += v
			inside := sum<<9 - area[x] // of 2·256·256
			cover[x], area[x] = 0, 0
			if inside == 0 {
				continue
			}
			a := uint32(max(inside, -inside)) * alpha >> 17
			p := row[4*x : 4*x+4 : 4*x+4]
			if a >= 256 {
				binary.LittleEndian.PutUint32(p, uint32(col))
			} else {
				binary.LittleEndian.PutUint32(p, uint32(mix(Color(binary.LittleEndian.Uint32(p)), col, a)))
			}
		}
	}
}
