package kernel

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// panelWidth is how many of a convolution's n output channels stand side by side in a panel of its weights.
func panelWidth(int) int { return 8 }

// conv is the one job of all convolutions, so that a call allocates nothing.
var conv layout.Conv

// zeroRun is where an offset of Zeros points. It grows with the deepest layer.
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

func convPictures(dst []float32, ld, dstLen int, src []float32, srcLen int, rows *Rows,
	w *Weights, pictures int, e Epilogue) {
	setConvBatch(dst, ld, dstLen, src, srcLen, rows, w, 0, pictures, e)
	conv.Lines = unsafe.Pointer(unsafe.SliceData(rows.lines))
	runConv()
}

// convBatch is Conv, batch after batch. The sources, the destinations with the residuals, and the weights lie srcBatch,
// dstBatch and weightBatch floats apart.
func convBatch(dst []float32, ld, dstBatch int, src []float32, srcBatch int, rows *Rows,
	w *Weights, weightBatch, batches int, e Epilogue) {
	setConvBatch(dst, ld, dstBatch, src, srcBatch, rows, w, weightBatch, batches, e)
	runConv()
}

// setConvBatch sets the job of convBatch.
func setConvBatch(dst []float32, ld, dstBatch int, src []float32, srcBatch int, rows *Rows,
	w *Weights, weightBatch, batches int, e Epilogue) {
	setConv(dst, ld, rows, w.N, w.Depth, 32*(1+w.Depth), e, batches)
	setFloats(src, w)
	conv.SrcBatch, conv.WeightBatch, conv.DstBatch = int32(4*srcBatch), int32(4*weightBatch), int32(4*dstBatch)
	conv.Kind = convKind(layout.Float32, rows.tile)
}

// setFloats sets the operands of a job in float32.
func setFloats(src []float32, w *Weights) {
	conv.Src, conv.Weights = unsafe.Pointer(unsafe.SliceData(src)), unsafe.Pointer(&w.data[0])
}

// convKind is the kernel for these operands with tiles of so many rows.
func convKind(operands layout.Operands, tile int) layout.Kind {
	kind, ok := layout.ConvKind(operands, tile)
	if !ok {
		panic(badTile)
	}
	return kind
}

// setConv sets what the jobs of all convolutions have: of n output channels and of depth, whose panels of weights have
// panelBytes.
func setConv(dst []float32, ld int, rows *Rows, n, depth, panelBytes int, e Epilogue, batches int) {
	k := depth / rows.Taps
	tiles, panels := ceil(rows.M, rows.tile), ceil(n, 8)
	unitTiles, unitPanels := convUnits(tiles, panels, panelBytes, batches)
	conv = layout.Conv{
		Zero:       zeroFloats(k),
		Residual:   unsafe.Pointer(unsafe.SliceData(e.Residual)),
		Dst:        unsafe.Pointer(&dst[0]),
		Offsets:    unsafe.Pointer(&rows.offsets[0]),
		Rows:       int32(rows.M),
		N:          int32(n),
		K:          int32(k),
		Taps:       int32(rows.Taps),
		Ld:         int32(ld),
		Tiles:      int32(unitTiles),
		Panels:     int32(unitPanels),
		TileUnits:  int32(ceil(tiles, unitTiles)),
		PanelUnits: int32(ceil(panels, unitPanels)),
	}
	conv.Count = conv.TileUnits * conv.PanelUnits * int32(batches)
	if e.ReLU {
		conv.ReLU = 1
	}
}

// runConv runs the job.
func runConv() {
	run(unsafe.Pointer(&conv))
	conv = layout.Conv{} // lets the collector have what it points at
}
