package kernel

import "unsafe"

type packJob struct {
	header
	src, zero, dst, offsets        unsafe.Pointer
	rows, n, taps, unit, rowUnits  int32
	pictures, panelBytes, tapBytes int32
	srcPicture                     int32
}

type transposeJob struct {
	header
	src, dst                                  unsafe.Pointer
	rows, cols, srcLd, dstLd, unit, unitBytes int32
}

var (
	packing     packJob
	transposing transposeJob
)

// packUnit is how many rows a unit of packing has: what it reads, a cache line of each row, stays in the first-level cache
// for the next panel.
const packUnit = 32

// packRows lays rows of src out as panels of 8 columns, without a bias, at the head of each panel of dst: for each tap and picture
//
//	for r := range rows.M {
//		for i := range n {
//			dst[panel(tap, i/8)][picture*rows.M+r][i%8] = src[picture*length+rows.At(r, tap)+i] // 0 where that is Zeros
//		}
//	}
//
// A panel has 1+depth rows of 8, of which the first stays as it is. What the last panel has beyond n becomes zeros.
// The table has tiles of one row.
func packRows(dst []float32, depth int, src []float32, rows *Rows, n, pictures, length int) {
	panelBytes := 32 * (1 + depth)
	units := ceil(rows.M, packUnit)
	packing = packJob{
		header:     header{kindPack, int32(units * pictures * rows.Taps)},
		src:        unsafe.Pointer(unsafe.SliceData(src)),
		zero:       zeroFloats(8),
		dst:        unsafe.Pointer(&dst[8]),
		offsets:    unsafe.Pointer(&rows.offsets[0]),
		rows:       int32(rows.M),
		n:          int32(n),
		taps:       int32(rows.Taps),
		unit:       packUnit,
		rowUnits:   int32(units),
		pictures:   int32(pictures),
		panelBytes: int32(panelBytes),
		tapBytes:   int32(ceil(n, 8) * panelBytes),
		srcPicture: int32(4 * length),
	}
	run(unsafe.Pointer(&packing))
	packing = packJob{}
}

// packColumns lays columns of src out as panels of 8, as packRows does with rows: what stands in column r and row i of src goes to
// dst[panel(i/8)][r][i%8]. What the last panel has beyond n stays as it is; its sums go nowhere.
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
	transposing = transposeJob{
		header:    header{kindTranspose, int32(ceil(rows, unit))},
		src:       unsafe.Pointer(unsafe.SliceData(src)),
		dst:       unsafe.Pointer(unsafe.SliceData(dst)),
		rows:      int32(rows),
		cols:      int32(cols),
		srcLd:     int32(ld),
		dstLd:     int32(dstLd),
		unit:      int32(unit),
		unitBytes: int32(4 * step),
	}
	run(unsafe.Pointer(&transposing))
	transposing = transposeJob{}
}

// tables are those of the rows of plain matrices, by number of rows, length and tile.
var tables = map[[3]int]*Rows{}

// table is that of m rows, ld floats apart. tile 0 is what Conv likes best.
func table(m, ld, tile int) *Rows {
	if tile == 0 {
		tile = convTile(m)
	}
	key := [3]int{m, ld, tile}
	if tables[key] == nil {
		if len(tables) >= maxTables {
			clear(tables)
		}
		tables[key] = newRows(m, 1, tile, func(row, _ int) int { return row * ld })
	}
	return tables[key]
}

// maxTables bounds how many tables are kept: a network has fewer, and a table takes 4 bytes a row.
const maxTables = 256
