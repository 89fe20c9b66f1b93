package paint

import (
	"math"
)

// projection shows a surface from an angle, in parallel rays. A relief keeps its size while it is turned.
type projection struct {
	middle   point
	scale    float64 // CSS pixels in half a side of the grid
	sin, cos float64 // of the yaw
	up, deep float64 // how much of a height and of a depth is seen
}

// reliefHeight is the height 1, in halves of the grid's side.
const reliefHeight = 0.95

func (s *landscapeScene) projection(box rect) projection {
	sin, cos := math.Sincos(s.angle.yaw * math.Pi / 180)
	deep, up := math.Sincos(s.angle.pitch * math.Pi / 180)
	high := 2*math.Sqrt2*deep + reliefHeight*up
	scale := min((box.w-2*reliefMargin)/(2*math.Sqrt2), (box.h-8)/high)
	middle := box.middle()
	middle.y += scale * reliefHeight * up / 2
	return projection{middle, scale, sin, cos, up, deep}
}

// reliefMargin leaves room for the numbers beside a relief.
const reliefMargin = 30

// at is where a point is seen, u and v in 0 … 1, and how near it is.
func (p *projection) at(u, v, z float64) (point, float64) {
	x, y := 2*u-1, 2*v-1
	right, near := x*p.cos-y*p.sin, x*p.sin+y*p.cos
	return point{
		p.middle.x + p.scale*right,
		p.middle.y + p.scale*(near*p.deep-z*reliefHeight*p.up),
	}, near
}

// paintRelief paints the walls behind the surface with the levels, the surface from back to front, and its cut sides.
func (s *landscapeScene) paintRelief(c *painter, p *landscapePanel, network int) {
	to := s.projection(p.box)
	s.paintWalls(c, &to)
	n := p.surface.side
	points := make([]point, n*n)
	for y := range n {
		for x := range n {
			at, _ := to.at(float64(x)/float64(n-1), float64(y)/float64(n-1), p.surface.at(y, x))
			points[y*n+x] = c.point(at)
		}
	}
	// x and y grow towards the back where these are negative.
	for k := range n - 1 {
		y := inOrder(k, n-1, to.cos < 0)
		for i := range n - 1 {
			x := inOrder(i, n-1, to.sin < 0)
			s.paintPatch(c, &to, &p.surface, points, y, x)
		}
	}
	s.paintSides(c, &to, &p.surface, points)
	middle, _ := to.at(0.5, 0.5, p.surface.sample(0.5, 0.5))
	c.mark(middle, 5, network, rgb(0xffffff))
}

// inOrder is the k-th of n, or the k-th from the end.
func inOrder(k, n int, reverse bool) int {
	if reverse {
		return n - 1 - k
	}
	return k
}

// paintPatch paints a square of the surface in the colour of its height, lit from the upper left, and the lines of the
// original grid.
func (s *landscapeScene) paintPatch(c *painter, to *projection, f *surface, points []point, y, x int) {
	n := f.side
	i := y*n + x
	quad := [4]point{points[i], points[i+1], points[i+n+1], points[i+n]}
	z := [4]float64{f.z[i], f.z[i+1], f.z[i+n+1], f.z[i+n]}
	col := s.ramp[int((z[0]+z[1]+z[2]+z[3])/4*255+0.5)]

	// The normal is (−dz/dx, −dz/dy, 1), in halves of the side.
	step := 2 / float64(n-1)
	dx := (z[1] + z[2] - z[0] - z[3]) / 2 * reliefHeight / step
	dy := (z[2] + z[3] - z[0] - z[1]) / 2 * reliefHeight / step
	right, near := -(dx*to.cos - dy*to.sin), -(dx*to.sin + dy*to.cos)
	lit := (-0.55*right + 0.35*near + 0.75) / math.Sqrt(1+dx*dx+dy*dy)
	switch {
	case lit < 0.75:
		col = mix(col, rgb(0x000000), uint32(min(0.75-max(lit, 0), 0.6)*200))
	default:
		col = mix(col, rgb(0xffffff), uint32(min(lit-0.75, 0.4)*110))
	}
	c.patch(quad, col)

	line := mix(col, rgb(0x000000), 56)
	if luma(col) < 60 {
		line = mix(col, rgb(0xffffff), 44)
	}
	width := max(0.9*c.unit(), 0.9)
	if y%f.fineness == 0 {
		c.straight(quad[0], quad[1], width, line)
	}
	if x%f.fineness == 0 {
		c.straight(quad[0], quad[3], width, line)
	}
}

