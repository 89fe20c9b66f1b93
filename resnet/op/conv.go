// Package op has a residual network's layers: convolution, batch norm, ReLU, pooling, the linear layer and the loss,
// each forward and, below it, backward. Gradients are named dX, dW, dBias. Activations are float32, H×W×C for one
// picture, without padding; weights are as PyTorch has them. A layer is made for one shape of its input. Layers are
// safe for concurrent use by multiple goroutines, except those for training, which keep their weights in scratch
// memory.
package op

import (
	"github.com/seed8935e608/residua/internal/freelist"
	"github.com/seed8935e608/residua/resnet/kernel"
)

// Epilogue is what follows a convolution's sums: add a residual, then ReLU.
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

// geometry is the shapes of a convolution, and which of its inputs each output reads.
type geometry struct {
	In, Out Shape
	window  Window
}

// Conv2D is a 2-D convolution with bias.
type Conv2D struct {
	geometry
	groups int

	plan    kernel.Plan
	forward func(dst, src []float32, e Epilogue) // as the plan has it
}

// NewConv2D makes a convolution for inputs of shape in, of weights Out×In×Size×Size, multiplied by scale and with bias
// for each of out channels: the form that a following batch norm folds into.
func NewConv2D(w []float32, in Shape, out int, window Window, scale, bias []float32) *Conv2D {
	return NewGroupedConv2D(w, in, out, 1, window, scale, bias)
}

// NewGroupedConv2D makes a convolution whose input and output channels are cut into groups, each of which sees only
// itself. Its weights are Out×(In/groups)×Size×Size.
func NewGroupedConv2D(w []float32, in Shape, out, groups int, window Window, scale, bias []float32) *Conv2D {
	c := newConv2D(in, out, groups, window, false)
	switch c.plan.Algorithm {
	case kernel.Winograd:
		c.forward = c.winograd(w, scale, bias)
	case kernel.DirectRows:
		c.forward = c.directRows(w, scale, bias)
	case kernel.Direct:
		c.forward = c.direct(w, scale, bias)
	default:
		c.forward = c.grouped(w, scale, bias)
	}
	return c
}

// NewInt8Conv2D makes a convolution that computes in eight bits (see kernel.ConvInt8), of an input that is never
// negative. Its weights are the signed bytes of w, Out×In×Size×Size, multiplied by scale. CanInt8 says whether there is
// one.
func NewInt8Conv2D(w []byte, in Shape, out int, window Window, scale, bias []float32) *Conv2D {
	c := newConv2D(in, out, 1, window, true)
	if c.plan.Algorithm != kernel.Int8 {
		panic(badInt8)
	}
	c.forward = c.int8(w, scale, bias)
	return c
}

// newConv2D makes a convolution without its weights.
func newConv2D(in Shape, out, groups int, window Window, eightBits bool) *Conv2D {
	return &Conv2D{
		geometry: geometry{in, window.over(in, out), window},
		groups:   groups,
		plan:     PlanConv2D(in, out, groups, window, eightBits),
	}
}

// PlanConv2D says how a convolution is computed on this machine; eightBits, if its weights are in eight bits and its
// input is never negative.
func PlanConv2D(in Shape, out, groups int, window Window, eightBits bool) kernel.Plan {
	return kernel.Choose(kernel.Convolution{
		H: in.H, W: in.W, In: in.C, Out: out,
		FilterH: window.Size, FilterW: window.Size, Stride: window.Stride, Pad: window.Pad,
		Groups: groups, EightBits: eightBits,
	})
}

// Int8Pays is kernel.Int8Pays: it tells whether eight bits are faster than float32 on this machine.
func Int8Pays() bool { return kernel.Int8Pays() }

// CanInt8 tells whether NewInt8Conv2D can make a convolution.
func CanInt8(in Shape, out, groups int, window Window) bool {
	return PlanConv2D(in, out, groups, window, true).Algorithm == kernel.Int8
}

// Forward computes dst = epilogue(src ∗ weights + bias). dst must not overlap src or the residual.
func (c *Conv2D) Forward(dst, src []float32, e Epilogue) {
	if len(src) < c.In.Len() {
		panic(badInput)
	}
	c.forward(dst, src, e)
}

