package op

import "github.com/seed8935e608/residua/resnet/kernel"

// BatchConv2D is a 2-D convolution for training: of several pictures at a time, with weights that change from step to
// step. Its weights are Out×Size×Size×In, the order in which the kernels go through them; PyTorch's are
// Out×In×Size×Size (see ToChannelsLast). It keeps the weights of its last call, so only one goroutine may use it at a
// time.
type BatchConv2D struct {
	geometry
	rows     *kernel.Rows // what each output position reads of the input
	readers  *kernel.Rows // what each input position was read by; made when BackwardInput needs it
	gathered *kernel.Rows // rows, for BackwardWeights; made when that needs it
	swapping *kernel.Rows // where the weights for a position of the backward convolution's depth stand
	weights  *kernel.Weights
	swapped  *kernel.Weights
}

// NewBatchConv2D makes a convolution for pictures of shape in.
func NewBatchConv2D(in Shape, out int, window Window) *BatchConv2D {
	c := &BatchConv2D{geometry: geometry{in, window.over(in, out), window}}
	taps := window.Size * window.Size
	c.rows = kernel.NewRows(c.Out.H*c.Out.W, taps, c.pixel)
	c.weights = kernel.NewWeights(out, taps*in.C)
	return c
}

// Filters is how many weights there are.
func (c *BatchConv2D) Filters() int { return c.Out.C * c.window.Size * c.window.Size * c.In.C }

// Forward computes y = epilogue(x ∗ w + bias), n pictures; bias may be nil. y must not overlap x or the residual.
func (c *BatchConv2D) Forward(y, x, w, bias []float32, n int, e Epilogue) {
	c.weights.SetFilters(w)
	c.weights.SetBias(bias)
	kernel.ConvPictures(y, c.Out.C, c.Out.Len(), x, c.In.Len(), c.rows, c.weights, n, e)
}

// BackwardInput computes dX, the gradient with respect to x, from dY, that with respect to x ∗ w + bias, for n
// pictures; add, as long as dX, is added and may be nil. dX must not overlap dY or add. See Conv2D.BackwardInput.
func (c *BatchConv2D) BackwardInput(dX, dY, w, add []float32, n int) {
	taps, in, out := c.window.Size*c.window.Size, c.In.C, c.Out.C
	if c.readers == nil {
		c.readers = kernel.NewRows(c.In.H*c.In.W, taps, c.reader)
		c.swapping = kernel.NewPoolRows(taps*out, 1, func(row, _ int) int { return (row%out*taps + row/out) * in })
		c.swapped = kernel.NewWeights(in, taps*out)
	}
	c.swapped.SetRows(w, c.swapping)
	kernel.ConvPictures(dX, in, c.In.Len(), dY, c.Out.Len(), c.readers, c.swapped, n, Epilogue{Residual: add})
}

// BackwardWeights computes dW, the gradient with respect to w, from dY and x. dW must not overlap them. The gradient
// with respect to the bias is SumRows'.
func (c *BatchConv2D) BackwardWeights(dW, dY, x []float32, n int) {
	if c.gathered == nil {
		c.gathered = kernel.NewPoolRows(c.Out.H*c.Out.W, c.window.Size*c.window.Size, c.pixel)
	}
	kernel.FilterGradient(dW, dY, x, c.In.Len(), c.gathered, c.Out.C, c.In.C, n)
}

// SumRows computes the sum of each column of a matrix of rows with len(dst) columns: the gradient with respect to a
// bias.
func SumRows(dst, rows []float32) {
	clear(dst)
	for at := 0; at < len(rows); at += len(dst) {
		for i, v := range rows[at:][:len(dst)] {
			dst[i] += v
		}
	}
}

// ToChannelsLast gives weights out×in×taps as out×taps×in, and FromChannelsLast the other way round.
func ToChannelsLast(w []float32, out, in, taps int) []float32 { return turn(w, out, in, taps) }

// FromChannelsLast gives weights out×taps×in as out×in×taps.
func FromChannelsLast(w []float32, out, in, taps int) []float32 { return turn(w, out, taps, in) }

// turn gives n matrices a×b as matrices b×a.
func turn(w []float32, n, a, b int) []float32 {
	if len(w) != n*a*b {
		panic(badInput)
	}
	out := make([]float32, len(w))
	for at := 0; at < len(w); at += a * b {
		for i := range a {
			for j := range b {
				out[at+j*a+i] = w[at+i*b+j]
			}
		}
	}
	return out
}
