package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
)

var methods = []Method{MethodClassMeans, MethodHead, MethodLastBlock, MethodScratch}

// lessonOf is a lesson in three classes, which any method may learn in little time: 24 pictures, of which 12 are for
// training, 6 for validation and 6 for testing, with one augmentation each.
func lessonOf(method Method) Lesson { return lessonOfSize(method, 24) }

func lessonOfSize(method Method, pictures int) Lesson {
	var n noise
	block := n.block("last", op.Shape{H: 3, W: 4, C: 8}, [][4]int{{8, 4, 1, 1}, {4, 8, 3, 1}}, nil)
	l := Lesson{
		Method: method, Model: "small", Classes: []string{"a", "b", "c"}, Augmentations: 1, D: 8,
		Last:   []resnet.BlockWeights{block},
		Epochs: 2, Seed: 3,
	}
	for i := range pictures {
		side := []Side{Training, Training, Validation, Test}[i/3%4]
		l.Labels, l.Sides = append(l.Labels, i%3), append(l.Sides, side)
	}
	if method == MethodScratch {
		l.Epochs = 1 // it takes the longest
	}
	each := block.In.Len()
	inputs := make([]float32, l.Rows()*each)
	r, net, row := rand.New(rand.NewPCG(5, 5)), NewLastBlocks([]resnet.BlockWeights{block}, 1), 0
	for i, label := range l.Labels {
		for range l.variants(l.Sides[i]) {
			x := inputs[row*each:][:each]
			for k := range x {
				x[k] = float32(max(0, r.NormFloat64()))
				if k%8 == label {
					x[k] += 0.7 // weak enough for some wrong answers
				}
			}
			_, features := net.Forward(x, 1)
			l.Features = append(l.Features, features...)
			row++
		}
		for range smallPixels {
			l.Small = append(l.Small, byte(40*label+r.IntN(100)))
		}
	}
	l.Inputs = func(dst []float32, row int) { copy(dst, inputs[row*each:][:each]) }
	return l
}

// learn is Teach without an error.
func learn(t *testing.T, l Lesson, progress func(Progress) bool) *Report {
	t.Helper()
	r, err := Teach(t.Context(), l, progress)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sameReport fails unless two reports are the same to the bit.
func sameReport(t *testing.T, what string, got, want *Report) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: the report is\n%+v, want\n%+v", what, got, want)
	}
}

// phases are those that a method goes through.
func phases(t *testing.T, method Method) []Phase {
	t.Helper()
	var seen []Phase
	learn(t, lessonOf(method), func(p Progress) bool {
		if !slices.Contains(seen, p.Phase) {
			seen = append(seen, p.Phase)
		}
		return true
	})
	want := map[Method][]Phase{
		MethodClassMeans: {PhaseEvaluate},
		MethodHead:       {PhaseFit, PhaseRefit, PhaseEvaluate},
		MethodLastBlock:  {PhaseFit, PhaseRefit, PhaseDescent, PhaseFeatures, PhaseEvaluate},
		MethodScratch:    {PhaseDescent, PhaseFeatures},
	}[method]
	if !slices.Equal(seen, want) {
		t.Fatalf("%s has the phases %v, want %v", method, seen, want)
	}
	return want
}

// Pictures of one hash with features that are alike count as one where a threshold is learnt, as Groups says where it
// is there: an early block's means are alike for all pictures.
func TestTeachCountsNearlySameOnce(t *testing.T) {
	l := lessonOfSize(MethodHead, 120)
	for i := range l.Features {
		l.Features[i] += 20 // in nearly the same direction
	}
	n := len(l.Labels)
	l.DHashes = make([]uint64, n)
	if r := learn(t, l, nil); r.Taught.Head.Threshold != nil || r.MissingForNone == 0 {
		t.Errorf("%d more pictures would do, with a threshold: %v", r.MissingForNone, r.Taught.Head.Threshold != nil)
	}
	for i := range n {
		l.Groups = append(l.Groups, i) // all are different
	}
	if r := learn(t, l, nil); r.Taught.Head.Threshold == nil || r.MissingForNone != 0 {
		t.Errorf("all are different, and there is no threshold; %d more would do", r.MissingForNone)
	}
	l.Groups = l.Groups[:n-1]
	if _, err := Teach(t.Context(), l, nil); err == nil {
		t.Error("no error for a number too few")
	}
}

