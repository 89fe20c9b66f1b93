package skiplab

import (
	"strings"

	"github.com/seed8935e608/residua/resnet/shapes"
)

// Library has the sets that labs learn from, by name. It keeps the last split and the last signals, since whoever
// changes a setting most often keeps the data and the other networks. Only one goroutine may use it.
type Library struct {
	sets     map[string]*Set
	last     split
	measured measurements
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
	l.measured.forget()
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
