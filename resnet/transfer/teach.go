package transfer

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/train"
	"github.com/seed8935e608/residua/weights"
)

// A Phase is a part of Teach's work.
type Phase string

// The phases of Teach, in their order. Not every method has all of them.
const (
	PhaseFit      Phase = "fit"      // a linear classifier is fitted, by L-BFGS
	PhaseRefit    Phase = "refit"    // it is fitted once more, from the validation pictures too
	PhaseDescent  Phase = "descent"  // gradient descent, with its own refit
	PhaseFeatures Phase = "features" // the trained network runs on the pictures
	PhaseEvaluate Phase = "evaluate" // calibration, threshold and evaluation
)

// Progress tells how far Teach has come.
type Progress struct {
	Phase             Phase
	Done, Total       int   // steps of the phase; Total is 0 if it is not known
	Train, Validation Score // N is 0 if they are not known at this step
	// Checkpoint gives a Lesson.Checkpoint to go on from here, to be written before progress returns; nil if there is
	// none.
	Checkpoint func() (*weights.FloatFile, error)
}

// A Report is what came of a Lesson.
type Report struct {
	Taught      *Taught // what was learnt; nil for MethodScratch, which is only compared with
	L2          float64 // strength of the classifier's penalty, chosen on the validation pictures; 0 if it has none
	Temperature float64 // by which logits are divided, fitted on the validation pictures
	BestEpoch   int     // of gradient descent, from 1; 0 if there was none
	Stopped     bool    // training has ended before its end
	Checkpoint  []byte  // where gradient descent was stopped, to go on from; else nil (see Lesson.Memory and Save)
	// Answers are to all N pictures. Those to validation pictures come from a classifier that has not learnt from them.
	Answers          []Answer
	Validation, Test *Evaluation // nil if there are no such pictures
	// MissingForNone is about how many more pictures it takes before the classifier can say that a picture is of none
	// of its classes; 0 if it can, and for MethodScratch, which never does.
	MissingForNone int
	// Similarity is the CKA of the features before and after the last blocks were trained; 1 if they were not.
	Similarity float64
}

// keptPart is the part of new pictures of the classes that must not be taken for "none of these"; see LearnThreshold.
const keptPart = 0.95

// blockBatch is how many pictures the trained last block runs on at a time.
const blockBatch = 16

// Teach learns a lesson, and evaluates what was learnt on pictures that it was not learnt from. A training first
// chooses its settings on the validation pictures, and then learns from them too.
//
// progress, if not nil, hears of each piece of work in every phase. A piece takes well below a second for some thousand
// pictures. If progress returns false, training stops early: what was learnt by then is calibrated and evaluated, and
// is the result. When the context ends, Teach gives up and returns the context's error.
//
// A Lesson that is not put together properly is an ArgumentError. Pictures that nothing can be learnt from are
// ErrOneClass, an EmptyClassError, ErrNotFinite or ErrDiverged; a checkpoint of another lesson is ErrOtherTraining, and
// blocks that take more memory than Lesson.Memory are a MemoryError.
func Teach(ctx context.Context, l Lesson, progress func(Progress) (more bool)) (*Report, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	c := newCourse(l, progress)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch l.Method {
	case MethodClassMeans:
		return c.classMeans(ctx)
	case MethodHead:
		return c.head(ctx)
	case MethodLastBlock:
		return c.lastBlock(ctx)
	default:
		return c.scratch(ctx)
	}
}

// A course is a lesson that is under way.
type course struct {
	Lesson
	progress func(Progress) bool
	stopped  bool            // the caller has had enough
	first    []int           // of each picture, its first row of Features
	features []float32       // N×D, which answers go by: means over the averaged variants
	of       [Test + 1][]int // the pictures of each side
	all      []int           // all pictures, in their order
	// resumable says that there is memory for checkpoints.
	resumable bool
}

func newCourse(l Lesson, progress func(Progress) bool) *course {
	c := &course{Lesson: l, progress: progress, resumable: true, first: l.FirstRows()}
	for i, side := range l.Sides {
		c.of[side], c.all = append(c.of[side], i), append(c.all, i)
	}
	if l.Method == MethodScratch {
		return c
	}
	c.features = make([]float32, len(l.Labels)*l.D)
	for i := range l.Labels {
		for variant := range l.averaged() {
			c.average(c.features, i, l.Features[(c.first[i]+variant)*l.D:][:l.D])
		}
	}
	return c
}

