// Package op has a residual network's layers: convolution, pooling and the linear layer, each forward.
// Activations are float32, H×W×C for one picture, without padding; weights are as PyTorch has them.
// A layer is made for one shape of its input, and has scratch memory of its own: one call at a time.
package op

import (
	"fmt"

	"github.com/seed8935e608/residua/resnet/kernel"
)

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

// Conv2D is a 2-D convolution with bias.
type Conv2D struct {
	In, Out Shape
	window  Window

	winograd *kernel.WinogradWeights // for a 3×3 that is faster so; else the fields below
	weights  *kernel.Weights
	rows     *kernel.Rows
	padded   []float32 // the input with its border, where wholeRows
}

// NewConv2D makes a convolution for inputs of shape in, of weights Out×In×Size×Size, multiplied by scale and with bias for each of
// out channels: the form that a following batch norm folds into.
func NewConv2D(w []float32, in Shape, out int, window Window, scale, bias []float32) *Conv2D {
	c := &Conv2D{In: in, Out: window.over(in, out), window: window}
	switch {
	case window == Window{Size: 3, Stride: 1, Pad: 1} && kernel.UseWinograd(in.H, in.W, in.C, out):
		c.winograd = kernel.PackWinograd(w, out, in.C, scale, bias)
		return c
	case c.wholeRows():
		c.padded = make([]float32, (in.H+2*window.Pad)*(in.W+2*window.Pad)*in.C)
		c.rows = kernel.NewRows(c.Out.H*c.Out.W, window.Size, c.paddedRow)
	default:
		c.rows = kernel.NewRows(c.Out.H*c.Out.W, window.Size*window.Size, c.pixel)
	}
	c.weights = kernel.Pack(w, out, in.C, window.Size, window.Size, scale, bias)
	return c
}

// Forward computes dst = epilogue(src ∗ weights + bias); dst must not overlap src or the residual.
func (c *Conv2D) Forward(dst, src []float32, e Epilogue) {
	if len(src) < c.In.Len() {
		panic(badInput)
	}
	if c.winograd != nil {
		kernel.ConvWinograd(dst, src, c.In.H, c.In.W, c.winograd, e)
		return
	}
	if c.wholeRows() {
		c.pad(src)
		src = c.padded
	}
	kernel.Conv(dst, c.Out.C, src, c.rows, c.weights, e)
}

// FLOP is how many additions and multiplications the convolution is by its definition; Winograd's takes fewer.
func (c *Conv2D) FLOP() int64 {
	return 2 * int64(c.Out.Len()) * int64(c.window.Size*c.window.Size*c.In.C)
}

// Algorithm names how the convolution is computed: "winograd", or "direct 6", "direct 5", "direct 4" by the rows of its tiles.
func (c *Conv2D) Algorithm() string {
	if c.winograd != nil {
		return "winograd"
	}
	return fmt.Sprintf("direct %d", c.rows.Tile())
}

// wholeRows tells whether a tap is a whole row of the filter instead of one pixel. With the few channels of a picture
// (7×7×3: 7 taps of 21 floats, not 49 of 3) the kernel's inner loop is then long enough to pay; it wants a border of real zeros.
func (c *Conv2D) wholeRows() bool { return c.In.C < 8 && c.window.Size > 1 }

// pixel is where an output row's tap reads: a pixel of the input, or zeros.
func (c *Conv2D) pixel(row, tap int) int {
	y := row/c.Out.W*c.window.Stride + tap/c.window.Size - c.window.Pad
	x := row%c.Out.W*c.window.Stride + tap%c.window.Size - c.window.Pad
	if y < 0 || y >= c.In.H || x < 0 || x >= c.In.W {
		return kernel.Zeros
	}
	return (y*c.In.W + x) * c.In.C
}

// paddedRow is where an output row's tap reads from padded: a row of the filter's pixels.
func (c *Conv2D) paddedRow(row, tap int) int {
	y, x := row/c.Out.W*c.window.Stride+tap, row%c.Out.W*c.window.Stride
	return (y*(c.In.W+2*c.window.Pad) + x) * c.In.C
}

// pad copies src into the middle of padded.
func (c *Conv2D) pad(src []float32) {
	border := c.window.Pad
	n, wide := c.In.W*c.In.C, (c.In.W+2*border)*c.In.C
	for y := range c.In.H {
		copy(c.padded[(y+border)*wide+border*c.In.C:], src[y*n:(y+1)*n])
	}
}

const badInput = "op: the input is shorter than the layer's shape"
