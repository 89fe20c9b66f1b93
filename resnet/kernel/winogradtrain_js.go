package kernel

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

var (
	winogradFilter layout.WinogradFilter
	winogradSteps  struct {
		job           layout.WinogradPictures
		input, output layout.Winograd
	}
	winogradSlices struct {
		job           layout.WinogradSlices
		input, output layout.Winograd
		last          layout.WinogradLast
	}
	// winogradTrained is the weights of all convolutions, one after the other.
	winogradTrained = WinogradWeights{points: new(Weights)}
	// winogradTrainSpace is weights with the output channels side by side, the threads' memory, and the sums of slices.
	winogradTrainSpace struct{ weights, threads, sums []float32 }
)

// winogradScratch is weights to set, whose transformed biases are 0. All calls have the same memory.
func winogradScratch(n, in int) *WinogradWeights {
	u := &winogradTrained
	u.In, u.N, u.bias = in, n, grown(u.bias, n)
	u.points.N, u.points.Depth = n, in
	u.points.data = grown(u.points.data, winogradFloatsOf(n, in))
	for at := 0; at < len(u.points.data); at += 8 * (1 + in) {
		clear(u.points.data[at:][:8])
	}
	return u
}

func (u *WinogradWeights) setFilters(w []float32) {
	space := &winogradTrainSpace
	space.weights = grown(space.weights, len(w))
	transpose(space.weights, u.N, transposeUnit, w, 9*u.In, u.N, 9*u.In, transposeUnit)
	u.transform(space.weights, u.In*u.N, u.N)
}

func (u *WinogradWeights) setBackward(w []float32) {
	u.transform(w[8*u.N:], -u.N, 9*u.N)
}

// transform sets the weights from w, in which the output channels lie side by side, taps and input channels so many
// floats apart.
func (u *WinogradWeights) transform(w []float32, tap, row int) {
	winogradFilter = layout.WinogradFilter{
		Header:     layout.Header{Kind: layout.WinogradWeights, Count: int32(u.In)},
		Src:        pointer(w),
		Dst:        pointer(u.points.data),
		N:          int32(u.N),
		TapBytes:   int32(4 * tap),
		RowBytes:   int32(4 * row),
		PointBytes: int32(4 * len(u.points.data) / winogradPoints),
		PanelBytes: int32(32 * (1 + u.In)),
	}
	run(unsafe.Pointer(&winogradFilter))
	winogradFilter = layout.WinogradFilter{}
}

func convWinogradPictures(dst, src []float32, h, w int, u *WinogradWeights, pictures int, e Epilogue) {
	across := ceil(w, winogradOut)
	tiles := across * ceil(h, winogradOut)
	unit := winogradUnit(pictures*tiles, u.In, u.N)
	inStride, outStride := winogradStride(unit*u.In), winogradStride(unit*u.N)
	each := winogradHead + winogradPoints*(inStride+outStride)
	space := &winogradTrainSpace
	space.threads = grown(space.threads, each*threadCount)
	s := &winogradSteps
	relu := int32(0)
	if e.ReLU {
		relu = 1
	}
	s.input = layout.Winograd{
		Src: pointer(src), Zero: zeroFloats(u.In), Height: int32(h), Width: int32(w), Channels: int32(u.In),
		Across: int32(across), Batch: int32(4 * inStride), Tiles: int32(tiles), SrcPicture: int32(4 * h * w * u.In),
	}
	s.output = layout.Winograd{
		Dst: pointer(dst), Bias: pointer(u.bias), Residual: pointer(e.Residual), Height: int32(h), Width: int32(w),
		Channels: int32(u.N), Across: int32(across), Batch: int32(4 * outStride), Tiles: int32(tiles),
		DstPicture: int32(4 * h * w * u.N), ReLU: relu,
	}
	s.job = layout.WinogradPictures{
		Header:      layout.Header{Kind: layout.WinogradSteps, Count: int32(ceil(pictures*tiles, unit))},
		Input:       unsafe.Pointer(&s.input),
		Output:      unsafe.Pointer(&s.output),
		Scratch:     unsafe.Pointer(&threads.scratch[0]),
		Space:       pointer(space.threads),
		Weights:     pointer(u.points.data),
		PointBytes:  int32(4 * len(u.points.data) / winogradPoints),
		SpaceBytes:  int32(4 * each),
		OutputBytes: int32(4 * (winogradHead + winogradPoints*inStride)),
		Tiles:       int32(pictures * tiles),
		Unit:        int32(unit),
		In:          int32(u.In),
		N:           int32(u.N),
	}
	run(unsafe.Pointer(&s.job))
	s.job, s.input, s.output = layout.WinogradPictures{}, layout.Winograd{}, layout.Winograd{}
}

