//go:build js

package main

import (
	"fmt"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/weights"
)

// maxBlockFeatures limits the block means that a classifier is trained on, in bytes as float32: the training keeps
// several copies of them in Go's memory. It is the page's limit for features, and a little more.
const maxBlockFeatures = 164 << 20

// learnFromBlocks makes a lesson one on the means of some blocks. It reads them from the buffer blocks, which has rows
// with those of all blocks in float16, and stays in JavaScript's memory.
func (e *engine) learnFromBlocks(r request, l *transfer.Lesson, blocks []int) error {
	c := e.model.Config
	if err := c.CheckBlocks(blocks); err != nil {
		return badArgument(err.Error())
	}
	if l.Method != transfer.MethodClassMeans && l.Method != transfer.MethodHead {
		return badArgument(fmt.Sprintf("the method %q cannot learn from chosen blocks; %q and %q can", l.Method,
			transfer.MethodClassMeans, transfer.MethodHead))
	}
	rows, all := l.Rows(), 0
	for _, n := range c.BlockChannels() {
		all += n
	}
	v := js.Undefined()
	if r.sent.Type() == js.TypeObject {
		v = r.sent.Get("blocks")
	}
	if !jsbridge.IsNumbers[uint16](v, rows*all) {
		return badArgument(fmt.Sprintf("the buffer blocks must have %d × %d numbers of 16 bits", rows, all))
	}
	l.D = c.MeansLen(blocks)
	if bytes := 4 * rows * l.D; bytes > maxBlockFeatures {
		return badArgument(fmt.Sprintf("the means of %d blocks of all pictures and their augmentations take %d MB; "+
			"at most %d fit in: choose fewer blocks, augmentations or pictures", len(blocks), bytes>>20,
			maxBlockFeatures>>20))
	}
	if !c.FeaturesAre(blocks) {
		l.Blocks = blocks
	}
	columns := columnsOf(c, blocks)
	first, end := columns[0].first, columns[len(columns)-1].end
	row16 := make([]uint16, end-first)
	l.Features = make([]float32, 0, rows*l.D)
	for row := range rows {
		if e.yield(); r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		jsbridge.CopyNumbers(row16, v, row*all+first)
		for _, of := range columns {
			for _, half := range row16[of.first-first : of.end-first] {
				l.Features = append(l.Features, weights.Float16(half))
			}
		}
	}
	return nil
}

// span is a range of columns, without its end.
type span struct{ first, end int }

// columnsOf gives the columns of some blocks among the means of all.
func columnsOf(c resnet.Config, blocks []int) []span {
	var all []span
	at := 0
	for _, n := range c.BlockChannels() {
		all = append(all, span{at, at + n})
		at += n
	}
	out := make([]span, len(blocks))
	for i, b := range blocks {
		out[i] = all[b]
	}
	return out
}

// taughtMeans gives the means of the taught network's blocks for a picture. Unless the picture is recorded, the network
// runs only as far as the last of them.
func (e *engine) taughtMeans(p *picture) ([]float32, error) {
	means, blocks := make([]float32, e.taught.Head.D), e.taught.Blocks
	if e.taught.Norms != nil {
		e.compute(func() { means = e.taught.adaptedFeatures(p.input) })
		if !allFinite(means) {
			return nil, noNumber()
		}
		return means, nil
	}
	if e.recorded == p {
		record, err := e.recordOf(p, nil)
		if err == nil {
			err = record.BlockMeans(means, blocks)
		}
		return means, err
	}
	e.compute(func() { e.model.BlockMeans(means, p.input, blocks) })
	if !allFinite(means) {
		return nil, noNumber()
	}
	return means, nil
}