// average adds one variant's features to the mean of a picture's in features, N×D.
func (c *course) average(features []float32, picture int, variant []float32) {
	mean := features[picture*c.D:][:c.D]
	for k, v := range variant {
		mean[k] += v / float32(c.averaged())
	}
}

// examples are the features, of N×D, of some pictures.
func (c *course) examples(features []float32, pictures []int) Examples {
	return Examples{X: features, Labels: c.Labels, D: c.D, Classes: len(c.Classes)}.Subset(pictures)
}

// variantsOf are the features of all variants of some pictures, each an example: what a classifier learns from.
func (c *course) variantsOf(pictures []int) Examples {
	e := Examples{D: c.D, Classes: len(c.Classes)}
	for _, i := range pictures {
		for variant := range 1 + c.Augmentations {
			e.X = append(e.X, c.Features[(c.first[i]+variant)*c.D:][:c.D]...)
			e.Labels = append(e.Labels, c.Labels[i])
		}
	}
	return e
}

// known are the pictures that may be learnt from once all choices are made.
func (c *course) known() []int { return slices.Concat(c.of[Training], c.of[Validation]) }

// compute runs work that uses the kernels.
func (c *course) compute(work func()) {
	if c.Compute == nil {
		work()
		return
	}
	c.Compute(work)
}

// tell tells the caller how far it is, and hears from it. The error is the context's.
func (c *course) tell(ctx context.Context, p Progress) error {
	if c.progress != nil && !c.progress(p) {
		c.stopped = true
	}
	return ctx.Err()
}

