package transfer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/seed8935e608/residua/resnet/op"
)

// Rows are the features of some pictures, D of each, which need not all be in memory: Read writes those of one picture
// to dst.
type Rows struct {
	D    int
	Read func(dst []float32, row int)
}

// of reads some rows into one matrix, len(indices)×D.
func (r Rows) of(indices []int) ([]float32, error) {
	x := make([]float32, len(indices)*r.D)
	for k, i := range indices {
		r.Read(x[k*r.D:][:r.D], i)
	}
	return x, (Examples{X: x}).finite()
}

// A Probing is what Probe is to look at: the features of N pictures with their classes.
type Probing struct {
	Rows
	Labels  []int  // N: the class of each picture
	Sides   []Side // N: Training and Validation are learnt from, Test is only tested on
	Classes int
	Seed    uint64 // of the folds
	// Tolerance is how far above its minimum, relative to it, the objective may be when a fit ends; 0 means 1e-2. A
	// smaller one changes no more than the last digit of the answers, and takes longer.
	Tolerance float64
}

// Probed is what a linear classifier on some features knows.
type Probed struct {
	// L2 is the strength of the penalty: of ProbeL2s the one with the lowest loss in the folds.
	L2 float64
	// Folds is the score with that penalty, each picture by the classifier that has not learnt from its fold. Since it
	// has chosen the penalty, it is a little too good.
	Folds Score
	// Accuracy is the rate of the pictures in the folds that were named rightly, each with the penalty that the other
	// folds' pictures choose. So no picture's answer has had a say in how it was answered.
	Accuracy Rate
	Test     *Rate // of the test pictures, by a classifier that learns from all others; nil if there are none
}

// ProbeL2s are the strengths of the penalty that Probe chooses from, as in HeadOptions.
var ProbeL2s = []float64{10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001}

const (
	// ProbeFolds is in how many folds Probe divides the pictures that are learnt from; fewer if no class has so many.
	ProbeFolds = 4
	// ProbeCap is how many pictures Probe learns from at most. Of more it takes a sample that has the classes in their
	// shares: a thousand give the accuracy to ±3 % anyway, and the time grows with them.
	ProbeCap = 1000
)

// ErrOneEach says that no class has two pictures, so that there are no folds.
var ErrOneEach = errors.New(
	"transfer: each class has a single picture to learn from; it takes two, one to learn and one to be judged by")

// check says what is wrong with the probing, in an ArgumentError.
func (p *Probing) check() error {
	if p.D < 1 || p.Read == nil || p.Classes < 0 || len(p.Labels) != len(p.Sides) || !(p.Tolerance >= 0) {
		return &ArgumentError{"a probe needs features, and labels and sides with one number for each picture"}
	}
	for i, side := range p.Sides {
		if side < Training || side > Test || p.Labels[i] < 0 || p.Labels[i] >= p.Classes {
			return &ArgumentError{fmt.Sprintf("picture %d has the class %d and the side %d", i, p.Labels[i], side)}
		}
	}
	return nil
}

// Probe measures how well a linear classifier tells the classes apart by the features: for the means of each of a
// network's blocks, this shows where in the network a task is solved (Alain and Bengio 2017). The classifier is a
// Head's, on standardised features, with an L2 penalty whose strength is chosen by folds.
//
// The standardisation is by all pictures that are learnt from, those of the held-out fold too; it knows no labels.
// Pictures that are nearly the same, as frames of one recording, may come into different folds, and then the accuracy
// is too good.
//
// The classifiers of all folds, and the one that learns from all of them, are trained together: as one sum of
// objectives, whose matrix products are then wide enough for the kernels. The strengths come from strong to weak, each
// starting from the one before, until the loss in the folds has risen twice. If there are many more features than
// pictures, the features are replaced by as many as there are pictures, in which all scalar products are the same: for
// a linear classifier with an L2 penalty nothing changes (Hastie and Tibshirani 2004).
//
// progress, if not nil, hears of each piece of work, some 50 ms in a browser. When the context ends, Probe gives up and
// returns the context's error. Other errors: an ArgumentError, ErrOneClass, an EmptyClassError, ErrOneEach, and
// ErrNotFinite.
func Probe(ctx context.Context, p Probing, progress func()) (*Probed, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	var learnt, test []int
	for i, side := range p.Sides {
		if side == Test {
			test = append(test, i)
		} else {
			learnt = append(learnt, i)
		}
	}
	learnt = stratified(learnt, p.Labels, p.Classes, ProbeCap, p.Seed)
	labels := make([]int, len(learnt))
	for k, i := range learnt {
		labels[k] = p.Labels[i]
	}
	if err := checkLabels(labels, p.Classes); err != nil {
		return nil, err
	}
	folds, k := foldsOf(labels, nil, p.Classes, ProbeFolds, p.Seed)
	if k < 2 {
		return nil, ErrOneEach
	}
	x, err := p.of(learnt)
	if err != nil {
		return nil, err
	}
	f, err := newFoldFit(x, p.D, labels, p.Classes, folds, k, watch(ctx, progress))
	if err != nil {
		return nil, err
	}
	if p.Tolerance > 0 {
		f.tolerance = p.Tolerance
	}
	return p.choose(f, test)
}

