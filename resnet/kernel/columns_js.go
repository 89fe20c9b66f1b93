package kernel

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// The kernels take rows of a multiple of 16 floats. A matrix of other rows goes to them as one of longer rows, each of
// which holds several of its own. What is left at the end, less than one of those, is done here.

// columnJob is the one job of these kernels, so that a call allocates nothing.
var columnJob layout.Columns

// columnSpace is scratch memory: parameters, repeated along a row, and the units' sums.
var columnSpace struct{ p, q, r, sums []float32 }

// longRows is how long the rows are that the kernels get, and how many of them n floats are.
func longRows(n, channels int) (width, rows int) {
	width = channels
	for width%16 != 0 { // at most four times, as 16 is 2⁴
		width *= 2
	}
	return width, n / width
}

// repeated is parameters of channels, again and again up to the width of a row.
func repeated(space *[]float32, x []float32, width int) unsafe.Pointer {
	if len(x) < width {
		*space = grown(*space, width)
		for at := 0; at < width; at += len(x) {
			copy((*space)[at:], x)
		}
		x = *space
	}
	return unsafe.Pointer(&x[0])
}

// runColumns runs the job on rows.
func runColumns(kind layout.Kind, rows, width, unit int) {
	columnJob.Header = layout.Header{Kind: kind, Count: int32(ceil(rows, unit))}
	columnJob.Rows, columnJob.Width, columnJob.Unit = int32(rows), int32(width), int32(unit)
	run(unsafe.Pointer(&columnJob))
	columnJob = layout.Columns{}
}

func pointer(x []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }

// after is what of an operand lies from a place on; nil stays nil.
func after(x []float32, at int) []float32 {
	if x == nil {
		return nil
	}
	return x[at:]
}

func affine(y, x, scale, bias []float32, e Epilogue) {
	width, rows := longRows(len(x), len(scale))
	if rows > 0 {
		columnJob = layout.Columns{
			Dst: pointer(y), A: pointer(x), B: pointer(e.Residual),
			P: repeated(&columnSpace.p, scale, width), Q: repeated(&columnSpace.q, bias, width),
		}
		if e.ReLU {
			columnJob.ReLU = 1
		}
		runColumns(layout.Affine, rows, width, max(1, columnUnit/width))
	}
	at := rows * width
	affineReference(y[at:], x[at:], scale, bias, Epilogue{after(e.Residual, at), e.ReLU})
}

func moments(mean, square []float64, x []float32) {
	channels := len(mean)
	width, rows := longRows(len(x), channels)
	unit := sumUnit(rows, width)
	factor := 1 / float32(unit)
	sums := grown(columnSpace.sums, 2*width*ceil(rows, unit))
	columnSpace.sums = sums
	if rows > 0 {
		columnJob = layout.Columns{Dst: pointer(sums), A: pointer(x), Factor: factor}
		runColumns(layout.Moments, rows, width, unit)
	}

	clear(mean)
	clear(square)
	// eachUnit gives for each unit and channel of a row the number of values n, what is summed less (the first value),
	// the sum, and the sum of the squares.
	eachUnit := func(do func(c int, n float64, first, sum, squares float32)) {
		for at := 0; at < len(sums); at += 2 * width {
			row := at / (2 * width) * unit
			n := float64(min(unit, rows-row))
			begin, of, squares := x[row*width:][:width], sums[at:][:width], sums[at+width:][:width]
			c := 0
			for i, first := range begin {
				do(c, n, first, of[i], squares[i])
				if c++; c == channels {
					c = 0
				}
			}
		}
	}
	eachUnit(func(c int, n float64, first, sum, _ float32) { mean[c] += n*float64(first) + float64(sum) })
	for at := rows * width; at < len(x); at += channels {
		for c, v := range x[at:][:channels] {
			mean[c] += float64(v)
		}
	}
	for c := range mean {
		mean[c] /= float64(len(x) / channels)
	}
	// A unit's squares are of what differs from its own mean m. Those of what differs from another, with d = m − mean:
	// Σ(x − mean)² = Σ(x − m)² + 2d·Σ(x − m) + n·d² (Chan, Golub and LeVeque 1983).
	eachUnit(func(c int, n float64, first, sum, squares float32) {
		m := first + float32(sum*factor) // as the kernel has it
		d := float64(m) - mean[c]
		square[c] += float64(squares) + d*(2*(float64(sum)-n*(float64(m)-float64(first)))+n*d)
	})
	for at := rows * width; at < len(x); at += channels {
		for c, v := range x[at:][:channels] {
			d := float64(v) - mean[c]
			square[c] += d * d
		}
	}
}

func gradientSums(sum, product []float64, dSum, dY, x, y, mean []float32) {
	channels := len(sum)
	width, rows := longRows(len(dY), channels)
	unit := sumUnit(rows, width)
	sums := grown(columnSpace.sums, 2*width*ceil(rows, unit))
	columnSpace.sums = sums
	if rows > 0 {
		columnJob = layout.Columns{Dst: pointer(dSum), A: pointer(dY), B: pointer(x), C: pointer(y), R: pointer(sums)}
		if x != nil {
			columnJob.P = repeated(&columnSpace.p, mean, width)
		}
		runColumns(layout.GradientSums, rows, width, unit)
	}
	clear(sum)
	clear(product)
	for at := 0; at < len(sums); at += 2 * width {
		for first := 0; first < width; first += channels {
			for c, v := range sums[at+first:][:channels] {
				sum[c] += float64(v)
			}
			for c := range product {
				product[c] += float64(sums[at+width+first+c])
			}
		}
	}
	at := rows * width
	gradientSumsReference(sum, product, after(dSum, at), dY[at:], after(x, at), after(y, at), mean)
}

func normBackward(dX, dY, x, y, scale, slope, offset []float32) {
	width, rows := longRows(len(dY), len(scale))
	if rows > 0 {
		s := &columnSpace
		columnJob = layout.Columns{
			Dst: pointer(dX), A: pointer(dY), B: pointer(x), C: pointer(y),
			P: repeated(&s.p, scale, width), Q: repeated(&s.q, slope, width), R: repeated(&s.r, offset, width),
		}
		runColumns(layout.NormBackward, rows, width, max(1, columnUnit/width))
	}
	at := rows * width
	normBackwardReference(dX[at:], dY[at:], x[at:], after(y, at), scale, slope, offset)
}
