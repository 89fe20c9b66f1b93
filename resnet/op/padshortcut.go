package op

// PadShortcut is a shortcut without weights into a smaller picture with more channels: every stride-th pixel, and zeros
// for the new channels, which stand behind the others (He, Zhang, Ren and Sun 2016, option A).
type PadShortcut struct {
	In, Out Shape
	stride  int
}

// NewPadShortcut makes a shortcut from shape in to out channels, at least as many.
func NewPadShortcut(in Shape, out, stride int) *PadShortcut {
	if out < in.C {
		panic(badPadShortcut)
	}
	return &PadShortcut{In: in, Out: Window{Size: 1, Stride: stride}.over(in, out), stride: stride}
}

// Forward computes dst from src, which must not overlap.
func (p *PadShortcut) Forward(dst, src []float32) {
	for row := range p.Out.H * p.Out.W {
		to := dst[row*p.Out.C:][:p.Out.C]
		clear(to[copy(to, src[p.pixel(row):][:p.In.C]):])
	}
}

// Backward computes dX, the gradient with respect to src, from dY, that with respect to dst. They must not overlap.
func (p *PadShortcut) Backward(dX, dY []float32) {
	clear(dX[:p.In.Len()])
	for row := range p.Out.H * p.Out.W {
		copy(dX[p.pixel(row):][:p.In.C], dY[row*p.Out.C:])
	}
}

// pixel is where an output row reads.
func (p *PadShortcut) pixel(row int) int {
	return (row/p.Out.W*p.In.W + row%p.Out.W) * p.stride * p.In.C
}

const badPadShortcut = "op: a shortcut that pads cannot have fewer channels than its input"