// patch fills a four-sided figure and a little beyond its edges, so that no ground is seen between two.
func (p *painter) patch(quad [4]point, col Color) {
	var m point
	for _, q := range quad {
		m.x += q.x / 4
		m.y += q.y / 4
	}
	if !p.begin(boundsOf(quad[:], 2)) {
		return
	}
	const beyond = 0.6 // device pixels
	for i := range 5 {
		q := quad[i%4]
		d := max(math.Hypot(q.x-m.x, q.y-m.y), 0.01)
		q.x, q.y = q.x+(q.x-m.x)/d*beyond, q.y+(q.y-m.y)/d*beyond
		if i == 0 {
			p.moveTo(q.x, q.y)
		} else {
			p.lineTo(q.x, q.y)
		}
	}
	p.fill(col, 256)
}

// cutSides are the two sides of the grid that are seen in front: v = 0 or 1, and u = 0 or 1.
func (p *projection) cutSides() (v, u float64) {
	if p.cos > 0 {
		v = 1
	}
	if p.sin > 0 {
		u = 1
	}
	return v, u
}

// paintWalls paints the floor's edges and, at the back, a line for each level.
func (s *landscapeScene) paintWalls(c *painter, to *projection) {
	front, side := to.cutSides()
	line := func(col Color, at ...[3]float64) {
		var points []point
		for _, a := range at {
			p, _ := to.at(a[0], a[1], a[2])
			points = append(points, p)
		}
		c.polyline(points, 1, col)
	}
	u, v := 1-side, 1-front // of the corner at the back
	for _, level := range s.levels {
		z := s.height(level)
		line(c.theme.line, [3]float64{u, front, z}, [3]float64{u, v, z}, [3]float64{side, v, z})
	}
	for _, a := range [...][2]float64{{u, front}, {u, v}, {side, v}} {
		line(c.theme.lineStrong, [3]float64{a[0], a[1], 0}, [3]float64{a[0], a[1], 1})
	}
	line(c.theme.lineStrong, [3]float64{u, front, 0}, [3]float64{u, v, 0}, [3]float64{side, v, 0})
}

// paintSides paints the sides in front, from the surface down to the floor.
func (s *landscapeScene) paintSides(c *painter, to *projection, f *surface, points []point) {
	front, side := to.cutSides()
	n := f.side
	row := int(front) * (n - 1) * n
	column := int(side) * (n - 1)
	for turn := range 2 {
		var edge []point
		from, until := [3]float64{0, front}, [3]float64{1, front}
		if turn == 1 {
			from, until = [3]float64{side, 0}, [3]float64{side, 1}
		}
		for i := range n {
			at := row + i
			if turn == 1 {
				at = column + i*n
			}
			edge = append(edge, points[at])
		}
		a, _ := to.at(from[0], from[1], 0)
		b, _ := to.at(until[0], until[1], 0)
		low := [2]point{c.point(b), c.point(a)}
		if c.begin(boundsOf(append(low[:], edge...), 2)) {
			c.moveTo(edge[0].x, edge[0].y)
			for _, q := range append(edge[1:len(edge):len(edge)], low[0], low[1], edge[0]) {
				c.lineTo(q.x, q.y)
			}
			ground := c.theme.well
			if turn == 1 {
				ground = mix(c.theme.well, c.theme.line, 128)
			}
			c.fill(ground, 256)
		}
		outline := append(edge, low[0], low[1], edge[0])
		for i := range outline[1:] {
			c.straight(outline[i], outline[i+1], max(c.unit(), 1), c.theme.lineStrong)
		}
	}
}

// labelRelief puts the levels' numbers beside the edge that is seen furthest to the left.
func (s *landscapeScene) labelRelief(to *labelList, zoom transform, p *landscapePanel) {
	shown := s.projection(p.box)
	front, side := shown.cutSides()
	// The edges that the walls end at.
	best, least := point{}, math.Inf(1)
	for _, a := range [...]point{{1 - side, front}, {side, 1 - front}} {
		if at, _ := shown.at(a.x, a.y, 0); at.x < least {
			best, least = a, at.x
		}
	}
	last := math.Inf(1)
	for i, level := range s.levels {
		at, _ := shown.at(best.x, best.y, s.height(level))
		if last-at.y < 13 {
			continue
		}
		last = at.y
		r := rect{at.x - 40, at.y - 6.5, 36, 13}
		if r.x < 0 {
			r.w, r.x = r.w+r.x, 0
		}
		to.add("view.lab.text", zoom.rect(r), 10.5, End, Quiet, values("text", plain(s.levelText(i))))
	}
}
