package op

import "github.com/seed8935e608/residua/resnet/kernel"

// MaxPool2D takes the maximum of each channel in a sliding window.
type MaxPool2D struct {
	In, Out Shape
	window  Window
	rows    *kernel.Rows
}

// NewMaxPool2D makes a pool for inputs of shape in. Its border must be narrower than its window.
func NewMaxPool2D(in Shape, window Window) *MaxPool2D {
	if window.Pad >= window.Size {
		panic(badPad)
	}
	p := &MaxPool2D{In: in, Out: window.over(in, in.C), window: window}
	p.rows = kernel.NewPoolRows(p.Out.H*p.Out.W, window.Size*window.Size, p.pixel)
	return p
}

// Forward computes dst from src, which must not overlap.
// What the window sees outside of the picture does not count: PyTorch's −∞ border.
func (p *MaxPool2D) Forward(dst, src []float32) { kernel.MaxPool(dst, src, p.rows, p.In.C) }

// Backward computes dX, the gradient with respect to src, from dY, that with respect to dst: a maximum hands its
// gradient to the place it came from, the first in the window if there are several, as in PyTorch.
func (p *MaxPool2D) Backward(dX, dY, src []float32) {
	clear(dX[:p.In.Len()])
	for row := range p.Out.H * p.Out.W {
		for i := range p.Out.C {
			best := p.rows.At(row, 0) + i
			for tap := 1; tap < p.rows.Taps; tap++ {
				if at := p.rows.At(row, tap) + i; src[at] > src[best] {
					best = at
				}
			}
			dX[best] += dY[row*p.Out.C+i]
		}
	}
}

// pixel is where an output row's tap reads. A tap outside of the picture repeats the nearest pixel inside, which the
// window sees as well.
func (p *MaxPool2D) pixel(row, tap int) int {
	y := row/p.Out.W*p.window.Stride + tap/p.window.Size - p.window.Pad
	x := row%p.Out.W*p.window.Stride + tap%p.window.Size - p.window.Pad
	return (clamp(y, p.In.H)*p.In.W + clamp(x, p.In.W)) * p.In.C
}

// clamp is i, moved into 0 … n-1.
func clamp(i, n int) int { return max(0, min(i, n-1)) }

// GlobalMeanPool computes the mean of each of in.C channels over all positions of src.
func GlobalMeanPool(dst, src []float32, in Shape) { kernel.MeanPool(dst, src, in.H*in.W, in.C) }

// GlobalMeanPoolBackward computes dX, the gradient with respect to src, from dY, the gradient with respect to its
// means: every position has an equal part in each.
func GlobalMeanPoolBackward(dX, dY []float32, in Shape) {
	n := in.H * in.W
	for j := range n {
		to := dX[j*in.C : (j+1)*in.C]
		for i, v := range dY[:in.C] {
			to[i] = v / float32(n)
		}
	}
}

const badPad = "op: a pool's border must be narrower than its window"
