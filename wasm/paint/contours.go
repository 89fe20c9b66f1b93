package paint

import (
	"math"
)

// contourFineness is how finely contours are computed, and reliefFineness the relief: see surface.
const (
	contourFineness = 4
	reliefFineness  = 2
)

// paintContours paints the heights as colours, and lines at the levels.
func (s *landscapeScene) paintContours(c *painter, p *landscapePanel) {
	whole := c.clip
	defer func() { c.clip = whole }()
	b := c.box(p.box)
	c.clip = whole.Intersect(b)
	n := p.surface.side
	pixels := make([]byte, n*n)
	for i, z := range p.surface.z {
		pixels[i] = byte(z*255 + 0.5)
	}
	// A sample is the middle of its square, and the outer ones lie on the box's edges.
	cell := p.box.w / float64(n-1)
	c.drawOverlay(&c.scaler, c.box(p.box.inset(-cell/2)), pixels, n, n, s.ramp, 256)
	for _, level := range s.levels {
		z := s.height(level)
		if z >= 1 {
			break // the scale's end, which is a plateau where losses are above it
		}
		// A line's ground has one colour. White is seen on most of them, black on the brightest.
		under := s.ramp[int(z*255+0.5)]
		col := mix(under, rgb(0xffffff), 150)
		if luma(under) > 150 {
			col = mix(under, rgb(0x000000), 130)
		}
		p.surface.contour(z, func(a, b point) {
			from := c.point(point{p.box.x + a.x*cell, p.box.y + a.y*cell})
			to := c.point(point{p.box.x + b.x*cell, p.box.y + b.y*cell})
			c.straight(from, to, max(1.5*c.unit(), 1), col)
		})
	}
}

// luma is a colour's brightness, 0 … 255, after ITU-R BT.601.
func luma(c Color) uint32 { return (299*c.r() + 587*c.g() + 114*c.b()) / 1000 }

// labelContours puts the levels' numbers where the contours cross two rays from the middle, as far as there is room.
func (s *landscapeScene) labelContours(to *labelList, zoom transform, p *landscapePanel) {
	var used []rect
	for _, angle := range [...]float64{-40, 145} {
		sin, cos := math.Sincos(angle * math.Pi / 180)
		for i, level := range s.levels {
			at, ok := p.surface.crossing(s.height(level), point{1.3 * cos, 1.3 * sin})
			if !ok || i == len(s.levels)-1 { // the last is the scale's end
				continue
			}
			text := s.levelText(i)
			w := max(textWidth(text, 11)+6, 24)
			r := rect{p.box.x + at.x*p.box.w - w/2, p.box.y + at.y*p.box.h - 7.5, w, 15}
			if m := p.box.middle(); math.Hypot(r.middle().x-m.x, r.middle().y-m.y) < 16 || overlaps(r, used) {
				continue
			}
			used = append(used, r)
			to.add("view.lab.text", zoom.rect(r), 11, Middle, Halo, values("text", plain(text)))
		}
	}
}

func overlaps(r rect, others []rect) bool {
	for _, o := range others {
		if !r.intersect(o).empty() {
			return true
		}
	}
	return false
}
