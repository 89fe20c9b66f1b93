package paint

import (
	"math"
	"testing"
)

// cone is heights that rise with the distance from the middle, to 1 at the edges' middles.
func cone(side int) []float64 {
	var z []float64
	for y := range side {
		for x := range side {
			u, v := 2*float64(x)/float64(side-1)-1, 2*float64(y)/float64(side-1)-1
			z = append(z, math.Hypot(u, v)/2)
		}
	}
	return z
}

// TestRefine: the points of the coarse grid stay, and what is linear stays linear.
func TestRefine(t *testing.T) {
	const side, fine = 5, 4
	var ramp []float64
	for y := range side {
		for x := range side {
			ramp = append(ramp, 0.1+0.1*float64(x)+0.05*float64(y))
		}
	}
	s := refine(ramp, side, fine)
	for y := range s.side {
		for x := range s.side {
			inside := x >= fine && x < s.side-fine && y >= fine && y < s.side-fine // elsewhere a spline lacks a point
			want := 0.1 + 0.1*float64(x)/fine + 0.05*float64(y)/fine
			if (inside || x%fine == 0 && y%fine == 0) && math.Abs(s.at(y, x)-want) > 1e-12 {
				t.Fatalf("at %d, %d: %v, want %v", y, x, s.at(y, x), want)
			}
		}
	}
}

// TestContour: the contour of a cone is a circle, closed: each end of a piece is an end of just one other.
func TestContour(t *testing.T) {
	const side = 25
	s := refine(cone(side), side, 4)
	ends := map[point]int{}
	middle := float64(s.side-1) / 2
	length := 0.0
	s.contour(0.3, func(a, b point) {
		for _, p := range [...]point{a, b} {
			ends[point{math.Round(p.x * 1e9), math.Round(p.y * 1e9)}]++
			// The spline's and the linear interpolation's error: under a fortieth of the radius.
			if r := math.Hypot(p.x-middle, p.y-middle) / middle; math.Abs(r-0.6) > 0.015 {
				t.Fatalf("a point at the radius %v, want 0.6", r)
			}
		}
		length += math.Hypot(a.x-b.x, a.y-b.y) / middle
	})
	for p, n := range ends {
		if n != 2 {
			t.Fatalf("%d pieces end at %v", n, p)
		}
	}
	if want := 2 * math.Pi * 0.6; math.Abs(length-want) > 0.03*want {
		t.Errorf("the circle is %v long, want %v", length, want)
	}
}

// TestSaddle: where two opposite corners are higher, the lines run round the pair that the middle does not join.
func TestSaddle(t *testing.T) {
	for _, z := range [][]float64{{1, 0.2, 0.2, 1}, {0.6, 0, 0, 0.6}} {
		s := surface{side: 2, fineness: 1, z: z}
		var pieces [][2]point
		s.contour(0.5, func(a, b point) { pieces = append(pieces, [2]point{a, b}) })
		if len(pieces) != 2 {
			t.Fatalf("%v has %d pieces", z, len(pieces))
		}
		joined := z[0]+z[1]+z[2]+z[3] >= 4*0.5
		for _, p := range pieces {
			m := point{(p[0].x + p[1].x) / 2, (p[0].y + p[1].y) / 2}
			// A piece that cuts off a corner off the diagonal from the top left has its middle off it as well.
			if offDiagonal := math.Abs(m.x-m.y) > 0.2; offDiagonal != joined {
				t.Errorf("%v has a piece round %v", z, m)
			}
		}
	}
}
