package transfer

import (
	"context"
	"fmt"
	"slices"
)

// An AdaptMethod is a way to make a classifier of one domain, the source, fit another one, the target, whose pictures
// nobody has labelled. Every method ends in a Head for the target's own features.
type AdaptMethod string

// The methods of Adapt.
const (
	// AdaptNone is the source's classifier as it is.
	AdaptNone AdaptMethod = "none"
	// AdaptMean sees each domain around its own mean: logits = W·(x - mean of the target)/(std of the source) + B.
	AdaptMean AdaptMethod = "mean"
	// AdaptStandardise sees each domain by its own mean and standard deviation.
	AdaptStandardise AdaptMethod = "standardise"
	// AdaptCORAL learns from the source's features after their mean and covariance were made the target's. See CORAL.
	AdaptCORAL AdaptMethod = "coral"
	// AdaptNorms learns from features for which each batch norm of the network had the statistics of the picture's own
	// domain (AdaBN; Li, Wang, Shi, Liu and Hou 2017). They come with the Adaptation.
	AdaptNorms AdaptMethod = "norms"
	// AdaptPriors is AdaptNone with the target's frequencies of the classes in place of the source's. See
	// EstimatePriors.
	AdaptPriors AdaptMethod = "priors"
)

// AdaptMethods lists all methods.
var AdaptMethods = []AdaptMethod{
	AdaptNone, AdaptMean, AdaptStandardise, AdaptCORAL, AdaptNorms, AdaptPriors,
}

// An Adaptation is what Adapt goes by.
type Adaptation struct {
	Source Examples  // N pictures of the source, with D features each
	Target []float32 // M×D: the features of the target's pictures
	// TargetLabels, M of them or none, judge the methods when all choices are made. Unknown is a picture without.
	TargetLabels []int
	// SourceGroups, N of them, and TargetGroups, M, tell which pictures of each domain are nearly the same, as the
	// frames of a recording are: those with the same number. They count as one where there is something to prove: for
	// the gap, the folds, the threshold and the verdicts. nil: all are different.
	SourceGroups, TargetGroups []int
	// SourceNorms, N×D, and TargetNorms, M×D, are the same pictures' features for AdaptNorms, or nil.
	SourceNorms, TargetNorms []float32
	Methods                  []AdaptMethod // to try beside AdaptNone; none means all that are possible
	Seed                     uint64        // of the folds, and of CORAL's samples
	// Compute, if not nil, runs each piece of work that uses the kernels. It may run a piece again that has panicked.
	Compute func(work func())
}

// Unknown, as the label of a picture of the target, says that nobody knows it.
const Unknown = -1

// MinTarget is the fewest pictures of the target that Adapt takes: fewer have no deviation. As long as they are only a
// few, no test can find a Gap, and AdaptNone stays chosen.
const MinTarget = 2

// A FewTargetError says that there are too few pictures of the target.
type FewTargetError struct{ N int }

func (e *FewTargetError) Error() string {
	return fmt.Sprintf("transfer: to adapt takes at least %d pictures of the other domain, and here they number %d",
		MinTarget, e.N)
}

// Adapted is what came of an Adaptation.
type Adapted struct {
	Methods []AdaptedMethod // AdaptNone first
	// Chosen is the method that is chosen without any label of the target: AdaptNone, unless there is a Gap, no class
	// is Missing, and the Criterion of another is higher by more than chance. If there is only a gap ByFrequencies, it
	// is AdaptPriors.
	Chosen AdaptMethod
	Gap    bool // whether the domains differ by more than chance
	// ByFrequencies is whether the classes' frequencies alone explain the gap: from pictures of the source that are
	// drawn with the frequencies that EstimatePriors finds, the target does not differ by more than chance, and from as
	// many others it does.
	ByFrequencies bool
	// Missing are the classes that seldom or never come in the target, as it seems to the classifier of AdaptNone: by
	// EstimatePriors less than 0.45 times as often as in the source. Either that is so, and then methods that bring the
	// domains together do harm, or the gap makes it seem so, and then they help most. No features can tell which.
	// IfAllCome is what is chosen if somebody knows that they come about as often after all.
	Missing   []int
	IfAllCome AdaptMethod
	Judged    int // pictures of the target whose label is known
}

// An AdaptedMethod is what came of one method.
type AdaptedMethod struct {
	Method AdaptMethod
	// Head answers to the target's features; for AdaptNorms to those under the target's statistics.
	Head *Head
	// Criterion is what the choice goes by, without labels of the target: by reverse validation, the mean probability
	// of the right class, from 0 to 1.
	Criterion float64
	Answers   []int // the likeliest class of each picture of the target
	// Accuracy, and the comparison with AdaptNone, are by the labels of the target. Both are nil if none is known, and
	// Against is nil for AdaptNone.
	Accuracy *Rate
	Against  *Comparison
	// Frequencies are how often each class is thought to be in the target; only of AdaptPriors.
	Frequencies []float64
	// Sample is how many pictures of each domain at most CORAL's covariances are from; 0 is all of them.
	Sample int

	reverse []float64 // of each picture that was held out, the probability of its class
}

