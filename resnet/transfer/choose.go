package transfer

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// reverse is reverse validation (Zhong, Fan, Yang, Verscheure and Ren 2010; Ganin and others 2016, section 5.1.2),
// which needs no label of the target. A classifier learns from the source without a fold, is adapted, and names the
// target's pictures. From these names another one learns in the target, is adapted to the source by the same method,
// and answers for the fold, whose labels are known. Where the way there loses the classes, the way back cannot find
// them.
//
// It gives the probability of its class for each picture that was held out, the mean over the divisions; of pictures
// that count as one, their mean. Of the few pictures that are learnt from, the probabilities tell more than whether the
// answers are right. Their temperature is that of the way there, as for a classifier whose answers nobody can check.
func (w *adapter) reverse(s *space, method AdaptMethod) ([]float64, error) {
	sums, rounds := make([]float64, w.Source.Len()), len(w.folds)/adaptFolds
	for f, fold := range w.folds {
		if len(fold) > 0 {
			p, err := w.back(s, method, s.held[f], fold)
			if err != nil {
				return nil, err
			}
			for k, i := range fold {
				sums[i] += p[k] / float64(rounds)
			}
		}
		if err := w.tell(1); err != nil {
			return nil, err
		}
	}
	var means []float64 // of each cluster
	for k, cluster := range w.clusters {
		if w.counts[w.classOf(k)] > 1 {
			sum := 0.0
			for _, i := range cluster {
				sum += sums[i]
			}
			means = append(means, sum/float64(len(cluster)))
		}
	}
	return means, nil
}

// back goes the way to the target and back with a classifier that has not learnt from a fold, and gives the probability
// of its class for each picture of the fold. It is 0 for a class that no picture of the target was named.
func (w *adapter) back(s *space, method AdaptMethod, h *Head, fold []int) ([]float64, error) {
	var named []int
	err := w.compute(func() {
		there, _ := w.headFor(h, method, others(w.examples(s.source), fold), s.target)
		named = likeliest(there.Logits(s.target), h.Classes)
	})
	if err != nil {
		return nil, err
	}
	of := slices.Compact(slices.Sorted(slices.Values(named))) // the classes that were named
	learnt := Examples{X: s.backTarget, D: w.Source.D, Classes: len(of)}
	for _, c := range named {
		learnt.Labels = append(learnt.Labels, slices.Index(of, c))
	}
	all := slices.Repeat([]float64{1}, len(fold)*len(of)) // right for a single class
	if len(of) > 1 {
		learner, err := w.fit(learnt, h.L2, nil)
		if err != nil {
			return nil, err
		}
		learner.Temperature = h.Temperature
		err = w.compute(func() {
			back, _ := w.headFor(learner, method, learnt, s.backSource)
			all = back.Probabilities(back.Logits(w.examples(s.backSource).Subset(fold).X))
		})
		if err != nil {
			return nil, err
		}
	}
	p := make([]float64, len(fold))
	for k, i := range fold {
		if c := slices.Index(of, w.Source.Labels[i]); c >= 0 {
			p[k] = all[k*len(of)+c]
		}
	}
	return p, nil
}

// chosenBy is how many standard errors a method's mean probability must be above another's to be better by more than
// chance: the one-sided 2.5 % of the normal distribution.
const chosenBy = 2

// choose sets Chosen and IfAllCome. Reverse validation takes classes that are not in the target for classes that got
// lost on the way, and prefers methods that find some of all classes there. So it does not choose where classes are
// missing.
func (a *Adapted) choose() {
	best := mostPromising(a.Methods)
	tried := func(m AdaptedMethod) bool { return m.Method == AdaptPriors }
	switch {
	case a.ByFrequencies && slices.ContainsFunc(a.Methods, tried):
		a.Chosen, a.IfAllCome = AdaptPriors, AdaptPriors
	case a.ByFrequencies:
	case len(a.Missing) > 0:
		a.IfAllCome = best
	default:
		a.Chosen, a.IfAllCome = best, best
	}
}

// mostPromising gives the method with the highest criterion of those that are better than the first, AdaptNone, by
// more than chance. AdaptNorms, which takes two passes over all pictures and a larger file, must be better than that
// one, too.
func mostPromising(methods []AdaptedMethod) AdaptMethod {
	best := &methods[0]
	better := func(m, than *AdaptedMethod) bool { return standardErrors(m.reverse, than.reverse) >= chosenBy }
	for i := range methods {
		m := &methods[i]
		if m.Method != AdaptNorms && m.Criterion > best.Criterion && better(m, &methods[0]) {
			best = m
		}
	}
	for i := range methods {
		if m := &methods[i]; m.Method == AdaptNorms && better(m, best) {
			best = m
		}
	}
	return best.Method
}

