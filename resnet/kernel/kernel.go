// Package kernel has the inner loops of Residua: the few functions in which a network spends its time.
//
// Each function's doc comment is its reference loop; that loop, in plain Go, stands beside it as the reference for the
// tests. Under js/wasm the functions call SIMD kernels, written by the emitter in gen, in a module that imports Go's
// memory; natively they use gonum's blas32. A slice of a wrong length is a panic, as it is the caller's mistake and
// never a user's. The functions are safe for concurrent use by multiple goroutines: natively they run at the same time.
// Under js/wasm, where there is one set of scratch buffers, and all threads work on one call, they wait for each other.
package kernel

import "errors"

//go:generate go run ./gen .

// Rows is a table of where the input of each output row lies. A row is one output position of a convolution or of a
// pool; its input is, for each tap of the filter, a run of floats that starts at an offset into the source. With such a
// table a convolution needs no copy of its input (no im2col).
type Rows struct {
	M    int // output rows
	Taps int
	tile int // rows in a tile
	// offsets holds, tile by tile, tap by tap, the offsets of the tile's rows: [⌈M/tile⌉][Taps][tile].
	// The last tile is filled up with its last row. A negative offset means zeros.
	offsets []int32
	last    int // the largest offset
	// lines holds where each row's output lies (see Scatter), for whole tiles; nil: one row after the other.
	lines    []int32
	lastLine int
}

// Zeros, as an offset, stands for a run of zeros: a tap that lies outside of the picture.
const Zeros = -1

// Rows makes a table of m rows for the plan's kernel, from at, which gives the offset for a row's tap.
func (p Plan) Rows(m, taps int, at func(row, tap int) int) *Rows { return newRows(m, taps, p.Tile, at) }

// NewRows makes a table of m rows for Conv, from at, which gives the offset for a row's tap.
func NewRows(m, taps int, at func(row, tap int) int) *Rows {
	return newRows(m, taps, convTile(m), at)
}

// NewPoolRows makes a table of m rows for MaxPool.
func NewPoolRows(m, taps int, at func(row, tap int) int) *Rows { return newRows(m, taps, 1, at) }

func newRows(m, taps, tile int, at func(row, tap int) int) *Rows {
	r := &Rows{M: m, Taps: taps, tile: tile, offsets: make([]int32, 0, ceil(m, tile)*tile*taps), last: Zeros}
	for first := 0; first < m; first += tile {
		for tap := range taps {
			for row := first; row < first+tile; row++ {
				offset := at(min(row, m-1), tap)
				r.last = max(r.last, offset)
				r.offsets = append(r.offsets, int32(offset))
			}
		}
	}
	return r
}

// Scatter has ConvPictures write each row's output where at says, as an offset into a picture of the destination, and
// not one row after the other. It gives the table back.
func (r *Rows) Scatter(at func(row int) int) *Rows {
	r.lines, r.lastLine = make([]int32, 0, ceil(r.M, r.tile)*r.tile), 0
	for row := range ceil(r.M, r.tile) * r.tile {
		offset := at(min(row, r.M-1))
		r.lastLine = max(r.lastLine, offset)
		r.lines = append(r.lines, int32(offset))
	}
	return r
}

// line is where a row's output lies, and reach where the last one does, if they are ld apart unless they are scattered.
func (r *Rows) line(row, ld int) int {
	if r.lines != nil {
		return int(r.lines[row])
	}
	return row * ld
}

func (r *Rows) reach(ld int) int {
	if r.lines != nil {
		return r.lastLine
	}
	return (r.M - 1) * ld
}

// Tile is how many rows a tile of the kernel has that works on these.
func (r *Rows) Tile() int { return r.tile }

// At is the offset for a row's tap, or Zeros.
func (r *Rows) At(row, tap int) int {
	return int(r.offsets[(row/r.tile*r.Taps+tap)*r.tile+row%r.tile])
}

// covers tells whether n floats are all that the table reads, if each tap reads k of them.
func (r *Rows) covers(n, k int) bool {
	return r.last == Zeros || r.last+k <= n
}

// ceil is n/d, rounded up.
func ceil(n, d int) int { return (n + d - 1) / d }

const (
	badDst      = "kernel: dst is shorter than the output"
	badSrc      = "kernel: src is shorter than what is read of it"
	badResidual = "kernel: residual is shorter than the output"
	badRows     = "kernel: the rows' taps do not divide the weights' depth"
	badTile     = "kernel: there is no kernel with tiles of so many rows"
	badPoolRows = "kernel: these rows were not made by NewPoolRows"
	badWeights  = "kernel: the weights' length is not out × in × height × width"
	badBias     = "kernel: scale and bias need one value an output channel"
	badGroups   = "kernel: the groups do not divide the channels"
	badWinograd = "kernel: Winograd's channels come in fours"
	badLengths  = "kernel: the operands are not of one length"
	badInt8     = "kernel: in eight bits channels come in fours, and a sum has at most 2¹⁷ products"
)

// ErrHelperLost is the panic of a function when a helper thread took a part of its job and died. The function's output
// is then incomplete. After NewHelpers it can be called again.
var ErrHelperLost = errors.New("kernel: a helper thread was lost")
