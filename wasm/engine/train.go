//go:build js

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// sideTest is a picture's side if it is of another domain, or kept for judging: it neither teaches nor chooses. The other sides are
// package transfer's.
const sideTest = transfer.Validation + 1

// keepPart is the part of new pictures of the classes that the threshold for "none of these" should leave in.
const keepPart = 0.95

// judgeBatch is how many pictures the last block runs on at a time.
const judgeBatch = 16

// lesson is a request to train, with the pictures sorted.
type lesson struct {
	proto.Train
	e        *engine
	r        request
	d        int
	views    []float32     // the features of the pictures and their copies, as they came
	first    []int         // the row of each picture in them, and after the last how many there are
	features []float32     // N×D, what an answer goes by: the mean of the views that it looks at
	of       map[int][]int // the pictures of each side
	steps    int           // told so far

	checkpoint []byte // where training stood when it was stopped; nil: it came to its end
}

// train teaches.
func (e *engine) train(r request) (message any, out buffers, err error) {
	start := jsbridge.Now()
	l, err := e.lesson(r)
	if err != nil {
		return nil, nil, err
	}
	var answer proto.Trained
	var taught *transfer.Taught
	switch l.Depth {
	case proto.DepthClassMeans:
		answer, taught, err = l.classMeans()
	case proto.DepthHead:
		answer, taught, err = l.head()
	case proto.DepthLastBlock:
		answer, taught, err = l.lastBlock()
	case proto.DepthScratch:
		answer, err = l.scratch()
	default:
		err = badArgument(fmt.Sprintf("there is no depth %q", l.Depth))
	}
	if err != nil {
		return nil, nil, cannotTeach(err)
	}
	answer.Depth, answer.MS = l.Depth, jsbridge.Now()-start
	out = buffers{}
	if taught != nil {
		if out["weights"], err = taught.Encode(); err != nil {
			return nil, nil, cannotTeach(err)
		}
	}
	if l.checkpoint != nil {
		out["checkpoint"] = l.checkpoint
	}
	return answer, out, nil
}

// lesson reads a request to train.
func (e *engine) lesson(r request) (*lesson, error) {
	args, err := arguments[proto.Train](r)
	if err != nil {
		return nil, err
	}
	l := &lesson{Train: args, e: e, r: r, d: e.model.Config.Features(), of: map[int][]int{}, first: []int{0}}
	n := len(l.Labels)
	if n == 0 || len(l.Sides) != n || l.Copies < 0 || l.Copies > maxCopies || l.Epochs < 0 {
		return nil, badArgument("labels and sides must have one number for each picture, and copies and epochs be from 0 on")
	}
	for i, side := range l.Sides {
		if side < int(transfer.Training) || side > int(sideTest) || l.Labels[i] < 0 || l.Labels[i] >= len(l.Classes) {
			return nil, badArgument(fmt.Sprintf("picture %d has the class %d and the side %d", i, l.Labels[i], side))
		}
		l.of[side] = append(l.of[side], i)
		copies := l.Copies
		if side == int(sideTest) {
			copies = min(copies, 1)
		}
		l.first = append(l.first, l.first[i]+1+copies)
	}
	if l.Depth == proto.DepthScratch {
		return l, nil
	}
	if l.views, err = rows[float32](r, "features", l.first[n], l.d); err != nil {
		return nil, err
	}
	l.features = make([]float32, n*l.d)
	for i := range n {
		for view := range l.answering() {
			l.addTo(l.features, i, l.view(i, view))
		}
	}
	return l, nil
}

// answering is how many views an answer looks at: the picture, and with copies its mirror image, the first of them.
func (l *lesson) answering() int { return 1 + min(l.Copies, 1) }

// view is the features of a picture, number 0, or of one of its copies.
func (l *lesson) view(picture, number int) []float32 {
	return l.views[(l.first[picture]+number)*l.d:][:l.d]
}

// addTo adds a view's share to the features of a picture, N×D, that answers go by.
func (l *lesson) addTo(features []float32, picture int, view []float32) {
	of := features[picture*l.d:][:l.d]
	for k, v := range view {
		of[k] += v / float32(l.answering())
	}
}

// examples are the features of pictures that answers go by.
func (l *lesson) examples(pictures []int) transfer.Examples {
	e := transfer.Examples{D: l.d, Classes: len(l.Classes)}
	for _, i := range pictures {
		e.X, e.Labels = append(e.X, l.features[i*l.d:][:l.d]...), append(e.Labels, l.Labels[i])
	}
	return e
}

// lessons are the features of pictures and of all their copies, each by itself: what a classifier learns from.
func (l *lesson) lessons(pictures []int) transfer.Examples {
	e := transfer.Examples{D: l.d, Classes: len(l.Classes)}
	for _, i := range pictures {
		for number := range 1 + l.Copies {
			e.X, e.Labels = append(e.X, l.view(i, number)...), append(e.Labels, l.Labels[i])
		}
	}
	return e
}

// side are the examples of one side.
func (l *lesson) side(side transfer.Side) transfer.Examples { return l.examples(l.of[int(side)]) }

