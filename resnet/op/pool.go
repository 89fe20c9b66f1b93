package op

import "github.com/seed8935e608/residua/resnet/kernel"

// MaxPool2D takes the maximum of each channel in a sliding window. Like Conv2D it plans for one input shape at a time.
type MaxPool2D struct {
	Window
	planned Shape
	rows    *kernel.Rows
}

// Out is the output's shape for an input's.
func (p *MaxPool2D) Out(in Shape) Shape { return p.over(in, in.C) }

// Forward computes dst from src of shape in; dst must not overlap src.
// What the window sees outside of the picture does not count: PyTorch's −∞ border.
func (p *MaxPool2D) Forward(dst, src []float32, in Shape) {
	if p.planned != in {
		p.planned, p.rows = in, p.plan(in)
	}
	kernel.MaxPool(dst, src, p.rows, in.C)
}

// plan makes the table of rows; a tap outside of the picture repeats the nearest pixel inside, which the window
// sees as well as long as the border is narrower than the window.
func (p *MaxPool2D) plan(in Shape) *kernel.Rows {
	if p.Pad >= p.Size {
		panic(badPad)
	}
	out := p.Out(in)
	return kernel.NewRows(out.H*out.W, p.Size*p.Size, func(row, tap int) int {
		y := row/out.W*p.Stride + tap/p.Size - p.Pad
		x := row%out.W*p.Stride + tap%p.Size - p.Pad
		return (clamp(y, in.H)*in.W + clamp(x, in.W)) * in.C
	})
}

// clamp is i, moved into 0 … n-1.
func clamp(i, n int) int { return max(0, min(i, n-1)) }

// GlobalMeanPool computes the mean of each of in.C channels over all positions of src.
func GlobalMeanPool(dst, src []float32, in Shape) { kernel.MeanPool(dst, src, in.H*in.W, in.C) }

const badPad = "op: a pool's border must be narrower than its window"