// Adapt makes a classifier for the target by each method, and chooses one of them without any label of the target.
//
// Each classifier is a multinomial logistic regression on the source's examples. The strength of its penalty and its
// temperature are those with which the examples of held-out folds have the lowest loss. Then the classifier learns from
// all of them. Its threshold is learnt from the source's features as they are in the target's space.
//
// progress, if not nil, hears of each step, with the pieces of work that are done. When the context ends, Adapt gives
// up and returns the context's error. Pictures that nothing can be learnt from are ErrOneClass, an EmptyClassError, a
// FewTargetError or ErrNotFinite; an Adaptation that is not put together properly is an ArgumentError.
func Adapt(ctx context.Context, a Adaptation, progress func(done, total int)) (*Adapted, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	w := newAdapter(ctx, a, progress)
	gap, err := w.gap()
	if err != nil {
		return nil, err
	}
	out := &Adapted{Chosen: AdaptNone, IfAllCome: AdaptNone, Gap: gap}
	for _, method := range w.Methods {
		m, err := w.adapt(method)
		if err != nil {
			return nil, err
		}
		out.Methods = append(out.Methods, m)
	}
	if gap {
		if out.ByFrequencies, out.Missing, err = w.byFrequencies(); err != nil {
			return nil, err
		}
		out.choose()
	}
	out.Judge(a.TargetLabels, a.TargetGroups)
	return out, nil
}

// check says what is wrong with the adaptation.
func (a *Adaptation) check() error {
	if err := a.Source.check(); err != nil {
		return err
	}
	m := len(a.Target) / a.Source.D
	switch {
	case len(a.Target) != m*a.Source.D:
		return badLesson("the target's features are %d numbers, no multiple of %d", len(a.Target), a.Source.D)
	case m < MinTarget:
		return &FewTargetError{m}
	case len(a.TargetLabels) != 0 && len(a.TargetLabels) != m:
		return badLesson("there are %d labels for %d pictures of the target", len(a.TargetLabels), m)
	case a.SourceGroups != nil && len(a.SourceGroups) != a.Source.Len(),
		a.TargetGroups != nil && len(a.TargetGroups) != m:
		return badLesson("groups are a number for each picture")
	case a.norms() && (len(a.SourceNorms) != len(a.Source.X) || len(a.TargetNorms) != len(a.Target)):
		return badLesson("the features under other norms are not of the same pictures")
	}
	for i, label := range a.TargetLabels {
		if label < Unknown || label >= a.Source.Classes {
			return badLesson("picture %d of the target has the class %d; there are %d classes", i, label,
				a.Source.Classes)
		}
	}
	for _, method := range a.Methods {
		if !slices.Contains(AdaptMethods, method) {
			return badLesson("there is no method %q", method)
		}
		if method == AdaptNorms && !a.norms() {
			return badLesson("the method %q needs the features under each domain's own norms", method)
		}
	}
	for _, x := range [][]float32{a.Target, a.SourceNorms, a.TargetNorms} {
		if err := (Examples{X: x}).finite(); err != nil {
			return err
		}
	}
	return nil
}

// norms tells whether there are features for AdaptNorms.
func (a *Adaptation) norms() bool { return len(a.SourceNorms)+len(a.TargetNorms) > 0 }

// methods lists the methods to try, in the order of AdaptMethods.
func (a *Adaptation) methods() []AdaptMethod {
	var methods []AdaptMethod
	for _, m := range AdaptMethods {
		possible := m != AdaptNorms || a.norms()
		if m == AdaptNone || possible && (len(a.Methods) == 0 || slices.Contains(a.Methods, m)) {
			methods = append(methods, m)
		}
	}
	return methods
}

// Judge compares the methods' answers with the labels of the target's pictures, of which some or all may be Unknown.
// Pictures of a class that are nearly the same, by groups as Adaptation.TargetGroups, favour a method together, as one:
// the comparison is of as many. Adapt has done so already if it was given labels.
func (a *Adapted) Judge(labels, groups []int) {
	var known []int
	for i, label := range labels {
		if label != Unknown {
			known = append(known, i)
		}
	}
	if a.Judged = len(known); a.Judged == 0 {
		return
	}
	some := func(all []int) []int {
		picked := make([]int, len(known))
		for to, i := range known {
			picked[to] = all[i]
		}
		return picked
	}
	truth, base := some(labels), some(a.Methods[0].Answers)
	clusters := clustersOf(truth, picked(groups, known))
	for i := range a.Methods {
		other := some(a.Methods[i].Answers)
		accuracy := CompareMethods(truth, base, other).Other
		a.Methods[i].Accuracy = &accuracy
		if i > 0 {
			c := compareClusters(clusters, truth, base, other)
			a.Methods[i].Against = &c
		}
	}
}

// compareClusters is CompareMethods of clusters of pictures. Each favours the method that names more of it rightly; if
// both name as many, they are right if that is half of them or more.
func compareClusters(clusters [][]int, labels, base, other []int) Comparison {
	const right, wrong = 1, 0
	ofClusters := [2][]int{make([]int, len(clusters)), make([]int, len(clusters))}
	for k, cluster := range clusters {
		var named [2]int // rightly
		for _, i := range cluster {
			for method, answers := range [][]int{base, other} {
				if answers[i] == labels[i] {
					named[method]++
				}
			}
		}
		for method := range named {
			if ahead := named[method] - named[1-method]; ahead > 0 || ahead == 0 && 2*named[0] >= len(cluster) {
				ofClusters[method][k] = right
			} else {
				ofClusters[method][k] = wrong
			}
		}
	}
	return CompareMethods(slices.Repeat([]int{right}, len(clusters)), ofClusters[0], ofClusters[1])
}