// tell tells the page of a step, and hears whether it has had enough.
func (l *lesson) tell(s proto.TrainStep, out buffers) {
	s.Depth = l.Depth
	post(l.r.id, proto.KindProgress, s, out)
	pause(0)
}

// classMeans is the baseline that learns nothing.
func (l *lesson) classMeans() (answer proto.Trained, taught *transfer.Taught, err error) {
	training := l.side(transfer.Training)
	judging, err := transfer.NewClassMeans(training)
	if err != nil {
		return answer, nil, err
	}
	final, err := transfer.NewClassMeans(transfer.Join(training, l.side(transfer.Validation)))
	if err != nil {
		return answer, nil, err
	}
	return l.judged(witness{judging, l.features}, witness{final, l.features})
}

// head teaches a new classifier on the frozen features.
func (l *lesson) head() (answer proto.Trained, taught *transfer.Taught, err error) {
	training, validation := l.lessons(l.of[int(transfer.Training)]), l.side(transfer.Validation)
	trainer, err := transfer.NewHeadTrainer(training, validation, transfer.HeadOptions{})
	if err != nil {
		return answer, nil, err
	}
	stopped, err := l.run(func(ctx context.Context) error {
		return trainer.Run(ctx, func(s transfer.HeadStep) {
			l.steps++
			l.tell(proto.TrainStep{Done: l.steps, Train: score(s.Train), Validation: score(s.Validation)}, nil)
		})
	})
	if err != nil {
		return answer, nil, err
	}
	judging := trainer.Head()
	if judging == nil {
		return answer, nil, context.Canceled
	}
	final := judging
	if !stopped {
		if final, err = l.refit(judging); err != nil {
			return answer, nil, err
		}
	}
	answer, taught, err = l.judged(witness{judging, l.features}, witness{final, l.features})
	answer.Stopped = stopped
	return answer, taught, err
}

// refit teaches a head once more, from the validation pictures too.
func (l *lesson) refit(h *transfer.Head) (final *transfer.Head, err error) {
	known := l.lessons(slices.Concat(l.of[int(transfer.Training)], l.of[int(transfer.Validation)]))
	l.e.compute(func() {
		final, err = transfer.TrainHead(l.r.ctx, known, transfer.Examples{}, transfer.HeadOptions{Strengths: []float64{h.Strength}, Start: h}, nil)
	})
	return final, err
}

// run trains until the end, or until the page has had enough. If a helper thread dies the training goes on from its last whole step.
func (l *lesson) run(train func(context.Context) error) (stopped bool, err error) {
	l.e.compute(func() { err = train(l.r.stop) })
	if errors.Is(err, context.Canceled) {
		return true, nil
	}
	return false, err
}

// lastBlock teaches a classifier, and then that and the last block together.
func (l *lesson) lastBlock() (answer proto.Trained, taught *transfer.Taught, err error) {
	block := l.e.model.LastBlock()
	if err := block.Plain(); err != nil {
		return answer, nil, err // before anything is computed; a classifier alone can be taught on every network
	}
	training, validation := l.lessons(l.of[int(transfer.Training)]), l.side(transfer.Validation)
	h, err := transfer.TrainHead(l.r.stop, training, validation, transfer.HeadOptions{}, nil)
	if err != nil {
		return answer, nil, err
	}
	each := l.e.model.LastInputShape().Len()
	inputs, err := l.e.lastInputs(l.r, l.first[len(l.Labels)])
	if err != nil {
		return answer, nil, err
	}
	options := l.options(transfer.DefaultTuning)
	read := func(dst []float32, picture, variant int) { inputs(dst, l.first[picture]+variant) }
	w, b := h.Fold()
	tuner, err := transfer.NewTuner(block, w, b, l.pictures(transfer.Training, l.Copies, read), l.pictures(transfer.Validation, l.Copies, read), options)
	if err != nil {
		return answer, nil, err
	}
	all, err := l.refit(h)
	if err != nil {
		return answer, nil, err
	}
	tuner.RefitFrom(all.Fold())
	stopped, err := l.gradientDescent(tuner)
	if err != nil {
		return answer, nil, err
	}

	// What the block makes of the pictures, as answers look at them.
	seen := func(block resnet.BlockWeights, w, b []float32, pictures []int) witness {
		out := witness{transfer.NewHead(w, b, l.d), make([]float32, len(l.Labels)*l.d)}
		net, x := transfer.NewLastBlock(block, judgeBatch), make([]float32, judgeBatch*each)
		l.e.compute(func() {
			clear(out.features)
			for some := range slices.Chunk(pictures, judgeBatch) {
				for view := range l.answering() {
					for k, i := range some {
						read(x[k*each:(k+1)*each], i, view)
					}
					_, features := net.Forward(x[:len(some)*each], len(some))
					for k, i := range some {
						l.addTo(out.features, i, features[k*l.d:][:l.d])
					}
				}
			}
		})
		return out
	}
	before := l.features
	block, w, b = tuner.Result()
	var judging, final witness
	if all, allW, allB, ok := tuner.Refitted(); ok {
		judging = seen(block, w, b, l.of[int(transfer.Validation)])
		block, w, b = all, allW, allB
	}
	final = seen(block, w, b, l.all())
	if judging.head == nil {
		judging = final
	}
	if answer, taught, err = l.judged(judging, final); err != nil {
		return answer, nil, err
	}
	l.e.compute(func() { answer.Similarity = transfer.CKA(before, final.features, len(l.Labels)) })
	answer.BestEpoch, answer.Stopped = tuner.Best()+1, stopped
	taught.Block = &block
	return answer, taught, nil
}

