// Package layout is what package kernel and gen, which writes its SIMD kernels, agree on: which kernels there are, and
// where in memory they find their arguments.
//
// A kernel's arguments are a job: a struct that Go fills in and whose fields the kernel loads by their offsets. Fields
// have 8 bytes if they are pointers, else 4. That holds for js/wasm and for every 64-bit machine that gen runs on, so
// that both sides may take the offsets from these structs. Of a pointer the kernels read the lower 4 bytes: a
// WebAssembly memory has no more than 4 GiB.
package layout

import "unsafe"

// Pointer is the address of a job's operand. It keeps the operand alive until the job is over.
type Pointer = unsafe.Pointer

// Header is the head of every job. A job is computed in units, in any order and by any number of threads.
type Header struct {
	Kind  Kind
	Count int32 // of units
}

// Conv is a job of the convolution kernels. Its units are rectangles of tiles × panels, batch by batch.
type Conv struct {
	Header
	Src, Zero, Weights, Residual, Dst Pointer // a Residual of 0: none
	Offsets                           Pointer // the table of rows (kernel.Rows)
	Lines                             Pointer // floats from Dst to its rows, for whole tiles; 0: they are Ld apart
	Head                              Pointer // of weights in eight bits: the panels' heads (Int8Head)
	Rows, N, K, Taps                  int32   // K is the number of products a tap
	Ld                                int32   // floats from row to row of Dst and Residual
	ReLU                              int32   // 1: yes
	Tiles, Panels                     int32   // in a unit
	TileUnits, PanelUnits             int32   // how many units lie side by side
	SrcBatch, WeightBatch, DstBatch   int32   // bytes from batch to batch
	GroupPanels                       int32   // of grouped convolutions: panels that read the same channels
	GroupBytes                        int32   // of grouped convolutions: from there to what the next panels read
	Scale                             float32 // of inputs in eight bits
}

// Int8Head is the head of a panel of 8 output channels whose weights are in eight bits.
type Int8Head struct {
	Scale, Bias [8]float32
	// FitsTwice is not 0 if the sums of two steps fit into 16 bits (see kernel.fitsTwice).
	FitsTwice float32
	_         [3]float32
}

// Pool is a job of max pooling.
type Pool struct {
	Header
	Src, Dst, Offsets    Pointer
	Rows, Taps, Channels int32
	Unit                 int32 // rows in a unit
}

// Winograd is a job of the transforms of Winograd's input and output, a tile a unit.
type Winograd struct {
	Header
	Src, Dst       Pointer
	Zero           Pointer // zeros, one pixel of them
	Bias, Residual Pointer // of the output; a Residual of 0: none
	Height, Width  int32   // of the convolution's input and output
	Channels       int32   // of what is transformed: the input's or the output's
	Across         int32   // tiles side by side
	ReLU           int32   // 1: yes
	Batch          int32   // bytes from one of the 36 matrices to the next
	First          int32   // the first tile
	Tiles          int32   // of a picture; those of the next one follow
	SrcPicture     int32   // bytes from picture to picture, of the input's transform
	DstPicture     int32   // the same of the output's
}

// WinogradPictures is a job of Winograd's three steps at once, some tiles a unit. The jobs that it points at are those
// of the transforms for all tiles; each thread has copies of them, and what the steps hand on, in memory of its own.
type WinogradPictures struct {
	Header
	Input, Output Pointer // jobs: Winograd
	Scratch       Pointer // of the first thread: a thread's own tells which one it is
	Space         Pointer // the threads' memory: WinogradSpace, the transformed input, the transformed output
	Weights       Pointer // 36 sets of panels, as Conv has them
	PointBytes    int32   // from set to set
	SpaceBytes    int32   // of a thread
	OutputBytes   int32   // where the transformed output begins
	Tiles         int32   // of all pictures
	Unit          int32   // tiles in a unit, a multiple of 6
	In, N         int32   // channels, in fours
}

