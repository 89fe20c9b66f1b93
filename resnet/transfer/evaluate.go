package transfer

import (
	"context"
)

// An Answer is what a classifier says to a picture.
type Answer struct {
	Class         int // a class, or None if the picture is Unlike and no class has a probability of sureFrom
	Likeliest     int // the class with the largest probability, even if Class is None
	Probabilities []float64
	// Unlike says that the features are farther from every class than the threshold. That is so of what is of no class,
	// and also of a picture of a class that was taken otherwise than the examples.
	Unlike bool
}

// sureFrom is the probability from which on the likeliest class is the answer to a picture that is unlike the examples.
// Where 2 to 8 classes were taught with thumbnails, all sharp photos are unlike them, though 9 of 10 of these of the
// classes are answered rightly. docs/rationale-teaching.md has what other probabilities would do.
const sureFrom = 0.7

// answersOf makes answers of logits, N×classes.
func answersOf(logits []float32, classes int, temperature float64) []Answer {
	p := Probabilities(logits, classes, temperature)
	answers := make([]Answer, len(logits)/classes)
	for i := range answers {
		best := argMax(logits[i*classes:][:classes])
		answers[i] = Answer{Class: best, Likeliest: best, Probabilities: p[i*classes:][:classes]}
	}
	return answers
}

// Predict answers to pictures with the features x, N×D.
func (h *Head) Predict(x []float32) []Answer {
	answers := answersOf(h.Logits(x), h.Classes, h.temperature())
	if h.Threshold != nil {
		for i, outlier := range h.Threshold.Outliers(x) {
			a := &answers[i]
			a.Unlike = outlier
			if outlier && !(a.Probabilities[a.Likeliest] >= sureFrom) {
				a.Class = None
			}
		}
	}
	return answers
}

// An Evaluation says how good the answers to some pictures are.
type Evaluation struct {
	// Confusion counts the likeliest classes: "none of these" is counted beside it, and not against it.
	Confusion   *Confusion
	Calibration Calibration
	Outliers    int // answers that are None
}

// reliabilityBins is how many bins the probabilities of an Evaluation are sorted into.
const reliabilityBins = 10

// Evaluate compares answers with the labels.
func Evaluate(answers []Answer, labels []int, classes int) *Evaluation {
	e := &Evaluation{}
	likeliest := make([]int, len(answers))
	var probabilities []float64
	for i, a := range answers {
		likeliest[i], probabilities = a.Likeliest, append(probabilities, a.Probabilities...)
		if a.Class == None {
			e.Outliers++
		}
	}
	e.Confusion = NewConfusion(labels, likeliest, classes)
	e.Calibration = NewCalibration(probabilities, labels, classes, reliabilityBins)
	return e
}

// evaluation evaluates the answers to the pictures of a side; nil if there are none.
func (c *course) evaluation(answers []Answer, side Side) *Evaluation {
	of := c.of[side]
	if len(of) == 0 {
		return nil
	}
	var theirs []Answer
	var labels []int
	for _, i := range of {
		theirs, labels = append(theirs, answers[i]), append(labels, c.Labels[i])
	}
	return Evaluate(theirs, labels, len(c.Classes))
}

// A classifier is a linear classifier with the features, N×D, that its network computes of the pictures.
type classifier struct {
	head     *Head
	features []float32
}

// threshold learns the threshold of what is kept, and tells about how many more pictures that would take; 0 if it is
// there. The two are the features of known pictures, as those of a classifier.
func (c *course) threshold(validated, final []float32) (t *Threshold, missing int) {
	known, needed, groups := c.known(), FewestForThreshold(keptPart), c.nearlySame()
	of := func(pictures []int) (theirs []int) {
		for _, i := range pictures {
			theirs = append(theirs, groupOf(groups, i))
		}
		return theirs
	}
	if c.Method != MethodLastBlock {
		t, n := LearnThreshold(c.examples(final, known), of(known), keptPart)
		return t, max(needed-n, 0)
	}
	// Blocks that have learnt a picture bring it nearer to its class than they bring others. So the validation pictures
	// are held out, one of each group. Of new pictures, too, some will be for validation.
	var held []int
	seen := map[int]bool{}
	for k, group := range of(c.of[Validation]) {
		if !seen[group] {
			held = append(held, c.of[Validation][k])
		}
		seen[group] = true
	}
	means := newThreshold(c.examples(validated, c.of[Training]))
	distances := means.Distances(c.examples(validated, held).X)
	if t = placeThreshold(c.examples(final, known), distances, keptPart); t != nil {
		return t, 0
	}
	return nil, (needed - len(held)) * len(known) / max(len(held), 1)
}

// nearlySame numbers the pictures so that those which are nearly the same share a number; nil if that is not known.
func (c *course) nearlySame() []int {
	if c.Groups != nil || c.DHashes == nil {
		return c.Groups
	}
	read := func(dst []float32, row int) { copy(dst, c.features[row*c.D:]) }
	groups, _ := NearlySame(c.DHashes, Rows{c.D, read}, nil) // which has no other error
	return groups
}

// report calibrates a classifier, learns its threshold and evaluates it. validated has not learnt from the validation
// pictures, and answers for them: only the features of known pictures need to be there. final is what is kept. It may
// have learnt from them, and answers for all others.
func (c *course) report(ctx context.Context, validated, final classifier) (*Report, error) {
	step := func(work func()) error {
		c.compute(work)
		return c.tell(ctx, Progress{Phase: PhaseEvaluate})
	}
	validation := c.examples(validated.features, c.of[Validation])
	if err := step(func() { validated.head.Calibrate(validation) }); err != nil {
		return nil, err
	}
	final.head.Temperature = validated.head.Temperature
	r := &Report{L2: final.head.L2, Temperature: final.head.Temperature, Similarity: 1}
	err := step(func() { final.head.Threshold, r.MissingForNone = c.threshold(validated.features, final.features) })
	if err != nil {
		return nil, err
	}
	validated.head.Threshold = final.head.Threshold
	if err := step(func() { r.Answers = final.head.Predict(final.features) }); err != nil {
		return nil, err
	}
	if validated.head != final.head {
		var answers []Answer
		if err := step(func() { answers = validated.head.Predict(validation.X) }); err != nil {
			return nil, err
		}
		for k, i := range c.of[Validation] {
			r.Answers[i] = answers[k]
		}
	}
	r.Validation, r.Test = c.evaluation(r.Answers, Validation), c.evaluation(r.Answers, Test)
	r.Taught = &Taught{
		Model: c.Model, Classes: c.Classes, Head: final.head, Blocks: c.Blocks, Mirrored: c.averaged() > 1,
	}
	return r, nil
}
