package skiplab

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/shapes"
	"github.com/seed8935e608/residua/resnet/train"
)

// small are the settings of a lab that takes next to no time.
func small() Settings {
	return Settings{
		Data: Data{
			Name: Shapes, Task: string(shapes.Direction), Domain: string(shapes.Filled), Size: 8, Train: 40, Held: 20,
		},
		Seed: 1,
		Training: train.Settings{
			Steps: 12, Batch: 8, Optimizer: train.SGD{Momentum: 0.9}, Schedule: train.Schedule{Rate: 0.05, Warmup: 2},
			WeightDecay: 1e-4, Clip: 5, Augment: train.Augment{Shift: 1},
		},
		Networks: []Network{
			{Depth: 8, Join: op.JoinAdd, Norm: true, Width: 4, Init: train.InitHeOut},
			{Depth: 8, Join: op.JoinNone, Norm: true, Width: 4, Init: train.InitHeOut},
		},
	}
}

// run makes a lab and does n steps.
func run(t *testing.T, s Settings, n int) *Lab {
	t.Helper()
	l, err := New(s, new(Library))
	if err != nil {
		t.Fatal(err)
	}
	steps(t, l, n)
	return l
}

func steps(t *testing.T, l *Lab, n int) {
	t.Helper()
	for range n {
		if err := l.Step(); err != nil {
			t.Fatal(err)
		}
	}
}

