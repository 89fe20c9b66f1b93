package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// goldenTuner is the i-th last block of the goldens, ready to be trained.
func goldenTuner(
	t testing.TB, i, epochs int, change func(train, validation *Pictures, o *SGDOptions),
) (*Tuner, trained) {
	t.Helper()
	g := readTrainingGoldens(t).LastBlock[i]
	var n noise
	in := op.Shape{H: g.H, W: g.W, C: g.Convs[0][0]}
	block := n.block("last", in, g.Convs, g.Projection)
	features := g.Convs[len(g.Convs)-1][1]
	w, b := n.halves(3*features, 0), n.halves(3, 0)
	train, validation, o := goldenPictures(&n, in.Len()), Pictures{}, goldenOptions(epochs)
	if change != nil {
		change(&train, &validation, &o)
	}
	tuner, err := NewTuner([]resnet.BlockWeights{block}, w, b, train, validation, o)
	if err != nil {
		t.Fatal(err)
	}
	return tuner, g.trained
}

func TestTunerIsPyTorchs(t *testing.T) {
	for i := range readTrainingGoldens(t).LastBlock {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			tuner, want := goldenTuner(t, i, 5, nil)
			want.follows(t, tuner.tuned, &tuner.training)
		})
	}
}

func TestTunerGradients(t *testing.T) {
	for i := range readTrainingGoldens(t).LastBlock {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			tuner, _ := goldenTuner(t, i, 5, nil)
			x := make([]float32, 6*tuner.tuned.In().Len())
			for i := range 6 {
				tuner.train.Read(x[i*tuner.tuned.In().Len():][:tuner.tuned.In().Len()], i, 0)
			}
			slopes(t, tuner.tuned, x, tuner.train.Labels)
		})
	}
}

// withValidation makes batches smaller, and has pictures to validate with and variants to choose from.
func withValidation(train, validation *Pictures, o *SGDOptions) {
	read := train.Read
	*validation = Pictures{Labels: []int{0, 1, 2, 0}, Read: func(dst []float32, i, variant int) {
		read(dst, 5-i, variant)
		dst[0] += 0.5
	}}
	train.Variants = 2
	train.Read = func(dst []float32, i, variant int) {
		read(dst, i, variant)
		if variant == 1 {
			slices.Reverse(dst)
		}
	}
	o.Batch = 4
}

func TestTunerResumes(t *testing.T) {
	resumes(t, func() *training {
		tuner, _ := goldenTuner(t, 0, 4, withValidation)
		return &tuner.training
	})
}

func TestTunerSurvivesPanics(t *testing.T) {
	survives(t, func() *training {
		tuner, _ := goldenTuner(t, 2, 2, withValidation)
		return &tuner.training
	})
}

// TestTunerKeepsTheBest: the result is the weights of the epoch that validated best, and training ends when patience
// does.
func TestTunerKeepsTheBest(t *testing.T) {
	// Labels that contradict those of training: what is learnt makes it worse.
	against := func(train, validation *Pictures, o *SGDOptions) {
		*validation = Pictures{Labels: []int{1, 2, 0, 1, 2, 0}, Read: train.Read}
		o.Patience = 2
	}
	tuner, _ := goldenTuner(t, 1, 50, against)
	var told []int
	if err := tuner.Run(t.Context(), func(s Step) {
		if s.Best {
			told = append(told, s.Epoch)
		}
	}); err != nil {
		t.Fatal(err)
	}
	history, best := tuner.History(), tuner.Best()
	if len(history) >= 50 || len(history) != best+3 || told[len(told)-1] != best {
		t.Fatalf("%d epochs, of which %d was the best; told of %v", len(history), best, told)
	}
	for _, e := range history {
		if e.Validation.Loss < history[best].Validation.Loss {
			t.Errorf("the best epoch is %d, but this one is better: %v", best, e)
		}
	}
	block, w, b := tuner.Result()
	again := NewLastBlocks(block, 6)
	x := make([]float32, 6*again.In().Len())
	for i := range 6 {
		tuner.validation.Read(x[i*again.In().Len():][:again.In().Len()], i, 0)
	}
	_, features := again.Forward(x, 6)
	head := NewHead(w, b, again.Out().C)
	score := head.Score(Examples{X: features, Labels: tuner.validation.Labels, D: again.Out().C, Classes: 3})
	if want := history[best].Validation; math.Abs(score.Loss-want.Loss) > 1e-6 || score.Correct != want.Correct {
		t.Errorf("the result scores %v, the best epoch scored %v", score, want)
	}
}

