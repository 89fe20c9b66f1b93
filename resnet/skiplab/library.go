package skiplab

import (
	"strings"

	"github.com/seed8935e608/residua/resnet/shapes"
	"github.com/seed8935e608/residua/resnet/train"
)

// Library has the sets that labs learn from, by name. It keeps the last split, since whoever changes a setting most
// often keeps the data.
type Library struct {
	sets map[string]*Set
	last split
}

// split is the examples of some data.
type split struct {
	data        Data
	classes     []string
	learn, held *Examples
}

// Add puts a set into the library, in place of one with the same name.
func (l *Library) Add(s *Set) error {
	if err := s.Check(); err != nil {
		return err
	}
	if l.sets == nil {
		l.sets = map[string]*Set{}
	}
	l.sets[s.Name] = s
	l.last = split{}
	return nil
}

// examples gives what networks learn from and what judges them.
func (l *Library) examples(d Data) (split, error) {
	if err := d.check(); err != nil {
		return split{}, err
	}
	if l.last.learn != nil && l.last.data == d {
		return l.last, nil
	}
	of := split{data: d}
	var err error
	if d.Name == Shapes {
		of, err = drawn(d)
	} else if set, ok := l.sets[d.Name]; ok {
		of.classes = set.Classes
		of.learn, of.held, err = set.Split(d)
	} else {
		err = fault(WhyNoSet, "there are no pictures %q", d.Name)
	}
	if err != nil {
		return split{}, err
	}
	l.last = of
	return of, nil
}

// Samples are the first count pictures that networks would learn, and the names of the classes.
func (l *Library) Samples(d Data, count int) (classes []string, pictures *Examples, err error) {
	of, err := l.examples(d)
	if err != nil {
		return nil, nil, err
	}
	return of.classes, of.learn.first(count), nil
}

// drawn draws pictures; those that judge come behind those to learn from. Without a domain every other picture is of
// the second.
func drawn(d Data) (split, error) {
	s := shapes.Set{
		Task: shapes.Task(d.Task), Domain: shapes.Domain(d.Domain), Size: d.Size, Difficulty: d.Difficulty,
		Seed: splitSeed,
	}
	domains := []shapes.Domain{s.Domain}
	if d.Domain == "" {
		domains = shapes.Domains()
		s.Domain = domains[0]
	}
	if err := s.Check(); err != nil {
		return split{}, fault(WhySetting, "%s", strings.TrimPrefix(err.Error(), "shapes: "))
	}
	draw := func(first, n int) *Examples {
		e := &Examples{Size: d.Size, Pixels: make([]byte, n*s.Len()), Labels: make([]int, n)}
		for i := range n {
			s.Domain = domains[i%len(domains)]
			e.Labels[i] = s.Draw(e.Pixels[i*s.Len():][:s.Len()], first+i)
		}
		return e
	}
	return split{d, s.Task.Classes(), draw(0, d.Train), draw(d.Train, d.Held)}, nil
}

// signalPictures is how many pictures a signal is measured with. Norms see 16·4·4 values of a channel in the last stage
// of the smallest pictures, and a network of 56 layers takes some tens of milliseconds.
const signalPictures = 16

// Measured is how a signal fared in a network before any training.
type Measured struct {
	Net    *train.Net
	Bytes  int64 // of memory in training
	Layers []train.Layer
	Score  train.Score // of the batch
}

// Signal makes network i of the settings and runs a batch through it and back. It returns an *Error for settings or
// pictures that nothing can be learnt with, and a *train.MemoryError if the networks would take too much together.
func (l *Library) Signal(s Settings, i int) (Measured, error) {
	if err := s.Check(); err != nil {
		return Measured{}, err
	}
	data, err := l.examples(s.Data)
	if err != nil {
		return Measured{}, err
	}
	if err := s.checkMemory(len(data.classes)); err != nil {
		return Measured{}, err
	}
	bytes, err := s.Memory(i, len(data.classes))
	if err != nil {
		return Measured{}, err
	}
	small := s
	small.Training.Batch = signalPictures
	net, err := small.net(s.Networks[i], len(data.classes))
	if err != nil {
		return Measured{}, err
	}
	x, labels := data.learn.batch(signalPictures)
	layers, score := Signal(net, x, labels)
	return Measured{net, bytes, layers, score}, nil
}

// Transferral prepares the experiment of Transfer: the first network of the settings learns from, then the settings'
// own pictures. Both sides have the settings' steps. Each of the seeds, from the settings' on, is a run.
func (l *Library) Transferral(s Settings, from Data, seeds int) (Transferral, error) {
	if err := s.Check(); err != nil {
		return Transferral{}, err
	}
	if seeds < 2 || seeds > MaxSeeds {
		return Transferral{}, fault(WhySetting, "%d seeds; there can be 2 to %d", seeds, MaxSeeds)
	}
	if from.Size != s.Data.Size {
		return Transferral{}, fault(WhySetting, "pictures of %d pixels a side, and then of %d", from.Size, s.Data.Size)
	}
	t := Transferral{Options: s.options(s.Networks[0])}
	for i, d := range []Data{from, s.Data} {
		of, err := l.examples(d)
		if err != nil {
			return Transferral{}, err
		}
		side := Side{len(of.classes), of.learn.pictures(), of.held.pictures(), s.Training}
		if i == 0 {
			t.From = side
		} else {
			t.To = side
		}
	}
	config, err := s.Networks[0].Config(t.To.Classes)
	if err != nil {
		return Transferral{}, fault(WhySetting, "%v", err)
	}
	t.Config = config
	for i := range seeds {
		t.Seeds = append(t.Seeds, s.Seed+uint64(i))
	}
	return t, nil
}
