//go:build js

package main

import (
	"errors"
	"fmt"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// maxNormBatch limits the pictures that are normalised together.
const maxNormBatch = 256

// normMemory is about what a batch of pictures takes, at most, while the statistics are taken.
const normMemory = 300 << 20

// norms takes the statistics of all norms anew from some pictures, and then the pictures' block means under these. The
// pictures are decoded one at a time, those of the sample twice: only one batch of them is in memory.
func (e *engine) norms(r request, args proto.Norms) (message any, out buffers, err error) {
	start := jsbridge.Now()
	if args.Batch < 0 || args.Batch > maxNormBatch {
		return nil, nil, badArgument(fmt.Sprintf("batch must be a number from 1 to %d, or 0", maxNormBatch))
	}
	if r.files.Type() != js.TypeObject || r.files.Length() < 2 {
		return nil, nil, badArgument("the statistics of a network's norms take the files of two pictures or more")
	}
	n := r.files.Length()
	if need, left := normMemory+secondModel(e.model), memoryLeft(); need > left {
		return nil, nil, noMemory("taking the statistics of the network's norms anew", need, left)
	}
	o := resnet.NormOptions{Batch: args.Batch, Seed: uint64(args.Seed), Compute: e.compute}
	sampled := o.Sample(n)
	tell, total := e.stepsOf(r), sampled+n
	o.Progress = func(done, _ int) error { return tell(done, total) }
	norms, err := e.model.EstimateNorms(n, func(dst []float32, i int) error {
		p, err := e.prepare(r.ctx, r.files.Index(i))
		if err == nil {
			copy(dst, p.input)
		}
		return err
	}, o)
	if err != nil {
		return nil, nil, normsError(err)
	}
	adapted, err := e.model.WithNorms(norms)
	if err != nil {
		return nil, nil, normsError(err)
	}
	blocks, err := e.meansOfAll(r, adapted, func(done int) error { return tell(sampled+done, total) })
	if err != nil {
		return nil, nil, err
	}
	answer := proto.NormsFound{Pictures: n, Sampled: sampled, MS: jsbridge.Now() - start}
	return answer, buffers{"norms": norms.Values(), "blocks": blocks}, nil
}

// stepsOf returns a function that tells the page when more of total is done, and lets messages in. Its error is that of
// a request that was cancelled.
func (e *engine) stepsOf(r request) func(done, total int) error {
	told := -1
	return func(done, total int) error {
		if done > told {
			told = done
			post(r.id, proto.KindProgress, proto.Steps{Done: done, Total: total}, nil)
		}
		e.yield()
		return r.ctx.Err()
	}
}

// meansOfAll computes the means of all blocks for a request's pictures, a row for each, in float16. The rows are a
// typed array, outside of Go's memory.
func (e *engine) meansOfAll(r request, m *resnet.Model, tell func(done int) error) (js.Value, error) {
	sum, n := 0, r.files.Length()
	for _, c := range m.Config.BlockChannels() {
		sum += c
	}
	all, err := jsbridge.Try(func() js.Value { return js.Global().Get("Uint16Array").New(n * sum) })
	if err != nil {
		return all, noMemory("keeping the means of all blocks of all pictures", int64(2*n*sum), 0)
	}
	for i := range n {
		if err := tell(i); err != nil {
			return all, err
		}
		p, err := e.prepare(r.ctx, r.files.Index(i))
		if err != nil {
			return all, err
		}
		var means []float32
		e.compute(func() {
			means = means[:0]
			m.ForwardBlocks(p.input, func(block int, y []float32, s op.Shape) {
				if block >= 0 {
					at := len(means)
					means = append(means, make([]float32, s.C)...)
					op.GlobalMeanPool(means[at:], y, s)
				}
			})
		})
		if !allFinite(means) {
			return all, noNumber()
		}
		row := jsbridge.TypedArray(appendHalves(nil, means))
		all.Call("set", row, i*sum)
		jsbridge.Free(row.Get("buffer"))
	}
	return all, tell(n)
}

// normsError converts an error of taking statistics. Those of pictures and of requests are of the API already.
func normsError(err error) error {
	if errors.Is(err, resnet.ErrNoNorms) {
		return teachError(err)
	}
	return err
}
