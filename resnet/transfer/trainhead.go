package transfer

import (
	"context"
	"math"
	"slices"
)

// HeadOptions are the settings of TrainHead. The zero value is good for most.
type HeadOptions struct {
	// Strengths of the L2 penalty to choose from, by the validation examples. They are trained from strong to weak, each starting
	// from the one before. nil means DefaultStrengths; a single one needs no validation.
	Strengths []float64
	// Refit trains with the chosen strength once more, on training and validation examples together. The scores on validation and
	// the temperature stay those from before: afterwards nothing honest can be said with examples that were learnt from.
	Refit bool
	// MaxIterations of L-BFGS for each strength; 0 means 200.
	MaxIterations int
	// Tolerance is how far above its minimum, relative to it, the objective may be when training ends; 0 means 1e-3.
	Tolerance float64
	// Start is where training starts, nil for zeros. The minimum does not depend on it, only the way there.
	Start *Head
}

// DefaultStrengths of the L2 penalty. At the first the classifier is little more than the class means, at the last it
// learns some thousand features of a few pictures by heart.
var DefaultStrengths = []float64{3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001}

// defaultStrength is taken where there is nothing to choose it by.
const defaultStrength = 0.03

const badStrength = "transfer: a strength of the L2 penalty is positive"

// A HeadStep is an iteration of training, for curves.
type HeadStep struct {
	Strength          float64
	Refit             bool // validation examples are trained on too, and not scored
	Iteration         int  // from 0, which is the start, for each strength
	Train, Validation Score
}

// A Candidate is a head trained with one strength.
type Candidate struct {
	Strength          float64
	Train, Validation Score   // with temperature 1
	Temperature       float64 // the best for the validation examples
	Calibrated        Score   // on the validation examples, with that temperature: what the choice goes by
	Iterations        int
}

// A HeadTrainer trains heads step by step and keeps all of its state between them.
type HeadTrainer struct {
	options           HeadOptions
	train, validation part
	objective         *objective // of the training examples, for one strength after the other
	candidates        []Candidate
	heads             []*Head // of the candidates
	run               *headRun
	refitted          *Head
	done              bool
}

// A headRun is the training of one head.
type headRun struct {
	objective *objective
	solver    *minimiser
	refit     bool
	shown     int // the last iteration that progress was told; -1 before the start
}

// NewHeadTrainer checks the examples and makes ready. validation may be empty; then Strengths must have one, or the default is taken.
func NewHeadTrainer(train, validation Examples, o HeadOptions) (*HeadTrainer, error) {
	if err := train.check(); err != nil {
		return nil, err
	}
	if validation.Len() == 0 {
		validation = Examples{D: train.D, Classes: train.Classes}
	}
	validation.mustFit()
	if validation.D != train.D || validation.Classes != train.Classes || o.Start != nil && (o.Start.D != train.D || o.Start.Classes != train.Classes) {
		panic(badExamples)
	}
	if err := validation.finite(); err != nil {
		return nil, err
	}
	if o.Strengths == nil {
		o.Strengths = DefaultStrengths
	}
	o.Strengths = slices.Clone(o.Strengths)
	slices.Sort(o.Strengths)
	slices.Reverse(o.Strengths)
	for _, s := range o.Strengths {
		if !(s > 0) || math.IsInf(s, 1) {
			panic(badStrength)
		}
	}
	if validation.Len() == 0 && len(o.Strengths) != 1 {
		o.Strengths = []float64{defaultStrength}
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 200
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-3
	}
	return &HeadTrainer{options: o, train: newPart(train), validation: newPart(validation)}, nil
}

// TrainHead fits a head to the training examples. The strength of its L2 penalty is the one whose loss on the validation examples is the
// lowest, each candidate with its own best temperature: that a head is too sure of itself can be mended afterwards (Calibrate),
// that it orders the classes wrongly cannot.
//
// Progress, if not nil, hears of each step. When the context ends, TrainHead returns the best head so far with the context's error.
func TrainHead(ctx context.Context, train, validation Examples, o HeadOptions, progress func(HeadStep)) (*Head, error) {
	t, err := NewHeadTrainer(train, validation, o)
	if err != nil {
		return nil, err
	}
	err = t.Run(ctx, progress)
	return t.Head(), err
}

// Run trains until it is done or the context ends, whose error it returns then. Called again it goes on where it was, to the very
// same result.
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
		if r.shown >= 0 {
			r.solver.step()
		}
		if r.solver.steps > r.shown {
			t.report(r, progress)
		}
		r.shown = r.solver.steps
		if r.solver.done || r.solver.steps >= t.options.MaxIterations {
			t.finish()
		}
	}
	return nil
}

// report tells progress where a run is.
func (t *HeadTrainer) report(r *headRun, progress func(HeadStep)) {
	if progress == nil {
		return
	}
	s := HeadStep{Strength: r.objective.strength, Refit: r.refit, Iteration: r.solver.steps, Train: r.objective.score}
	if !r.refit {
		s.Validation = r.head().Score(t.validation.Examples)
	}
	progress(s)
}

// next starts the next run, and reports whether there is one.
func (t *HeadTrainer) next() bool {
	o := &t.options
	var from *Head
	r := &headRun{shown: -1}
	switch i := len(t.candidates); {
	case i < len(o.Strengths):
		if from = o.Start; i > 0 {
			from = t.heads[i-1]
		}
		if t.objective == nil {
			t.objective = newObjective(0, t.train)
		}
		t.objective.strength = o.Strengths[i]
		r.objective = t.objective
	case o.Refit && t.refitted == nil && t.validation.Len() > 0:
		from = t.heads[t.chosen()]
		r.objective, r.refit = newObjective(from.Strength, t.train, t.validation), true
	default:
		return false
	}
	r.solver = newMinimiser(r.objective.theta(from), r.objective.evaluate, r.objective.flat(o.Tolerance))
	t.run = r
	return true
}

// finish turns the run into a candidate, or into the refitted head.
func (t *HeadTrainer) finish() {
	r, h := t.run, t.run.head()
	t.run = nil
	if r.refit {
		h.Temperature = t.candidates[t.chosen()].Temperature
		t.refitted = h
		return
	}
	c := Candidate{Strength: h.Strength, Train: h.Score(t.train.Examples), Temperature: 1, Iterations: r.solver.steps}
	if t.validation.Len() > 0 {
		logits := h.Logits(t.validation.X)
		c.Validation = ScoreOf(logits, t.validation.Labels, h.Classes)
		c.Temperature = FitTemperature(logits, t.validation.Labels, h.Classes)
		h.Temperature = c.Temperature
		c.Calibrated = h.Score(t.validation.Examples)
	}
	t.candidates, t.heads = append(t.candidates, c), append(t.heads, h)
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

// Head is the best head so far: the refitted one, or the best candidate, or what the first run has reached. It is nil before
// the first step.
func (t *HeadTrainer) Head() *Head {
	switch {
	case t.refitted != nil:
		return t.refitted.Clone()
	case len(t.heads) > 0:
		return t.heads[t.chosen()].Clone()
	case t.run != nil:
		return t.run.head()
	}
	return nil
}

// Candidates are the strengths trained so far.
func (t *HeadTrainer) Candidates() []Candidate { return slices.Clone(t.candidates) }

// Done reports whether training has come to its end.
func (t *HeadTrainer) Done() bool { return t.done }

// head makes a head of where the run is.
func (r *headRun) head() *Head { return r.objective.head(r.solver.x) }
