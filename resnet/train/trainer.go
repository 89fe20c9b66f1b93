package train

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
)

// A Learner is what a Trainer trains: a Net, or a part of another network.
type Learner interface {
	// Input is the shape of one picture, or whatever stands for one.
	Input() op.Shape
	// Batch is the most pictures of a step.
	Batch() int
	// Params are the weights to be learnt, Statistics what is kept beside them.
	Params() []*Param
	Statistics() []*Param
	// Learn leaves the gradients of the mean loss of some pictures in Params. If it panics, nothing has happened.
	Learn(x []float32, labels []int, smoothing float64) Score
	// Logits answers.
	Logits(x []float32, count int) []float32
}

// Settings are those of a training.
type Settings struct {
	Seed        uint64
	Steps       int
	Batch       int // at most so many pictures a step; the steps of an epoch are about equal
	Optimizer   Optimizer
	Schedule    Schedule
	WeightDecay float64 // of weights but norms' and biases: with SGD a part of the gradient, with AdamW beside it
	Clip        float64 // the gradient of all weights together is made no longer than this; 0: it is left alone
	Smoothing   float64 // of the labels, as op.CrossEntropy has it
	Augment     Augment
}

// Errors of pictures and settings that nothing can be learnt with.
var (
	ErrNoPictures = errors.New("train: there are no pictures to learn from")
	ErrOneClass   = errors.New("train: all pictures are of one class; it takes two or more to tell them apart")
)

// Check says what is wrong with the settings.
func (s Settings) Check() error {
	switch {
	case s.Steps < 1 || s.Batch < 1:
		return fmt.Errorf("train: %d steps of %d pictures; both are at least 1", s.Steps, s.Batch)
	case s.Optimizer == nil || !s.Optimizer.check():
		return fmt.Errorf("train: an optimiser %#v; momentum and betas are from 0 on and below 1", s.Optimizer)
	case !s.Schedule.check():
		return fmt.Errorf("train: a schedule %+v; the rate is above 0, the warm-up not negative", s.Schedule)
	case !isFraction(s.WeightDecay) || !isFraction(s.Smoothing):
		return fmt.Errorf("train: weight decay %v and smoothing %v; they are from 0 on and below 1", s.WeightDecay,
			s.Smoothing)
	case !(s.Clip >= 0) || !finite(s.Clip):
		return fmt.Errorf("train: gradients clipped at %v; 0 clips nothing", s.Clip)
	case !s.Augment.check():
		return fmt.Errorf("train: an augmentation %+v; lengths are not negative", s.Augment)
	}
	return nil
}

// A Trainer trains a Learner: a step at a time, to the end.
type Trainer struct {
	net      Learner
	pictures Pictures
	settings Settings

	step       int           // steps that are done
	moments    [][][]float32 // of each of Params, what the optimiser keeps
	x, space   []float32     // a batch, and a picture
	before     [][]float32   // room for one of Params and its moments
	labels     []int
	order      []int // of an epoch
	epoch      int   // that order is of; -1: of none
	diverged   bool
	unfinished *update // a step that has panicked while the weights followed
}

// update is how far a step's weights have followed their gradients.
type update struct {
	report StepReport
	next   int         // the first of Params that has not
	was    [][]float32 // of that one: its value and its moments, before the optimiser began with it
}

// NewTrainer makes a training of a network from the weights that it has. Settings that make no sense, and pictures that
// nothing can be learnt from, are an error.
func NewTrainer(net Learner, pictures Pictures, s Settings) (*Trainer, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	n := len(pictures.Labels)
	switch {
	case n == 0:
		return nil, ErrNoPictures
	case !slices.ContainsFunc(pictures.Labels, func(l int) bool { return l != pictures.Labels[0] }):
		return nil, ErrOneClass
	case s.Batch > net.Batch():
		return nil, fmt.Errorf("train: batches of %d pictures, and the network was made for %d", s.Batch, net.Batch())
	}
	t := &Trainer{net: net, pictures: pictures, settings: s, epoch: -1}
	each := net.Input().Len()
	t.x, t.space = make([]float32, min(s.Batch, n)*each), make([]float32, each)
	largest := 0
	for _, p := range net.Params() {
		largest = max(largest, len(p.Value))
		var of [][]float32
		for range s.Optimizer.moments() {
			of = append(of, make([]float32, len(p.Value)))
		}
		t.moments = append(t.moments, of)
	}
	for range 1 + s.Optimizer.moments() {
		t.before = append(t.before, make([]float32, largest))
	}
	return t, nil
}

// A StepReport tells of a step.
type StepReport struct {
	Step, Steps    int // steps that are done, and that there are
	Epoch          int // from 0; the pictures are gone through once in each
	Batch, Batches int // steps of this epoch that are done, and that it has
	Rate           float64
	// Score is the batch's, before the step changed the weights.
	Score Score
	// GradientNorm is the Euclidean norm of the gradient of all weights that learn, before it is clipped.
	GradientNorm float64
}

