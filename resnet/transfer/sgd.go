package transfer

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
)

// This file is what both trainings by gradient descent share, that of the last block and that of a network from
// scratch: epochs, batches, the rate, early stopping, the best weights, and how a training is interrupted and taken up
// again.

// Pictures are what a network learns from. They are read when they are needed, so they may lie anywhere, in any
// precision.
type Pictures struct {
	Labels []int
	// Variants is how many variants there are of each picture: the picture itself, number 0, and its augmentations. 0
	// means 1. In training every epoch takes one of them at random; scores always take number 0.
	Variants int
	// Read writes the network's input for a variant of picture i to dst. The same picture must always be the same
	// numbers.
	Read func(dst []float32, i, variant int)
}

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
	// Patience is after how many epochs without a better validation score training ends; 0: never before the last
	// epoch.
	Patience int
	// Refit then trains once more from the start, on the validation pictures too, for as many epochs as the best had.
	// Nothing is scored any more: afterwards nothing honest can be said with pictures that were learnt from. Without
	// validation pictures it does nothing.
	Refit bool
}

const badOptions = "transfer: a training needs epochs, batches and a rate above 0, " +
	"and momentum, decay and smoothing from 0 on and below 1"

func (o SGDOptions) mustBeGood() {
	fraction := func(x float64) bool { return x >= 0 && x < 1 }
	if o.Epochs < 1 || o.Batch < 1 || !(o.Rate > 0) || !fraction(o.Momentum) || !fraction(o.WeightDecay) ||
		!fraction(o.Smoothing) || o.Patience < 0 {
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

// param is weights that are learnt.
type param struct {
	name                      string
	shape                     []int
	value, gradient, velocity []float32
	decays                    bool
}

func newParam(name string, value []float32, decays bool, shape ...int) *param {
	return &param{name, shape, value, make([]float32, len(value)), make([]float32, len(value)), decays}
}

// learner is a network that can be trained.
type learner interface {
	inputLen() int
	params() []*param
	// statistics are further numbers that a network keeps of what it saw: the running means and variances of its norms.
	statistics() []*param
	// learn leaves the gradients by the mean loss of some pictures in the parameters.
	learn(x []float32, labels []int, smoothing float64) Score
	// logits computes the answers to some pictures, at most as many as a batch. They are good until the next call.
	logits(x []float32, n int) []float32
	// augment may change a picture that is to be learnt from, in place.
	augment(x []float32, r *rand.Rand)
}

// training is the course of a learner's training.
type training struct {
	net               learner
	options           SGDOptions
	train, validation Pictures
	both              Pictures  // all of them, if there will be a refit
	x                 []float32 // a batch
	labels            []int
	order             []int // of the epoch; nil: not drawn yet

	refit        bool  // whether the refit is on
	epoch, batch int   // what comes next
	running      Score // of the epoch
	history      []Epoch
	best         int // index into history; -1: none yet
	bestValues   [][]float32
	start        [][]float32 // the values before the first step, if there will be a refit
	done         bool
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

func newTraining(net learner, train, validation Pictures, o SGDOptions) *training {
	o.mustBeGood()
	t := &training{net: net, options: o, train: train, validation: validation, best: -1}
	n := max(len(train.Labels), len(validation.Labels))
	if t.refits() {
		t.both = joined(train, validation)
		n = len(t.both.Labels)
		for _, p := range t.all() {
			t.start = append(t.start, slices.Clone(p.value))
		}
	}
	t.x = make([]float32, min(o.Batch, n)*net.inputLen())
	return t
}

// all lists what a checkpoint holds.
func (t *training) all() []*param { return slices.Concat(t.net.params(), t.net.statistics()) }

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

// step does a batch, and what the end of an epoch asks for. If a kernel panics on the way it can be called again, and
// nothing is done twice.
func (t *training) step() (Step, error) {
	batches := t.batches()
	if t.batch < batches { // else the validation at the epoch's end was broken off
		if err := t.learnBatch(); err != nil {
			return Step{}, err
		}
	}
	step := Step{
		Refit: t.refit, Epoch: t.epoch, Epochs: t.epochs(), Batch: t.batch, Batches: batches, Rate: t.rate(t.batch - 1),
		Train: t.running,
	}
	step.Done, step.Total = t.progress()
	if t.batch == batches {
		if step.Validation, step.Best = t.endEpoch(); step.Validation.diverged() {
			t.done = true
			return Step{}, ErrDiverged
		}
	}
	return step, nil
}

// rate is that of a batch of the epoch.
func (t *training) rate(batch int) float64 {
	steps := float64(t.batches())
	done, all := float64(t.epoch)*steps+float64(batch), float64(t.epochs())*steps
	return t.options.Rate / 2 * (1 + math.Cos(math.Pi*done/all))
}

// learnBatch does the next step of gradient descent.
func (t *training) learnBatch() error {
	o, batches := t.options, t.batches()
	if t.order == nil {
		t.order = rand.New(rand.NewPCG(o.Seed, uint64(t.epoch))).Perm(len(t.pictures().Labels))
	}
	n := len(t.order)
	first, end := t.batch*n/batches, (t.batch+1)*n/batches
	t.readTraining(first, end)
	s := t.net.learn(t.x[:(end-first)*t.net.inputLen()], t.labels, o.Smoothing)
	if s.diverged() {
		t.done = true
		return ErrDiverged
	}
	rate := t.rate(t.batch)
	for _, p := range t.net.params() {
		p.descend(o, rate)
	}
	t.running = t.running.plus(s)
	t.batch++
	return nil
}

// readTraining reads some pictures of the epoch's order.
func (t *training) readTraining(first, end int) {
	each, from := t.net.inputLen(), t.pictures()
	t.labels = t.labels[:0]
	for at := first; at < end; at++ {
		// Random numbers of each picture's own: so a training that is taken up in the middle of an epoch draws the same
		// ones.
		r := rand.New(rand.NewPCG(t.options.Seed+1, uint64(t.epoch)<<32|uint64(at)))
		i, x := t.order[at], t.x[(at-first)*each:][:each]
		from.Read(x, i, r.IntN(max(1, from.Variants)))
		t.net.augment(x, r)
		t.labels = append(t.labels, from.Labels[i])
	}
}

// endEpoch validates, keeps the weights if they are the best so far, and goes on to the next epoch.
func (t *training) endEpoch() (validation Score, best bool) {
	if !t.refit {
		validation = t.score(t.validation)
		t.history = append(t.history, Epoch{t.running, validation})
		if best = t.best < 0 || validation.N == 0 || validation.better(t.history[t.best].Validation); best {
			t.best = len(t.history) - 1
			t.keep()
		}
	}
	t.epoch, t.batch, t.running, t.order = t.epoch+1, 0, Score{}, nil
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
func (s Score) better(than Score) bool { return s.Loss < than.Loss }

// diverged tells whether the loss is infinite or not a number.
func (s Score) diverged() bool { return s.Loss-s.Loss != 0 }

// keep copies the present weights to the best.
func (t *training) keep() {
	all := t.all()
	if t.bestValues == nil {
		t.bestValues = make([][]float32, len(all))
	}
	for i, p := range all {
		t.bestValues[i] = append(t.bestValues[i][:0], p.value...)
	}
}

// bestOr is the best value of the i-th of all, or the present one if none is kept yet.
func (t *training) bestOr(i int, p *param) []float32 {
	if t.bestValues == nil {
		return p.value
	}
	return t.bestValues[i]
}

// score scores the present weights on pictures, as they are.
func (t *training) score(of Pictures) Score {
	each := t.net.inputLen()
	var s Score
	for first := 0; first < len(of.Labels); first += t.options.Batch {
		labels := of.Labels[first:min(first+t.options.Batch, len(of.Labels))]
		for i := range labels {
			of.Read(t.x[i*each:][:each], first+i, 0)
		}
		z := t.net.logits(t.x[:len(labels)*each], len(labels))
		s = s.plus(ScoreOf(z, labels, len(z)/len(labels)))
	}
	return s
}

// descend is one step of one parameter: see SGDOptions.
func (p *param) descend(o SGDOptions, rate float64) {
	decay, momentum, step := float32(o.WeightDecay), float32(o.Momentum), float32(rate)
	if !p.decays {
		decay = 0
	}
	w, g, v := p.value, p.gradient[:len(p.value)], p.velocity[:len(p.value)]
	for i, x := range w {
		u := momentum*v[i] + g[i] + decay*x
		v[i] = u
		w[i] = x - step*u
	}
}
