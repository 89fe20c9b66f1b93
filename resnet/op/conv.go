// Package op has a residual network's layers: convolution, batch norm, ReLU, pooling, the linear layer and the loss, each forward and,
// under it, backward. Gradients are named dX, dW, dBias.
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
	grouped  *kernel.GroupedWeights // instead of weights
	int8     *kernel.Int8Weights    // instead of weights
	rows     *kernel.Rows
	padded   []float32 // the input with its border, where wholeRows
}

// NewConv2D makes a convolution for inputs of shape in, of weights Out×In×Size×Size, multiplied by scale and with bias for each of
// out channels: the form that a following batch norm folds into.
func NewConv2D(w []float32, in Shape, out int, window Window, scale, bias []float32) *Conv2D {
	c := &Conv2D{In: in, Out: window.over(in, out), window: window}
	switch {
	case window.winograd(in, out):
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

// NewGroupedConv2D makes a convolution whose input and output channels are cut into groups, of which each sees itself only.
// Its weights are Out×(In/groups)×Size×Size.
func NewGroupedConv2D(w []float32, in Shape, out, groups int, window Window, scale, bias []float32) *Conv2D {
	if groups == 1 {
		return NewConv2D(w, in, out, window, scale, bias)
	}
	c := &Conv2D{In: in, Out: window.over(in, out), window: window}
	c.rows = kernel.NewRows(c.Out.H*c.Out.W, window.Size*window.Size, c.pixel)
	c.grouped = kernel.PackGroups(w, out, in.C, window.Size, window.Size, groups, scale, bias)
	return c
}

// winograd tells whether NewConv2D takes Winograd's way.
func (w Window) winograd(in Shape, out int) bool {
	return w == Window{Size: 3, Stride: 1, Pad: 1} && kernel.UseWinograd(in.H, in.W, in.C, out)
}

// Int8Pays is kernel.Int8Pays: it tells whether eight bits are faster than float32 on this machine.
func Int8Pays() bool { return kernel.Int8Pays() }

// CanInt8 tells whether NewInt8Conv2D can make a convolution.
func CanInt8(in Shape, window Window) bool { return kernel.CanInt8(window.Size*window.Size, in.C) }

// NewInt8Conv2D makes a convolution that computes in eight bits (see kernel.ConvInt8), of an input that is never negative. Its weights are
// the signed bytes of w, Out×In×Size×Size, multiplied by scale.
func NewInt8Conv2D(w []byte, in Shape, out int, window Window, scale, bias []float32) *Conv2D {
	c := &Conv2D{In: in, Out: window.over(in, out), window: window}
	c.rows = kernel.NewInt8Rows(c.Out.H*c.Out.W, window.Size*window.Size, c.pixel)
	c.int8 = kernel.PackInt8(w, out, in.C, window.Size, window.Size, scale, bias)
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
	if c.grouped != nil {
		kernel.ConvGroups(dst, c.Out.C, src, c.rows, c.grouped, e)
		return
	}
	if c.int8 != nil {
		kernel.ConvInt8(dst, c.Out.C, src[:c.In.Len()], c.rows, c.int8, e)
		return
	}
	if c.wholeRows() {
		c.pad(src)
		src = c.padded
	}
	kernel.Conv(dst, c.Out.C, src, c.rows, c.weights, e)
}

// BackwardInput computes dX = add + the gradient by the input, of dY, the gradient by src ∗ weights + bias. The packed weights cannot be
// read, so w gives those of output channel o for n input channels (of its group) from first on, n×Size×Size, of the ones that the
// convolution was made of; they need to be good only until the next call. scale is what they are multiplied by. add, as long as dX, may be nil. dX must not overlap dY or add.
//
//	dX[y, x, i] = add[y, x, i] + Σ dY[oy, ox, o]·w[o, i, ky, kx]·scale[o]
//
// over all o, ky and kx with oy·Stride + ky − Pad = y and ox·Stride + kx − Pad = x: a convolution again, whose taps read every Stride-th pixel.
func (c *Conv2D) BackwardInput(dX, dY []float32, w func(o, first, n int) []float32, scale, add []float32) {
	if len(dX) < c.In.Len() || len(dY) < c.Out.Len() {
		panic(badGradient)
	}
	if c.grouped != nil || c.window.Size > 1 || c.window.Stride == 1 {
		rows := kernel.NewRows(c.In.H*c.In.W, c.window.Size*c.window.Size, c.reader)
		if c.grouped != nil {
			c.backwardGroups(dX, dY, rows, w, scale, add)
			return
		}
		c.backwardRows(dX, dY, rows, w, scale, add)
		return
	}
	// Of a 1×1 with a stride most input pixels were never read: compute those that were, and put them in their places.
	rows := kernel.NewRows(c.Out.H*c.Out.W, 1, func(row, _ int) int { return row * c.Out.C })
	read := make([]float32, c.Out.H*c.Out.W*c.In.C)
	c.backwardRows(read, dY, rows, w, scale, nil)
	dX = dX[:c.In.Len()]
	if copy(dX, add) == 0 {
		clear(dX)
	}
	for row := range c.Out.H * c.Out.W {
		to := dX[c.pixel(row, 0):][:c.In.C]
		for i, v := range read[row*c.In.C : (row+1)*c.In.C] {
			to[i] += v
		}
	}
}

// backwardGroup is how many input channels are computed at a time: their weights, packed anew, take a megabyte, where the whole layer's
// would take up to ten.
const backwardGroup = 64

// backwardRows is the convolution of dY with the weights turned round, at the given rows: inputs and outputs change places.
func (c *Conv2D) backwardRows(dst, dY []float32, rows *kernel.Rows, w func(o, first, n int) []float32, scale, add []float32) {
	in, out, size := c.In.C, c.Out.C, c.window.Size
	taps := size * size
	turned := make([]float32, min(in, backwardGroup)*out*taps)
	for first := 0; first < in; first += backwardGroup {
		n := min(backwardGroup, in-first)
		turned = turned[:n*out*taps]
		for o := range out {
			s, from := scale[o], w(o, first, n)
			for i := range n {
				for t, v := range from[i*taps : (i+1)*taps] {
					turned[(i*out+o)*taps+t] = v * s
				}
			}
		}
		weights := kernel.Pack(turned, n, out, size, size, ones(n), make([]float32, n))
		e := Epilogue{}
		if add != nil {
			e.Residual = add[first:]
		}
		kernel.Conv(dst[first:], in, dY, rows, weights, e)
	}
}

// backwardGroups is backwardRows of a grouped convolution: in each group inputs and outputs change places. It has few weights.
func (c *Conv2D) backwardGroups(dst, dY []float32, rows *kernel.Rows, w func(o, first, n int) []float32, scale, add []float32) {
	in, out, size, groups := c.In.C, c.Out.C, c.window.Size, c.grouped.Groups
	taps, k, each := size*size, in/groups, out/groups
	turned := make([]float32, in*each*taps)
	for o := range out {
		s, from := scale[o], w(o, 0, k)
		for i := range k {
			to := turned[((o/each*k+i)*each+o%each)*taps:]
			for t, v := range from[i*taps : (i+1)*taps] {
				to[t] = v * s
			}
		}
	}
	weights := kernel.PackGroups(turned, in, out, size, size, groups, ones(in), make([]float32, in))
	kernel.ConvGroups(dst, in, dY, rows, weights, Epilogue{Residual: add})
}

// reader is, of the gradient by the output, the pixel that read an input pixel with a tap, or zeros where none did.
func (c *Conv2D) reader(row, tap int) int {
	y, x := row/c.In.W+c.window.Pad-tap/c.window.Size, row%c.In.W+c.window.Pad-tap%c.window.Size
	if y < 0 || x < 0 || y%c.window.Stride != 0 || x%c.window.Stride != 0 {
		return kernel.Zeros
	}
	y, x = y/c.window.Stride, x/c.window.Stride
	if y >= c.Out.H || x >= c.Out.W {
		return kernel.Zeros
	}
	return (y*c.Out.W + x) * c.Out.C
}

// FLOP is how many additions and multiplications the convolution is by its definition; Winograd's takes fewer.
func (c *Conv2D) FLOP() int64 {
	depth := c.window.Size * c.window.Size * c.In.C
	if c.grouped != nil {
		depth = c.grouped.Depth
	}
	return 2 * int64(c.Out.Len()) * int64(depth)
}

// Algorithm names how the convolution is computed: "winograd"; or "direct 6", "direct 5", "direct 4" by the rows of its tiles;
// or so with "int8" if it computes in eight bits, with kernel.GroupedAlgorithm's word if it has groups.
func (c *Conv2D) Algorithm() string {
	if c.winograd != nil {
		return "winograd"
	}
	if w := c.grouped; w != nil {
		way := kernel.GroupedAlgorithm(w.Groups, c.In.C/w.Groups, c.Out.C/w.Groups, c.rows.Taps)
		return fmt.Sprintf("%s %d", way, c.rows.Tile())
	}
	if c.int8 != nil {
		return fmt.Sprintf("int8 %d", c.rows.Tile())
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

// ones is n ones.
func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

const (
	badInput    = "op: the input is shorter than the layer's shape"
	badGradient = "op: a gradient is shorter than the layer's shape"
)
