package transfer

import (
	"context"
	"errors"
	"slices"

	"github.com/seed8935e608/residua/resnet/train"
)

// This file is what both trainings by gradient descent share, that of the last block and that of a network from
// scratch: epochs with a validation at each end, early stopping, the best weights, and how a training is interrupted.
// The steps are package train's.

// Pictures are what a network learns from.
type Pictures = train.Pictures

// SGDOptions are the settings of training by stochastic gradient descent with momentum: for each weight w with the
// gradient g, in this order
//
//	g += WeightDecay·w     not for biases and norms
//	v = Momentum·v + g
//	w −= rate·v
//
// as PyTorch does it. The rate falls from Rate to 0 along half a cosine (Loshchilov and Hutter 2017), batch by batch.
type SGDOptions struct {
	Seed        uint64
	Epochs      int
	Batch       int // at most so many pictures a step; the steps of an epoch are about equal
	Rate        float64
	Momentum    float64
	WeightDecay float64
	Smoothing   float64 // of the labels, as op.CrossEntropy has it
	// Discrimination is by what a Tuner divides the rate from each block to the one before it (Howard and Ruder 2018,
	// "discriminative fine-tuning"): what early layers know is more general, and should change less. The last block and
	// the classifier learn at Rate. 0 and 1 let all learn at Rate.
	Discrimination float64 `json:",omitempty"`
	// Patience is after how many epochs without a better validation score training ends; 0: never before the last
	// epoch.
	Patience int
	// Refit then trains once more from the start, on the validation pictures too, for as many epochs as the best had.
	// Nothing is scored any more: afterwards nothing honest can be said with pictures that were learnt from. Without
	// validation pictures it does nothing.
	Refit bool
	// NoMirror keeps NewScratch from mirroring pictures at random, for classes whose mirror image is another class.
	NoMirror bool `json:",omitempty"`
}

const badOptions = "transfer: a training needs epochs, batches and a rate above 0, " +
	"and momentum, decay and smoothing from 0 on and below 1"

func (o SGDOptions) mustBeGood() {
	fraction := func(x float64) bool { return x >= 0 && x < 1 }
	if o.Epochs < 1 || o.Batch < 1 || !(o.Rate > 0) || !fraction(o.Momentum) || !fraction(o.WeightDecay) ||
		!fraction(o.Smoothing) || o.Patience < 0 || !(o.Discrimination >= 0) {
		panic(badOptions)
	}
}

// ErrDiverged says that the loss has left the numbers: the rate is too high for these pictures.
var ErrDiverged = errors.New(
	"training went astray, its loss is beyond all numbers; teach the classifier alone, or at a lower rate")

// An Epoch is how training stood at the end of one.
type Epoch struct {
	Train      Score // over the epoch's steps, each before it changed the weights
	Validation Score // with the weights at its end; N is 0 if there is nothing to validate with
}

// A Step is a step of training, for curves and a progress bar.
type Step struct {
	Refit          bool    // the validation pictures are learnt from too
	Epoch, Epochs  int     // this one, from 0, and how many there are at most
	Batch, Batches int     // steps of it that are done, and how many it has
	Done, Total    int     // steps of the whole training: done, and how many there are at most
	Rate           float64 // that the step took
	Train          Score   // over the epoch's steps so far
	// Validation is the score at the end of the epoch, at its last step; before, N is 0. Best tells that it is the best
	// so far.
	Validation Score
	Best       bool
}

// newParam makes weights that are learnt, of torchvision's shape.
func newParam(name string, value []float32, decays bool, shape ...int) *train.Param {
	return &train.Param{Name: name, Shape: shape, Value: value, Gradient: make([]float32, len(value)), Decays: decays}
}

// training is the course of a learner's training.
type training struct {
	net               train.Learner
	augment           train.Augment
	options           SGDOptions
	train, validation Pictures
	both              Pictures // all of them, if there will be a refit
	trainer           *train.Trainer

	refit      bool  // whether the refit is on
	epoch      int   // that is on; those before it are validated
	running    Score // of the epoch
	history    []Epoch
	best       int // index into history; -1: none yet
	bestValues [][]float32
	start      [][]float32 // the values before the first step, if there will be a refit; nil: restart has them
	restart    func()      // puts back what start lacks; nil: nothing
	done       bool
}

// checkPictures says whether a network can be taught with the pictures, and panics if a label is no class.
func checkPictures(train, validation Pictures, classes int) error {
	counts := make([]int, classes)
	for i, labels := range [][]int{train.Labels, validation.Labels} {
		for _, label := range labels {
			if label < 0 || label >= classes {
				panic(badExamples)
			}
			counts[label] += 1 - i // only those to learn from
		}
	}
	if classes < 2 {
		return ErrOneClass
	}
	if class := slices.Index(counts, 0); class >= 0 {
		return &EmptyClassError{class}
	}
	return nil
}

