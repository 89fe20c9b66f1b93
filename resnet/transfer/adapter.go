package transfer

import (
	"context"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// The source is divided into adaptFolds parts, each of which is held out in turn. Reverse validation does so with up to
// adaptRounds divisions, until adaptHeld pictures have been held out: with one division of 132 pictures its answer
// depended on chance.
const (
	adaptFolds  = 4
	adaptRounds = 3
	adaptHeld   = 400
)

// An adapter is an Adaptation under way.
type adapter struct {
	Adaptation
	ctx         context.Context // of the call of Adapt, which is the adapter's whole life
	progress    func(done, total int)
	done, total int     // pieces of work
	clusters    [][]int // of the source's pictures: those that count as one, all of one class
	counts      []int   // clusters of each class
	folds       [][]int // the pictures of the source that each fold holds out: adaptFolds of each division
	spaces      map[AdaptMethod]*space
	tolerance   float64 // HeadOptions', of all heads
}

// A space is the features that a classifier learns from and those that it answers to, from the source to the target
// and, for reverse validation, the other way round.
type space struct {
	source, target         []float32 // N×D, in which it learns; M×D, to which it answers
	backTarget, backSource []float32 // M×D, in which it learns; N×D, to which it answers
	sample                 int       // AdaptedMethod's

	head *Head   // learnt from all of the source
	held []*Head // for each fold, learnt from the others
}

func newAdapter(ctx context.Context, a Adaptation, progress func(done, total int)) *adapter {
	a.Methods = a.methods()
	w := &adapter{Adaptation: a, ctx: ctx, progress: progress, spaces: map[AdaptMethod]*space{}}
	w.clusters, w.counts = clustersOf(w.Source.Labels, w.SourceGroups), make([]int, w.Source.Classes)
	for k := range w.clusters {
		w.counts[w.classOf(k)]++
	}
	random := rand.New(rand.NewPCG(w.Seed, 1))
	for range min(adaptRounds, (adaptHeld+w.Source.Len()-1)/w.Source.Len()) {
		w.folds = append(w.folds, w.divide(random)...)
	}
	spaces := 1
	for _, m := range a.Methods {
		w.total += len(w.folds)
		if m == AdaptCORAL || m == AdaptNorms {
			spaces++
		}
	}
	w.total += spaces * w.pieces()
	return w
}

// pieces is how many pieces of work a space is.
func (w *adapter) pieces() int { return adaptFolds*(len(DefaultL2s)-1) + len(w.folds) + 1 }

// divide deals the clusters of pictures of each class to folds at random. One that is alone in its class is never held
// out, for without it the class could not be learnt.
func (w *adapter) divide(random *rand.Rand) [][]int {
	order := random.Perm(len(w.clusters))
	slices.SortStableFunc(order, func(i, j int) int { return w.classOf(i) - w.classOf(j) })
	folds, next := make([][]int, adaptFolds), 0
	for _, k := range order {
		if w.counts[w.classOf(k)] > 1 {
			folds[next%adaptFolds] = append(folds[next%adaptFolds], w.clusters[k]...)
			next++
		}
	}
	return folds
}

// classOf is the class of a cluster.
func (w *adapter) classOf(cluster int) int { return w.Source.Labels[w.clusters[cluster][0]] }

// others are the examples that a fold does not hold out.
func others(e Examples, fold []int) Examples {
	out := make([]bool, e.Len())
	for _, i := range fold {
		out[i] = true
	}
	var kept []int
	for i := range out {
		if !out[i] {
			kept = append(kept, i)
		}
	}
	return e.Subset(kept)
}

// tell tells the caller how far it is. The error is the context's.
func (w *adapter) tell(pieces int) error {
	w.done += pieces
	if w.progress != nil {
		w.progress(w.done, w.total)
	}
	return w.ctx.Err()
}

// piece is tell for pieces of work that are too small to be counted.
func (w *adapter) piece() error { return w.tell(0) }

// compute runs work that uses the kernels.
func (w *adapter) compute(work func()) error {
	if w.Compute == nil {
		work()
	} else {
		w.Compute(work)
	}
	return w.piece()
}

// examples are the source's pictures with the features of a space.
func (w *adapter) examples(features []float32) Examples {
	return Examples{features, w.Source.Labels, w.Source.D, w.Source.Classes}
}

// space gives the space of a method, with its classifiers trained.
func (w *adapter) space(method AdaptMethod) (*space, error) {
	if method != AdaptCORAL && method != AdaptNorms {
		method = AdaptNone
	}
	if s := w.spaces[method]; s != nil {
		return s, nil
	}
	s := &space{source: w.Source.X, target: w.Target, backTarget: w.Target, backSource: w.Source.X}
	switch method {
	case AdaptNorms:
		s.source, s.target, s.backTarget, s.backSource = w.SourceNorms, w.TargetNorms, w.TargetNorms, w.SourceNorms
	case AdaptCORAL:
		if err := w.align(s); err != nil {
			return nil, err
		}
	}
	w.spaces[method] = s
	return s, w.train(s)
}

// align makes the space of AdaptCORAL.
func (w *adapter) align(s *space) error {
	c := newCORAL(w.Source.X, w.Target, w.Source.D, w.Seed)
	if err := w.piece(); err != nil {
		return err
	}
	for _, domain := range []*covariance{&c.source, &c.target} {
		// Its error is the context's, which compute gives too.
		if err := w.compute(func() { _ = domain.decompose(w.piece) }); err != nil {
			return err
		}
	}
	if max(c.source.pictures, c.target.pictures) > coralSample {
		s.sample = coralSample
	}
	err := w.compute(func() { s.source, _ = c.between(w.Source.X, &c.source, &c.target, w.piece) })
	if err != nil {
		return err
	}
	return w.compute(func() { s.backTarget, _ = c.between(w.Target, &c.target, &c.source, w.piece) })
}

// train trains the classifiers of a space: on the folds of the first division with one strength of the penalty after
// the other, from strong to weak, and on all else with the best. Two strengths in a row that are worse than the best
// end the search.
func (w *adapter) train(s *space) (err error) {
	before, all := w.done, w.examples(s.source)
	first := w.folds[:adaptFolds]
	var learnt, heldOut []Examples
	var labels []int
	for _, fold := range first {
		learnt, heldOut = append(learnt, others(all, fold)), append(heldOut, all.Subset(fold))
		labels = append(labels, heldOut[len(heldOut)-1].Labels...)
	}
	l2, temperature, lowest, worse := WithoutValidationL2, 1.0, 0.0, 0
	heads := make([]*Head, adaptFolds)
	s.held = make([]*Head, adaptFolds)
	for k := 0; len(labels) > 0 && k < len(DefaultL2s) && worse < 2; k++ {
		var logits []float32
		for f := range first {
			if heads[f], err = w.fit(learnt[f], DefaultL2s[k], heads[f]); err != nil {
				return err
			}
			logits = append(logits, heads[f].Logits(heldOut[f].X)...)
			if err = w.tell(1); err != nil {
				return err
			}
		}
		t := FitTemperature(logits, labels, all.Classes)
		loss := calibratedLoss(logits, labels, all.Classes, t)
		if worse++; k == 0 || loss < lowest {
			l2, lowest, worse, temperature = DefaultL2s[k], loss, 0, t
			copy(s.held, heads)
		}
	}
	if s.head, err = w.fit(all, l2, s.held[0]); err != nil {
		return err
	}
	for _, fold := range w.folds[adaptFolds:] {
		h, err := w.fit(others(all, fold), l2, s.head)
		if err != nil {
			return err
		}
		s.held = append(s.held, h)
		if err = w.tell(1); err != nil {
			return err
		}
	}
	for _, h := range append(s.held, s.head) {
		if h != nil {
			h.Temperature = temperature
		}
	}
	return w.tell(before + w.pieces() - w.done)
}

// calibratedLoss is the mean cross-entropy of softmax(logits/temperature).
func calibratedLoss(logits []float32, labels []int, classes int, temperature float64) float64 {
	z := make([]float32, len(logits))
	for i, v := range logits {
		z[i] = v / float32(temperature)
	}
	return ScoreOf(z, labels, classes).Loss
}

// fit trains a head with one strength of the penalty.
func (w *adapter) fit(e Examples, l2 float64, start *Head) (h *Head, err error) {
	t, err := NewHeadTrainer(e, Examples{}, HeadOptions{
		L2s: []float64{l2}, Start: start, Tolerance: w.tolerance,
	})
	if err != nil {
		return nil, err
	}
	if stopped := w.compute(func() { err = t.Run(w.ctx, func(HeadStep) { _ = w.piece() }) }); stopped != nil {
		return nil, stopped
	}
	return t.Head(), err
}

// adapt carries out one method.
func (w *adapter) adapt(method AdaptMethod) (m AdaptedMethod, err error) {
	s, err := w.space(method)
	if err != nil {
		return m, err
	}
	m = AdaptedMethod{Method: method, Sample: s.sample}
	err = w.compute(func() {
		m.Head, m.Frequencies = w.headFor(s.head, method, w.Source, s.target)
		m.Answers = likeliest(m.Head.Logits(s.target), m.Head.Classes)
	})
	if err != nil {
		return m, err
	}
	learnt := w.examples(w.asTarget(s, method))
	if err := w.piece(); err != nil {
		return m, err
	}
	if err := w.compute(func() { m.Head.Threshold, _ = LearnThreshold(learnt, w.SourceGroups, keptPart) }); err != nil {
		return m, err
	}
	m.reverse, err = w.reverse(s, method)
	m.Criterion = floats.Sum(m.reverse) / float64(max(len(m.reverse), 1))
	return m, err
}

// headFor makes of a head that learnt from examples one for another domain, whose features are x. now are the
// frequencies of AdaptPriors. If the context ends meanwhile, they are not the final ones.
func (w *adapter) headFor(h *Head, method AdaptMethod, learnt Examples, x []float32) (to *Head, now []float64) {
	to = h.Clone()
	switch method {
	case AdaptMean:
		to.Mean, _, _ = deviations(x, h.D)
	case AdaptStandardise:
		to.Mean, to.Std, _ = deviations(x, h.D)
	case AdaptPriors:
		was := frequencies(learnt)
		now = estimatePriors(h.Probabilities(h.Logits(x)), was, w.piece)
		to.shiftPriors(was, now, len(x)/h.D)
	}
	return to, now
}

// deviations is Standardise with moderate deviations, as training has them.
func deviations(x []float32, d int) (mean, std []float32, constant []bool) {
	mean, std, constant = standardise(x, d)
	moderate(std, constant, len(x)/d)
	return mean, std, constant
}

// asTarget gives the source's features as the target's would be, by which a method's threshold is learnt: around the
// target's mean or, for AdaptCORAL too, by its mean and deviations. CORAL itself moves single pictures too far for a
// threshold: most of the target would be "none of these".
func (w *adapter) asTarget(s *space, method AdaptMethod) []float32 {
	if method != AdaptMean && method != AdaptStandardise && method != AdaptCORAL {
		return s.source
	}
	from, d := w.Source.X, w.Source.D
	mean, std, constant := deviations(from, d)
	toMean, toStd, toConstant := deviations(s.target, d)
	x := make([]float32, len(from))
	for i, v := range from {
		j := i % d
		scale := float32(1)
		switch {
		case method == AdaptMean:
		case toConstant[j]:
			scale = 0
		case !constant[j]:
			scale = toStd[j] / std[j]
		}
		x[i] = (v-mean[j])*scale + toMean[j]
	}
	return x
}

// likeliest is the class with the largest of the logits, N×classes, of each picture.
func likeliest(logits []float32, classes int) []int {
	answers := make([]int, len(logits)/classes)
	for i := range answers {
		answers[i] = argMax(logits[i*classes:][:classes])
	}
	return answers
}