// Each method answers to every picture, evaluates both sides that were kept apart, and does the same again from the
// same lesson.
func TestTeach(t *testing.T) {
	for _, method := range methods {
		r := learn(t, lessonOf(method), nil)
		if len(r.Answers) != 24 || r.Validation.Confusion.Accuracy().N != 6 || r.Test.Confusion.Accuracy().N != 6 ||
			r.Stopped {
			t.Errorf("%s: report %+v", method, r)
		}
		right := 0
		for i, a := range r.Answers {
			if a.Likeliest == i%3 {
				right++
			}
			if len(a.Probabilities) != 3 || argMax(a.Probabilities) != a.Likeliest ||
				a.Class != a.Likeliest && a.Class != None {
				t.Errorf("%s: answer %+v", method, a)
			}
		}
		// By chance it would be 8 of 24; 2 epochs of a network from scratch need not be better.
		if right < 16 && method != MethodScratch {
			t.Errorf("%s: %d of 24 are right", method, right)
		}
		descends := method == MethodLastBlock || method == MethodScratch
		if (r.BestEpoch > 0) != descends || (r.Taught == nil) != (method == MethodScratch) || r.Checkpoint != nil {
			t.Errorf("%s: report %+v", method, r)
		}
		if r.Taught != nil {
			h := r.Taught.Head
			trained := r.Taught.Tuned != nil
			if trained != (method == MethodLastBlock) || !r.Taught.Mirrored || h.Threshold != nil ||
				r.MissingForNone == 0 || h.Temperature != r.Temperature || h.L2 != r.L2 {
				t.Errorf("%s: taught %+v with the head %+v", method, r.Taught, h)
			}
			if (r.Similarity == 1) == trained {
				t.Errorf("%s: similarity %v", method, r.Similarity)
			}
		}
		sameReport(t, string(method), learn(t, lessonOf(method), nil), r)
	}
}

// With enough pictures there is a threshold. Blocks that were trained have brought what they learnt nearer to its
// class, so the validation pictures alone are held out, which takes more pictures.
func TestTeachThreshold(t *testing.T) {
	few, many := lessonOfSize(MethodHead, 24), lessonOfSize(MethodHead, 300)
	if r := learn(t, few, nil); r.Taught.Head.Threshold != nil || r.MissingForNone < 59-18 {
		t.Errorf("of 18 pictures: threshold %+v, %d are missing", r.Taught.Head.Threshold, r.MissingForNone)
	}
	r := learn(t, many, nil)
	c := newCourse(many, nil)
	want, _ := LearnThreshold(c.examples(c.features, c.known()), nil, keptPart)
	if want == nil || !reflect.DeepEqual(r.Taught.Head.Threshold, want) || r.MissingForNone != 0 {
		t.Errorf("threshold %+v, want %+v; %d pictures are missing", r.Taught.Head.Threshold, want, r.MissingForNone)
	}
	many.Method = MethodLastBlock
	r = learn(t, many, nil)
	th := r.Taught.Head.Threshold
	if th == nil || th.N > len(c.of[Validation]) || th.N < 59 || th.Confidence(keptPart) < thresholdConfidence {
		t.Errorf("of trained blocks: threshold %+v", th)
	}
	few.Method = MethodLastBlock
	if r := learn(t, few, nil); r.Taught.Head.Threshold != nil || r.MissingForNone <= 59 {
		t.Errorf("of 18 pictures: threshold %+v, %d are missing", r.Taught.Head.Threshold, r.MissingForNone)
	}
}

