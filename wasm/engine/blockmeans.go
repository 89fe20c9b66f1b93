//go:build js

package main

import (
	"fmt"
	"slices"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/weights"
)

// blockMeans are the means of all blocks of some pictures, as Prepare gives them, in one of a request's buffers: a row
// for each picture, in float16. They stay in JavaScript's memory.
type blockMeans struct {
	values   js.Value
	rows     int
	each     int   // numbers of a row
	channels []int // of each block
}

// meansSent finds the means in a request's buffer. Without the buffer there are no rows.
func (e *engine) meansSent(r request, name string) (blockMeans, error) {
	m := blockMeans{values: js.Undefined(), channels: e.model.Config.BlockChannels()}
	for _, c := range m.channels {
		m.each += c
	}
	if r.sent.Type() == js.TypeObject {
		m.values = r.sent.Get(name)
	}
	if m.values.IsUndefined() || m.values.IsNull() {
		return m, nil
	}
	if length := m.values.Get("length"); length.Type() == js.TypeNumber {
		m.rows = length.Int() / m.each
	}
	if !jsbridge.IsNumbers[uint16](m.values, m.rows*m.each) {
		reason := fmt.Sprintf("the buffer %s must have %d numbers of 16 bits for each picture", name, m.each)
		return m, badArgument(reason)
	}
	return m, nil
}

// meansFor is meansSent for a known number of pictures.
func (e *engine) meansFor(r request, name string, pictures int) (blockMeans, error) {
	m, err := e.meansSent(r, name)
	if err == nil && m.rows != pictures {
		err = badArgument(fmt.Sprintf("the buffer %s has rows for %d pictures, want %d", name, m.rows, pictures))
	}
	return m, err
}

// of gives the means of some blocks, in ascending order, as features: one block's after the other's.
func (m blockMeans) of(blocks ...int) transfer.Rows {
	type span struct{ first, end int }
	columns, d := make([]span, len(blocks)), 0
	for i, b := range blocks {
		for _, c := range m.channels[:b] {
			columns[i].first += c
		}
		columns[i].end = columns[i].first + m.channels[b]
		d += m.channels[b]
	}
	// What lies between the blocks is copied with them: to call JavaScript takes longer than to copy some thousand
	// numbers.
	first := columns[0].first
	halves := make([]uint16, columns[len(columns)-1].end-first)
	return transfer.Rows{D: d, Read: func(dst []float32, row int) {
		jsbridge.CopyNumbers(halves, m.values, row*m.each+first)
		at := 0
		for _, c := range columns {
			for _, half := range halves[c.first-first : c.end-first] {
				dst[at] = weights.Float16(half)
				at++
			}
		}
	}}
}

// readRows reads the features of some pictures, and lets messages in meanwhile.
func (e *engine) readRows(r request, rows transfer.Rows, pictures []int) ([]float32, error) {
	x := make([]float32, len(pictures)*rows.D)
	for k, i := range pictures {
		rows.Read(x[k*rows.D:][:rows.D], i)
		e.yield()
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// groupsSent numbers the pictures so that those which are nearly the same share a number. For features they have the
// last block's means. Without hashes it is nil: all are different.
func (e *engine) groupsSent(r request, m blockMeans, name string, sent []string) (groups []int, err error) {
	hashes, err := dHashes(sent)
	if err != nil || hashes == nil {
		return nil, err
	}
	if len(hashes) != m.rows {
		return nil, badArgument(fmt.Sprintf("%s has %d hashes for %d pictures", name, len(hashes), m.rows))
	}
	return e.nearlySame(r, hashes, m.of(len(m.channels)-1))
}

// nearlySame is transfer.NearlySame, and lets messages in meanwhile.
func (e *engine) nearlySame(r request, hashes []uint64, rows transfer.Rows) ([]int, error) {
	return transfer.NearlySame(hashes, rows, func() error {
		e.yield()
		return r.ctx.Err()
	})
}

// some are the values of some pictures; nil of nil.
func some(values, pictures []int) []int {
	if values == nil {
		return nil
	}
	chosen := make([]int, len(pictures))
	for k, i := range pictures {
		chosen[k] = values[i]
	}
	return chosen
}

// numbersBelow are the numbers from 0 to n-1: all blocks, or all pictures.
func numbersBelow(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

// blocksAsked are the blocks that a request asks for, in ascending order; all of none.
func (e *engine) blocksAsked(only []int) ([]int, error) {
	n := len(e.model.Config.BlockChannels())
	blocks := slices.Compact(slices.Sorted(slices.Values(only)))
	if len(blocks) == 0 {
		return numbersBelow(n), nil
	}
	if blocks[0] < 0 || blocks[len(blocks)-1] >= n {
		return nil, badArgument(fmt.Sprintf("the blocks are %v, where there are 0 to %d", blocks, n-1))
	}
	return blocks, nil
}
