package paint

import "math"

// surface is heights, 0 … 1, on a square grid, row by row. Every fineness-th point is one of the original grid.
type surface struct {
	side, fineness int
	z              []float64
}

func (s *surface) empty() bool { return s.side == 0 }

func (s *surface) at(y, x int) float64 { return s.z[y*s.side+x] }

// sample is the height between the points, u and v in 0 … 1, by linear interpolation.
func (s *surface) sample(u, v float64) float64 {
	last := float64(s.side - 1)
	fx, fy := min(max(u, 0), 1)*last, min(max(v, 0), 1)*last
	x, y := min(int(fx), s.side-2), min(int(fy), s.side-2)
	fx, fy = fx-float64(x), fy-float64(y)
	top := s.at(y, x)*(1-fx) + s.at(y, x+1)*fx
	bottom := s.at(y+1, x)*(1-fx) + s.at(y+1, x+1)*fx
	return top*(1-fy) + bottom*fy
}

// refine puts fineness−1 points between two of a grid, by Catmull-Rom splines, so that contours are round.
func refine(z []float64, side, fineness int) surface {
	fine := (side-1)*fineness + 1
	rows := make([]float64, side*fine) // refined along the rows
	for y := range side {
		refineLine(rows[y*fine:], 1, z[y*side:], 1, side, fineness)
	}
	s := surface{side: fine, fineness: fineness, z: make([]float64, fine*fine)}
	for x := range fine {
		refineLine(s.z[x:], fine, rows[x:], fine, side, fineness)
	}
	return s
}

// refineLine refines n values, which are from values apart, into values that are to apart.
func refineLine(dst []float64, to int, src []float64, from, n, fineness int) {
	at := func(i int) float64 { return src[min(max(i, 0), n-1)*from] }
	for i := range (n-1)*fineness + 1 {
		k, t := i/fineness, float64(i%fineness)/float64(fineness)
		a, b, c, d := at(k-1), at(k), at(k+1), at(k+2)
		v := b + t/2*(c-a+t*(2*a-5*b+4*c-d+t*(3*b-a-3*c+d)))
		dst[i*to] = min(max(v, 0), 1) // a spline overshoots
	}
}

// contour gives the line of a height, as pieces in grid coordinates, by marching squares. Where two opposite corners of
// a square are higher, the mean of all four decides how the line runs.
func (s *surface) contour(height float64, piece func(a, b point)) {
	for y := range s.side - 1 {
		for x := range s.side - 1 {
			z := [4]float64{s.at(y, x), s.at(y, x+1), s.at(y+1, x+1), s.at(y+1, x)} // clockwise from the top left
			higher := 0
			for i, v := range z {
				if v >= height {
					higher |= 1 << i
				}
			}
			if higher == 0 || higher == 15 {
				continue
			}
			crossings := [4]point{}
			n := 0
			for i := range z { // the edge from corner i to the next
				j := (i + 1) % 4
				if (z[i] >= height) == (z[j] >= height) {
					continue
				}
				t := (height - z[i]) / (z[j] - z[i])
				a, b := corner(x, y, i), corner(x, y, j)
				crossings[n] = point{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t}
				n++
			}
			if n == 2 {
				piece(crossings[0], crossings[1])
				continue
			}
			// All four edges are crossed. A line runs round either the corners 0 and 2 or 1 and 3.
			if (z[0]+z[1]+z[2]+z[3] >= 4*height) == (higher&1 != 0) {
				piece(crossings[0], crossings[1]) // corners 1 and 3 are cut off
				piece(crossings[2], crossings[3])
			} else {
				piece(crossings[3], crossings[0])
				piece(crossings[1], crossings[2])
			}
		}
	}
}

// corner is a corner of a square of the grid, clockwise from the top left.
func corner(x, y, i int) point {
	return point{float64(x + [4]int{0, 1, 1, 0}[i]), float64(y + [4]int{0, 0, 1, 1}[i])}
}

// crossing is where the surface first rises to a height on the way from its middle in a direction; 0 … 1 in both axes.
func (s *surface) crossing(height float64, direction point) (point, bool) {
	before := s.sample(0.5, 0.5)
	const steps = 200
	for i := 1; i <= steps; i++ {
		t := float64(i) / steps / 2
		u, v := 0.5+direction.x*t, 0.5+direction.y*t
		now := s.sample(u, v)
		if before < height && now >= height {
			return point{u, v}, math.Abs(u-0.5) < 0.47 && math.Abs(v-0.5) < 0.47
		}
		before = now
	}
	return point{}, false
}