// TestTunerCopies: training changes neither the weights that it starts from nor those that it gave.
func TestTunerCopies(t *testing.T) {
	var n noise
	block := n.block("last", op.Shape{H: 3, W: 4, C: 8}, [][4]int{{8, 4, 1, 1}, {4, 8, 3, 1}}, nil)
	w, b := n.halves(3*8, 0), n.halves(3, 0)
	before := fmt.Sprint([]resnet.BlockWeights{block}, w, b)
	tuner, err := NewTuner([]resnet.BlockWeights{block}, w, b, goldenPictures(&n, 96), Pictures{}, goldenOptions(2))
	if err != nil {
		t.Fatal(err)
	}
	gotBlock, gotW, gotB := tuner.Result()
	if start := fmt.Sprint(gotBlock, gotW, gotB); start != before {
		t.Error("before the first step the result is not the start")
	}
	if err := tuner.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint([]resnet.BlockWeights{block}, w, b) != before || fmt.Sprint(gotBlock, gotW, gotB) != before {
		t.Error("training has changed weights that are not its own")
	}
	after, afterW, _ := tuner.Result()
	for i, c := range after[0].Convs() {
		was := block.Convs()[i]
		if slices.Equal(c.Weight, was.Weight) || slices.Equal(c.Norm.Weight, was.Norm.Weight) ||
			slices.Equal(c.Norm.Bias, was.Norm.Bias) {
			t.Errorf("%s was not trained", c.Spec.Conv)
		}
		if !slices.Equal(c.Norm.Mean, was.Norm.Mean) || !slices.Equal(c.Norm.Var, was.Norm.Var) {
			t.Errorf("the statistics of %s have changed", c.Spec.Norm)
		}
	}
	if slices.Equal(afterW, w) {
		t.Error("the linear layer was not trained")
	}
}

// TestFrozenBlock: what a block that nothing has changed makes of pictures is the same to the bit, and so CKA is
// exactly 1; of one that has learnt it is less.
func TestFrozenBlock(t *testing.T) {
	for i := range readTrainingGoldens(t).LastBlock {
		tuner, _ := goldenTuner(t, i, 5, nil)
		x := make([]float32, 6*tuner.tuned.In().Len())
		for k := range 6 {
			tuner.train.Read(x[k*tuner.tuned.In().Len():][:tuner.tuned.In().Len()], k, 0)
		}
		similarity := func() float64 {
			before, _ := goldenTuner(t, i, 5, nil)
			block, _, _ := tuner.Result()
			_, was := before.tuned.Forward(x, 6)
			_, is := NewLastBlocks(block, 6).Forward(x, 6)
			return CKA(was, is, 6)
		}
		if got := similarity(); got != 1 {
			t.Errorf("block %d has not learnt, and its CKA is %v", i, got)
		}
		if err := tuner.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got := similarity(); !(got < 0.999) {
			t.Errorf("block %d has learnt, and its CKA is %v", i, got)
		}
	}
}

