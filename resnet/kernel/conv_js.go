package kernel

import "unsafe"

// panelWidth is how many of a convolution's n output channels stand side by side in a panel of its weights.
func panelWidth(int) int { return 8 }

type convJob struct {
	header
	src, zero, weights, residual, dst, offsets, head unsafe.Pointer
	rows, n, k, taps, ld, relu                       int32
	tiles, panels, tileUnits, panelUnits             int32
	srcBatch, weightBatch, dstBatch                  int32
	groupPanels, groupBytes                          int32
	scale                                            float32
}

// conv is the one job of Conv, so that a call allocates nothing.
var conv convJob

// zeroRun is what an offset of Zeros points at; it grows with the deepest layer.
var zeroRun = make([]float32, 4096)

// zeroFloats is at least n zeros.
func zeroFloats(n int) unsafe.Pointer {
	if n > len(zeroRun) {
		zeroRun = make([]float32, n)
	}
	return unsafe.Pointer(&zeroRun[0])
}

func convRows(dst []float32, ld int, src []float32, rows *Rows, w *Weights, e Epilogue) {
	convBatch(dst, ld, 0, src, 0, rows, w, 0, 1, e)
}

func convPictures(dst []float32, ld, dstLen int, src []float32, srcLen int, rows *Rows, w *Weights, pictures int, e Epilogue) {
	convBatch(dst, ld, dstLen, src, srcLen, rows, w, 0, pictures, e)
}

// convBatch is Conv, batch after batch: the sources, the destinations with the residuals, and the weights lie srcBatch, dstBatch
// and weightBatch floats apart.
func convBatch(dst []float32, ld, dstBatch int, src []float32, srcBatch int, rows *Rows, w *Weights, weightBatch, batches int, e Epilogue) {
	setConv(dst, ld, rows, w.N, w.Depth, 32*(1+w.Depth), e, batches)
	setFloats(src, w)
	conv.srcBatch, conv.weightBatch, conv.dstBatch = int32(4*srcBatch), int32(4*weightBatch), int32(4*dstBatch)
	conv.kind = int32(kindConv6 + 6 - rows.tile)
	runConv()
}

// setFloats sets where a job reads.
func setFloats(src []float32, w *Weights) {
	conv.src, conv.weights = unsafe.Pointer(unsafe.SliceData(src)), unsafe.Pointer(&w.data[0])
}

// setConv sets what the jobs of all convolutions have: of n output channels and of depth, whose panels of weights have panelBytes.
func setConv(dst []float32, ld int, rows *Rows, n, depth, panelBytes int, e Epilogue, batches int) {
	k := depth / rows.Taps
	tiles, panels := ceil(rows.M, rows.tile), ceil(n, 8)
	unitTiles, unitPanels := convUnits(tiles, panels, panelBytes, batches)
	conv = convJob{
		zero:       zeroFloats(k),
		residual:   unsafe.Pointer(unsafe.SliceData(e.Residual)),
		dst:        unsafe.Pointer(&dst[0]),
		offsets:    unsafe.Pointer(&rows.offsets[0]),
		rows:       int32(rows.M),
		n:          int32(n),
		k:          int32(k),
		taps:       int32(rows.Taps),
		ld:         int32(ld),
		tiles:      int32(unitTiles),
		panels:     int32(unitPanels),
		tileUnits:  int32(ceil(tiles, unitTiles)),
		panelUnits: int32(ceil(panels, unitPanels)),
	}
	conv.count = conv.tileUnits * conv.panelUnits * int32(batches)
	if e.ReLU {
		conv.relu = 1
	}
}

// runConv runs the job.
func runConv() {
	run(unsafe.Pointer(&conv))
	conv = convJob{} // lets the collector have what it points at
}
