//go:build js

package main

import (
	"github.com/seed8935e608/residua/resnet/skiplab"
	"github.com/seed8935e608/residua/wasm/proto"
)

// What can be asked of the Skip lab's networks beside training them.

// On how many pictures the studies stand. A loss surface of 625 points takes as many passes: with 64 pictures some five
// seconds for a network of 20 layers. All points see the same ones, so their number changes the surface little.
const (
	landscapePictures = 64
	pathPictures      = 32
	pathSamples       = 12 // paths of each length that are looked at
)

// labSteps reports steps of a study to the page, and lets messages in.
func (e *engine) labSteps(r request) func(done, total int) {
	return func(done, total int) {
		before := e.yielded
		if e.yield(); e.yielded != before || done == total {
			post(r.id, proto.KindProgress, proto.Steps{Done: done, Total: total}, nil)
		}
	}
}

// labLandscape computes the loss round a network.
func (e *engine) labLandscape(r request, args proto.LabLandscape) (any, buffers, error) {
	net, err := e.labNet(args.Network)
	if err != nil {
		return nil, nil, err
	}
	x, labels := e.lab.run.Batch(landscapePictures)
	var losses []float32
	e.compute(func() {
		losses, err = skiplab.Landscape(r.ctx, net, x, labels, skiplab.Surface{
			Side: args.Side, Span: args.Span, Seed: 1, Progress: e.labSteps(r),
		})
	})
	if err != nil {
		return nil, nil, labError(err)
	}
	return struct{}{}, dataOnly(losses), nil
}

// labPaths measures the gradient by the length of paths.
func (e *engine) labPaths(r request, args proto.LabPaths) (proto.LabPathsFound, error) {
	net, err := e.labNet(args.Network)
	if err != nil {
		return proto.LabPathsFound{}, err
	}
	x, labels := e.lab.run.Batch(min(pathPictures, net.Batch()))
	var lengths []skiplab.PathGradient
	e.compute(func() {
		lengths, err = skiplab.Paths(r.ctx, net, x, labels, skiplab.Ways{
			Samples: pathSamples, Seed: 1, Progress: e.labSteps(r),
		})
	})
	if err != nil {
		return proto.LabPathsFound{}, labError(err)
	}
	var found proto.LabPathsFound
	for _, l := range lengths {
		found.Lengths = append(found.Lengths, proto.LabPathLength{
			Length: l.Length, Count: l.Count, Sampled: l.Sampled, Gradient: finite(l.Gradient),
		})
	}
	return found, nil
}

// labTransfer freezes and transfers.
func (e *engine) labTransfer(r request, args proto.LabTransfer) (proto.LabTransferred, error) {
	settings, err := settingsOf(args.Settings)
	if err != nil {
		return proto.LabTransferred{}, err
	}
	experiment, err := e.lab.library.Transferral(settings, dataOf(args.From), args.Seeds)
	if err != nil {
		return proto.LabTransferred{}, labError(err)
	}
	report := e.labSteps(r)
	experiment.Progress = func(p skiplab.TransferProgress) { report(p.Step, p.Steps) }
	var found *skiplab.TransferResult
	e.compute(func() { found, err = skiplab.Transfer(r.ctx, experiment) })
	if err != nil {
		return proto.LabTransferred{}, labError(err)
	}
	out := proto.LabTransferred{
		Source: frozen(found.Source), Scratch: frozen(found.Scratch), Helps: found.Helps, Hurts: found.Hurts,
	}
	for _, o := range found.Frozen {
		out.Frozen = append(out.Frozen, frozen(o))
	}
	return out, nil
}

func frozen(o skiplab.Outcome) proto.LabFrozen {
	return proto.LabFrozen{
		Stages: o.Stages, Accuracies: o.Accuracies, Mean: finite(o.Mean), Low: finite(o.Low), High: finite(o.High),
		Gain: finite(o.Gain), GainLow: finite(o.GainLow), GainHigh: finite(o.GainHigh), Diverged: o.Diverged,
	}
}
