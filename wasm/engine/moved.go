//go:build js

package main

import (
	"fmt"

	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// moved computes how alike each block before a training is to each block after it.
func (e *engine) moved(r request, args proto.Moved) (message any, out buffers, err error) {
	channels, sum := e.model.Config.BlockChannels(), 0
	for _, c := range channels {
		sum += c
	}
	n, err := rowsSent(r, "before", sum)
	if err != nil {
		return nil, nil, err
	}
	if after, err := rowsSent(r, "after", sum); err != nil || after != n || n < 2 {
		return nil, nil, badArgument(fmt.Sprintf("the buffers before and after must have the same number of rows, "+
			"two or more, with %d numbers of 16 bits each", sum))
	}
	pictures := transfer.MovedSample(n, uint64(args.Seed))
	row16 := make([]uint16, sum)
	read := func(name string) func(dst []float32, i int) {
		v := r.sent.Get(name)
		return func(dst []float32, i int) {
			jsbridge.CopyNumbers(row16, v, pictures[i]*sum)
			for k, half := range row16 {
				dst[k] = weights.Float16(half)
			}
		}
	}
	var pairs []float64
	e.compute(func() {
		pairs, err = transfer.BlockCKA(channels, len(pictures), read("before"), read("after"), func() error {
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
	return proto.MovedBlocks{Blocks: len(channels), Pictures: len(pictures)}, dataOnly(data), nil
}

// rowsSent is how many rows of each numbers of 16 bits one of a request's buffers has.
func rowsSent(r request, name string, each int) (int, error) {
	wrong := badArgument(fmt.Sprintf("the buffer %s must have rows of %d numbers of 16 bits", name, each))
	if !r.sent.Truthy() || !r.sent.Get(name).Truthy() {
		return 0, wrong
	}
	v := r.sent.Get(name)
	length := v.Get("length")
	if !length.Truthy() || length.Int()%each != 0 || !jsbridge.IsNumbers[uint16](v, length.Int()) {
		return 0, wrong
	}
	return length.Int() / each, nil
}
