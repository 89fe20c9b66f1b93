package op

import "github.com/seed8935e608/residua/resnet/kernel"

// BatchConv2D is a 2-D convolution for training: of several pictures at a time, with weights that change from step to
// step. Its weights are Out×Size×Size×In, the order in which the kernels go through them; PyTorch's are
// Out×In×Size×Size (see ToChannelsLast). It keeps the weights of its last call, so only one goroutine may use it at a
// time.
type BatchConv2D struct {
	geometry
	plan     kernel.Plan
	direct   directConv   // if that is the plan; Winograd's algorithm keeps nothing
	room     *Room        // for the packed weights; nil: they have memory of their own
	gathered *kernel.Rows // what each output position reads, for BackwardWeights; made when that needs it
}

// directConv is what the direct algorithm needs, forward and backward.
type directConv struct {
	rows    *kernel.Rows    // what each output position reads of the input
	weights *kernel.Weights // made when Forward needs them, unless there is a room
	readers []readers       // made when BackwardInput needs them
}

// readers are the input positions that were read by the same taps, as a convolution of the output's gradient. With
// stride 2 there are four kinds: a 3×3 reads of even rows and columns by one tap, of odd ones by four, and else by two.
type readers struct {
	rows     *kernel.Rows // what each of the positions was read by
	swapping *kernel.Rows // where the weights for a position of the convolution's depth stand; nil: no tap reads these
	depth    int
	weights  *kernel.Weights // as directConv's
}

// A Room is memory for packed weights that convolutions share, of which one is at work at a time.
type Room = kernel.Room

// NewBatchConv2D makes a convolution for pictures of shape in.
func NewBatchConv2D(in Shape, out int, window Window) *BatchConv2D {
	c := &BatchConv2D{geometry: geometry{in, window.over(in, out), window}}
	taps := window.Size * window.Size
	c.plan = kernel.ChooseBatch(kernel.Convolution{
		H: in.H, W: in.W, In: in.C, Out: out,
		FilterH: window.Size, FilterW: window.Size, Stride: window.Stride, Pad: window.Pad, Groups: 1,
	})
	if c.plan.Algorithm != kernel.Winograd {
		c.direct.rows = kernel.NewRows(c.Out.H*c.Out.W, taps, c.pixel)
	}
	return c
}

// PackIn has the convolution pack its weights, which it does in each call, in memory that it shares with others.
func (c *BatchConv2D) PackIn(room *Room) { c.room = room }

// packed gives memory for the packed weights of n filters: the room's, or the convolution's own, which is made once.
func (c *BatchConv2D) packed(own **kernel.Weights, n, depth int) *kernel.Weights {
	if c.room != nil {
		return c.room.Weights(n, depth)
	}
	if *own == nil {
		*own = kernel.NewWeights(n, depth)
	}
	return *own
}

// Filters is how many weights there are.
func (c *BatchConv2D) Filters() int { return c.Out.C * c.window.Size * c.window.Size * c.In.C }

// Forward computes y = epilogue(x ∗ w + bias), n pictures; bias may be nil. y must not overlap x or the residual.
func (c *BatchConv2D) Forward(y, x, w, bias []float32, n int, e Epilogue) {
	if c.plan.Algorithm == kernel.Winograd {
		kernel.ConvWinogradPictures(y, x, c.In.H, c.In.W, w, bias, c.In.C, c.Out.C, n, e)
		return
	}
	packed := c.packed(&c.direct.weights, c.Out.C, c.window.Size*c.window.Size*c.In.C)
	packed.SetFilters(w)
	packed.SetBias(bias)
	kernel.ConvPictures(y, c.Out.C, c.Out.Len(), x, c.In.Len(), c.direct.rows, packed, n, e)
}

// BackwardInput computes dX, the gradient with respect to x, from dY, that with respect to x ∗ w + bias, for n
// pictures; add, as long as dX, is added and may be nil. dX must not overlap dY or add. See Conv2D.BackwardInput.
func (c *BatchConv2D) BackwardInput(dX, dY, w, add []float32, n int) {
	if c.plan.Algorithm == kernel.Winograd {
		kernel.ConvWinogradBackward(dX, dY, c.In.H, c.In.W, w, c.In.C, c.Out.C, n, add)
		return
	}
	if c.direct.readers == nil {
		c.direct.readers = c.makeReaders()
	}
	for i := range c.direct.readers {
		r := &c.direct.readers[i]
		packed := r.weights
		if r.swapping != nil {
			packed = c.packed(&r.weights, c.In.C, r.depth)
			packed.SetRows(w, r.swapping)
			packed.SetBias(nil)
		}
		kernel.ConvPictures(dX, c.In.C, c.In.Len(), dY, c.Out.Len(), r.rows, packed, n, Epilogue{Residual: add})
	}
}

// makeReaders lists the kinds of input positions.
func (c *BatchConv2D) makeReaders() (list []readers) {
	size, stride, pad, in, out := c.window.Size, c.window.Stride, c.window.Pad, c.In.C, c.Out.C
	for top := range min(stride, c.In.H) {
		for left := range min(stride, c.In.W) {
			var taps []int
			for tap := range size * size {
				if (top+pad-tap/size)%stride == 0 && (left+pad-tap%size)%stride == 0 {
					taps = append(taps, tap)
				}
			}
			across := (c.In.W - left + stride - 1) / stride
			count := (c.In.H - top + stride - 1) / stride * across
			position := func(row int) int { return (top+row/across*stride)*c.In.W + left + row%across*stride }
			var r readers
			if len(taps) == 0 { // zeros, or what is added
				r.rows = kernel.NewRows(count, 1, func(int, int) int { return kernel.Zeros })
				r.weights = kernel.NewWeights(in, 1)
			} else {
				r.rows = kernel.NewRows(count, len(taps), func(row, t int) int {
					return c.reader(position(row), taps[t])
				})
				r.swapping = kernel.NewPoolRows(len(taps)*out, 1, func(row, _ int) int {
					return (row%out*size*size + taps[row/out]) * in
				})
				r.depth = len(taps) * out
			}
			if stride > 1 {
				r.rows.Scatter(func(row int) int { return position(row) * in })
			}
			list = append(list, r)
		}
	}
	return list
}

// BackwardWeights computes dW, the gradient with respect to w, from dY and x. dW must not overlap them. The gradient
// with respect to the bias is SumRows'.
func (c *BatchConv2D) BackwardWeights(dW, dY, x []float32, n int) {
	if c.plan.Algorithm == kernel.Winograd {
		kernel.FilterGradientWinograd(dW, dY, x, c.In.H, c.In.W, c.Out.C, c.In.C, n)
		return
	}
	if c.gathered == nil {
		c.gathered = kernel.NewPoolRows(c.Out.H*c.Out.W, c.window.Size*c.window.Size, c.pixel)
	}
	kernel.FilterGradient(dW, dY, x, c.In.Len(), c.gathered, c.Out.C, c.In.C, n)
}

// SumRows computes the sum of each column of a matrix of rows with len(dst) columns: the gradient with respect to a
// bias.
func SumRows(dst, rows []float32) {
	sum := make([]float64, len(dst))
	kernel.SumColumns(sum, rows)
	for i, v := range sum {
		dst[i] = float32(v)
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