// WinogradSpace is the head of a thread's memory in jobs of WinogradPictures and WinogradSlices.
type WinogradSpace struct{ Input, Output Winograd }

// WinogradSlices is a job of the first steps of a gradient by the weights, a slice of the tiles a unit: the transforms
// of the input's and the gradient's tiles, and of each of their 36 elements the sum over the slice's tiles of the
// products gradient × input, N×In.
type WinogradSlices struct {
	Header
	Input, Output Pointer // jobs: Winograd, of the input and of the gradient
	Scratch       Pointer // as WinogradPictures has it
	Space         Pointer // the threads' memory: WinogradSpace, the transformed input, the transformed gradient
	Dst           Pointer // the sums, [units][36][N][In]
	SpaceBytes    int32   // of a thread
	OutputBytes   int32   // where the transformed gradient begins
	Tiles         int32   // of all pictures
	Unit, Block   int32   // tiles of a slice, and how many go through together
	In, N         int32
}

// WinogradLast is a job of the last step: the sum over the slices, and its transform Gᵀ·m·G, an output channel a unit.
type WinogradLast struct {
	Header
	Src, Dst Pointer // [Slices][36][N][In], [N][9][In]
	In, N    int32
	Slices   int32
}

// WinogradFilter is a job of the transform of Winograd's weights, a row a unit: what one input channel does to all
// output channels.
type WinogradFilter struct {
	Header
	Src, Dst           Pointer
	N                  int32 // output channels, in fours
	TapBytes, RowBytes int32 // from tap to tap and from row to row of Src
	PointBytes         int32 // from one of the 36 matrices to the next
	PanelBytes         int32 // of a panel of 8 output channels
}

// Pack is a job of kernel.packRows.
type Pack struct {
	Header
	Src, Zero, Dst, Offsets Pointer
	Rows, N, Taps           int32
	Unit                    int32 // rows in a unit
	RowUnits                int32 // units of a tap of a picture
	Pictures                int32
	PanelBytes              int32 // of a panel of Dst
	TapBytes                int32 // of a tap's panels
	SrcPicture              int32 // bytes from picture to picture
}

// Transpose is a job of kernel.transpose.
type Transpose struct {
	Header
	Src, Dst     Pointer
	Rows, Cols   int32
	SrcLd, DstLd int32 // floats from row to row
	Unit         int32 // rows of Src in a unit
	UnitBytes    int32 // from one unit's place in Dst to the next one's
}

// Columns is a job on matrices whose rows have a multiple of 16 floats: of kernel.Affine, Moments and what else goes
// channel by channel. A Pointer of 0: there is no such operand.
type Columns struct {
	Header
	Dst, A, B, C Pointer // matrices
	P, Q, R      Pointer // rows: a value a column
	Rows, Width  int32   // Width is the floats of a row
	Unit         int32   // rows in a unit
	ReLU         int32   // 1: yes
	Factor       float32 // 1/Unit
}

// Flat is a job on vectors: of kernel.Add and what else goes value by value.
type Flat struct {
	Header
	Dst, A, B, C Pointer // a Pointer of 0: there is no such operand
	Len          int32   // floats, a multiple of 16
	Unit         int32   // floats in a unit, a multiple of 16
	ReLU         int32   // 1: yes
	S            [8]float32
}

// Quantise is a job of finding the largest of some floats, or of rounding them to integers.
type Quantise struct {
	Header
	Src, Dst Pointer
	Len      int32   // floats, a multiple of 4
	Unit     int32   // floats in a unit
	Factor   float32 // what they are multiplied by
}

// Control is the control block of the thread pool, by which the threads share a job.
type Control struct {
	State uint64 // the job's number in the upper half, its next unit in the lower
	Job   uint32 // the job's address
	Count int32  // its units
	Done  int32  // units that are finished
	_     [44]byte
}

// ScratchBytes is how much memory of its own each thread has for the kernels.
const ScratchBytes = 1 << 10
