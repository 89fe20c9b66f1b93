// Package concurrent checks that goroutines can share models, as package resnet promises. It has only this test, which
// is small because the race detector runs it.
package concurrent

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/seed8935e608/residua/internal/eightbits"
	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

const size = 20 // of the pictures

// networks have among them each kind of buffer: of a stem with and without a pool, of shortcuts of all kinds, of
// pre-activation and of a join that is no sum.
var networks = map[string]resnet.Config{
	"basic": {Block: resnet.Basic, Layers: []int{2, 1}, Width: 4, Expansion: 1, Stem: resnet.StemImageNet,
		NormEpsilon: 1e-5, Join: resnet.JoinAdd, Classes: 3},
	"grouped bottleneck": {Block: resnet.Bottleneck, Layers: []int{1, 1}, Width: 8, Expansion: 2,
		StrideIn: resnet.StrideIn3x3, Groups: 2, GroupWidth: 32, Stem: resnet.StemImageNet, NormEpsilon: 1e-5,
		Join: resnet.JoinAdd, Classes: 3},
	"pre-activation": {Block: resnet.Basic, Layers: []int{1, 1}, Width: 4, Expansion: 1, PreActivation: true,
		Shortcut: resnet.ShortcutPad, Stem: resnet.StemCIFAR, NormEpsilon: 1e-5, Join: resnet.JoinGate, Classes: 3},
}

// load loads a network of the table, in eight bits or not.
func load(t *testing.T, c resnet.Config, eightBits bool) *resnet.Model {
	t.Helper()
	b, err := hashnet.File(c, size)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if eightBits {
		f = eightbits.File(t, f)
	}
	compute := resnet.Float32
	if eightBits {
		compute = resnet.Int8
	}
	m, err := resnet.LoadFile(f, resnet.WithCompute(compute))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// picture makes one of several pictures.
func picture(k int) []float32 {
	x := hashnet.Picture(size)
	for i := range x {
		x[i] *= float32(k%3 + 1)
		if i%(k+2) == 0 {
			x[i] = -x[i]
		}
	}
	return x
}

// answers are numbers, the same in each run.
type answers struct {
	values []float32
	err    error
}

func (a *answers) add(values ...float32) { a.values = append(a.values, values...) }

func (a *answers) parts(p resnet.Parts) {
	a.add(p.X...)
	a.add(p.F...)
	a.add(p.Y...)
	x, f, y := p.Norms()
	a.add(float32(x), float32(f), float32(y))
}

func (a *answers) result(r resnet.Result) {
	a.add(r.Features...)
	a.add(r.Logits...)
}

func (a *answers) of(m resnet.Map, err error) {
	a.add(m.Values...)
	a.failed(err)
}

func (a *answers) failed(err error) {
	if a.err == nil {
		a.err = err
	}
}

// pass asks all that a model answers about a picture.
func (a *answers) pass(m *resnet.Model, k int) {
	x := picture(k)
	a.result(m.Forward(x, nil))
	a.result(m.Forward(x, func(_ int, p resnet.Parts) { a.parts(p) }))
	last := make([]float32, m.LastInputShape().Len())
	m.LastInput(last, x)
	a.add(last...)
	a.result(m.FromLastInput(last))
	a.add(float32(len(m.Profile(x, 1))))
	r := m.NewRecord()
	a.result(r.Forward(x, nil))
	_, err := r.Ablate(map[int]resnet.Part{1: resnet.Residual})
	a.failed(err)
	a.questions(r)
}

// questions asks all that a record answers.
func (a *answers) questions(r *resnet.Record) {
	for block := range r.Blocks() {
		a.of(r.GradCAM(block%3, block, resnet.SourceF))
		contributions, err := r.Contributions(0, block, resnet.SourceX)
		a.add(contributions...)
		a.failed(err)
		p, err := r.Block(block)
		a.failed(err)
		a.parts(p)
		moments, err := r.Moments(block)
		a.add(float32(moments.Cosine()))
		a.failed(err)
		in, _ := r.Input(block)
		a.add(in...)
	}
	a.of(r.CAM(1))
	a.of(r.Occlusion(0, 8, 10, nil))
	final, _ := r.Final()
	a.add(final...)
	without, err := r.Sweep(2, nil)
	a.failed(err)
	for _, p := range without {
		a.add(float32(p))
	}
}

// TestGoroutines: several goroutines that share a model and a record, and others with another model, get what one alone
// gets, to the bit.
func TestGoroutines(t *testing.T) {
	const goroutines = 6
	type shared struct {
		name   string
		model  *resnet.Model
		record *resnet.Record
		want   [goroutines]answers // of each picture
		asked  answers             // of the record
	}
	var all []*shared
	for name, c := range networks {
		for _, eightBits := range []bool{false, true} {
			s := &shared{name: fmt.Sprintf("%s, eight bits: %t", name, eightBits), model: load(t, c, eightBits)}
			alone := load(t, c, eightBits)
			for k := range s.want {
				s.want[k].pass(alone, k)
				if err := s.want[k].err; err != nil {
					t.Fatal(err)
				}
			}
			r := alone.NewRecord()
			r.Forward(picture(0), nil)
			s.asked.questions(r)
			s.record = s.model.NewRecord()
			s.record.Forward(picture(0), nil)
			all = append(all, s)
		}
	}
	var wait sync.WaitGroup
	for _, s := range all {
		for k := range goroutines {
			wait.Go(func() {
				m := s.model
				if k%2 == 1 { // a copy shares everything
					copied := *m
					m = &copied
				}
				var passed, asked answers
				passed.pass(m, k)
				asked.questions(s.record)
				if passed.err != nil || !slices.Equal(passed.values, s.want[k].values) {
					t.Errorf("%s: picture %d gets other answers beside others (%v)", s.name, k, passed.err)
				}
				if asked.err != nil || !slices.Equal(asked.values, s.asked.values) {
					t.Errorf("%s: the record gives other answers to several (%v)", s.name, asked.err)
				}
			})
		}
	}
	wait.Wait()
}
