package transfer

import (
	"context"
	"errors"
	"math"
	"slices"
)

// HeadOptions are the settings of TrainHead. The zero value is good for most.
type HeadOptions struct {
	// L2s are the strengths of the L2 penalty to choose from, by the validation examples. They are trained from strong
	// to weak, each starting from the one before. None means DefaultL2s or, without validation examples to choose by,
	// WithoutValidationL2. A single one needs no validation; several without it are ErrNoValidation.
	L2s []float64
	// MaxIterations of L-BFGS for each strength; 0 means 200.
	MaxIterations int
	// Tolerance is how far above its minimum, relative to it, the objective may be when training ends; 0 means 1e-3.
	Tolerance float64
	// Start is where training starts, nil for zeros. The minimum does not depend on it, only the way there.
	Start *Head
	// NoRefit leaves the validation examples out of what TrainHead gives, so that they can still judge it. A
	// HeadTrainer never learns from them.
	NoRefit bool
}

// DefaultL2s are the strengths of the L2 penalty to choose from. With the first the classifier is little more than the
// class means; with the last it learns some thousand features of a few pictures by heart.
var DefaultL2s = []float64{3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001}

// WithoutValidationL2 is the strength where there are no validation examples to choose by. In folds of a small photo
// set no weaker one was ever chosen (docs/rationale-teaching.md), and of its 200 test pictures 65 % are right with this
// one, 63 % with 0.03.
const WithoutValidationL2 = 0.3

const (
	badL2          = "transfer: the strength of an L2 penalty is positive"
	badHeadOptions = "transfer: a head's training needs a number of iterations and a tolerance that are not negative"
)

// ErrNoValidation says that there are several strengths of a penalty, and no examples to choose one by.
var ErrNoValidation = errors.New(
	"transfer: several strengths of the penalty need validation examples to choose by; give examples, or one strength")

// A HeadStep is an iteration of training, for curves.
type HeadStep struct {
	L2                float64
	Iteration         int // counts from 0, the start, for each strength of the penalty
	Train, Validation Score
	Refit             bool // the validation examples are learnt from too, and Validation is empty
}

// A Candidate is a head trained with one strength of the L2 penalty.
type Candidate struct {
	L2                float64
	Train, Validation Score   // with temperature 1
	Temperature       float64 // the best for the validation examples
	Calibrated        Score   // on the validation examples, with that temperature: what the choice goes by
	Iterations        int
}

// A HeadTrainer trains heads step by step and keeps all of its state between them.
type HeadTrainer struct {
	options           HeadOptions
	train, validation Examples
	objective         *objective // of the training examples, for one strength after the other
	candidates        []Candidate
	heads             []*Head // of the candidates
	run               *headRun
	done              bool
}

// A headRun is the training of one candidate.
type headRun struct {
	objective *objective
	solver    *minimiser
	reported  int // the last iteration that progress was told of; -1 before the start
}

// NewHeadTrainer checks the examples and makes ready. validation may be empty; see HeadOptions.L2s.
func NewHeadTrainer(train, validation Examples, o HeadOptions) (*HeadTrainer, error) {
	if err := train.check(); err != nil {
		return nil, err
	}
	if validation.Len() == 0 {
		validation = Examples{D: train.D, Classes: train.Classes}
	}
	validation.mustFit()
	like := func(d, classes int) bool { return d == train.D && classes == train.Classes }
	if !like(validation.D, validation.Classes) || o.Start != nil && !like(o.Start.D, o.Start.Classes) {
		panic(badExamples)
	}
	if err := validation.finite(); err != nil {
		return nil, err
	}
	switch known := validation.Len() > 0; {
	case !known && len(o.L2s) > 1:
		return nil, ErrNoValidation
	case !known && len(o.L2s) == 0:
		o.L2s = []float64{WithoutValidationL2}
	case len(o.L2s) == 0:
		o.L2s = DefaultL2s
	}
	o.L2s = slices.Clone(o.L2s)
	slices.Sort(o.L2s)
	slices.Reverse(o.L2s)
	for _, l2 := range o.L2s {
		if !(l2 > 0) || math.IsInf(l2, 1) {
			panic(badL2)
		}
	}
	if o.MaxIterations < 0 || !(o.Tolerance >= 0) {
		panic(badHeadOptions)
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 200
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-3
	}
	return &HeadTrainer{options: o, train: train, validation: validation, objective: newObjective(0, train)}, nil
}

