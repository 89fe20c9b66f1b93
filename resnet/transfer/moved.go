package transfer

import "math"

// MovedPictures is how many pictures BlockCKA should get at most, by RandomSample of more. In ResNet-50 their block
// means take 60 MB before and 60 MB after.
const MovedPictures = 1000

// BlockCKA tells how alike each block of a network is to each block of another, or of the same one after a training:
// the linear CKA (see CKA) of the blocks' means of the same n pictures. channels are those of each block. before and
// after write row i, the means of all blocks one after the other, to dst; each row is read once. The result is B×B for
// B blocks: a row for each block before, with a number for each block after, from 0 to 1. Where all pictures have the
// same means there is nothing to compare, and the number is NaN.
//
// It takes n²·(2·Σ channels + B²) products. progress, if not nil, is called some times a second; its error ends the
// work.
func BlockCKA(
	channels []int, n int, before, after func(dst []float32, i int), progress func() error,
) ([]float64, error) {
	if n < 2 || len(channels) == 0 {
		panic(badFeatures)
	}
	if progress == nil {
		progress = noPause
	}
	blocks := len(channels)
	of, err := centredBlocks(channels, n, before, progress) // all blocks before, then all after
	if err != nil {
		return nil, err
	}
	others, err := centredBlocks(channels, n, after, progress)
	if err != nil {
		return nil, err
	}
	of = append(of, others...)

	own, pairs := make([]float64, 2*blocks), make([]float64, blocks*blocks)
	const rows = 64 // of the Gram matrices at a time
	grams := make([][]float32, 2*blocks)
	for i := range grams {
		grams[i] = make([]float32, rows*n)
	}
	for first := 0; first < n; first += rows {
		m, width := min(rows, n-first), n-first
		for i, x := range of {
			g := gramRows(grams[i], x, n, first, rows)[:m*width]
			above(g, m, width)
			own[i] += products(g, g)
			if err := progress(); err != nil {
				return nil, err
			}
		}
		for i := range blocks {
			for j := range blocks {
				pairs[i*blocks+j] += products(grams[i][:m*width], grams[blocks+j][:m*width])
			}
			if err := progress(); err != nil {
				return nil, err
			}
		}
	}
	for i := range blocks {
		for j := range blocks {
			// Of equal features the squares are equal to the bit, and their root is exact: 1.
			pairs[i*blocks+j] /= math.Sqrt(own[i] * own[blocks+j])
		}
	}
	return pairs, nil
}

// centredBlocks reads all rows, and centres each block's means.
func centredBlocks(
	channels []int, n int, read func(dst []float32, i int), progress func() error,
) ([][]float32, error) {
	sum := 0
	var out [][]float32
	for _, c := range channels {
		sum += c
		out = append(out, make([]float32, n*c))
	}
	row := make([]float32, sum)
	for i := range n {
		read(row, i)
		at := 0
		for k, c := range channels {
			copy(out[k][i*c:][:c], row[at:])
			at += c
		}
		if err := progress(); err != nil {
			return nil, err
		}
	}
	for k := range out {
		out[k] = centred(out[k], n)
		if err := progress(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// above prepares rows of a symmetric matrix, from the diagonal's first column on: what is below the diagonal becomes 0,
// and what is above counts twice in a product with another such matrix, by √2.
func above(g []float32, m, width int) {
	for i := range m {
		row := g[i*width:][:width]
		clear(row[:i])
		for j := i + 1; j < width; j++ {
			row[j] *= math.Sqrt2
		}
	}
}

// products is the scalar product of two vectors, in float64.
func products(a, b []float32) float64 {
	var sum float64
	b = b[:len(a)]
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
