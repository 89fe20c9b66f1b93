//go:build js

package main

import (
	"fmt"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/resnet/shapes"
	"github.com/seed8935e608/residua/wasm/proto"
)

// maxDrawn is how many bytes of pictures a request may ask for.
const maxDrawn = 64 << 20

// shapes draws pictures of a task.
func (e *engine) shapes(r request, args proto.Shapes) (any, buffers, error) {
	set := shapes.Set{
		Task: shapes.Task(args.Task), Domain: shapes.Domain(args.Domain), Size: args.Size, Difficulty: args.Difficulty,
		Seed: uint64(args.Seed),
	}
	if err := set.Check(); err != nil {
		return nil, nil, badArgument(errtext.Clause(err))
	}
	if args.Count < 1 || args.Count > maxDrawn/set.Len() {
		return nil, nil, badArgument(fmt.Sprintf("count must be from 1 to %d for pictures of this size",
			maxDrawn/set.Len()))
	}
	pictures, labels := make([]byte, args.Count*set.Len()), make([]byte, args.Count)
	for i := range labels {
		labels[i] = byte(set.Draw(pictures[i*set.Len():][:set.Len()], i))
		if e.yield(); r.ctx.Err() != nil {
			return nil, nil, r.ctx.Err()
		}
	}
	return proto.ShapesDrawn{Classes: set.Task.Classes()}, buffers{"pictures": pictures, "labels": labels}, nil
}
