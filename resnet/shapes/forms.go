package shapes

import (
	"math"
	"slices"
)

// corners is the number of corners of what looks like a circle.
const corners = 32

// A form is contours of about unit radius round the origin. A hole goes the other way round.
type form []contour

// forms has those of the task Form, in the order of its classes.
var forms = []form{
	{regular(corners, point{}, 1)},
	{{{-0.85, -0.85}, {0.85, -0.85}, {0.85, 0.85}, {-0.85, 0.85}}},
	{regular(3, point{}, 1.2).turned(-math.Pi / 2)},
	{star(5, 1.2, 0.5)},
	{{{-0.34, -1.05}, {0.34, -1.05}, {0.34, -0.34}, {1.05, -0.34}, {1.05, 0.34}, {0.34, 0.34}, {0.34, 1.05},
		{-0.34, 1.05}, {-0.34, 0.34}, {-1.05, 0.34}, {-1.05, -0.34}, {-0.34, -0.34}}},
	{regular(corners, point{}, 1.05), reversed(regular(corners, point{}, 0.55))},
}

// pointers has forms that point to the right, and are unlike their mirror image.
var pointers = []form{
	{{{-1.1, -0.3}, {0.1, -0.3}, {0.1, -0.85}, {1.2, 0}, {0.1, 0.85}, {0.1, 0.3}, {-1.1, 0.3}}},           // an arrow
	{{{-0.8, -0.9}, {1.2, 0}, {-0.8, 0.9}}},                                                               // a wedge
	{{{-0.9, -0.9}, {0.1, -0.9}, {1.1, 0}, {0.1, 0.9}, {-0.9, 0.9}, {0.1, 0}}},                            // a chevron
	{{{-1, -0.65}, {0.3, -0.65}, {1.15, 0}, {0.3, 0.65}, {-1, 0.65}}},                                     // a signpost
	{append(contour{{1.3, 0}}, regular(corners, point{-0.3, 0}, 0.75)[corners/8:corners-corners/8+1]...)}, // a drop
}

// star has its first tip above.
func star(tips int, outer, inner float64) contour {
	polygon := regular(2*tips, point{}, 1).turned(-math.Pi / 2)
	for i := range polygon {
		radius := outer
		if i%2 == 1 {
			radius = inner
		}
		polygon[i].x *= radius
		polygon[i].y *= radius
	}
	return polygon
}

// turned is the contour, turned clockwise round the origin.
func (c contour) turned(angle float64) contour {
	sin, cos := math.Sincos(angle)
	turned := make(contour, len(c))
	for i, p := range c {
		turned[i] = point{p.x*cos - p.y*sin, p.x*sin + p.y*cos}
	}
	return turned
}

func reversed(c contour) contour {
	slices.Reverse(c)
	return c
}

// at puts a form on the canvas: turned, then enlarged, then moved.
func (f form) at(centre point, radius, angle float64) form {
	placed := make(form, len(f))
	for i, c := range f {
		placed[i] = c.turned(angle)
		for k, p := range placed[i] {
			placed[i][k] = point{centre.x + radius*p.x, centre.y + radius*p.y}
		}
	}
	return placed
}
