//go:build js

package main

import (
	"errors"

	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/proto"
)

// moved computes how alike each block before a training is to each block after it.
func (e *engine) moved(r request, args proto.Moved) (any, buffers, error) {
	before, err1 := e.meansSent(r, "before")
	after, err2 := e.meansSent(r, "after")
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	if before.rows < 2 || before.rows != after.rows {
		return nil, nil, badArgument("the buffers before and after must be of the same pictures, two or more")
	}
	pictures := transfer.RandomSample(before.rows, transfer.MovedPictures, uint64(args.Seed))
	blocks := numbersBelow(len(before.channels))
	read := func(m blockMeans) func(dst []float32, i int) {
		rows := m.of(blocks...)
		return func(dst []float32, i int) { rows.Read(dst, pictures[i]) }
	}
	var pairs []float64
	var err error
	e.compute(func() {
		pairs, err = transfer.BlockCKA(before.channels, len(pictures), read(before), read(after), func() error {
			e.yield()
			return r.ctx.Err()
		})
	})
	if err != nil {
		return nil, nil, err
	}
	data := make([]float32, len(pairs))
	for i, p := range pairs {
		data[i] = float32(finite(p))
	}
	return proto.MovedBlocks{Blocks: len(blocks), Pictures: len(pictures)}, dataOnly(data), nil
}