// The following make what computes the convolution, each by one algorithm.

func (c *Conv2D) winograd(w, scale, bias []float32) func(dst, src []float32, e Epilogue) {
	weights := kernel.PackWinograd(w, c.Out.C, c.In.C, scale, bias)
	return func(dst, src []float32, e Epilogue) { kernel.ConvWinograd(dst, src, c.In.H, c.In.W, weights, e) }
}

func (c *Conv2D) direct(w, scale, bias []float32) func(dst, src []float32, e Epilogue) {
	rows := c.plan.Rows(c.Out.H*c.Out.W, c.window.Size*c.window.Size, c.pixel)
	weights := kernel.Pack(w, c.Out.C, c.In.C, c.window.Size, c.window.Size, scale, bias)
	return func(dst, src []float32, e Epilogue) { kernel.Conv(dst, c.Out.C, src, rows, weights, e) }
}

func (c *Conv2D) directRows(w, scale, bias []float32) func(dst, src []float32, e Epilogue) {
	rows := c.plan.Rows(c.Out.H*c.Out.W, c.window.Size, c.paddedRow)
	weights := kernel.Pack(w, c.Out.C, c.In.C, c.window.Size, c.window.Size, scale, bias)
	inputs := freelist.New(func() []float32 { // with borders, which stay zeros
		return make([]float32, (c.In.H+2*c.window.Pad)*(c.In.W+2*c.window.Pad)*c.In.C)
	})
	return func(dst, src []float32, e Epilogue) {
		padded := inputs.Take()
		defer inputs.Give(padded)
		c.pad(padded, src)
		kernel.Conv(dst, c.Out.C, padded, rows, weights, e)
	}
}

func (c *Conv2D) grouped(w, scale, bias []float32) func(dst, src []float32, e Epilogue) {
	rows := c.plan.Rows(c.Out.H*c.Out.W, c.window.Size*c.window.Size, c.pixel)
	weights := kernel.PackGroups(w, c.Out.C, c.In.C, c.window.Size, c.window.Size, c.groups, scale, bias)
	return func(dst, src []float32, e Epilogue) { kernel.ConvGroups(dst, c.Out.C, src, rows, weights, e) }
}

func (c *Conv2D) int8(w []byte, scale, bias []float32) func(dst, src []float32, e Epilogue) {
	rows := c.plan.Rows(c.Out.H*c.Out.W, c.window.Size*c.window.Size, c.pixel)
	weights := kernel.PackInt8(w, c.Out.C, c.In.C, c.window.Size, c.window.Size, scale, bias)
	return func(dst, src []float32, e Epilogue) {
		kernel.ConvInt8(dst, c.Out.C, src[:c.In.Len()], rows, weights, e)
	}
}

// BackwardInput computes dX = add + the gradient with respect to the input, of dY, the gradient with respect to src ∗
// weights + bias. The packed weights cannot be read back. So w(o, first, n) gives, of the weights that the convolution
// was made of, those of output channel o for n input channels of its group, from first on: n×Size×Size, valid until the
// next call. scale is what they are multiplied by. add, as long as dX, may be nil. dX must not overlap dY or add.
//
//	dX[y, x, i] = add[y, x, i] + Σ dY[oy, ox, o]·w[o, i, ky, kx]·scale[o]
//
// over all o, ky and kx with oy·Stride + ky − Pad = y and ox·Stride + kx − Pad = x: a convolution again, whose taps
// read every Stride-th pixel.
func (c *Conv2D) BackwardInput(dX, dY []float32, w func(o, first, n int) []float32, scale, add []float32) {
	if len(dX) < c.In.Len() || len(dY) < c.Out.Len() {
		panic(badGradient)
	}
	if c.groups == 1 && c.window.Size == 1 && c.window.Stride > 1 {
		c.backwardStrided(dX, dY, w, scale, add)
		return
	}
	rows := kernel.NewRows(c.In.H*c.In.W, c.window.Size*c.window.Size, c.reader)
	if c.groups > 1 {
		c.backwardGroups(dX, dY, rows, w, scale, add)
	} else {
		c.backwardRows(dX, dY, rows, w, scale, add)
	}
}

