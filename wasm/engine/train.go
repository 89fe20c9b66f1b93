//go:build js

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"syscall/js"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// Sides are sent as numbers, so the constants of both packages must be equal.
var (
	_ = [1]struct{}{}[int(proto.SideUnassigned)-int(transfer.Unassigned)]
	_ = [1]struct{}{}[int(proto.SideTraining)-int(transfer.Training)]
	_ = [1]struct{}{}[int(proto.SideValidation)-int(transfer.Validation)]
	_ = [1]struct{}{}[int(proto.SideTest)-int(transfer.Test)]
)

// train runs transfer.Teach.
func (e *engine) train(r request, args proto.Train) (message any, out buffers, err error) {
	start := jsbridge.Now()
	lesson, err := e.lesson(r, args)
	if err != nil {
		return nil, nil, err
	}
	out = buffers{}
	lesson.Save = func(f *weights.FloatFile) error {
		if state, err := written(f); err == nil { // else there is a result, which cannot be gone on from
			out["checkpoint"] = state
		}
		return nil
	}
	report, err := transfer.Teach(r.ctx, lesson, e.trainProgress(r, args))
	if err != nil {
		return nil, nil, teachError(err)
	}
	if report.Taught != nil {
		if out["weights"], err = report.Taught.Encode(); err != nil {
			return nil, nil, teachError(err)
		}
	}
	answer := trained(report)
	answer.Method, answer.MS = args.Method, jsbridge.Now()-start
	return answer, out, nil
}

// lesson reads a request to train.
func (e *engine) lesson(r request, args proto.Train) (l transfer.Lesson, err error) {
	l = transfer.Lesson{
		Method: transfer.Method(args.Method), Model: e.model.Card.Model, Classes: args.Classes, Labels: args.Labels,
		Augmentations: args.Augmentations, D: e.model.Config.Features(), Epochs: args.Epochs, Seed: uint64(args.Seed),
		NoMirror: args.NoMirror, Compute: e.compute,
	}
	for _, side := range args.Sides {
		if side < proto.SideTraining || side > proto.SideTest {
			return l, badArgument("a side is a number from 1 to 3")
		}
		l.Sides = append(l.Sides, transfer.Side(side))
	}
	if l.DHashes, err = dHashes(args.DHashes); err != nil {
		return l, err
	}
	if l.Checkpoint, err = received[byte](r, "checkpoint"); err != nil {
		return l, err
	}
	if l.Checkpoint != nil {
		jsbridge.Free(r.sent.Get("checkpoint").Get("buffer")) // of three blocks it is 180 MB
	}
	if len(args.Blocks) > 0 {
		err = e.learnFromBlocks(r, &l, args.Blocks)
		return l, err
	}
	if l.Method == transfer.MethodScratch {
		l.Small, err = received[byte](r, "small")
		return l, err
	}
	if l.Features, err = received[float32](r, "features"); err != nil {
		return l, err
	}
	if l.Method == transfer.MethodLastBlock {
		if len(e.model.Config.HeadBlocks) > 0 {
			return l, teachError(errNoLastBlock)
		}
		depth, err := e.depthOf(args.Depth)
		if err != nil {
			return l, err
		}
		if l.Inputs, err = e.lastInputs(r, l.Rows(), depth); err != nil {
			return l, err
		}
		// The blocks are read after this: when they have been copied, they make room for the best weights so far.
		e.makeRoom()
		l.Memory = memoryLeft()
		l.Last = e.model.LastBlocks(depth)
		l.Reread = func() []resnet.BlockWeights { return e.model.LastBlocks(depth) }
	}
	return l, err
}

