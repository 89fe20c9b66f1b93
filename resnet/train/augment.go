package train

import (
	"math/rand/v2"

	"github.com/seed8935e608/residua/resnet/op"
)

// Augment is how pictures to learn from are altered at random, each time anew. What comes in from outside is 0, the
// mean of standardised pictures.
type Augment struct {
	Mirror bool // left and right are exchanged, or not
	Shift  int  // moved by at most so many pixels, down or up and to the right or left
	Cut    int  // a square of so many pixels a side, round any of the picture's pixels, is 0 (DeVries and Taylor 2017)
}

func (a Augment) check() bool { return a.Shift >= 0 && a.Cut >= 0 }

// apply alters a picture of a shape in place. space is as long as the picture.
func (a Augment) apply(x, space []float32, s op.Shape, r *rand.Rand) {
	mirrored := a.Mirror && r.IntN(2) == 1
	down, right := 0, 0
	if a.Shift > 0 {
		down, right = r.IntN(2*a.Shift+1)-a.Shift, r.IntN(2*a.Shift+1)-a.Shift
	}
	if mirrored || down != 0 || right != 0 {
		copy(space, x)
		move(x, space, s, mirrored, down, right)
	}
	if a.Cut > 0 {
		cut(x, s, r.IntN(s.H)-a.Cut/2, r.IntN(s.W)-a.Cut/2, a.Cut)
	}
}

// move writes a picture, mirrored or not and then moved, to x.
func move(x, from []float32, s op.Shape, mirrored bool, down, right int) {
	for row := range s.H {
		for col := range s.W {
			to, fromRow, fromCol := x[(row*s.W+col)*s.C:][:s.C], row-down, col-right
			if mirrored {
				fromCol = s.W - 1 - fromCol
			}
			if fromRow < 0 || fromRow >= s.H || fromCol < 0 || fromCol >= s.W {
				clear(to)
			} else {
				copy(to, from[(fromRow*s.W+fromCol)*s.C:])
			}
		}
	}
}

// cut sets what of a square lies in the picture to 0.
func cut(x []float32, s op.Shape, top, left, side int) {
	for row := max(0, top); row < min(s.H, top+side); row++ {
		clear(x[(row*s.W+max(0, left))*s.C : (row*s.W+min(s.W, left+side))*s.C])
	}
}
