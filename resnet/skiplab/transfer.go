package skiplab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/train"
)

// A Side is what a network learns in one half of a transfer, and how.
type Side struct {
	Classes     int
	Learn, Held train.Pictures
	Training    train.Settings // its seed is replaced by each run's
}

// A Transferral is an experiment: a network learns From, and goes on to learn To with its first stages frozen.
type Transferral struct {
	Config   resnet.Config // Classes is replaced by each side's
	Options  train.Options // Seed is replaced by each run's
	From, To Side
	Seeds    []uint64 // a run each, two at least
	// Progress, if it is not nil, is called after each step.
	Progress func(TransferProgress)
}

// TransferProgress says how far a Transferral is.
type TransferProgress struct {
	Run, Runs      int
	Network        string // "source", "frozen" or "scratch"
	Stages         int    // of "frozen"
	Step, Steps    int    // of all networks of all runs
	TrainingReport train.StepReport
}

// An Outcome is how well networks that began alike learnt the second side: their accuracies on its held-out pictures.
type Outcome struct {
	Stages     int       // that were frozen, the stem being the first
	Accuracies []float64 // of each run
	Mean       float64
	Low, High  float64 // the mean's interval of 95 %, by Student's t over the runs
	// Gain is the mean of what each run is better than the same run from scratch, and its interval.
	Gain, GainLow, GainHigh float64
	Diverged                int // runs whose loss left the numbers; they count with what they knew before
}

// A TransferResult is what a Transferral found.
type TransferResult struct {
	Source  Outcome   // the first side's networks on their own held-out pictures; without Gain
	Frozen  []Outcome // by how many stages were frozen: 0, 1, … all
	Scratch Outcome   // networks that never saw the first side; without Gain
	// Helps is the most stages that may be frozen and still be surely better than from scratch: the interval of Gain
	// lies above 0. -1: none. Hurts is the fewest that are surely worse. -1: none.
	Helps, Hurts int
}

// Transfer freezes and transfers (Yosinski, Clune, Bengio and Lipson 2014): in each run a network learns the first
// side, and its copies learn the second, with 0, 1, … all stages frozen, always with a new linear layer. Against them
// stands one from random weights. All of a run see the same batches. A first side on which a network diverges is an
// error.
func Transfer(ctx context.Context, t Transferral) (*TransferResult, error) {
	if len(t.Seeds) < 2 {
		return nil, fault(WhySetting, "%d runs; intervals take two at least", len(t.Seeds))
	}
	stages := len(t.Config.Layers) + 1
	result := &TransferResult{Frozen: make([]Outcome, stages+1), Helps: -1, Hurts: -1}
	for i := range result.Frozen {
		result.Frozen[i].Stages = i
	}
	perRun := t.From.Training.Steps + (stages+2)*t.To.Training.Steps
	p := TransferProgress{Runs: len(t.Seeds), Steps: perRun * len(t.Seeds)}
	for run, seed := range t.Seeds {
		p.Run = run
		if err := t.run(ctx, seed, result, &p, run*perRun); err != nil {
			return nil, err
		}
	}
	result.Source.summarise(nil)
	result.Scratch.summarise(nil)
	for i := range result.Frozen {
		o := &result.Frozen[i]
		o.summarise(result.Scratch.Accuracies)
		if o.GainLow > 0 {
			result.Helps = i
		}
		if o.GainHigh < 0 && result.Hurts < 0 {
			result.Hurts = i
		}
	}
	return result, nil
}

// run does one run, whose first step is number first of all.
func (t Transferral) run(ctx context.Context, seed uint64, result *TransferResult, p *TransferProgress,
	first int) error {
	o := t.Options
	o.Seed = seed
	c := t.Config
	c.Classes = t.From.Classes
	source, err := train.New(c, o)
	if err != nil {
		return err
	}
	learn := func(o *Outcome, name string, net *train.Net, side Side) error {
		p.Network, p.Stages = name, o.Stages
		err := side.learn(ctx, seed, net, o, func(r train.StepReport) {
			if p.TrainingReport, p.Step = r, first+r.Step; t.Progress != nil {
				t.Progress(*p)
			}
		})
		first += side.Training.Steps
		return err
	}
	if err := learn(&result.Source, "source", source, t.From); err != nil {
		return err
	}
	if result.Source.Diverged > 0 {
		return fmt.Errorf("skiplab: the network to be transferred: %w", train.ErrDiverged)
	}
	c.Classes = t.To.Classes
	for i := range result.Frozen {
		net, err := train.New(c, o)
		if err != nil {
			return err
		}
		copyBody(net, source)
		net.Freeze(i)
		if err := learn(&result.Frozen[i], "frozen", net, t.To); err != nil {
			return err
		}
	}
	scratch, err := train.New(c, o)
	if err != nil {
		return err
	}
	return learn(&result.Scratch, "scratch", scratch, t.To)
}

// copyBody copies all but the linear layer.
func copyBody(to, from *train.Net) {
	of := map[string]*train.Param{}
	for _, p := range slices.Concat(from.Params(), from.Statistics()) {
		of[p.Name] = p
	}
	for _, p := range slices.Concat(to.Params(), to.Statistics()) {
		if p.Name != "fc.weight" && p.Name != "fc.bias" {
			copy(p.Value, of[p.Name].Value)
		}
	}
}

// learn trains a network, scores it, and adds the accuracy to the outcome.
func (s Side) learn(ctx context.Context, seed uint64, net *train.Net, o *Outcome, report func(train.StepReport)) error {
	settings := s.Training
	settings.Seed = seed
	net.Watch = false
	trainer, err := train.NewTrainer(net, s.Learn, settings)
	if err != nil {
		return err
	}
	for !trainer.Done() {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := trainer.Step()
		if errors.Is(err, train.ErrDiverged) {
			o.Diverged++
			break
		}
		if err != nil {
			return err
		}
		report(r)
	}
	score := trainer.Score(s.Held)
	if score.N == 0 {
		return fault(WhyNoHeld, "no picture is left to judge by")
	}
	o.Accuracies = append(o.Accuracies, score.Accuracy())
	return nil
}

// summarise computes means and intervals, and those of the gain over scratch's accuracies unless that is nil.
func (o *Outcome) summarise(scratch []float64) {
	o.Mean, o.Low, o.High = interval(o.Accuracies)
	o.Low, o.High = max(o.Low, 0), min(o.High, 1)
	if scratch == nil {
		return
	}
	gains := make([]float64, len(scratch))
	for i, a := range o.Accuracies {
		gains[i] = a - scratch[i]
	}
	o.Gain, o.GainLow, o.GainHigh = interval(gains)
}

// interval is the mean of two or more numbers, and its interval of 95 % by Student's t distribution.
func interval(x []float64) (mean, low, high float64) {
	mean, deviation := stat.MeanStdDev(x, nil)
	n := float64(len(x))
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975)
	half := t * deviation / math.Sqrt(n)
	return mean, mean - half, mean + half
}