// checkLabels says whether a classifier can be trained on examples with these labels.
func checkLabels(labels []int, classes int) error {
	return Examples{X: make([]float32, len(labels)), Labels: labels, D: 1, Classes: classes}.check()
}

// watch makes a function that tells progress of a piece of work, and gives the context's error.
func watch(ctx context.Context, progress func()) func() error {
	return func() error {
		if progress != nil {
			progress()
		}
		return ctx.Err()
	}
}

// choose tries the strengths of the penalty, and says what came of it.
func (p *Probing) choose(f *foldFit, test []int) (*Probed, error) {
	var tried []heldOut
	var final []float64 // weights by the strength that is best so far
	best, rises := 0, 0
	for i, l2 := range ProbeL2s {
		if err := f.fit(l2); err != nil {
			return nil, err
		}
		tried = append(tried, f.held.clone())
		if loss := tried[i].score(nil, -1).Loss; i == 0 || loss < tried[best].score(nil, -1).Loss {
			best, rises = i, 0
			final = append(final[:0], f.theta...)
		} else if rises++; rises == 2 {
			break
		}
	}
	probed := &Probed{L2: ProbeL2s[best], Folds: tried[best].score(nil, -1)}
	right := 0
	for fold := range f.k {
		chosen := 0
		for i := range tried {
			if tried[i].score(f.folds, fold).Loss < tried[chosen].score(f.folds, fold).Loss {
				chosen = i
			}
		}
		for i, of := range f.folds {
			if of == fold && tried[chosen].right[i] {
				right++
			}
		}
	}
	probed.Accuracy = Wilson(right, len(f.folds))
	if len(test) > 0 {
		rate, err := p.tested(f.headOf(final, f.k), test, f.piece)
		if err != nil {
			return nil, err
		}
		probed.Test = rate
	}
	return probed, nil
}

// tested is the rate of test pictures that a classifier names rightly.
func (p *Probing) tested(h *Head, test []int, piece func() error) (*Rate, error) {
	const each = 256 // rows in memory at a time
	right := 0
	for first := 0; first < len(test); first += each {
		some := test[first:min(first+each, len(test))]
		x, err := p.of(some)
		if err != nil {
			return nil, err
		}
		z := h.Logits(x)
		for k, i := range some {
			if argMax(z[k*h.Classes:][:h.Classes]) == p.Labels[i] {
				right++
			}
		}
		if err := piece(); err != nil {
			return nil, err
		}
	}
	rate := Wilson(right, len(test))
	return &rate, nil
}

// foldsOf deals the examples of each class to at most k folds, at random, and gives the fold of each example. Those
// that count as one (see clustersOf) come into the same. The next class goes on where the last one has stopped, so that
// the folds are about equal. No class has more folds than examples: k is at most what the largest class has.
func foldsOf(labels, groups []int, classes, k int, seed uint64) (folds []int, count int) {
	members := make([][][]int, classes)
	largest := 0
	for _, cluster := range clustersOf(labels, groups) {
		label := labels[cluster[0]]
		members[label] = append(members[label], cluster)
		largest = max(largest, len(members[label]))
	}
	k = min(k, largest)
	r := rand.New(rand.NewPCG(seed, 0))
	folds = make([]int, len(labels))
	next := 0
	for _, of := range members {
		for _, m := range r.Perm(len(of)) {
			for _, i := range of[m] {
				folds[i] = next % k
			}
			next++
		}
	}
	return folds, k
}

// heldOut is how the classifiers that have not learnt from them answer the examples.
type heldOut struct {
	loss  []float64 // of each example: its cross-entropy
	right []bool
}

func (h heldOut) clone() heldOut {
	return heldOut{append([]float64(nil), h.loss...), append([]bool(nil), h.right...)}
}

// score is that of all examples but those of one fold.
func (h heldOut) score(folds []int, without int) Score {
	var s Score
	for i, loss := range h.loss {
		if without >= 0 && folds[i] == without {
			continue
		}
		s.N++
		s.Loss += loss
		if h.right[i] {
			s.Correct++
		}
	}
	s.Loss /= float64(max(s.N, 1))
	return s
}

// matmulT is dst = a·bᵀ of an m×k and an n×k matrix.
func matmulT(dst, a, b []float32, m, k, n int) {
	op.MatMul(dst, a, b, m, k, n, op.Product{TransposeB: true})
}