// Batches is how many steps it takes to go through so many pictures once.
func (s Settings) Batches(pictures int) int { return (pictures + s.Batch - 1) / s.Batch }

// Done tells whether all steps are done.
func (t *Trainer) Done() bool { return t.step == t.settings.Steps }

// Steps is how many steps are done.
func (t *Trainer) Steps() int { return t.step }

// Settings are the training's.
func (t *Trainer) Settings() Settings { return t.settings }

const badStep = "train: all steps of this training are done"

// Step does the next step. If it panics, as when a kernel loses a helper thread, it can be called again, and nothing is
// done twice. Once the loss or the gradient is no number, it returns ErrDiverged; the weights are then those that led
// there, and all further steps fail too.
func (t *Trainer) Step() (StepReport, error) {
	if t.Done() {
		panic(badStep)
	}
	s := t.settings
	batches := s.Batches(len(t.pictures.Labels))
	epoch, batch := t.step/batches, t.step%batches
	r := StepReport{
		Step: t.step, Steps: s.Steps, Epoch: epoch, Batch: batch, Batches: batches,
		Rate: s.Schedule.At(t.step, s.Steps),
	}
	if t.diverged {
		return r, ErrDiverged
	}
	if t.unfinished == nil {
		count := t.read(epoch, batch, batches)
		r.Score = t.net.Learn(t.x[:count*t.net.Input().Len()], t.labels, s.Smoothing)
		r.GradientNorm = t.gradientNorm()
		if r.Score.Diverged() || !finite(r.GradientNorm) {
			t.diverged = true
			return r, ErrDiverged
		}
		t.unfinished = &update{report: r}
	}
	t.descend(t.unfinished)
	r = t.unfinished.report
	t.unfinished = nil
	t.step++
	r.Step, r.Batch = t.step, batch+1
	return r, nil
}

// descend lets the weights follow their gradients. If the optimiser panics, it can be called again: it goes on with the
// weights that it panicked at, which it first puts back.
func (t *Trainer) descend(u *update) {
	s, params := t.settings, t.net.Params()
	factor := clipFactor(s.Clip, u.report.GradientNorm)
	for ; u.next < len(params); u.next++ {
		p := params[u.next]
		if p.Frozen {
			continue
		}
		moments := t.moments[u.next]
		changes := append([][]float32{p.Value}, moments...)
		if u.was == nil {
			u.was = t.copied(changes)
		} else {
			for i, x := range changes {
				copy(x, u.was[i])
			}
		}
		decay := s.WeightDecay
		if !p.Decays {
			decay = 0
		}
		rate := u.report.Rate
		if p.Rate != 0 {
			rate *= p.Rate
		}
		s.Optimizer.update(p.Value, p.Gradient, moments, t.step, rate, decay, factor)
		u.was = nil
	}
}

// copied copies vectors of one length into the training's memory for that.
func (t *Trainer) copied(of [][]float32) [][]float32 {
	out := make([][]float32, len(of))
	for i, x := range of {
		out[i] = t.before[i][:len(x)]
		copy(out[i], x)
	}
	return out
}

// gradientNorm is the Euclidean norm of the gradient of all weights that learn.
func (t *Trainer) gradientNorm() float64 {
	var norms []float64
	for _, p := range t.net.Params() {
		if !p.Frozen {
			norms = append(norms, euclidean(p.Gradient))
		}
	}
	return hypot(norms)
}

// read reads a batch, and tells how many pictures it is.
func (t *Trainer) read(epoch, batch, batches int) int {
	n, seed := len(t.pictures.Labels), t.settings.Seed
	if t.epoch != epoch {
		t.order, t.epoch = rand.New(rand.NewPCG(seed, uint64(epoch))).Perm(n), epoch
	}
	first, end := batch*n/batches, (batch+1)*n/batches
	shape := t.net.Input()
	each := shape.Len()
	t.labels = t.labels[:0]
	for at := first; at < end; at++ {
		// Random numbers of each picture's own: so a training that is taken up in the middle of an epoch draws the same
		// ones.
		r := rand.New(rand.NewPCG(seed+1, uint64(epoch)<<32|uint64(at)))
		i, x := t.order[at], t.x[(at-first)*each:][:each]
		t.pictures.Read(x, i, r.IntN(max(1, t.pictures.Variants)))
		t.settings.Augment.apply(x, t.space, shape, r)
		t.labels = append(t.labels, t.pictures.Labels[i])
	}
	return end - first
}

// Score scores the network on pictures, as they are: those that it learns from, or others.
func (t *Trainer) Score(of Pictures) Score {
	each := t.net.Input().Len()
	var s Score
	for first := 0; first < len(of.Labels); first += len(t.x) / each {
		labels := of.Labels[first:min(first+len(t.x)/each, len(of.Labels))]
		for i := range labels {
			of.Read(t.x[i*each:][:each], first+i, 0)
		}
		z := t.net.Logits(t.x[:len(labels)*each], len(labels))
		s = s.Plus(ScoreOf(z, labels, len(z)/len(labels)))
	}
	return s
}
