//go:build js

package main

import (
	"fmt"

	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/proto"
)

// maxPermutations is the most that a test may have; more would only take longer.
const maxPermutations = 9999

// Verdicts are sent as they are, so the constants of both packages must be equal.
var _ = map[bool]struct{}{
	false: {},
	string(proto.DistanceFar) == string(transfer.Far) && string(proto.DistanceNear) == string(transfer.Near) &&
		string(proto.DistanceSame) == string(transfer.Same) &&
		string(proto.DistanceFew) == string(transfer.FewPictures): {},
}

// distance measures how far apart two sets of pictures are, by every block.
func (e *engine) distance(r request, args proto.Distance) (proto.Distances, error) {
	answer := proto.Distances{Blocks: []proto.BlockDistance{}}
	blocks, err := e.blocksAsked(args.Only)
	if err != nil {
		return answer, err
	}
	if args.Permutations < 0 || args.Permutations > maxPermutations {
		return answer, badArgument(fmt.Sprintf("permutations must be a number from 0 to %d", maxPermutations))
	}
	a, err := e.meansSent(r, "a")
	if err != nil {
		return answer, err
	}
	b, err := e.meansSent(r, "b")
	if err != nil {
		return answer, err
	}
	if a.rows == 0 || b.rows == 0 {
		return answer, badArgument("a set has no pictures; a distance needs some of both")
	}
	o := transfer.DistanceOptions{Permutations: args.Permutations, Seed: uint64(args.Seed)}
	if o.GroupsA, err = e.groupsSent(r, a, "dhashesA", args.DHashesA); err != nil {
		return answer, err
	}
	if o.GroupsB, err = e.groupsSent(r, b, "dhashesB", args.DHashesB); err != nil {
		return answer, err
	}
	for _, block := range blocks {
		var gap *transfer.Gap
		e.compute(func() {
			gap, err = transfer.Distance(r.ctx, a.of(block), a.rows, b.of(block), b.rows, o, e.yield)
		})
		if err != nil {
			return answer, teachError(err)
		}
		answer.Blocks = append(answer.Blocks, proto.BlockDistance{
			Block: block, Pictures: []int{gap.A, gap.B}, Different: gap.Different[:],
			A: gap.Proxy, ALow: gap.Low, AHigh: gap.High, MMD2: gap.MMD2, P: gap.P,
			Verdict: proto.DistanceVerdict(gap.Verdict),
		})
		post(r.id, proto.KindProgress, answer, nil)
		pause(0)
	}
	return answer, nil
}
