// Package op has a residual network's layers: convolution, pooling and the linear layer, each forward.
// Activations are float32, H×W×C for one picture, without padding; weights are as PyTorch has them.
package op

import "github.com/seed8935e608/residua/resnet/kernel"

// Epilogue is what a convolution does with its sums: add a residual, then ReLU.
type Epilogue = kernel.Epilogue

// Shape is an activation's: Height × Width × Channels.
type Shape struct{ H, W, C int }

// Len is how many floats an activation has.
func (s Shape) Len() int { return s.H * s.W * s.C }

// Window is the geometry of a filter that slides over a picture.
type Window struct{ Size, Stride, Pad int }

// over is a window's output shape, with c channels.
func (w Window) over(in Shape, c int) Shape {
	return Shape{(in.H+2*w.Pad-w.Size)/w.Stride + 1, (in.W+2*w.Pad-w.Size)/w.Stride + 1, c}
}

// Conv2D is a 2-D convolution with bias. It plans for one input shape at a time, so it is not for concurrent use.
type Conv2D struct {
	Window
	in      int // input channels
	weights *kernel.Weights

	planned Shape // the input shape that the fields below are for
	rows    *kernel.Rows
	padded  []float32 // the input with its border, where wholeRows
}

// NewConv2D makes a convolution of weights Out×In×Size×Size, multiplied by scale and with bias for each of out channels:
// the form that a following batch norm folds into.
func NewConv2D(w []float32, in, out int, window Window, scale, bias []float32) *Conv2D {
	return &Conv2D{Window: window, in: in, weights: kernel.Pack(w, out, in, window.Size, window.Size, scale, bias)}
}

// Out is the output's shape for an input's.
func (c *Conv2D) Out(in Shape) Shape { return c.over(in, c.weights.N) }

// Forward computes dst = epilogue(src ∗ weights + bias) for src of shape in; dst must not overlap src or the residual.
func (c *Conv2D) Forward(dst, src []float32, in Shape, e Epilogue) {
	if in.C != c.in {
		panic(badChannels)
	}
	if c.planned != in {
		c.plan(in)
	}
	if c.wholeRows() {
		c.pad(src, in)
		src = c.padded
	}
	kernel.Conv(dst, c.weights.N, src, c.rows, c.weights, e)
}

// wholeRows tells whether a tap is a whole row of the filter instead of one pixel. With the few channels of a picture
// (7×7×3: 7 taps of 21 floats, not 49 of 3) the kernel's inner loop is then long enough to pay; it wants a border of real zeros.
func (c *Conv2D) wholeRows() bool { return c.in < 8 && c.Size > 1 }

// plan makes the table of rows for an input shape.
func (c *Conv2D) plan(in Shape) {
	out := c.Out(in)
	c.planned = in
	if c.wholeRows() {
		wide := in.W + 2*c.Pad
		c.padded = make([]float32, (in.H+2*c.Pad)*wide*in.C)
		c.rows = kernel.NewRows(out.H*out.W, c.Size, func(row, tap int) int {
			y, x := row/out.W*c.Stride+tap, row%out.W*c.Stride
			return (y*wide + x) * in.C
		})
		return
	}
	c.rows = kernel.NewRows(out.H*out.W, c.Size*c.Size, func(row, tap int) int {
		y := row/out.W*c.Stride + tap/c.Size - c.Pad
		x := row%out.W*c.Stride + tap%c.Size - c.Pad
		if y < 0 || y >= in.H || x < 0 || x >= in.W {
			return kernel.Zeros
		}
		return (y*in.W + x) * in.C
	})
}

// pad copies src into the middle of padded.
func (c *Conv2D) pad(src []float32, in Shape) {
	n, wide := in.W*in.C, (in.W+2*c.Pad)*in.C
	for y := range in.H {
		copy(c.padded[(y+c.Pad)*wide+c.Pad*in.C:], src[y*n:(y+1)*n])
	}
}

const (
	badChannels = "op: the input's channels are not the layer's"
)
