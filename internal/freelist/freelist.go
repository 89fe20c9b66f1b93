// Package freelist keeps memory that a computation needs for a while, so that the next one does not allocate it again.
package freelist

import (
	"runtime"
	"sync"
)

// A List has the values that nobody uses at the moment. Unlike a sync.Pool it never drops its last one: a program that
// computes one thing at a time always uses the same memory. Its methods may be called by several goroutines at once.
type List[T any] struct {
	make func() T

	mu   sync.Mutex
	free []T
}

// New makes a list, with one value in it. make makes more.
func New[T any](make func() T) *List[T] {
	return &List[T]{make: make, free: []T{make()}}
}

// Take gives a value that belongs to the caller until Give.
func (l *List[T]) Take() T {
	l.mu.Lock()
	last := len(l.free) - 1
	if last < 0 {
		l.mu.Unlock()
		return l.make()
	}
	defer l.mu.Unlock()
	v := l.free[last]
	clear(l.free[last:])
	l.free = l.free[:last]
	return v
}

// Give puts a value back. As many are kept as goroutines can run at the same time; the garbage collector gets the
// others.
func (l *List[T]) Give(v T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.free) < runtime.GOMAXPROCS(0) {
		l.free = append(l.free, v)
	}
}