func state(t *testing.T, l *Lab) []byte {
	t.Helper()
	b, err := l.State()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Networks with the same structure and seed learn the same, whatever stands beside them.
func TestSameBatches(t *testing.T) {
	s := small()
	together := run(t, s, 5)
	for i := range s.Networks {
		alone := s
		alone.Networks = s.Networks[i : i+1]
		got, _ := together.Report(i)
		want, _ := run(t, alone, 5).Report(0)
		if got.Score != want.Score {
			t.Errorf("network %d: %+v beside another, %+v alone", i, got.Score, want.Score)
		}
	}
}

func TestRestore(t *testing.T) {
	s := small()
	want := state(t, run(t, s, 12))
	half := run(t, s, 7)
	again, err := New(s, new(Library))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Restore(state(t, half)); err != nil {
		t.Fatal(err)
	}
	if done, _ := again.Steps(); done != 7 {
		t.Fatalf("%d steps are done after Restore, want 7", done)
	}
	steps(t, again, 5)
	if !again.Done() || !bytes.Equal(state(t, again), want) {
		t.Error("a lab that was put back ends with another state than one that was not")
	}
}

func TestRestoreRefuses(t *testing.T) {
	s := small()
	good := state(t, run(t, s, 3))
	other := s
	other.Training.Schedule.Rate = 0.1
	fewer := s
	fewer.Networks = s.Networks[:1]
	own := func(last byte) *Library {
		library := new(Library)
		set := &Set{
			Name: "own", Classes: []string{"a", "b"}, Height: 8, Width: 8, Channels: 1,
			Pictures: bytes.Repeat([]byte{1, 2, 3, 4}, 60*16), Labels: slices.Repeat([]int{0, 1}, 30),
		}
		set.Pictures[len(set.Pictures)-1] = last
		if err := library.Add(set); err != nil {
			t.Fatal(err)
		}
		return library
	}
	mine := s
	mine.Data = Data{Name: "own", Size: 8, Train: 40, Held: 20}
	learnt, err := New(mine, own(4))
	if err != nil {
		t.Fatal(err)
	}
	taught := state(t, learnt)
	same, err := New(mine, own(4))
	if err != nil {
		t.Fatal(err)
	}
	if err := same.Restore(taught); err != nil {
		t.Errorf("the same pictures: %v", err)
	}
	for name, c := range map[string]struct {
		settings Settings
		library  *Library
		state    []byte
	}{
		"another rate":    {other, new(Library), good},
		"fewer networks":  {fewer, new(Library), good},
		"cut off":         {s, new(Library), good[:len(good)-1]},
		"of no lab":       {s, new(Library), []byte("PK\x03\x04")},
		"nothing":         {s, new(Library), nil},
		"a network alone": {s, new(Library), trainerState(t, s)},
		"another picture": {mine, own(5), taught},
	} {
		l, err := New(c.settings, c.library)
		if err != nil {
			t.Fatal(err)
		}
		var known *Error
		if err := l.Restore(c.state); !errors.As(err, &known) || known.Why != WhyOtherRun {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// trainerState is the state of one network's training.
func trainerState(t *testing.T, s Settings) []byte {
	t.Helper()
	b, err := run(t, s, 1).members[0].trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A network that diverges stops, the others go on, and a state remembers it.
func TestDiverges(t *testing.T) {
	s := small()
	s.Training.Schedule, s.Training.Clip = train.Schedule{Rate: 1e20, Decay: train.DecayConstant}, 0
	s.Networks[0].Norm = false
	l := run(t, s, 12)
	_, at := l.Report(0)
	if at < 1 || at > 5 {
		t.Fatalf("a network without norms at a rate of 1e20 diverged at step %d, want one of the first", at)
	}
	again, err := New(s, new(Library))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Restore(state(t, l)); err != nil {
		t.Fatal(err)
	}
	if _, got := again.Report(0); got != at {
		t.Errorf("put back, it diverged at step %d, want %d", got, at)
	}
	if !again.Done() {
		t.Error("put back, it is not done")
	}
}

func TestScore(t *testing.T) {
	l := run(t, small(), 1)
	all := l.Score(0, 0)
	if all.Learnt.N != 40 || all.Held.N != 20 {
		t.Errorf("%d and %d pictures are scored, want 40 and 20", all.Learnt.N, all.Held.N)
	}
	if some := l.Score(0, 16); some.Learnt.N != 16 || some.Held.N != 16 {
		t.Errorf("%d and %d pictures are scored, want 16 of each", some.Learnt.N, some.Held.N)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Settings)
		want   Why
	}{
		"a depth of 9":          {func(s *Settings) { s.Networks[0].Depth = 9 }, WhySetting},
		"no network":            {func(s *Settings) { s.Networks = nil }, WhySetting},
		"a join of the future":  {func(s *Settings) { s.Networks[0].Join = "sum" }, WhySetting},
		"an unknown init":       {func(s *Settings) { s.Networks[0].Init = "zeros" }, WhySetting},
		"zero F and no x":       {func(s *Settings) { s.Networks[1].ZeroLast = true }, WhySetting},
		"no step":               {func(s *Settings) { s.Training.Steps = 0 }, WhySetting},
		"a batch of one":        {func(s *Settings) { s.Training.Batch = 1 }, WhySetting},
		"no rate":               {func(s *Settings) { s.Training.Schedule.Rate = 0 }, WhySetting},
		"nothing held out":      {func(s *Settings) { s.Data.Held = 0 }, WhyNoHeld},
		"a picture of 4 pixels": {func(s *Settings) { s.Data.Size = 4 }, WhySetting},
		"no such set":           {func(s *Settings) { s.Data.Name = "cats" }, WhyNoSet},
		"no such task":          {func(s *Settings) { s.Data.Task = "taste" }, WhySetting},
		"too difficult":         {func(s *Settings) { s.Data.Difficulty = 1.5 }, WhySetting},
	} {
		s := small()
		c.change(&s)
		_, err := New(s, new(Library))
		var known *Error
		if !errors.As(err, &known) || known.Why != c.want {
			t.Errorf("%s: %v, want the reason %q", name, err, c.want)
		}
	}
}

func TestMemoryLimit(t *testing.T) {
	s := small()
	s.Data.Size, s.Training.Batch = 64, 512
	s.Networks[0].Width, s.Networks[0].Depth = 64, 56
	_, err := New(s, new(Library))
	var memory *train.MemoryError
	if !errors.As(err, &memory) || memory.Bytes <= memory.Limit {
		t.Errorf("a network of some 10 GB: %v", err)
	}
}