// standardErrors is the mean difference of pairs in units of its standard error.
func standardErrors(a, b []float64) float64 {
	n, mean, squares := float64(len(a)), 0.0, 0.0
	for i := range a {
		mean += (a[i] - b[i]) / n
	}
	for i := range a {
		squares += (a[i] - b[i] - mean) * (a[i] - b[i] - mean)
	}
	if mean == 0 {
		return 0
	}
	return mean / math.Sqrt(squares/(n*max(n-1, 1)))
}

const (
	gapPermutations = 199
	gapP            = 0.01 // the largest p-value that counts as a gap
	gapSample       = 256  // the most pictures of a domain that are compared
)

// gap tells whether the domains differ by more than chance, by the test of Distance. Without a gap there is nothing to
// adapt to, and whatever reverse validation finds is chance.
func (w *adapter) gap() (bool, error) {
	random := rand.New(rand.NewPCG(w.Seed, 3))
	return w.differ(sampled(random, w.Source.Len(), gapSample), sampled(random, len(w.Target)/w.Source.D, gapSample))
}

// differ tells whether some pictures of the source and some of the target differ by more than chance.
func (w *adapter) differ(source, target []int) (bool, error) {
	var x []float32
	for set, pictures := range [][]int{source, target} {
		of := [][]float32{w.Source.X, w.Target}[set]
		for _, i := range pictures {
			x = append(x, of[i*w.Source.D:][:w.Source.D]...)
		}
	}
	n, p := len(source)+len(target), 1.0
	sets := slices.Concat(make([]int, len(source)), slices.Repeat([]int{1}, len(target)))
	groups := slices.Concat(picked(w.SourceGroups, source), picked(w.TargetGroups, target))
	stopped := w.compute(func() {
		standardiseInPlace(x, w.Source.D)
		kernel, err := kernelMatrix(x, n, w.piece)
		if err == nil {
			_, p, _ = newTwoSample(kernel, n, len(source)).
				test(permuted(sets, groups, gapPermutations, w.Seed), w.piece)
		}
	})
	return p <= gapP, stopped
}

// missingBelow is the part of its frequency in the source below which a class counts as missing in the target. With a
// third of the pictures of three classes of six CORAL already names up to a tenth fewer rightly than the plain
// classifier, and their least part is 0.06 to 0.42; with all pictures it is 0.51 and more (docs/rationale-teaching.md).
const missingBelow = 0.45

// byFrequencies tells whether the classes' frequencies alone explain a gap, and which classes seem to be missing; see
// Adapted.
func (w *adapter) byFrequencies() (explained bool, missing []int, err error) {
	was, counts := frequencies(w.Source), w.Source.Counts()
	h := w.spaces[AdaptNone].head
	var now []float64
	err = w.compute(func() { now = estimatePriors(h.Probabilities(h.Logits(w.Target)), was, w.piece) })
	if err != nil {
		return false, nil, err
	}
	size := float64(gapSample) // for which each class has pictures enough
	for c, n := range counts {
		if now[c] < missingBelow*was[c] {
			missing = append(missing, c)
		}
		size = min(size, float64(n)/max(now[c], tiny))
	}
	random := rand.New(rand.NewPCG(w.Seed, 4))
	var drawn []int
	taken := make([]int, len(counts))
	for _, i := range random.Perm(w.Source.Len()) {
		if c := w.Source.Labels[i]; float64(taken[c]) < math.Round(size*now[c]) {
			drawn, taken[c] = append(drawn, i), taken[c]+1
		}
	}
	if len(drawn) < 2 {
		return false, missing, nil
	}
	slices.Sort(drawn)
	target := sampled(random, len(w.Target)/w.Source.D, gapSample)
	// As few pictures must show the gap if they have the source's frequencies, or else they are too few to tell.
	differs, err1 := w.differ(sampled(random, w.Source.Len(), len(drawn)), target)
	still, err2 := w.differ(drawn, target)
	return differs && !still, missing, cmp.Or(err1, err2)
}

// frequencies are how often each class is among examples.
func frequencies(e Examples) []float64 {
	f := make([]float64, e.Classes)
	for c, n := range e.Counts() {
		f[c] = float64(n) / float64(e.Len())
	}
	return f
}
