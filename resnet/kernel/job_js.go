package kernel

import "unsafe"

// The kinds of jobs, as the emitter has them.
const (
	kindConv6 = iota
	kindConv5
	kindConv4
	kindMaxPool
	kindWinogradInput
	kindWinogradOutput
)

// header is the head of every job: what is to be computed, and in how many units. A job's pointers take 8 bytes each,
// of which the kernels read the lower 4; the emitter knows all offsets.
type header struct{ kind, count int32 }

// control is the block by which threads share a job; scratch is memory of each thread's own.
var (
	control [8]uint64
	scratch [maxThreads][scratchBytes / 8]uint64
)

const (
	maxThreads   = 32
	scratchBytes = 1 << 10
)

//go:wasmimport kernels run
func runJob(control, job, scratch unsafe.Pointer) int32

// run carries out a job on all threads.
func run(job unsafe.Pointer) {
	if runJob(unsafe.Pointer(&control), job, unsafe.Pointer(&scratch[0])) == 0 {
		panic(ErrHelperLost)
	}
}

// Helper is what the i-th helper thread, from 1, needs to call the kernels' help: the addresses of the threads' control block
// and of its own scratch memory.
func Helper(i int) (control_, scratch_ uintptr) {
	return uintptr(unsafe.Pointer(&control)), uintptr(unsafe.Pointer(&scratch[i]))
}

// MaxHelpers is how many helpers there may be.
const MaxHelpers = maxThreads - 1
