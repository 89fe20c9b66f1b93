package train

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// bars are n pictures of 8×8 with one bright line among noise: of class 0 a row, of class 1 a column, of class 2 none.
func bars(seed uint64, n int) Pictures {
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i % 3
	}
	return Pictures{Labels: labels, Variants: 2, Read: func(dst []float32, i, variant int) {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		at := r.IntN(8)
		for k := range dst {
			dst[k] = float32(0.2*r.NormFloat64()) + 0.1*float32(variant)
			if labels[i] < 2 && [2]int{k / 24, k / 3 % 8}[labels[i]] == at {
				dst[k]++
			}
		}
	}}
}

// settings are of a training that uses everything.
func settings(optimizer Optimizer, steps int) Settings {
	return Settings{
		Seed: 4, Steps: steps, Batch: 8, Optimizer: optimizer, Schedule: Schedule{Rate: 0.02, Warmup: 2},
		WeightDecay: 1e-3, Clip: 5, Smoothing: 0.05, Augment: Augment{Mirror: true, Shift: 1, Cut: 2},
	}
}

// newTestTrainer makes a training of the small network on 20 pictures: three steps an epoch, of six or seven.
func newTestTrainer(t testing.TB, s Settings) *Trainer {
	t.Helper()
	n, err := New(small, Options{Height: 8, Width: 8, Batch: 8, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := NewTrainer(n, bars(1, 20), s)
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

func mustStep(t testing.TB, trainer *Trainer) StepReport {
	t.Helper()
	r, err := trainer.Step()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// values are copies of all that a training changes.
func (t *Trainer) values() [][]float32 {
	var out [][]float32
	for _, s := range t.saved() {
		out = append(out, slices.Clone(s.values))
	}
	return out
}

// mustEqual fails unless two trainings stand at the very same weights, moments and statistics.
func mustEqual(t *testing.T, what string, a, b *Trainer) {
	t.Helper()
	for i, v := range a.values() {
		if !slices.Equal(v, b.values()[i]) {
			t.Errorf("%s: %s differs", what, a.saved()[i].name)
		}
	}
}

// TestLearns: a network from random weights learns to name pictures that it has not seen.
func TestLearns(t *testing.T) {
	for _, o := range []Optimizer{SGD{Momentum: 0.9}, AdamW{}} {
		s := settings(o, 60)
		s.Augment = Augment{}
		trainer := newTestTrainer(t, s)
		trainer.pictures = bars(1, 60)
		for !trainer.Done() {
			mustStep(t, trainer)
		}
		if got := trainer.Score(bars(2, 60)); got.N != 60 || got.Accuracy() < 0.9 {
			t.Errorf("%#v: of new pictures it names %d of %d", o, got.Correct, got.N)
		}
	}
}

// TestResumes: put back from its state after any step, or gone on after its state was taken, a training ends with the
// very same weights.
func TestResumes(t *testing.T) {
	for _, o := range []Optimizer{SGD{Momentum: 0.9, Nesterov: true}, AdamW{}} {
		const steps = 8
		whole := newTestTrainer(t, settings(o, steps))
		for !whole.Done() {
			mustStep(t, whole)
		}
		first := newTestTrainer(t, settings(o, steps))
		for stop := range steps + 1 {
			state, err := first.State()
			if err != nil {
				t.Fatal(err)
			}
			second := newTestTrainer(t, settings(o, steps))
			for range stop % 3 { // what it did before does not matter
				mustStep(t, second)
			}
			if err := second.Restore(state); err != nil {
				t.Fatal(err)
			}
			if again, _ := second.State(); !bytes.Equal(again, state) {
				t.Errorf("restored after step %d, it has another state", stop)
			}
			for !second.Done() {
				mustStep(t, second)
			}
			mustEqual(t, fmt.Sprintf("%T restored after step %d", o, stop), whole, second)
			if !first.Done() {
				mustStep(t, first)
			}
		}
		mustEqual(t, fmt.Sprintf("%T after its states were taken", o), whole, first)
	}
}

func TestRestoreRefuses(t *testing.T) {
	of := func(c resnet.Config, s Settings, pictures int) *Trainer {
		n, err := New(c, Options{Height: 8, Width: 8, Batch: 8})
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := NewTrainer(n, bars(1, pictures), s)
		if err != nil {
			t.Fatal(err)
		}
		return trainer
	}
	here := of(small, settings(SGD{}, 5), 20)
	mustStep(t, here)
	before := here.values()
	maximum, wide := small, small
	maximum.Join, wide.Width = resnet.JoinMaximum, 8 // the first has the same tensors
	faster := settings(SGD{}, 5)
	faster.Schedule.Rate *= 2
	for name, other := range map[string]*Trainer{
		"other join": of(maximum, settings(SGD{}, 5), 20), "other width": of(wide, settings(SGD{}, 5), 20),
		"other optimiser": of(small, settings(AdamW{}, 5), 20),
		"other momentum":  of(small, settings(SGD{Momentum: 0.5}, 5), 20),
		"other rate":      of(small, faster, 20), "other pictures": of(small, settings(SGD{}, 5), 21),
		"other length": of(small, settings(SGD{}, 6), 20),
	} {
		state, err := other.State()
		if err != nil {
			t.Fatal(err)
		}
		if err := here.Restore(state); !errors.Is(err, ErrOtherTraining) {
			t.Errorf("%s: %v", name, err)
		}
	}
	good, err := here.StateFile()
	if err != nil {
		t.Fatal(err)
	}
	moment, _ := good.Tensor("moment1.conv1.weight")
	moment.Shape = []int{1, moment.Len()}
	for name, f := range map[string]*weights.File{
		"no position": good.With(map[string]string{stateKey: ""}, nil),
		"beyond":      good.With(map[string]string{stateKey: string(mustPosition(t, here, 6))}, nil),
		"other shape": good.With(nil, []weights.Tensor{moment}),
	} {
		if err := here.RestoreFile(f); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	model, err := here.net.(*Net).File(card(8))
	if err != nil {
		t.Fatal(err)
	}
	if err := here.RestoreFile(model); !errors.Is(err, ErrOtherTraining) {
		t.Errorf("a model: %v", err)
	}
	if here.Restore([]byte("no file")) == nil {
		t.Error("no file is taken")
	}
	for i, v := range here.values() {
		if !slices.Equal(v, before[i]) {
			t.Errorf("a state that was refused has changed %s", here.saved()[i].name)
		}
	}
}

func mustPosition(t *testing.T, trainer *Trainer, step int) []byte {
	t.Helper()
	text, err := trainer.position(step)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// cutOff is a network that panics in its next Learn, as a kernel does when a helper thread dies: some way into the
// work.
type cutOff struct {
	*Net
	panics bool
}

func (c *cutOff) Learn(x []float32, labels []int, smoothing float64) Score {
	if c.panics {
		c.panics = false
		c.run(x, len(labels), false)
		c.backward(nil, x, len(labels), nil)
		panic("cut off")
	}
	return c.Net.Learn(x, labels, smoothing)
}

// breakable is an optimiser that panics some way into one of its updates.
type breakable struct {
	AdamW
	until *int // updates until then
}

func (b breakable) update(w, g []float32, moments [][]float32, step int, rate, decay, factor float64) {
	if *b.until--; *b.until == 0 {
		half := len(w) / 2
		b.AdamW.update(w[:half], g[:half], [][]float32{moments[0][:half], moments[1][:half]}, step, rate, decay, factor)
		panic("cut off")
	}
	b.AdamW.update(w, g, moments, step, rate, decay, factor)
}

// TestStepSurvivesPanics: a step that panicked, while it learnt or while weights followed, and is done again leads to
// the very same weights.
func TestStepSurvivesPanics(t *testing.T) {
	whole, other := newTestTrainer(t, settings(AdamW{}, 5)), newTestTrainer(t, settings(AdamW{}, 5))
	net, until := &cutOff{other.net.(*Net), false}, 0
	other.net, other.settings.Optimizer = net, breakable{until: &until}
	for !whole.Done() {
		want := mustStep(t, whole)
		net.panics, until = true, 3*want.Step
		for range 2 {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("it was not cut off")
					}
				}()
				other.Step()
			}()
		}
		if got := mustStep(t, other); got != want {
			t.Errorf("a step done again reports %+v, want %+v", got, want)
		}
	}
	mustEqual(t, "cut off in every step", whole, other)
}

// TestSameBatches: networks of other kinds see the very same pictures, in the same order, altered in the same way.
func TestSameBatches(t *testing.T) {
	var seen [2][]float32
	for i, join := range []resnet.Join{resnet.JoinAdd, resnet.JoinNone} {
		c := small
		c.Join = join
		n, err := New(c, Options{Height: 8, Width: 8, Batch: 8})
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := NewTrainer(n, bars(1, 20), settings(SGD{}, 7))
		if err != nil {
			t.Fatal(err)
		}
		for !trainer.Done() {
			mustStep(t, trainer)
			seen[i] = append(seen[i], n.x...)
		}
	}
	if !slices.Equal(seen[0], seen[1]) {
		t.Error("two networks see other batches")
	}
}

// TestEpochs: each epoch goes through all pictures once, in an order of its own, in steps of about equal size.
func TestEpochs(t *testing.T) {
	trainer := newTestTrainer(t, settings(SGD{}, 6))
	var read []int
	all := trainer.pictures.Read
	trainer.pictures.Read = func(dst []float32, i, variant int) {
		read = append(read, i)
		all(dst, i, variant)
	}
	var sizes []int
	for !trainer.Done() {
		before := len(read)
		r := mustStep(t, trainer)
		sizes = append(sizes, len(read)-before)
		at := len(sizes) - 1
		if r.Score.N != len(read)-before || r.Step != at+1 || r.Epoch != at/3 || r.Batch != at%3+1 {
			t.Errorf("step %d reports %+v", len(sizes), r)
		}
	}
	if want := []int{6, 7, 7, 6, 7, 7}; !slices.Equal(sizes, want) {
		t.Errorf("the steps have %v pictures, want %v", sizes, want)
	}
	first, second := slices.Clone(read[:20]), slices.Clone(read[20:])
	if slices.Equal(first, second) {
		t.Error("two epochs have the same order")
	}
	for _, epoch := range [][]int{first, second} {
		slices.Sort(epoch)
		for i, picture := range epoch {
			if i != picture {
				t.Fatalf("an epoch goes through %v", epoch)
			}
		}
	}
}

// TestDiverges: a rate far too high ends in ErrDiverged, with running statistics that are numbers, and so does every
// further step.
func TestDiverges(t *testing.T) {
	c := small
	c.NoNorm, c.Activation = true, resnet.ActivationLeakyReLU // ReLUs would die, and give zeros
	n, err := New(c, Options{Height: 8, Width: 8, Batch: 8})
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Steps: 100, Batch: 8, Optimizer: SGD{Momentum: 0.9}, Schedule: Schedule{Rate: 1e6}}
	trainer, err := NewTrainer(n, bars(1, 20), s)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil && !trainer.Done() {
		_, err = trainer.Step()
	}
	if !errors.Is(err, ErrDiverged) {
		t.Fatalf("after %d steps at a rate of a million: %v", trainer.Steps(), err)
	}
	at := trainer.Steps()
	if _, err := trainer.Step(); !errors.Is(err, ErrDiverged) || trainer.Steps() != at {
		t.Errorf("the next step: %v", err)
	}
	normed := newTestTrainer(t, s)
	x := slices.Repeat([]float32{float32(math.Inf(1))}, 8*normed.net.Input().Len())
	if score := normed.net.Learn(x, make([]int, 8), 0); !score.Diverged() {
		t.Errorf("pictures that are infinite score %v", score)
	}
	for _, p := range normed.net.Statistics() {
		if !finite(euclidean(p.Value)) {
			t.Errorf("%s follows a loss that is no number", p.Name)
		}
	}
}

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		step int
		want float64
	}{
		{Schedule{Rate: 0.1}, 0, 0.1},
		{Schedule{Rate: 0.1}, 50, 0.05},
		{Schedule{Rate: 0.1, Decay: DecayCosine}, 25, 0.1 * (1 + math.Sqrt2/2) / 2},
		{Schedule{Rate: 0.1, Decay: DecayConstant}, 99, 0.1},
		{Schedule{Rate: 0.1, Decay: DecayStep}, 49, 0.1},
		{Schedule{Rate: 0.1, Decay: DecayStep}, 50, 0.01},
		{Schedule{Rate: 0.1, Decay: DecayStep}, 75, 0.001},
		{Schedule{Rate: 0.1, Decay: DecayConstant, Warmup: 10}, 0, 0.01},
		{Schedule{Rate: 0.1, Decay: DecayConstant, Warmup: 10}, 9, 0.1},
		{Schedule{Rate: 0.1, Decay: DecayConstant, Warmup: 10}, 10, 0.1},
	} {
		if got := c.s.At(c.step, 100); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v at step %d of 100 is %v, want %v", c.s, c.step, got, c.want)
		}
	}
}

