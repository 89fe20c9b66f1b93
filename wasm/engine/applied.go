//go:build js

package main

import (
	"fmt"
	"runtime"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/proto"
)

// asTaught gives the network as it was taught: with the trained blocks or the statistics of norms of what is in use. It
// is made when it is first needed, and kept as long as that is in use.
func (e *engine) asTaught() (*resnet.Model, error) {
	if e.taught.Taught == nil {
		return nil, errNothingTaught
	}
	if e.taught.applied != nil {
		return e.taught.applied, nil
	}
	if need, left := secondModel(e.model), memoryLeft(); e.taught.Norms != nil && need > left {
		return nil, noMemory("the network with other statistics in its norms", need, left)
	}
	m, err := e.taught.Apply(e.model)
	if err != nil {
		return nil, badWeights(err)
	}
	e.taught.applied = m
	return m, nil
}

// adaptedFeatures gives the features that the taught network classifies, of an input and by the network with the
// statistics that go with it. asTaught has made that.
func (t *taught) adaptedFeatures(x []float32) []float32 {
	if len(t.Blocks) == 0 {
		return t.applied.Forward(x, nil).Features
	}
	means := make([]float32, t.Head.D)
	t.applied.BlockMeans(means, x, t.Blocks)
	return means
}

// depthOf is how many of the last blocks a request means, where 0 is the last one.
func (e *engine) depthOf(asked int) (int, error) {
	most := e.model.Config.MaxDepth()
	if asked < 0 || asked > most {
		return 0, badArgument(fmt.Sprintf("depth must be a number from 1 to %d, the blocks of this network "+
			"that can be trained, or 0 for the last one", most))
	}
	return max(1, asked), nil
}

// memoryOfAll is the most memory that a program with threads may have, in bytes, and memoryReserve what is kept for the
// rest of the work and for what the garbage collector has not freed yet.
const (
	memoryOfAll   = 1 << 30
	memoryReserve = 64 << 20
)

// memoryLeft is about how many bytes can be allocated.
func memoryLeft() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return (memoryOfAll-memoryReserve)*100/(100+collectAt) - int64(s.HeapAlloc)
}

// secondModel is about how many bytes the packed weights of a network take.
func secondModel(m *resnet.Model) int64 {
	numbers := int64(0)
	for _, t := range m.Config.Tensors() {
		n := int64(1)
		for _, d := range t.Shape {
			n *= int64(d)
		}
		if len(t.Shape) == 4 && t.Shape[2] == 3 {
			n = n * 16 / 9 // Winograd's algorithm has 16 numbers for 9
		}
		numbers += n
	}
	return 4 * numbers
}

// noMemory refuses what would take more memory than there is.
func noMemory(what string, need, left int64) *proto.Error {
	reason := fmt.Sprintf("%s takes about %d MB of memory, and %d MB are there", what, need/1e6, max(left, 0)/1e6)
	e := &proto.Error{
		Code:    proto.CodeCannotTeach,
		Message: "There is not enough memory: " + reason + ". Choose a smaller network.",
		Details: map[string]string{"reason": reason},
	}
	addReason(e, transfer.WhyMemory, transfer.MemoryValues(need, left))
	return e
}
