//go:build js

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
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
	features []float32     // (1+Copies)×D of each picture
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
	l := &lesson{Train: args, e: e, r: r, d: e.model.Config.Features(), of: map[int][]int{}}
	n := len(l.Labels)
	if n == 0 || len(l.Sides) != n || l.Copies < 0 || l.Copies > maxCopies || l.Epochs < 0 {
		return nil, badArgument("labels and sides must have one number for each picture, and copies and epochs be from 0 on")
	}
	for i, side := range l.Sides {
		if side < int(transfer.Training) || side > int(sideTest) || l.Labels[i] < 0 || l.Labels[i] >= len(l.Classes) {
			return nil, badArgument(fmt.Sprintf("picture %d has the class %d and the side %d", i, l.Labels[i], side))
		}
		l.of[side] = append(l.of[side], i)
	}
	if l.Depth != proto.DepthScratch {
		l.features, err = rows[float32](r, "features", n*(1+l.Copies), l.d)
	}
	return l, err
}

// examples are the features of pictures, each with its first copies.
func (l *lesson) examples(pictures []int, copies int) transfer.Examples {
	e := transfer.Examples{D: l.d, Classes: len(l.Classes)}
	for _, i := range pictures {
		at := i * (1 + l.Copies) * l.d
		e.X = append(e.X, l.features[at:at+(1+copies)*l.d]...)
		for range 1 + copies {
			e.Labels = append(e.Labels, l.Labels[i])
		}
	}
	return e
}

// side are the examples of one side, without copies.
func (l *lesson) side(side transfer.Side) transfer.Examples { return l.examples(l.of[int(side)], 0) }

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
	return l.judged(judging, final, l.features)
}

// head teaches a new classifier on the frozen features.
func (l *lesson) head() (answer proto.Trained, taught *transfer.Taught, err error) {
	training, validation := l.examples(l.of[int(transfer.Training)], l.Copies), l.side(transfer.Validation)
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
	if !stopped && validation.Len() > 0 {
		known := transfer.Join(training, l.examples(l.of[int(transfer.Validation)], l.Copies))
		l.e.compute(func() {
			final, err = transfer.TrainHead(l.r.ctx, known, transfer.Examples{}, transfer.HeadOptions{Strengths: []float64{judging.Strength}, Start: judging}, nil)
		})
		if err != nil {
			return answer, nil, err
		}
	}
	answer, taught, err = l.judged(judging, final, l.features)
	answer.Stopped = stopped
	return answer, taught, err
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
	training, validation := l.side(transfer.Training), l.side(transfer.Validation)
	h, err := transfer.TrainHead(l.r.stop, training, validation, transfer.HeadOptions{}, nil)
	if err != nil {
		return answer, nil, err
	}
	each := l.e.model.LastInputShape().Len()
	inputs, err := rows[uint16](l.r, "inputs", len(l.Labels)*(1+l.Copies), each)
	if err != nil {
		return answer, nil, err
	}
	options := transfer.DefaultTuning
	options.Seed = uint64(l.Seed)
	if l.Epochs > 0 {
		options.Epochs = l.Epochs
	}
	read := func(dst []float32, picture, variant int) {
		at := (picture*(1+l.Copies) + variant) * each
		for k, v := range inputs[at : at+each] {
			dst[k] = weights.Float16(v)
		}
	}
	w, b := h.Fold()
	tuner, err := transfer.NewTuner(l.e.model.LastBlock(), w, b, l.pictures(transfer.Training, l.Copies, read), l.pictures(transfer.Validation, 0, read), options)
	if err != nil {
		return answer, nil, err
	}
	stopped, err := l.gradientDescent(tuner)
	if err != nil {
		return answer, nil, err
	}
	block, w, b := tuner.Result()

	// What the block makes of all pictures, without their copies.
	before, after := l.examples(l.all(), 0).X, make([]float32, 0, len(l.Labels)*l.d)
	tuned := transfer.NewLastBlock(block, judgeBatch)
	l.e.compute(func() {
		after = after[:0]
		x := make([]float32, judgeBatch*each)
		for first := 0; first < len(l.Labels); first += judgeBatch {
			n := min(judgeBatch, len(l.Labels)-first)
			for i := range n {
				read(x[i*each:(i+1)*each], first+i, 0)
			}
			_, features := tuned.Forward(x[:n*each], n)
			after = append(after, features...)
		}
	})
	copies := l.Copies
	l.Copies = 0
	tunedHead := transfer.NewHead(w, b, l.d)
	answer, taught, err = l.judged(tunedHead, tunedHead, after)
	l.Copies = copies
	if err != nil {
		return answer, nil, err
	}
	l.e.compute(func() { answer.Similarity = transfer.CKA(before, after, len(l.Labels)) })
	answer.BestEpoch, answer.Stopped = tuner.Best()+1, stopped
	taught.Block = &block
	return answer, taught, nil
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
	options := transfer.DefaultScratch
	options.Seed = uint64(l.Seed)
	if l.Epochs > 0 {
		options.Epochs = l.Epochs
	}
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
	net := trainer.Result()
	var logits []float32
	l.e.compute(func() {
		logits = logits[:0]
		x := make([]float32, judgeBatch*each)
		for first := 0; first < len(l.Labels); first += judgeBatch {
			n := min(judgeBatch, len(l.Labels)-first)
			for i := range n {
				read(x[i*each:(i+1)*each], first+i, 0)
			}
			logits = append(logits, net.Logits(x[:n*each], n)...)
		}
	})
	temperature := l.temperature(logits)
	probabilities := transfer.Probabilities(logits, len(l.Classes), temperature)
	var answers []int
	for at := 0; at < len(probabilities); at += len(l.Classes) {
		answers = append(answers, likeliest(probabilities[at:at+len(l.Classes)]))
	}
	answer = l.evaluated(answers, probabilities)
	answer.Temperature, answer.BestEpoch, answer.Stopped = temperature, trainer.Best()+1, stopped
	return answer, nil
}