// TrainHead fits a head to the training examples. Of the strengths of the L2 penalty it chooses the one with the lowest
// loss on the validation examples, each candidate with its own best temperature: a head that is too sure of itself can
// be calibrated afterwards, one that orders the classes wrongly cannot.
//
// Then it fits the head once more with that strength, to the validation examples too, as Teach does: with few examples
// they are worth some points of accuracy. The temperature stays the one from before. What the validation examples say
// of this head is too good, and Calibrate by them would make it too sure of itself; o.NoRefit gives the one that has
// not learnt from them, and Teach judges by that.
//
// progress, if not nil, hears of each step. When the context ends, TrainHead returns the best head so far and the
// context's error.
func TrainHead(
	ctx context.Context, train, validation Examples, o HeadOptions, progress func(HeadStep),
) (*Head, error) {
	t, err := NewHeadTrainer(train, validation, o)
	if err != nil {
		return nil, err
	}
	if err = t.Run(ctx, progress); err != nil || o.NoRefit || validation.Len() == 0 {
		return t.Head(), err
	}
	return refitHead(ctx, t.Head(), train, validation, o, progress)
}

// refitHead fits a head once more with its strength, to the validation examples too.
func refitHead(
	ctx context.Context, fitted *Head, train, validation Examples, o HeadOptions, progress func(HeadStep),
) (*Head, error) {
	o.L2s, o.Start = []float64{fitted.L2}, fitted
	t, err := NewHeadTrainer(train.with(validation), Examples{}, o)
	if err != nil {
		return fitted, err
	}
	err = t.Run(ctx, func(s HeadStep) {
		if progress != nil {
			s.Refit = true
			progress(s)
		}
	})
	if err != nil {
		return fitted, err
	}
	h := t.Head()
	h.Temperature = fitted.Temperature
	return h, nil
}

// Run trains until it is done or the context ends, whose error it returns then. Called again it goes on where it was,
// to the very same result; also after a panic, as that of a kernel whose helper thread has died.
func (t *HeadTrainer) Run(ctx context.Context, progress func(HeadStep)) error {
	for !t.done {
		if err := ctx.Err(); err != nil {
			return err
		}
		if t.run == nil && !t.next() {
			t.done = true
			break
		}
		r := t.run
		if r.reported == r.solver.steps && !t.over(r) {
			r.solver.step()
		}
		if r.solver.steps > r.reported {
			t.report(r, progress)
			r.reported = r.solver.steps
		}
		if t.over(r) {
			t.finish()
		}
	}
	return nil
}

// over tells whether a run has come to its end.
func (t *HeadTrainer) over(r *headRun) bool {
	return r.solver.done || r.solver.steps >= t.options.MaxIterations
}

// report tells progress where a run is.
func (t *HeadTrainer) report(r *headRun, progress func(HeadStep)) {
	if progress == nil {
		return
	}
	progress(HeadStep{
		L2: r.objective.l2, Iteration: r.solver.steps,
		Train: r.objective.score, Validation: r.head().Score(t.validation),
	})
}

// next starts the next run, and reports whether there is one.
func (t *HeadTrainer) next() bool {
	o, i := &t.options, len(t.candidates)
	if i == len(o.L2s) {
		return false
	}
	from := o.Start
	if i > 0 {
		from = t.heads[i-1]
	}
	t.objective.l2 = o.L2s[i]
	solver := newMinimiser(t.objective.theta(from), t.objective.evaluate, t.objective.flat(o.Tolerance))
	t.run = &headRun{t.objective, solver, -1}
	return true
}

// finish turns the run into a candidate.
func (t *HeadTrainer) finish() {
	h := t.run.head()
	c := Candidate{L2: h.L2, Train: h.Score(t.train), Temperature: 1, Iterations: t.run.solver.steps}
	if t.validation.Len() > 0 {
		logits := h.Logits(t.validation.X)
		c.Validation = ScoreOf(logits, t.validation.Labels, h.Classes)
		c.Temperature = FitTemperature(logits, t.validation.Labels, h.Classes)
		h.Temperature = c.Temperature
		c.Calibrated = h.Score(t.validation)
	}
	t.candidates, t.heads, t.run = append(t.candidates, c), append(t.heads, h), nil
}

// chosen is the candidate with the lowest loss on the validation examples, the stronger penalty if two are equal.
func (t *HeadTrainer) chosen() int {
	best := 0
	for i, c := range t.candidates {
		if c.Calibrated.Loss < t.candidates[best].Calibrated.Loss {
			best = i
		}
	}
	return best
}

// Head is the best head so far: the best candidate, or what the first run has reached. It is nil before the first step.
func (t *HeadTrainer) Head() *Head {
	switch {
	case len(t.heads) > 0:
		return t.heads[t.chosen()].Clone()
	case t.run != nil:
		return t.run.head()
	}
	return nil
}

// Candidates are those trained so far.
func (t *HeadTrainer) Candidates() []Candidate { return slices.Clone(t.candidates) }

// Done reports whether training has come to its end.
func (t *HeadTrainer) Done() bool { return t.done }

// head makes a head of where the run is.
func (r *headRun) head() *Head { return r.objective.head(r.solver.x) }