// dHashes reads the hashes that Prepared gave. None are nil.
func dHashes(texts []string) (hashes []uint64, err error) {
	for i, text := range texts {
		hash, err := strconv.ParseUint(text, 16, 64)
		if err != nil {
			return nil, badArgument(fmt.Sprintf("picture %d has the hash %q", i, text))
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// trainProgress sends the page the steps for its curves, with a checkpoint now and then, and lets messages in
// meanwhile.
func (e *engine) trainProgress(r request, args proto.Train) func(transfer.Progress) bool {
	saved := jsbridge.Now()
	return func(p transfer.Progress) bool {
		shown := p.Phase == transfer.PhaseDescent || p.Phase == transfer.PhaseFit && args.Method == proto.MethodHead
		if !shown {
			e.yield()
			return r.stop.Err() == nil
		}
		step := proto.TrainStep{
			Method: args.Method, Done: p.Done, Total: p.Total, Train: score(p.Train), Validation: score(p.Validation),
		}
		var out buffers
		if now := jsbridge.Now(); p.Checkpoint != nil && args.CheckpointMS > 0 &&
			now-saved >= float64(args.CheckpointMS) {
			if file, err := p.Checkpoint(); err == nil {
				if state, err := written(file); err == nil {
					out, saved = buffers{"checkpoint": state}, now
				}
			}
		}
		post(r.id, proto.KindProgress, step, out)
		pause(0)
		return r.stop.Err() == nil
	}
}

// written gives the bytes of a file outside of Go's memory, in which a training leaves no room for its own state.
func written(f *weights.FloatFile) (js.Value, error) {
	w, err := jsbridge.NewArrayWriter(f.Size())
	if err == nil {
		_, err = f.WriteTo(w)
	}
	return w.Array, err
}

// yieldEvery is how long work goes on before it lets messages in, in milliseconds. Each pause costs time.
const yieldEvery = 100

// yield lets messages in if the last time was long enough ago.
func (e *engine) yield() {
	if jsbridge.Now()-e.yielded >= yieldEvery {
		pause(0)
		e.yielded = jsbridge.Now()
	}
}

var errNoLastBlock = errors.New("this network's classifier reads several blocks, so that a new classifier can be " +
	"trained on it, but no last block")

// teachError converts an error of package transfer.
func teachError(err error) error {
	var argument *transfer.ArgumentError
	switch {
	case errors.As(err, &argument):
		return badArgument(argument.Reason)
	case errors.Is(err, context.Canceled):
		return err // apiError converts it
	}
	words := errtext.Clause(err)
	e := &proto.Error{
		Code:    proto.CodeCannotTeach,
		Message: "The pictures cannot be taught: " + words + ".",
		Details: map[string]string{"reason": words},
	}
	why, values := transfer.Refused(err)
	switch {
	case errors.Is(err, errNoLastBlock):
		why = transfer.WhyNoLastBlock
	case errors.Is(err, resnet.ErrNoNorms):
		why = transfer.WhyNoNorms
	}
	addReason(e, why, values)
	var empty *transfer.EmptyClassError
	if errors.As(err, &empty) {
		e.Details["class"] = strconv.Itoa(empty.Class)
	}
	return e
}

// addReason adds a reason and its values to the details of an error; an empty one adds nothing.
func addReason(e *proto.Error, why transfer.Why, values map[string]string) {
	if why == "" {
		return
	}
	maps.Copy(e.Details, values)
	e.Details["why"] = string(why)
}

// trained converts a report for the page.
func trained(r *transfer.Report) proto.Trained {
	t := proto.Trained{
		L2: r.L2, Temperature: r.Temperature, BestEpoch: r.BestEpoch, Stopped: r.Stopped,
		Similarity: finite(r.Similarity), MissingForNone: r.MissingForNone,
		Validation: evaluation(r.Validation), Test: evaluation(r.Test),
	}
	for _, a := range r.Answers {
		t.Answers = append(t.Answers, answer(a))
	}
	return t
}

func answer(a transfer.Answer) proto.Answer {
	return proto.Answer{Class: a.Class, Best: a.Likeliest, Probabilities: a.Probabilities}
}

func evaluation(of *transfer.Evaluation) *proto.Evaluation {
	if of == nil {
		return nil
	}
	e := &proto.Evaluation{
		Accuracy: rate(of.Confusion.Accuracy()), ECE: of.Calibration.ECE, Outliers: of.Outliers,
		Recall: []proto.Rate{}, Precision: []proto.Rate{}, Confusion: [][]int{}, Bins: []proto.Bin{},
	}
	for class := range of.Confusion.Classes {
		e.Recall = append(e.Recall, rate(of.Confusion.Recall(class)))
		e.Precision = append(e.Precision, rate(of.Confusion.Precision(class)))
		row := make([]int, of.Confusion.Classes)
		for other := range row {
			row[other] = of.Confusion.At(class, other)
		}
		e.Confusion = append(e.Confusion, row)
	}
	for _, b := range of.Calibration.Bins {
		e.Bins = append(e.Bins, proto.Bin{N: b.N, Confidence: b.Confidence, Accuracy: b.Accuracy})
	}
	return e
}

// finite is x, or 0 where there is nothing to measure, since JSON has no NaN.
func finite(x float64) float64 {
	if x-x != 0 {
		return 0
	}
	return x
}

func rate(r transfer.Rate) proto.Rate { return proto.Rate{K: r.K, N: r.N, Low: r.Low, High: r.High} }

func score(s transfer.Score) *proto.Score {
	if s.N == 0 {
		return nil
	}
	return &proto.Score{N: s.N, Accuracy: s.Accuracy(), Loss: s.Loss}
}