// temperature is the best for the validation pictures, of the logits of all.
func (l *lesson) temperature(logits []float32) float64 {
	var of []float32
	var labels []int
	for _, i := range l.of[int(transfer.Validation)] {
		of = append(of, logits[i*len(l.Classes):][:len(l.Classes)]...)
		labels = append(labels, l.Labels[i])
	}
	return transfer.FitTemperature(of, labels, len(l.Classes))
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
			step := proto.TrainStep{Done: s.Epoch*s.Batches + s.Batch, Total: s.Epochs * s.Batches}
			if s.Batch == s.Batches {
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

// judged makes a classifier's probabilities and its "none of these" mean something, and says how good it is. features are what it
// sees of the pictures, (1+Copies)×D of each. judging was not trained on the validation pictures, and answers for them; final, which
// may have been, is what is kept, and answers for all others.
func (l *lesson) judged(judging, final *transfer.Head, features []float32) (answer proto.Trained, taught *transfer.Taught, err error) {
	l.features = features
	validation := l.side(transfer.Validation)
	known := transfer.Join(l.side(transfer.Training), validation)
	l.e.compute(func() {
		judging.Calibrate(validation)
		final.Temperature = judging.Temperature
		final.Threshold = transfer.LearnThreshold(known, keepPart)
		judging.Threshold = final.Threshold
		x := l.examples(l.all(), 0).X
		answers, probabilities := final.Answers(x), final.Probabilities(final.Logits(x))
		if judging != final {
			others, theirs := judging.Answers(x), judging.Probabilities(judging.Logits(x))
			for _, i := range l.of[int(transfer.Validation)] {
				answers[i] = others[i]
				copy(probabilities[i*len(l.Classes):][:len(l.Classes)], theirs[i*len(l.Classes):])
			}
		}
		answer = l.evaluated(answers, probabilities)
	})
	answer.Strength, answer.Temperature = final.Strength, final.Temperature
	return answer, &transfer.Taught{Model: l.e.model.Card.Model, Classes: l.Classes, Head: final}, nil
}

// evaluated says how good the answers to all pictures are: classes or transfer.None, and probabilities.
func (l *lesson) evaluated(answers []int, probabilities []float64) proto.Trained {
	t := proto.Trained{Similarity: 1}
	classes := len(l.Classes)
	for i, class := range answers {
		p := probabilities[i*classes:][:classes]
		t.Answers = append(t.Answers, proto.Answer{Class: class, Best: likeliest(p), Probabilities: p})
	}
	t.Validation, t.Test = l.evaluation(t.Answers, transfer.Validation), l.evaluation(t.Answers, sideTest)
	return t
}

// likeliest is the class with the largest probability.
func likeliest(p []float64) int {
	best := 0
	for i, v := range p {
		if v > p[best] {
			best = i
		}
	}
	return best
}

// evaluation says how good the answers to the pictures of a side are; nil if there are none.
func (l *lesson) evaluation(answers []proto.Answer, side transfer.Side) *proto.Evaluation {
	of := l.of[int(side)]
	if len(of) == 0 {
		return nil
	}
	classes := len(l.Classes)
	var labels, best []int
	var probabilities []float64
	e := &proto.Evaluation{Recall: []proto.Rate{}, Precision: []proto.Rate{}, Confusion: [][]int{}, Bins: []proto.Bin{}}
	for _, i := range of {
		labels, best = append(labels, l.Labels[i]), append(best, answers[i].Best)
		probabilities = append(probabilities, answers[i].Probabilities...)
		if answers[i].Class == transfer.None {
			e.Outliers++
		}
	}
	// How often the likeliest class is right: "none of these" is counted beside it, and not against it.
	confusion := transfer.NewConfusion(labels, best, classes)
	e.Accuracy = rate(confusion.Accuracy())
	for class := range classes {
		e.Recall = append(e.Recall, rate(confusion.Recall(class)))
		e.Precision = append(e.Precision, rate(confusion.Precision(class)))
		row := make([]int, classes)
		for answer := range row {
			row[answer] = confusion.At(class, answer)
		}
		e.Confusion = append(e.Confusion, row)
	}
	c := transfer.NewCalibration(probabilities, labels, classes, reliabilityBins)
	e.ECE = c.ECE
	for _, b := range c.Bins {
		e.Bins = append(e.Bins, proto.Bin{N: b.N, Confidence: finite(b.Confidence), Accuracy: finite(b.Accuracy)})
	}
	return e
}

// reliabilityBins of the probabilities, from 0 to 1.
const reliabilityBins = 10

// finite is x, or 0 where there is nothing to take the mean of: JSON has no NaN.
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