func TestTunerRefuses(t *testing.T) {
	var n noise
	block := n.block("last", op.Shape{H: 3, W: 4, C: 8}, [][4]int{{8, 4, 1, 1}, {4, 8, 3, 1}}, nil)
	read := func(dst []float32, _, _ int) { clear(dst) }
	make := func(labels []int, classes int) error {
		_, err := NewTuner([]resnet.BlockWeights{block}, n.halves(classes*8, 0), n.halves(classes, 0),
			Pictures{Labels: labels, Read: read}, Pictures{}, goldenOptions(1))
		return err
	}
	if err := make([]int{0, 0}, 1); !errors.Is(err, ErrOneClass) {
		t.Errorf("one class: %v", err)
	}
	var empty *EmptyClassError
	if err := make([]int{0, 2}, 3); !errors.As(err, &empty) || empty.Class != 1 {
		t.Errorf("class 1 without a picture: %v", err)
	}
	block.Join = resnet.JoinMaximum
	if err := make([]int{0, 1}, 2); err == nil || !strings.Contains(err.Error(), "can be run, but not trained") {
		t.Errorf("a block that is not plain: %v", err)
	}
	panics(t, "transfer: "+block.Plain().Error(), func() { NewLastBlocks([]resnet.BlockWeights{block}, 1) })

	for name, change := range map[string]func(train, validation *Pictures, o *SGDOptions){
		"the next batch": func(_, _ *Pictures, o *SGDOptions) { o.Rate = 1e20 },
		"the validation": func(train, validation *Pictures, o *SGDOptions) {
			withValidation(train, validation, o)
			o.Rate, o.Batch = 1e20, len(train.Labels)
		},
	} {
		tuner, _ := goldenTuner(t, 0, 3, change)
		steps := 0
		err := tuner.Run(t.Context(), func(s Step) {
			steps++
			if s.Train.Diverged() || s.Validation.Diverged() {
				t.Errorf("an absurd rate, seen by %s: step %+v", name, s)
			}
		})
		if !errors.Is(err, ErrDiverged) || !tuner.Done() || steps > 1 {
			t.Errorf("an absurd rate, seen by %s: %v after %d steps", name, err, steps)
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	tuner, _ := goldenTuner(t, 0, 3, withValidation)
	if err := tuner.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	state, err := tuner.State()
	if err != nil {
		t.Fatal(err)
	}
	edited := func(from, to string) []byte { // of equal length, so that the file stays whole
		if len(from) != len(to) || !bytes.Contains(state, []byte(from)) {
			t.Fatalf("there is no %q to edit into %q", from, to)
		}
		return bytes.Replace(state, []byte(from), []byte(to), 1)
	}
	other := func(change func(train, validation *Pictures, o *SGDOptions)) func() *Tuner {
		return func() *Tuner {
			tuner, _ := goldenTuner(t, 0, 3, change)
			return tuner
		}
	}
	same := other(withValidation)
	elsewhere := func() *Tuner {
		tuner, _ := goldenTuner(t, 1, 3, withValidation)
		return tuner
	}
	file, err := weights.Parse(state)
	if err != nil {
		t.Fatal(err)
	}
	var old bytes.Buffer // states of earlier versions knew nothing of package train's
	if err := weights.Write(&old, map[string]string{stateKey: file.Metadata[stateKey]}, file.Tensors()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		into  func() *Tuner
		state []byte
		want  string
	}{
		{"an earlier version's", same, old.Bytes(), ErrOtherTraining.Error()},
		{"cut in half", same, state[:len(state)/2], ""},
		{"nothing", same, nil, ""},
		{"other settings", other(nil), state, ErrOtherTraining.Error()},
		{"another network", elsewhere, state, ErrOtherTraining.Error()},
		{"an epoch past the last", same, edited(`\"Epoch\":3`, `\"Epoch\":4`), "contradicts"},
		{"a batch past the last", same, edited(`\"Batch\":0`, `\"Batch\":2`), "contradicts"},
		{"a best epoch that was not", same, edited(`\"Best\":`+fmt.Sprint(tuner.Best()), `\"Best\":9`), "contradicts"},
		{"a refit that was not asked for", same, edited(`\"Refit\":false,\"Epoch`, `\"Refit\": true,\"Epoch`),
			"contradicts"},
		{"no JSON", same, edited(`{\"Options`, `[\"Options`), "not readable"},
	} {
		into := c.into()
		before := into.values()
		err := into.Restore(c.state)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		for i, v := range into.values() {
			if !slices.Equal(v, before[i]) {
				t.Errorf("%s: it was changed in spite of the error", c.name)
			}
		}
	}
}