func TestNewTrainerRefuses(t *testing.T) {
	n, err := New(small, Options{Height: 8, Width: 8, Batch: 8})
	if err != nil {
		t.Fatal(err)
	}
	good := settings(SGD{Momentum: 0.9}, 5)
	for name, change := range map[string]func(s *Settings){
		"no steps":          func(s *Settings) { s.Steps = 0 },
		"no batch":          func(s *Settings) { s.Batch = 0 },
		"too large a batch": func(s *Settings) { s.Batch = 9 },
		"no optimiser":      func(s *Settings) { s.Optimizer = nil },
		"momentum":          func(s *Settings) { s.Optimizer = SGD{Momentum: 1} },
		"beta":              func(s *Settings) { s.Optimizer = AdamW{Beta2: 1.5} },
		"no rate":           func(s *Settings) { s.Schedule.Rate = 0 },
		"rate":              func(s *Settings) { s.Schedule.Rate = math.NaN() },
		"warm-up":           func(s *Settings) { s.Schedule.Warmup = -1 },
		"decay":             func(s *Settings) { s.Schedule.Decay = "linear" },
		"weight decay":      func(s *Settings) { s.WeightDecay = -1 },
		"smoothing":         func(s *Settings) { s.Smoothing = 1 },
		"clip":              func(s *Settings) { s.Clip = math.NaN() },
		"shift":             func(s *Settings) { s.Augment.Shift = -1 },
	} {
		s := good
		if change(&s); s.Batch != 9 && s.Check() == nil {
			t.Errorf("%s: the settings are taken", name)
		}
		if _, err := NewTrainer(n, bars(1, 20), s); err == nil {
			t.Errorf("%s: a training is made", name)
		}
	}
	if _, err := NewTrainer(n, Pictures{}, good); !errors.Is(err, ErrNoPictures) {
		t.Errorf("no pictures: %v", err)
	}
	if _, err := NewTrainer(n, Pictures{Labels: []int{1, 1}}, good); !errors.Is(err, ErrOneClass) {
		t.Errorf("one class: %v", err)
	}
}

// TestMemoryIsFlat: a training keeps nothing of its steps.
func TestMemoryIsFlat(t *testing.T) {
	trainer := newTestTrainer(t, settings(AdamW{}, 500))
	used := func(steps int) uint64 {
		for range steps {
			mustStep(t, trainer)
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	first := used(100)
	// A step of this network writes some 100 kB; kept ones would be 40 MB.
	if last := used(400); last > first+100<<10 {
		t.Errorf("after 100 steps %d bytes are used, after 500 %d", first, last)
	}
}
