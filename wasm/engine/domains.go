//go:build js

package main

import (
	"fmt"

	"github.com/seed8935e608/residua/wasm/proto"
)

// answerDomains computes the reply to a request about knowledge across domains.
func (e *engine) answerDomains(r request) (message any, out buffers, err error) {
	switch r.op {
	case proto.OpProbe:
		return plain(r, e.probe)
	case proto.OpRank:
		return plain(r, e.rank)
	case proto.OpDistance:
		return plain(r, e.distance)
	case proto.OpNorms:
		return decoded(r, e.norms)
	case proto.OpAdapt:
		return decoded(r, e.adapt)
	case proto.OpMoved:
		return decoded(r, e.moved)
	case proto.OpShapes:
		return decoded(r, e.shapes)
	}
	return nil, nil, badArgument(fmt.Sprintf("unknown operation %q", r.op))
}