// train runs a training that can be interrupted and run again, until it is done or end is called. The error is that of
// the training, or of the course's own context.
func (c *course) train(ctx context.Context, run func(training context.Context, end func()) error) error {
	training, end := context.WithCancel(ctx)
	defer end()
	var err error
	c.compute(func() { err = run(training, end) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// classMeans is the baseline that trains nothing.
func (c *course) classMeans(ctx context.Context) (*Report, error) {
	var validated, final *Head
	var err1, err2 error
	c.compute(func() {
		validated, err1 = NewClassMeans(c.examples(c.features, c.of[Training]))
		final, err2 = NewClassMeans(c.examples(c.features, c.known()))
	})
	if err := cmp.Or(err1, err2); err != nil {
		return nil, err
	}
	return c.report(ctx, classifier{validated, c.features}, classifier{final, c.features})
}

// head trains a linear classifier on the frozen features.
func (c *course) head(ctx context.Context) (*Report, error) {
	validated, err := c.fit(ctx)
	if err != nil {
		return nil, err
	}
	final, err := c.refit(ctx, validated)
	if err != nil {
		return nil, err
	}
	stopped := c.stopped
	r, err := c.report(ctx, classifier{validated, c.features}, classifier{final, c.features})
	if err != nil {
		return nil, err
	}
	r.Stopped = stopped
	return r, nil
}

// fit trains a linear classifier on the training pictures. If it is stopped, it gives the best so far.
func (c *course) fit(ctx context.Context) (*Head, error) {
	training, validation := c.variantsOf(c.of[Training]), c.examples(c.features, c.of[Validation])
	trainer, err := NewHeadTrainer(training, validation, HeadOptions{})
	if err != nil {
		return nil, err
	}
	steps := 0
	err = c.train(ctx, func(training context.Context, end func()) error {
		return trainer.Run(training, func(s HeadStep) {
			steps++
			c.tell(ctx, Progress{Phase: PhaseFit, Done: steps, Train: s.Train, Validation: s.Validation})
			// Before the first iteration nothing is learnt: then the stop waits for it.
			if c.stopped && (s.Iteration > 0 || len(trainer.Candidates()) > 0) {
				end()
			}
		})
	})
	return trainer.Head(), err
}

// refit trains a linear classifier once more, from the validation pictures too. If it is stopped, the first one stays.
func (c *course) refit(ctx context.Context, fitted *Head) (*Head, error) {
	if c.stopped {
		return fitted, nil
	}
	options := HeadOptions{L2s: []float64{fitted.L2}, Start: fitted}
	trainer, err := NewHeadTrainer(c.variantsOf(c.known()), Examples{}, options)
	if err != nil {
		return nil, err
	}
	err = c.train(ctx, func(training context.Context, end func()) error {
		return trainer.Run(training, func(s HeadStep) {
			c.tell(ctx, Progress{Phase: PhaseRefit, Done: s.Iteration, Train: s.Train})
			if c.stopped {
				end()
			}
		})
	})
	if c.stopped {
		return fitted, err
	}
	return trainer.Head(), err
}

// lastBlock trains a linear classifier, and then that and the last blocks together.
func (c *course) lastBlock(ctx context.Context) (*Report, error) {
	for i := range c.Last {
		if err := c.Last[i].Plain(); err != nil {
			return nil, err // before anything is computed; a classifier alone can be trained on every network
		}
	}
	o := c.options(DefaultTuning)
	if len(c.Last) > 1 {
		o.Discrimination = DefaultDiscrimination
	}
	memory, state := TuningMemory(c.Last, len(c.Classes), o, c.Reread != nil)
	if c.Memory != 0 && memory > c.Memory {
		return nil, &MemoryError{len(c.Last), memory, c.Memory}
	}
	c.resumable = c.Memory == 0 || c.Save != nil || memory+state <= c.Memory
	fitted, err := c.fit(ctx)
	if err != nil {
		return nil, err
	}
	w, b := fitted.Fold()
	training := c.pictures(Training, c.Augmentations, c.readInput)
	validation := c.pictures(Validation, c.Augmentations, c.readInput)
	tuner, err := newTuner(c.Last, w, b, training, validation, o, c.Reread)
	if err != nil {
		return nil, err
	}
	c.Last = nil // copied, and large
	refitted, err := c.refit(ctx, fitted)
	if err != nil {
		return nil, err
	}
	tuner.RefitFrom(refitted.Fold())
	checkpoint, stopped, err := c.descend(ctx, &tuner.training)
	if err != nil {
		return nil, err
	}
	best := tuner.Best() + 1
	validated, final, blocks, err := c.tuned(ctx, tuner)
	if err != nil {
		return nil, err
	}
	r, err := c.report(ctx, validated, final)
	if err != nil {
		return nil, err
	}
	c.compute(func() {
		r.Similarity, err = cka(c.features, final.features, len(c.Labels), func() error {
			return c.tell(ctx, Progress{Phase: PhaseEvaluate})
		})
	})
	if err != nil {
		return nil, err
	}
	r.Taught.Tuned = blocks
	r.BestEpoch, r.Stopped, r.Checkpoint = best, stopped, checkpoint
	return r, nil
}

// tuned runs trained last blocks on the pictures. final is what is kept, blocks its blocks. validated has not learnt
// from the validation pictures; it has the features of all known ones at least.
func (c *course) tuned(
	ctx context.Context, t *Tuner,
) (validated, final classifier, blocks []resnet.BlockWeights, err error) {
	t.release()
	blocks, w, b := t.Result()
	if t.refitted() {
		validated.head = NewHead(w, b, c.D)
		if validated.features, err = c.blockFeatures(ctx, blocks, c.known()); err != nil {
			return validated, final, blocks, err
		}
		blocks, w, b, _ = t.Refitted()
	}
	final.head = NewHead(w, b, c.D)
	final.features, err = c.blockFeatures(ctx, blocks, c.all)
	if !t.refitted() {
		validated = final
	}
	return validated, final, blocks, err
}

// blockFeatures runs last blocks on some pictures. It gives the features that answers go by, N×D, zeros for the others.
func (c *course) blockFeatures(
	ctx context.Context, blocks []resnet.BlockWeights, pictures []int,
) ([]float32, error) {
	net, each := NewLastBlocks(blocks, blockBatch), blocks[0].In.Len()
	x, out, done := make([]float32, blockBatch*each), make([]float32, len(c.Labels)*c.D), 0
	for some := range slices.Chunk(pictures, blockBatch) {
		for variant := range c.averaged() {
			var features []float32
			c.compute(func() {
				for k, i := range some {
					c.readInput(x[k*each:(k+1)*each], i, variant)
				}
				_, features = net.Forward(x[:len(some)*each], len(some))
			})
			for k, i := range some {
				c.average(out, i, features[k*c.D:][:c.D])
			}
		}
		done += len(some)
		if err := c.tell(ctx, Progress{Phase: PhaseFeatures, Done: done, Total: len(pictures)}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// scratch trains a small network that knows nothing but these pictures.
func (c *course) scratch(ctx context.Context) (*Report, error) {
	training, validation := c.pictures(Training, 0, c.readSmall), c.pictures(Validation, 0, c.readSmall)
	network, o := ScratchNetwork(len(c.Classes)), c.options(DefaultScratch)
	o.NoMirror = c.NoMirror
	trainer, err := NewScratch(network, ScratchSize, training, validation, o)
	if err != nil {
		return nil, err
	}
	checkpoint, stopped, err := c.descend(ctx, &trainer.training)
	if err != nil {
		return nil, err
	}
	classes, validated := len(c.Classes), trainer.Result()
	logits := make([]float32, len(c.Labels)*classes)
	if err := c.smallLogits(ctx, logits, trainer, cmp.Or(trainer.Refitted(), validated), c.all); err != nil {
		return nil, err
	}
	if err := c.smallLogits(ctx, logits, trainer, validated, c.of[Validation]); err != nil {
		return nil, err
	}
	known := Examples{X: logits, Labels: c.Labels, D: classes, Classes: classes}.Subset(c.of[Validation])
	r := &Report{Temperature: FitTemperature(known.X, known.Labels, classes), Similarity: 1}
	r.Answers = answersOf(logits, classes, r.Temperature)
	r.Validation, r.Test = c.evaluation(r.Answers, Validation), c.evaluation(r.Answers, Test)
	r.BestEpoch, r.Stopped, r.Checkpoint = trainer.Best()+1, stopped, checkpoint
	return r, nil
}

// smallLogits computes the logits of some pictures, in their places of logits, N×classes.
func (c *course) smallLogits(
	ctx context.Context, logits []float32, of *Scratch, net *train.Net, pictures []int,
) error {
	classes := len(c.Classes)
	x, done := make([]float32, blockBatch*smallPixels), 0
	for some := range slices.Chunk(pictures, blockBatch) {
		c.compute(func() {
			for k, i := range some {
				c.readSmall(x[k*smallPixels:(k+1)*smallPixels], i, 0)
			}
			of.Standardise(x[:len(some)*smallPixels])
			z := net.Logits(x[:len(some)*smallPixels], len(some))
			for k, i := range some {
				copy(logits[i*classes:][:classes], z[k*classes:])
			}
		})
		done += len(some)
		if err := c.tell(ctx, Progress{Phase: PhaseFeatures, Done: done, Total: len(pictures)}); err != nil {
			return err
		}
	}
	return nil
}

// options are those of gradient descent, with what the lesson asks for.
func (c *course) options(o SGDOptions) SGDOptions {
	o.Seed, o.Epochs = c.Seed, cmp.Or(c.Epochs, o.Epochs)
	return o
}

// pictures are those of a side, as gradient descent reads them.
func (c *course) pictures(side Side, augmentations int, read func(dst []float32, picture, variant int)) Pictures {
	of := c.of[side]
	p := Pictures{Variants: 1 + augmentations, Read: func(dst []float32, i, variant int) { read(dst, of[i], variant) }}
	for _, i := range of {
		p.Labels = append(p.Labels, c.Labels[i])
	}
	return p
}

// readInput reads the last block's input for a variant of a picture.
func (c *course) readInput(dst []float32, picture, variant int) {
	c.Inputs(dst, c.first[picture]+variant)
}

// readSmall reads a small picture. It has one variant.
func (c *course) readSmall(dst []float32, picture, _ int) {
	for k, v := range c.Small[picture*len(dst):][:len(dst)] {
		dst[k] = float32(v)
	}
}

// descend trains by gradient descent, from the lesson's checkpoint on if there is one. If it is stopped, it gives
// another.
func (c *course) descend(ctx context.Context, t *training) (checkpoint []byte, stopped bool, err error) {
	if c.Checkpoint != nil {
		if err := t.Restore(c.Checkpoint); err != nil {
			return nil, false, err
		}
		c.Checkpoint = nil // as large as the training itself
	}
	if !c.stopped {
		err = c.train(ctx, func(training context.Context, end func()) error {
			return t.Run(training, func(s Step) {
				p := Progress{Phase: PhaseDescent, Done: s.Done, Total: s.Total}
				if c.resumable {
					p.Checkpoint = t.StateFile
				}
				if s.Batch == s.Batches && !s.Refit { // during the refit there is nothing to validate with
					p.Train, p.Validation = s.Train, s.Validation
				}
				c.tell(ctx, p)
				if c.stopped {
					end()
				}
			})
		})
	}
	if err != nil || t.Done() {
		return nil, false, err
	}
	// Before its first step it depends on the classifier that it starts from, which the stop may have cut short.
	if done, _ := t.progress(); done == 0 || !c.resumable {
		return nil, true, nil
	}
	if c.Save == nil {
		checkpoint, err = t.State()
		return checkpoint, true, err
	}
	file, err := t.StateFile()
	if err == nil {
		err = c.Save(file)
	}
	return nil, true, err
}
