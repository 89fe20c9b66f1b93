package freelist

import (
	"runtime"
	"sync"
	"testing"
)

// One after the other get the same value, whatever the garbage collector does.
func TestOneAtATime(t *testing.T) {
	made := 0
	l := New(func() *int { made++; return new(int) })
	for range 5 {
		v := l.Take()
		runtime.GC()
		l.Give(v)
		runtime.GC()
	}
	if made != 1 {
		t.Errorf("%d values were made, want 1", made)
	}
}

// No value is given to two at a time, and not all are kept.
func TestSeveral(t *testing.T) {
	l := New(func() *int { return new(int) })
	var all []*int
	taken := map[*int]bool{}
	for range runtime.GOMAXPROCS(0) + 3 {
		v := l.Take()
		if taken[v] {
			t.Fatal("a value was given twice")
		}
		taken[v] = true
		all = append(all, v)
	}
	for _, v := range all {
		l.Give(v)
	}
	if got, want := len(l.free), runtime.GOMAXPROCS(0); got != want {
		t.Errorf("%d values are kept, want %d", got, want)
	}
}

// The race detector watches this one.
func TestGoroutines(t *testing.T) {
	l := New(func() *int { return new(int) })
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 100 {
				v := l.Take()
				*v++
				l.Give(v)
			}
		})
	}
	wait.Wait()
}
