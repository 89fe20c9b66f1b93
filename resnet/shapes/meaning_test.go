package shapes

import (
	"math"
	"testing"
)

// These tests look at easy, filled pictures, and check that each shows what its class says.

const easySize = 32

// ink tells the pixels that differ from the ground, which at difficulty 0 is one colour.
type ink [easySize * easySize]bool

func easy(t *testing.T, task Task, i int) (ink, []byte, int) {
	t.Helper()
	pix, label := draw(Set{Task: task, Domain: Filled, Size: easySize, Seed: 5}, i)
	var m ink
	for at := range m {
		difference := 0
		for c := range 3 {
			d := int(pix[3*at+c]) - int(pix[c])
			difference += max(d, -d)
		}
		m[at] = difference > 60
	}
	return m, pix, label
}

// column counts the inked pixels of a column, and turned the picture by a quarter, anticlockwise.
func (m ink) column(x int) (n int) {
	for y := range easySize {
		if m[y*easySize+x] {
			n++
		}
	}
	return n
}

func (m ink) turned() (to ink) {
	for y := range easySize {
		for x := range easySize {
			to[(easySize-1-x)*easySize+y] = m[y*easySize+x]
		}
	}
	return to
}

// pointsRight: the ends of all pointers are narrower than their backs.
func (m ink) pointsRight() bool {
	left, right := 0, easySize-1
	for m.column(left) == 0 {
		left++
	}
	for m.column(right) == 0 {
		right--
	}
	return m.column(right) < m.column(left)
}

func TestDirectionsPoint(t *testing.T) {
	for i := range 60 {
		m, _, label := easy(t, Direction, i)
		if want := Direction.Classes()[label] == "right"; m.pointsRight() != want {
			t.Errorf("picture %d is of class %d, but points the other way", i, label)
		}
	}
}

func TestRotationsTurn(t *testing.T) {
	for i := range 60 {
		m, _, label := easy(t, Rotation, i)
		for range label {
			m = m.turned()
		}
		if !m.pointsRight() || m.turned().pointsRight() && m.turned().turned().turned().pointsRight() {
			t.Errorf("picture %d is of class %d, but is not turned by that much", i, label)
		}
	}
}

// TestPointers: each form of the table ends in a single tip at its right, and is its own mirror image from above to
// below. So only left and right tell the classes apart.
func TestPointers(t *testing.T) {
	for k, f := range pointers {
		tips := 0
		for _, p := range f[0] {
			if math.Abs(p.y) < 1e-9 && p.x > 1 {
				tips++
			} else if p.x > 1 {
				t.Errorf("pointer %d has a second end at %v", k, p)
			}
			found := false
			for _, q := range f[0] {
				found = found || math.Hypot(p.x-q.x, p.y+q.y) < 1e-9
			}
			if !found {
				t.Errorf("pointer %d has a corner at %v and none opposite", k, p)
			}
		}
		if tips != 1 {
			t.Errorf("pointer %d has %d tips", k, tips)
		}
		if back := f.mirrored().mirrored(); back[0][0] != f[0][0] {
			t.Errorf("pointer %d mirrored twice is another one", k)
		}
	}
}

func TestFormsAreDrawn(t *testing.T) {
	var masks []ink
	for _, f := range forms {
		c := canvas{size: easySize, pix: make([]byte, 3*easySize*easySize), cover: make([]int32, easySize)}
		c.fill(rgb{255, 255, 255}, f.at(point{easySize / 2, easySize / 2}, 0.36*easySize, 0)...)
		var m ink
		for at := range m {
			m[at] = c.pix[3*at] > 127
		}
		masks = append(masks, m)
	}
	for i := range 60 {
		m, _, label := easy(t, Form, i)
		best, least := -1, easySize*easySize
		for k, mask := range masks {
			unlike := 0
			for at := range m {
				if m[at] != mask[at] {
					unlike++
				}
			}
			if unlike < least {
				best, least = k, unlike
			}
		}
		if best != label {
			t.Errorf("picture %d is of class %s, but looks like a %s", i, Form.Classes()[label], Form.Classes()[best])
		}
	}
}

