//go:build js

package main

import (
	"fmt"

	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// The page draws samples of the same size, so the constants of both packages must be equal.
var (
	_ = [1]struct{}{}[proto.ProbePictures-transfer.ProbeCap]
	_ = [1]struct{}{}[proto.RankPictures-transfer.RankCap]
	_ = [1]struct{}{}[proto.DistancePictures-transfer.DistanceCap]
)

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
		p.Rows = means.of(block)
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
		e.compute(func() { logME, err = transfer.LogME(r.ctx, means.of(block), args.Labels, args.Classes, e.yield) })
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