func filterGradientWinograd(dW, dY, src []float32, h, w, n, c, pictures int) {
	across := ceil(w, winogradOut)
	tiles := across * ceil(h, winogradOut)
	unit, block := winogradSlice(pictures*tiles, c, n)
	slices := ceil(pictures*tiles, unit)
	inStride, outStride := winogradStride(block*c), winogradStride(block*n)
	each := winogradHead + winogradPoints*(inStride+outStride)
	space := &winogradTrainSpace
	space.threads = grown(space.threads, each*threadCount)
	space.sums = grown(space.sums, slices*winogradPoints*n*c)
	s := &winogradSlices
	s.input = layout.Winograd{
		Src: pointer(src), Zero: zeroFloats(max(c, n)), Height: int32(h), Width: int32(w), Channels: int32(c),
		Across: int32(across), Batch: int32(4 * inStride), Tiles: int32(tiles), SrcPicture: int32(4 * h * w * c),
	}
	s.output = layout.Winograd{
		Src: pointer(dY), Zero: zeroFloats(max(c, n)), Height: int32(h), Width: int32(w), Channels: int32(n),
		Across: int32(across), Batch: int32(4 * outStride), Tiles: int32(tiles), SrcPicture: int32(4 * h * w * n),
	}
	s.job = layout.WinogradSlices{
		Header:      layout.Header{Kind: layout.WinogradProducts, Count: int32(slices)},
		Input:       unsafe.Pointer(&s.input),
		Output:      unsafe.Pointer(&s.output),
		Scratch:     unsafe.Pointer(&threads.scratch[0]),
		Space:       pointer(space.threads),
		Dst:         pointer(space.sums),
		SpaceBytes:  int32(4 * each),
		OutputBytes: int32(4 * (winogradHead + winogradPoints*inStride)),
		Tiles:       int32(pictures * tiles),
		Unit:        int32(unit),
		Block:       int32(block),
		In:          int32(c),
		N:           int32(n),
	}
	run(unsafe.Pointer(&s.job))
	s.last = layout.WinogradLast{
		Header: layout.Header{Kind: layout.WinogradSum, Count: int32(n)},
		Src:    pointer(space.sums),
		Dst:    pointer(dW),
		In:     int32(c),
		N:      int32(n),
		Slices: int32(slices),
	}
	run(unsafe.Pointer(&s.last))
	s.job, s.last = layout.WinogradSlices{}, layout.WinogradLast{}
	s.input, s.output = layout.Winograd{}, layout.Winograd{}
}

// winogradHead is the floats before the transformed input in a thread's memory: layout.WinogradSpace, up to the next
// cache line.
const winogradHead = (int(unsafe.Sizeof(layout.WinogradSpace{})) + 63) / 64 * 64 / 4

// winogradStride is the floats from one of the 36 matrices of n floats to the next: an odd number of cache lines. The
// transforms write a line of each matrix, and else these would share a few sets of the first-level cache.
func winogradStride(n int) int {
	lines := ceil(n, 16)
	return 16 * (lines + 1 - lines%2)
}