func TestColoursAreSeen(t *testing.T) {
	for i := range 60 {
		m, pix, label := easy(t, Colour, i)
		var sum [3]float64
		for at, inked := range m {
			for c := range 3 {
				if inked {
					sum[c] += float64(pix[3*at+c])
				}
			}
		}
		// The direction of the hue in the plane across the greys.
		hue := math.Atan2(math.Sqrt(3)*(sum[1]-sum[2]), 2*sum[0]-sum[1]-sum[2]) * 180 / math.Pi
		off := math.Mod(hue-float64(60*label)+540, 360) - 180
		// The soft edges mix in a little of the ground.
		if math.Abs(off) > 10 {
			t.Errorf("picture %d is %s, but its hue is %.0f", i, Colour.Classes()[label], hue)
		}
	}
}

func TestCountsAreRight(t *testing.T) {
	for i := range 60 {
		m, _, label := easy(t, Count, i)
		parts := 0
		for at := range m {
			if m[at] {
				parts++
				m.erase(at)
			}
		}
		if parts != label+1 {
			t.Errorf("picture %d is of class %s, but shows %d things", i, Count.Classes()[label], parts)
		}
	}
}

// erase removes what hangs together with a pixel.
func (m *ink) erase(at int) {
	if !m[at] {
		return
	}
	m[at] = false
	x, y := at%easySize, at/easySize
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if x+dx >= 0 && x+dx < easySize && y+dy >= 0 && y+dy < easySize {
				m.erase(at + dy*easySize + dx)
			}
		}
	}
}

// TestFill compares areas with those of geometry.
func TestFill(t *testing.T) {
	square := contour{{4.25, 3.5}, {10.75, 3.5}, {10.75, 9}, {4.25, 9}}
	hole := reversed(contour{{6, 5}, {8, 5}, {8, 7}, {6, 7}})
	for name, c := range map[string]struct {
		contours []contour
		area     float64
		slack    float64 // for what the sub-rows miss
	}{
		"a square":                    {[]contour{square}, 6.5 * 5.5, 0.01},
		"with a hole":                 {[]contour{square, hole}, 6.5*5.5 - 4, 0.01},
		"twice":                       {[]contour{square, square}, 6.5 * 5.5, 0.01},
		"over the corner":             {[]contour{{{-5, -5}, {3, -5}, {3, 2}, {-5, 2}}}, 6, 0.01},
		"outside":                     {[]contour{{{-5, -5}, {-3, -5}, {-3, 2}}}, 0, 0},
		"wider than the whole canvas": {[]contour{{{-1e9, -1e9}, {1e9, -1e9}, {1e9, 1e9}, {-1e9, 1e9}}}, 256, 0},
		"a circle":                    {[]contour{regular(64, point{8, 8}, 6)}, 32 * 36 * math.Sin(math.Pi/32), 0.05},
		"flat":                        {[]contour{{{1, 1}, {5, 1}, {9, 1}}}, 0, 0},
	} {
		canvas := canvas{size: 16, pix: make([]byte, 3*256), cover: make([]int32, 16)}
		canvas.fill(rgb{200, 100, 50}, c.contours...)
		sum := 0.0
		for i := 0; i < len(canvas.pix); i += 3 {
			sum += float64(canvas.pix[i]) / 200
		}
		// Each pixel on an edge, 40 at most, is rounded to a byte.
		if math.Abs(sum-c.area) > c.slack+40*0.5/200*0.3 {
			t.Errorf("%s: the area is %.3f, want %.3f", name, sum, c.area)
		}
	}
}

// TestStroke: a line is as long and as wide as it should be, and its corners are round.
func TestStroke(t *testing.T) {
	c := canvas{size: 32, pix: make([]byte, 3*1024), cover: make([]int32, 32)}
	c.stroke(rgb{200, 200, 200}, 2, contour{{8, 8}, {24, 8}, {24, 24}, {8, 24}})
	sum := 0.0
	for i := 0; i < len(c.pix); i += 3 {
		sum += float64(c.pix[i]) / 200
	}
	// The square of 18, less that of 14, and less what the four round corners lack. An octagon of radius 1 stands for
	// the circle: a quarter of it is 0.707.
	if want := 18.0*18 - 14*14 - 4*(1-math.Sqrt2/2); math.Abs(sum-want) > 0.3 {
		t.Errorf("the area is %.3f, want %.3f", sum, want)
	}
}
