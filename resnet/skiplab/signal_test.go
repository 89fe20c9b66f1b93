package skiplab

import (
	"reflect"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/train"
)

// four are settings of four networks that share some weights.
func four() Settings {
	s := small()
	s.Networks = append(s.Networks,
		Network{Depth: 8, Join: op.JoinGate, Norm: true, Width: 4, Init: train.InitHeIn},
		Network{Depth: 14, Join: op.JoinProduct, Width: 4})
	return s
}

func measureAll(t *testing.T, l *Library, s Settings) []Measured {
	t.Helper()
	signals, err := l.Signals(s)
	if err != nil {
		t.Fatal(err)
	}
	var all []Measured
	for i := range s.Networks {
		m, err := signals.Measure(i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// TestMeasureAgain: a library that has measured other settings tells the very same as a new one.
func TestMeasureAgain(t *testing.T) {
	var l Library
	s := four()
	for _, change := range []struct {
		what string
		do   func()
	}{
		{"nothing", func() {}},
		{"again", func() {}},
		{"another seed", func() { s.Seed++ }},
		{"another width", func() { s.Networks[1].Width = 3 }},
		{"another initialisation", func() { s.Networks[2].Init = train.InitXavier }},
		{"zeros", func() { s.Networks[0].ZeroLast = true }},
		{"no zeros", func() { s.Networks[0].ZeroLast = false }},
		{"the networks in another order", func() { s.Networks[0], s.Networks[2] = s.Networks[2], s.Networks[0] }},
		{"equal networks", func() { s.Networks[3] = s.Networks[0] }},
		{"one network", func() { s.Networks = s.Networks[:1] }},
		{"others", func() { s = four(); s.Networks[0].Depth = 20 }},
		{"another batch", func() { s.Training.Batch = 4 }},
		{"other pictures", func() { s.Data.Size = 12 }},
		{"forgotten", l.ForgetSignals},
	} {
		change.do()
		if got, want := measureAll(t, &l, s), measureAll(t, new(Library), s); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", change.what, got, want)
		}
		if n := len(l.measured.list); n > MaxNetworks {
			t.Errorf("%s: %d measurements are kept", change.what, n)
		}
	}
}

// TestMeasureKeeps: networks of the same form are made once, and what is known is not measured again.
func TestMeasureKeeps(t *testing.T) {
	var l Library
	s := four()
	measureAll(t, &l, s)
	nets := func() map[*train.Net]bool {
		all := map[*train.Net]bool{}
		for _, m := range l.measured.list {
			all[m.net] = true
		}
		return all
	}
	before := nets()
	s.Seed++
	first := measureAll(t, &l, s)
	if !reflect.DeepEqual(nets(), before) {
		t.Error("another seed made other networks")
	}
	again := measureAll(t, &l, s)
	for i := range first {
		if &first[i].Layers[0] != &again[i].Layers[0] {
			t.Errorf("network %d was measured again", i)
		}
	}
	// A library with other pictures of the same name has nothing of the old ones.
	if err := l.Add(&Set{Name: "other", Classes: []string{"a", "b"}, Height: 8, Width: 8, Channels: 3,
		Pictures: make([]byte, 2*8*8*3), Labels: []int{0, 1}}); err != nil {
		t.Fatal(err)
	}
	if len(l.measured.list) != 0 {
		t.Error("signals are kept beyond the pictures")
	}
}

// TestMeasureMemory: networks beyond the limit are not kept, what they told is.
func TestMeasureMemory(t *testing.T) {
	m := measurements{list: []*measurement{
		{net: new(train.Net), bytes: maxKeptBytes - 5},
		{net: new(train.Net), bytes: 6},
		{net: new(train.Net), bytes: 5},
	}}
	m.limit()
	if m.list[0].net == nil || m.list[1].net != nil || m.list[2].net == nil {
		t.Errorf("other networks are kept: %+v", m.list)
	}
}