// What is kept has learnt from training and validation pictures, with what the validation pictures chose; the answers
// to these come from a head that has not learnt from them. A test picture changes nothing but its own answer.
func TestTeachRefits(t *testing.T) {
	l := lessonOf(MethodHead)
	r := learn(t, l, nil)
	c := newCourse(l, nil)
	validation := c.examples(c.features, c.of[Validation])
	first, err := TrainHead(t.Context(), c.variantsOf(c.of[Training]), validation, HeadOptions{NoRefit: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	options := HeadOptions{L2s: []float64{first.L2}, Start: first}
	final, err := TrainHead(t.Context(), c.variantsOf(c.known()), Examples{}, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Taught.Head.W, final.W) || slices.Equal(r.Taught.Head.W, first.W) || r.L2 != first.L2 ||
		r.Temperature != first.Temperature {
		t.Errorf("head %+v, want %+v", r.Taught.Head, final)
	}
	final.Temperature = first.Temperature
	for side, head := range map[Side]*Head{Training: final, Validation: first, Test: final} {
		for k, want := range head.Predict(c.examples(c.features, c.of[side]).X) {
			if got := r.Answers[c.of[side][k]]; !reflect.DeepEqual(got, want) {
				t.Errorf("side %d: answer %+v, want %+v", side, got, want)
			}
		}
	}

	l.Features = slices.Clone(l.Features)
	for i, side := range l.Sides {
		if side == Test {
			clear(l.Features[c.first[i]*l.D:][:2*l.D])
		}
	}
	other := learn(t, l, nil)
	if !reflect.DeepEqual(other.Taught, r.Taught) || reflect.DeepEqual(other.Test, r.Test) ||
		!reflect.DeepEqual(other.Validation, r.Validation) {
		t.Error("test pictures have taught something")
	}
}

// Cancelled in any phase, Teach ends with the context's error before it has told of another.
func TestTeachIsCancelled(t *testing.T) {
	for _, method := range methods {
		for _, phase := range phases(t, method) {
			ctx, cancel := context.WithCancel(t.Context())
			after := 0
			r, err := Teach(ctx, lessonOf(method), func(p Progress) bool {
				if ctx.Err() != nil {
					after++
				}
				if p.Phase == phase {
					cancel()
				}
				return true
			})
			if r != nil || !errors.Is(err, context.Canceled) || after > 0 {
				t.Errorf("%s cancelled in the phase %s: %v, error %v after %d steps more", method, phase, r, err, after)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Teach(ctx, lessonOf(method), func(Progress) bool {
			t.Errorf("%s was cancelled before it began, and told of progress", method)
			return true
		}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s cancelled before it began: %v", method, err)
		}
	}
}

// Stopped in any phase of training, Teach keeps and evaluates what was learnt by then, and trains no further.
func TestTeachIsStopped(t *testing.T) {
	training := []Phase{PhaseFit, PhaseRefit, PhaseDescent}
	for _, method := range methods {
		for _, phase := range phases(t, method) {
			stopped, after := false, 0
			r := learn(t, lessonOf(method), func(p Progress) bool {
				if stopped && slices.Contains(training, p.Phase) {
					after++
				}
				stopped = stopped || p.Phase == phase
				return !stopped
			})
			cut := slices.Contains(training, phase)
			if r.Stopped != cut || len(r.Answers) != 24 || r.Validation == nil ||
				(r.Taught == nil) != (method == MethodScratch) {
				t.Errorf("%s stopped in the phase %s: report %+v", method, phase, r)
			}
			// The first iteration of a fit is still done: before it there is nothing.
			if after > 1 || after == 1 && phase != PhaseFit {
				t.Errorf("%s stopped in the phase %s went on for %d steps", method, phase, after)
			}
			if (r.Checkpoint != nil) != (phase == PhaseDescent) {
				t.Errorf("%s stopped in the phase %s: a checkpoint of %d bytes", method, phase, len(r.Checkpoint))
			}
			if r.Taught != nil && slices.Max(r.Taught.Head.W) == 0 {
				t.Errorf("%s stopped in the phase %s has learnt nothing", method, phase)
			}
		}
	}
}

// From the checkpoint of a stop, or one on the way, training comes to the very same result; and a stop before it goes
// on gives it back.
func TestTeachResumes(t *testing.T) {
	for _, method := range []Method{MethodLastBlock, MethodScratch} {
		want := learn(t, lessonOf(method), nil)
		var onTheWay []byte
		stopped := learn(t, lessonOf(method), func(p Progress) bool {
			if p.Phase != PhaseDescent {
				return true
			}
			file, err := p.Checkpoint()
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if n, err := file.WriteTo(&b); err != nil || n != file.Size() {
				t.Fatalf("%d of %d bytes are written: %v", n, file.Size(), err)
			}
			onTheWay = b.Bytes()
			return false
		})
		if !bytes.Equal(onTheWay, stopped.Checkpoint) {
			t.Errorf("%s: two checkpoints of the same step differ", method)
		}
		l := lessonOf(method)
		l.Checkpoint = stopped.Checkpoint
		sameReport(t, string(method)+" from its checkpoint", learn(t, l, nil), want)

		if method == MethodLastBlock {
			again := learn(t, l, func(Progress) bool { return false }) // while the classifier is fitted
			if !again.Stopped || !bytes.Equal(again.Checkpoint, l.Checkpoint) {
				t.Errorf("%s stopped before it went on: stopped %v, a checkpoint of %d bytes", method, again.Stopped,
					len(again.Checkpoint))
			}
		}
		l.Seed++
		if _, err := Teach(t.Context(), l, nil); !errors.Is(err, ErrOtherTraining) {
			t.Errorf("%s from a checkpoint of another lesson: %v", method, err)
		}
	}
}

// errLost is the panic of a kernel whose helper thread was lost, as a test has it.
var errLost = errors.New("a helper was lost")

// retried runs work until it does not panic with errLost, and counts how often it does.
func retried(count *int, work func()) {
	for lost := true; lost; {
		func() {
			defer func() {
				fault := recover()
				if lost = fault != nil; lost && fault != errLost {
					panic(fault)
				}
				if lost {
					*count++
				}
			}()
			work()
		}()
	}
}

// When a helper is lost Compute runs the work again: the result stays the same to the bit, wherever that happens.
func TestTeachSurvivesLostHelpers(t *testing.T) {
	for _, method := range methods {
		pieces := 0
		l := lessonOf(method)
		l.Compute = func(work func()) {
			pieces++
			work()
		}
		want := learn(t, l, nil)

		// At the end of each piece of work in turn.
		for lost := range pieces {
			piece := 0
			l.Compute = func(work func()) {
				lose, count := piece == lost, 0
				piece++
				retried(&count, func() {
					work()
					if lose && count == 0 {
						panic(errLost)
					}
				})
			}
			sameReport(t, fmt.Sprintf("%s, lost at the end of piece %d", method, lost), learn(t, l, nil), want)
		}

		// In the middle of a phase: in its second step, while it tells of it, or reads a picture, inside of Compute.
		read := l.Inputs
		for _, phase := range phases(t, method) {
			if phase == PhaseEvaluate || method == MethodScratch && phase == PhaseFeatures {
				continue // nothing of the test's runs inside of their pieces of work
			}
			steps, lose, lost := 0, false, 0
			l.Compute = func(work func()) { retried(&lost, work) }
			l.Inputs = func(dst []float32, row int) {
				if lose {
					lose = false
					panic(errLost)
				}
				read(dst, row)
			}
			got := learn(t, l, func(p Progress) bool {
				if p.Phase == phase {
					steps++
				}
				if p.Phase == phase && steps == 2 {
					if phase != PhaseFeatures {
						panic(errLost)
					}
					lose = true
				}
				return true
			})
			if lost != 1 {
				t.Errorf("%s in the phase %s: %d helpers were lost", method, phase, lost)
			}
			sameReport(t, fmt.Sprintf("%s, lost in the phase %s", method, phase), got, want)
		}
	}
}

// Teach refuses what is not put together properly with an ArgumentError, and what cannot be learnt with other errors.
func TestTeachRefuses(t *testing.T) {
	for name, change := range map[string]func(l *Lesson){
		"no pictures":               func(l *Lesson) { *l = Lesson{Method: MethodHead, Classes: l.Classes, D: 8} },
		"a side too few":            func(l *Lesson) { l.Sides = l.Sides[1:] },
		"a picture without a side":  func(l *Lesson) { l.Sides[0] = Unassigned },
		"a side that there is not":  func(l *Lesson) { l.Sides[0] = Test + 1 },
		"a class that there is not": func(l *Lesson) { l.Labels[0] = 3 },
		"augmentations below zero":  func(l *Lesson) { l.Augmentations = -1 },
		"epochs below zero":         func(l *Lesson) { l.Epochs = -1 },
		"an unknown method":         func(l *Lesson) { l.Method = "deep" },
		"features too few":          func(l *Lesson) { l.Features = l.Features[1:] },
		"a checkpoint for a head":   func(l *Lesson) { l.Checkpoint = []byte{1} },
		"a checkpoint for class means": func(l *Lesson) {
			l.Method, l.Checkpoint = MethodClassMeans, []byte{1}
		},
		"no last block": func(l *Lesson) { l.Method, l.Last = MethodLastBlock, nil },
		"no inputs":     func(l *Lesson) { l.Method, l.Inputs = MethodLastBlock, nil },
		"another block": func(l *Lesson) {
			l.Method = MethodLastBlock
			l.Last[0].Residual = l.Last[0].Residual[:1]
		},
		"small pictures too few": func(l *Lesson) { l.Method, l.Small = MethodScratch, l.Small[1:] },
	} {
		l := lessonOf(MethodHead)
		change(&l)
		var argument *ArgumentError
		if r, err := Teach(t.Context(), l, nil); r != nil || !errors.As(err, &argument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, method := range methods {
		l := lessonOf(method)
		for i, label := range l.Labels {
			if label == 1 {
				l.Sides[i] = Test
			}
		}
		l.Augmentations = 0
		l.Features = make([]float32, l.Rows()*l.D)
		var empty *EmptyClassError
		if _, err := Teach(t.Context(), l, nil); !errors.As(err, &empty) || empty.Class != 1 {
			t.Errorf("%s with a class that has no training picture: %v", method, err)
		}
	}
	l := lessonOf(MethodHead)
	l.Features[0] = float32(math.NaN())
	if _, err := Teach(t.Context(), l, nil); !errors.Is(err, ErrNotFinite) {
		t.Errorf("a feature that is no number: %v", err)
	}
}

// Without augmentations, validation and test pictures Teach takes its default settings, and evaluates nothing.
func TestTeachWithoutValidation(t *testing.T) {
	for _, method := range methods {
		l := lessonOf(method)
		l.Augmentations = 0
		for i := range l.Sides {
			l.Sides[i] = Training
		}
		whole := lessonOf(method)
		first := newCourse(whole, nil).first
		l.Features = nil
		for _, row := range first {
			l.Features = append(l.Features, whole.Features[row*l.D:][:l.D]...)
		}
		l.Inputs = func(dst []float32, row int) { whole.Inputs(dst, first[row]) }
		r := learn(t, l, nil)
		if r.Validation != nil || r.Test != nil || r.Temperature != 1 || len(r.Answers) != 24 ||
			r.Taught != nil && r.Taught.Mirrored {
			t.Errorf("%s: report %+v", method, r)
		}
	}
}
