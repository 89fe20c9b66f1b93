package kernel

import (
	"sync"
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// threadPool is the memory that the threads share which compute together: the control block, by which they share a job,
// and scratch memory of each one's own.
type threadPool struct {
	control layout.Control
	scratch [maxThreads][layout.ScratchBytes / 8]uint64
}

// maxThreads is how many threads compute together: the main thread and its helpers.
const maxThreads = 32

// MaxHelpers is how many helpers there may be.
const MaxHelpers = maxThreads - 1

var (
	threads = new(threadPool)
	// former are the thread pools that were dissolved. A helper that was ended may run on for a while. It then looks at
	// the control block of its own pool, where nothing happens any more.
	former []*threadPool
)

// threadCount is how many threads may take units: the main thread, and the helpers that the pool is for.
var threadCount = 1

// computing is held while a function of this package uses the scratch buffers and the jobs, which are global so that
// memory does not grow.
var computing sync.Mutex

// enter and leave enclose what only one goroutine at a time may do.
func enter() { computing.Lock() }

func leave() { computing.Unlock() }

//go:wasmimport kernels run
func runJob(control, job, scratch unsafe.Pointer) int32

// run carries out a job on all threads.
func run(job unsafe.Pointer) {
	if runJob(unsafe.Pointer(&threads.control), job, unsafe.Pointer(&threads.scratch[0])) == 0 {
		panic(ErrHelperLost)
	}
}

// Helper is what a helper thread needs to call the kernels' help: the addresses of its pool's control block and of its
// own scratch memory.
type Helper struct{ Control, Scratch uintptr }

// NewHelpers dissolves the thread pool and gives what n helpers of a new one need. Until they run, this thread computes
// alone.
func NewHelpers(n int) []Helper {
	enter()
	defer leave()
	former = append(former, threads)
	threads = new(threadPool)
	threadCount = 1 + n
	helpers := make([]Helper, n)
	for i := range helpers {
		helpers[i].Control = uintptr(unsafe.Pointer(&threads.control))
		helpers[i].Scratch = uintptr(unsafe.Pointer(&threads.scratch[i+1]))
	}
	return helpers
}

// grown is x, or a longer slice, with a length of n.
func grown[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}
