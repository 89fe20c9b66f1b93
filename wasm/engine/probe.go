//go:build js

package main

import (
	"fmt"
	"slices"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// blockMeans are the means of all blocks of some pictures, as Prepare gives them, in one of a request's buffers. They
// stay in JavaScript's memory.
type blockMeans struct {
	rows     int
	each     int // numbers of a row
	channels []int
	values   js.Value
}

// meansOf finds the means in a request's buffer.
func (e *engine) meansOf(r request, name string) (blockMeans, error) {
	m := blockMeans{values: js.Undefined()}
	for _, b := range e.model.Blocks() {
		m.channels = append(m.channels, b.Channels)
		m.each += b.Channels
	}
	if r.sent.Type() == js.TypeObject {
		m.values = r.sent.Get(name)
	}
	length := 0
	if m.values.Type() == js.TypeObject && m.values.Get("length").Type() == js.TypeNumber {
		length = m.values.Get("length").Int()
	}
	m.rows = length / m.each
	if !jsbridge.IsNumbers[uint16](m.values, m.rows*m.each) {
		reason := fmt.Sprintf("the buffer %s must have %d numbers of 16 bits for each picture", name, m.each)
		return m, badArgument(reason)
	}
	return m, nil
}

// meansFor is meansOf for a known number of pictures.
func (e *engine) meansFor(r request, name string, pictures int) (blockMeans, error) {
	m, err := e.meansOf(r, name)
	if err == nil && m.rows != pictures {
		err = badArgument(fmt.Sprintf("the buffer %s has rows for %d pictures, want %d", name, m.rows, pictures))
	}
	return m, err
}

// block gives the rows of one block.
func (m blockMeans) block(block int) transfer.Rows {
	first, half := 0, make([]uint16, m.channels[block])
	for _, c := range m.channels[:block] {
		first += c
	}
	return transfer.Rows{D: len(half), Read: func(dst []float32, row int) {
		jsbridge.CopyNumbers(half, m.values, row*m.each+first)
		for k, h := range half {
			dst[k] = weights.Float16(h)
		}
	}}
}

// blocksAsked are the blocks that a request asks for, in ascending order; all of none.
func (e *engine) blocksAsked(only []int) ([]int, error) {
	n := len(e.model.Blocks())
	blocks := slices.Compact(slices.Sorted(slices.Values(only)))
	if len(blocks) == 0 {
		for i := range n {
			blocks = append(blocks, i)
		}
	}
	if blocks[0] < 0 || blocks[len(blocks)-1] >= n {
		return nil, badArgument(fmt.Sprintf("the blocks are %v, where there are 0 to %d", blocks, n-1))
	}
	return blocks, nil
}

// probe trains a linear classifier on every block.
func (e *engine) probe(r request, args proto.Probe) (proto.Probed, error) {
	answer := proto.Probed{Blocks: []proto.ProbedBlock{}}
	blocks, err := e.blocksAsked(args.Only)
	if err != nil {
		return answer, err
	}
	if len(args.Sides) != len(args.Labels) {
		return answer, badArgument("labels and sides must have one number for each picture")
	}
	means, err := e.meansFor(r, "blocks", len(args.Labels))
	if err != nil {
		return answer, err
	}
	p := transfer.Probing{Labels: args.Labels, Classes: args.Classes, Seed: uint64(args.Seed)}
	for _, side := range args.Sides {
		if side < proto.SideTraining || side > proto.SideTest {
			return answer, badArgument("a side is a number from 1 to 3")
		}
		p.Sides = append(p.Sides, transfer.Side(side))
	}
	for _, block := range blocks {
		p.Rows = means.block(block)
		var probed *transfer.Probed
		e.compute(func() { probed, err = transfer.Probe(r.ctx, p, e.yield) })
		if err != nil {
			return answer, teachError(err)
		}
		of := proto.ProbedBlock{
			Block: block, Features: p.D, L2: probed.L2, Folds: *score(probed.Folds), Accuracy: rate(probed.Accuracy),
		}
		if probed.Test != nil {
			test := rate(*probed.Test)
			of.Test = &test
		}
		answer.Blocks = append(answer.Blocks, of)
		post(r.id, proto.KindProgress, answer, nil)
		pause(0)
	}
	return answer, nil
}

// rank scores every block without training.
func (e *engine) rank(r request, args proto.Rank) (proto.Ranked, error) {
	start := jsbridge.Now()
	answer := proto.Ranked{Scores: []float64{}}
	for i, label := range args.Labels {
		if label < 0 || label >= args.Classes {
			return answer, badArgument(fmt.Sprintf("picture %d has the class %d of %d", i, label, args.Classes))
		}
	}
	means, err := e.meansFor(r, "blocks", len(args.Labels))
	if err != nil {
		return answer, err
	}
	for block := range means.channels {
		var logME float64
		e.compute(func() { logME, err = transfer.LogME(r.ctx, means.block(block), args.Labels, args.Classes, e.yield) })
		if err != nil {
			return answer, teachError(err)
		}
		answer.Scores = append(answer.Scores, logME)
		if logME > answer.Scores[answer.Best] {
			answer.Best = block
		}
	}
	answer.MS = jsbridge.Now() - start
	return answer, nil
}