// options are those of gradient descent, with what the page has asked for.
func (l *lesson) options(o transfer.SGDOptions) transfer.SGDOptions {
	o.Seed = uint64(l.Seed)
	if l.Epochs > 0 {
		o.Epochs = l.Epochs
	}
	return o
}

// pictures are those of a side, as gradient descent reads them.
func (l *lesson) pictures(side transfer.Side, copies int, read func(dst []float32, picture, variant int)) transfer.Pictures {
	of := l.of[int(side)]
	p := transfer.Pictures{Variants: 1 + copies, Read: func(dst []float32, i, variant int) { read(dst, of[i], variant) }}
	for _, i := range of {
		p.Labels = append(p.Labels, l.Labels[i])
	}
	return p
}

// scratch teaches a small network that knows nothing but these pictures. It is there to be compared with, and not kept.
func (l *lesson) scratch() (answer proto.Trained, err error) {
	config := transfer.DefaultSmallNet
	each := config.Size * config.Size * 3
	small, err := rows[byte](l.r, "small", len(l.Labels), each)
	if err != nil {
		return answer, err
	}
	options := l.options(transfer.DefaultScratch)
	read := func(dst []float32, picture, _ int) {
		for k, v := range small[picture*each:][:each] {
			dst[k] = float32(v)
		}
	}
	trainer, err := transfer.NewScratch(config, len(l.Classes), l.pictures(transfer.Training, 0, read), l.pictures(transfer.Validation, 0, read), options)
	if err != nil {
		return answer, err
	}
	stopped, err := l.gradientDescent(trainer)
	if err != nil {
		return answer, err
	}
	logits := make([]float32, len(l.Labels)*len(l.Classes))
	answers := func(net *transfer.SmallNet, pictures []int) {
		x := make([]float32, judgeBatch*each)
		l.e.compute(func() {
			for some := range slices.Chunk(pictures, judgeBatch) {
				for k, i := range some {
					read(x[k*each:(k+1)*each], i, 0)
				}
				for k, z := range net.Logits(x[:len(some)*each], len(some)) {
					logits[some[k/len(l.Classes)]*len(l.Classes)+k%len(l.Classes)] = z
				}
			}
		})
	}
	answers(cmp.Or(trainer.Refitted(), trainer.Result()), l.all())
	answers(trainer.Result(), l.of[int(transfer.Validation)])
	temperature := l.temperature(logits)
	probabilities := transfer.Probabilities(logits, len(l.Classes), temperature)
	var best []int
	for p := range slices.Chunk(probabilities, len(l.Classes)) {
		best = append(best, likeliest(p))
	}
	answer = l.evaluated(best, probabilities)
	answer.Temperature, answer.BestEpoch, answer.Stopped = temperature, trainer.Best()+1, stopped
	return answer, nil
}

// descent is a training of package transfer by gradient descent.
type descent interface {
	Run(context.Context, func(transfer.Step)) error
	State() ([]byte, error)
	Restore(state []byte) error
}

// gradientDescent trains, from a checkpoint on if the page has sent one, and sends checkpoints on the way and at an early end.
func (l *lesson) gradientDescent(t descent) (stopped bool, err error) {
	checkpoint, err := received[byte](l.r, "checkpoint")
	if err != nil {
		return false, err
	}
	if checkpoint != nil {
		if err := t.Restore(checkpoint); err != nil {
			return false, err
		}
	}
	saved := jsbridge.Now()
	stopped, err = l.run(func(ctx context.Context) error {
		return t.Run(ctx, func(s transfer.Step) {
			step := proto.TrainStep{Done: s.Done, Total: s.Total}
			if s.Batch == s.Batches && !s.Refit { // the refit has no curve: nothing judges it
				step.Train, step.Validation = score(s.Train), score(s.Validation)
			}
			var out buffers
			if now := jsbridge.Now(); l.CheckpointMS > 0 && now-saved >= float64(l.CheckpointMS) {
				if state, err := t.State(); err == nil {
					out, saved = buffers{"checkpoint": state}, now
				}
			}
			l.tell(step, out)
		})
	})
	if stopped && err == nil {
		l.checkpoint, err = t.State()
	}
	return stopped, err
}

// all are the pictures, in their order.
func (l *lesson) all() []int {
	all := make([]int, len(l.Labels))
	for i := range all {
		all[i] = i
	}
	return all
}
