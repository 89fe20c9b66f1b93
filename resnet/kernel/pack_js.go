package kernel

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

var (
	packing     layout.Pack
	transposing layout.Transpose
)

// packRows lays rows of src out as panels of 8 columns, without a bias, at the head of each panel of dst: for each tap
// and picture
//
//	for r := range rows.M {
//		for i := range n {
//			// 0 where the offset is Zeros
//			dst[panel(tap, i/8)][picture*rows.M+r][i%8] = src[picture*length+rows.At(r, tap)+i]
//		}
//	}
//
// A panel has 1+depth rows of 8, of which the first stays as it is. What the last panel has beyond n becomes zeros.
// The table has tiles of one row.
func packRows(dst []float32, depth int, src []float32, rows *Rows, n, pictures, length int) {
	panelBytes := 32 * (1 + depth)
	units := ceil(rows.M, packUnit)
	packing = layout.Pack{
		Header:     layout.Header{Kind: layout.PackRows, Count: int32(units * pictures * rows.Taps)},
		Src:        unsafe.Pointer(unsafe.SliceData(src)),
		Zero:       zeroFloats(8),
		Dst:        unsafe.Pointer(&dst[8]),
		Offsets:    unsafe.Pointer(&rows.offsets[0]),
		Rows:       int32(rows.M),
		N:          int32(n),
		Taps:       int32(rows.Taps),
		Unit:       packUnit,
		RowUnits:   int32(units),
		Pictures:   int32(pictures),
		PanelBytes: int32(panelBytes),
		TapBytes:   int32(ceil(n, 8) * panelBytes),
		SrcPicture: int32(4 * length),
	}
	run(unsafe.Pointer(&packing))
	packing = layout.Pack{}
}

// packColumns lays columns of src out as panels of 8, as packRows does with rows: what stands in column r and row i of
// src goes to dst[panel(i/8)][r][i%8]. What the last panel has beyond n stays as it is; its sums go nowhere.
func packColumns(dst []float32, depth int, src []float32, ld, n int) {
	transpose(dst[8:], 8, 8*(1+depth), src, ld, n, depth, 8)
}

// transpose turns rows of src, ld floats apart, into columns of dst, dstLd floats apart, unit rows at a time:
//
//	for i := range rows {
//		for j := range cols {
//			dst[i/unit*step+j*dstLd+i%unit] = src[i*ld+j]
//		}
//	}
func transpose(dst []float32, dstLd, step int, src []float32, ld, rows, cols, unit int) {
	transposing = layout.Transpose{
		Header:    layout.Header{Kind: layout.TransposeRows, Count: int32(ceil(rows, unit))},
		Src:       unsafe.Pointer(unsafe.SliceData(src)),
		Dst:       unsafe.Pointer(unsafe.SliceData(dst)),
		Rows:      int32(rows),
		Cols:      int32(cols),
		SrcLd:     int32(ld),
		DstLd:     int32(dstLd),
		Unit:      int32(unit),
		UnitBytes: int32(4 * step),
	}
	run(unsafe.Pointer(&transposing))
	transposing = layout.Transpose{}
}

// matrices are the tables of plain matrices, by number of rows, length and tile.
var matrices = map[[3]int]*Rows{}

// matrixRows is the table of a plain matrix of m rows, ld floats apart. tile 0 is convTile's choice.
func matrixRows(m, ld, tile int) *Rows {
	if tile == 0 {
		tile = convTile(m)
	}
	key := [3]int{m, ld, tile}
	if matrices[key] == nil {
		if len(matrices) >= maxMatrices {
			clear(matrices)
		}
		matrices[key] = newRows(m, 1, tile, func(row, _ int) int { return row * ld })
	}
	return matrices[key]
}

// maxMatrices bounds how many tables are kept. A network has fewer, and a table takes 4 bytes a row.
const maxMatrices = 256