// backwardStrided is BackwardInput of a 1×1 with a stride. Most input pixels were never read: it computes those that
// were, and puts them in their places.
func (c *Conv2D) backwardStrided(dX, dY []float32, w func(o, first, n int) []float32, scale, add []float32) {
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

// backwardGroup is how many input channels are computed at a time. Their weights, packed anew, take a megabyte; the
// whole layer's would take up to ten.
const backwardGroup = 64

// backwardRows is the convolution of dY at the given rows, with the weights' input and output channels swapped.
func (c *Conv2D) backwardRows(dst, dY []float32, rows *kernel.Rows,
	w func(o, first, n int) []float32, scale, add []float32) {
	in, out, size := c.In.C, c.Out.C, c.window.Size
	taps := size * size
	swapped := make([]float32, min(in, backwardGroup)*out*taps)
	for first := 0; first < in; first += backwardGroup {
		n := min(backwardGroup, in-first)
		swapped = swapped[:n*out*taps]
		for o := range out {
			s, from := scale[o], w(o, first, n)
			for i := range n {
				for t, v := range from[i*taps : (i+1)*taps] {
					swapped[(i*out+o)*taps+t] = v * s
				}
			}
		}
		weights := kernel.Pack(swapped, n, out, size, size, ones(n), make([]float32, n))
		e := Epilogue{}
		if add != nil {
			e.Residual = add[first:]
		}
		kernel.Conv(dst[first:], in, dY, rows, weights, e)
	}
}

// backwardGroups is backwardRows of a grouped convolution. It has few weights, so all channels are computed at once.
func (c *Conv2D) backwardGroups(dst, dY []float32, rows *kernel.Rows,
	w func(o, first, n int) []float32, scale, add []float32) {
	in, out, size, groups := c.In.C, c.Out.C, c.window.Size, c.groups
	taps, k, each := size*size, in/groups, out/groups
	swapped := make([]float32, in*each*taps)
	for o := range out {
		s, from := scale[o], w(o, 0, k)
		for i := range k {
			to := swapped[((o/each*k+i)*each+o%each)*taps:]
			for t, v := range from[i*taps : (i+1)*taps] {
				to[t] = v * s
			}
		}
	}
	weights := kernel.PackGroups(swapped, in, out, size, size, groups, ones(in), make([]float32, in))
	kernel.ConvGroups(dst, in, dY, rows, weights, Epilogue{Residual: add})
}

// reader is where the pixel of the output's gradient lies that read an input pixel by a tap, or Zeros where none did.
func (c geometry) reader(row, tap int) int {
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
	depth := c.window.Size * c.window.Size * c.In.C / c.groups
	return 2 * int64(c.Out.Len()) * int64(depth)
}

// Algorithm names how the convolution is computed: "winograd", or the kernel and the rows of its tiles: "direct 6",
// "int8 4", "paired 6", "grouped 5", "batches 6" (see kernel.Plan).
func (c *Conv2D) Algorithm() string { return c.plan.String() }

// pixel is where an output row's tap reads: a pixel of the input, or Zeros.
func (c geometry) pixel(row, tap int) int {
	y := row/c.Out.W*c.window.Stride + tap/c.window.Size - c.window.Pad
	x := row%c.Out.W*c.window.Stride + tap%c.window.Size - c.window.Pad
	if y < 0 || y >= c.In.H || x < 0 || x >= c.In.W {
		return kernel.Zeros
	}
	return (y*c.In.W + x) * c.In.C
}

// paddedRow is where an output row's tap reads in an input with a border: a row of the filter's pixels.
func (c geometry) paddedRow(row, tap int) int {
	y, x := row/c.Out.W*c.window.Stride+tap, row%c.Out.W*c.window.Stride
	return (y*(c.In.W+2*c.window.Pad) + x) * c.In.C
}

// pad copies src into the middle of padded, which has a border of the window's Pad.
func (c geometry) pad(padded, src []float32) {
	border := c.window.Pad
	n, wide := c.In.W*c.In.C, (c.In.W+2*border)*c.In.C
	for y := range c.In.H {
		copy(padded[(y+border)*wide+border*c.In.C:], src[y*n:(y+1)*n])
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
	badInt8     = "op: this convolution cannot be computed in eight bits (see CanInt8)"
	badGradient = "op: a gradient is shorter than the layer's shape"
)
