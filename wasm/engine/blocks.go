//go:build js

package main

import (
	"fmt"

	"github.com/seed8935e608/residua/resnet/transfer"
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
	means, err := e.meansFor(r, "blocks", l.Rows())
	if err != nil {
		return err
	}
	features := means.of(blocks...)
	l.D = features.D
	if bytes := 4 * means.rows * l.D; bytes > maxBlockFeatures {
		return badArgument(fmt.Sprintf("the means of %d blocks of all pictures and their augmentations take %d MB; "+
			"at most %d fit in: choose fewer blocks, augmentations or pictures", len(blocks), bytes>>20,
			maxBlockFeatures>>20))
	}
	if !c.FeaturesAre(blocks) {
		l.Blocks = blocks
	}
	if l.DHashes != nil {
		// Earlier blocks' means are alike for pictures that are not.
		last, first := means.of(len(means.channels)-1), l.FirstRows()
		own := transfer.Rows{D: last.D, Read: func(dst []float32, picture int) { last.Read(dst, first[picture]) }}
		if l.Groups, err = e.nearlySame(r, l.DHashes, own); err != nil {
			return err
		}
	}
	l.Features, err = e.readRows(r, features, numbersBelow(means.rows))
	return err
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