// newTraining makes a training. restart, unless it is nil, puts the first rereads of all back to where they are now.
func newTraining(
	net train.Learner, augment train.Augment, learnt, validation Pictures, o SGDOptions, rereads int, restart func(),
) *training {
	o.mustBeGood()
	t := &training{
		net: net, augment: augment, options: o, train: learnt, validation: validation, best: -1, restart: restart,
	}
	if t.refits() {
		t.both = joined(learnt, validation)
		for i, p := range t.all() {
			var start []float32
			if i >= rereads {
				start = slices.Clone(p.Value)
			}
			t.start = append(t.start, start)
		}
	}
	t.trainer = t.newTrainer()
	return t
}

// newTrainer makes the steps of the training that is on now, or of the refit.
func (t *training) newTrainer() *train.Trainer {
	o, pictures := t.options, t.pictures()
	trainer, err := train.NewTrainer(t.net, pictures, train.Settings{
		Seed: o.Seed, Steps: t.epochs() * o.batches(pictures), Batch: o.Batch,
		Optimizer: train.SGD{Momentum: o.Momentum},
		Schedule:  train.Schedule{Rate: o.Rate, Decay: train.DecayCosine}, WeightDecay: o.WeightDecay,
		Smoothing: o.Smoothing, Augment: t.augment,
	})
	if err != nil {
		panic(err) // checkPictures and mustBeGood leave nothing to refuse
	}
	return trainer
}

// all lists what a checkpoint holds.
func (t *training) all() []*train.Param { return slices.Concat(t.net.Params(), t.net.Statistics()) }

// Run trains until it is done or the context ends, whose error it returns then; it checks the context before each step.
// Called again it goes on where it was, to the very same result. progress, if not nil, hears of each step.
func (t *training) Run(ctx context.Context, progress func(Step)) error {
	for !t.done {
		if err := ctx.Err(); err != nil {
			return err
		}
		step, err := t.step()
		if err != nil {
			return err
		}
		if progress != nil {
			progress(step)
		}
	}
	return nil
}

// Done tells whether training is over.
func (t *training) Done() bool { return t.done }

// History has the scores of the epochs so far; Best is the index of the one whose weights are kept, −1 before the first
// is over.
func (t *training) History() []Epoch { return slices.Clone(t.history) }

func (t *training) Best() int { return t.best }

// batches is how many steps an epoch has.
func (t *training) batches() int { return t.options.batches(t.pictures()) }

// batches is how many steps it takes to see all pictures once.
func (o SGDOptions) batches(p Pictures) int { return (len(p.Labels) + o.Batch - 1) / o.Batch }

// batch is how many steps of the epoch are done.
func (t *training) batch() int { return t.trainer.Steps() - t.epoch*t.batches() }

// step does a batch, and what the end of an epoch asks for. If a kernel panics on the way it can be called again, and
// nothing is done twice.
func (t *training) step() (Step, error) {
	batches := t.batches()
	if t.batch() < batches { // else the validation at the epoch's end was broken off
		r, err := t.trainer.Step()
		if err != nil {
			t.done = true
			return Step{}, ErrDiverged
		}
		t.running = t.running.Plus(r.Score)
	}
	s := t.trainer.Settings()
	step := Step{
		Refit: t.refit, Epoch: t.epoch, Epochs: t.epochs(), Batch: t.batch(), Batches: batches,
		Rate: s.Schedule.At(t.trainer.Steps()-1, s.Steps), Train: t.running,
	}
	step.Done, step.Total = t.progress()
	if t.batch() == batches {
		if step.Validation, step.Best = t.endEpoch(); step.Validation.Diverged() {
			t.done = true
			return Step{}, ErrDiverged
		}
	}
	return step, nil
}

// endEpoch validates, keeps the weights if they are the best so far, and goes on to the next epoch.
func (t *training) endEpoch() (validation Score, best bool) {
	if !t.refit {
		validation = t.trainer.Score(t.validation)
		t.history = append(t.history, Epoch{t.running, validation})
		if best = t.best < 0 || validation.N == 0 || better(validation, t.history[t.best].Validation); best {
			t.best = len(t.history) - 1
			t.keep()
		}
	}
	t.epoch, t.running = t.epoch+1, Score{}
	if over := t.over(); over && t.refits() && !t.refit {
		t.startRefit()
	} else {
		t.done = over
	}
	return validation, best
}

// over tells whether the last epoch that is done was the last one to do.
func (t *training) over() bool {
	o := t.options
	return t.epoch == t.epochs() || !t.refit && o.Patience > 0 && t.best >= 0 && t.epoch-1-t.best >= o.Patience
}

// better tells which of two scores on the same examples is to be preferred: that with the lower loss. It says more than
// accuracy, which a few validation pictures know only in steps.
func better(s, than Score) bool { return s.Loss < than.Loss }

// keep copies the present weights to the best.
func (t *training) keep() {
	all := t.all()
	if t.bestValues == nil {
		t.bestValues = make([][]float32, len(all))
	}
	for i, p := range all {
		t.bestValues[i] = append(t.bestValues[i][:0], p.Value...)
	}
}

// bestOr is the best value of the i-th of all, or the present one if none is kept yet.
func (t *training) bestOr(i int, p *train.Param) []float32 {
	if t.bestValues == nil {
		return p.Value
	}
	return t.bestValues[i]
}
