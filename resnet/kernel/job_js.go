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
	kindPack
	kindTranspose
	kindGrouped6
	kindGrouped5
	kindGrouped4
	kindPaired6
	kindPaired5
	kindPaired4
	kindAffine
	kindLargest
	kindQuantiseBytes
	kindQuantiseWords
	kindWords5
	kindWords4
	kindBytes6 // from here on relaxed SIMD's
	kindBytes5
	kindBytes4
	kindPairs4
)

// header is the head of every job: what is to be computed, and in how many units. A job's pointers take 8 bytes each,
// of which the kernels read the lower 4; the emitter knows all offsets.
type header struct{ kind, count int32 }

// team is what threads share that work together: the control block, by which they share a job, and scratch memory of each one's own.
type team struct {
	control [8]uint64
	scratch [maxThreads][scratchBytes / 8]uint64
}

const (
	maxThreads   = 32
	scratchBytes = 1 << 10
)

// MaxHelpers is how many helpers there may be.
const MaxHelpers = maxThreads - 1

var (
	present = new(team)
	// past are the teams that were dissolved. A helper that was ended may run on for a while; it then looks at its own team's control block,
	// where nothing happens any more.
	past []*team
)

//go:wasmimport kernels run
func runJob(control, job, scratch unsafe.Pointer) int32

// run carries out a job on all threads.
func run(job unsafe.Pointer) {
	if runJob(unsafe.Pointer(&present.control), job, unsafe.Pointer(&present.scratch[0])) == 0 {
		panic(ErrHelperLost)
	}
}

// Helper is what a helper thread needs to call the kernels' help: the addresses of its team's control block and of its own scratch memory.
type Helper struct{ Control, Scratch uintptr }

// NewHelpers dissolves the present team and gives what n helpers of a new one need. Until they run, this thread computes alone.
func NewHelpers(n int) []Helper {
	past = append(past, present)
	present = new(team)
	helpers := make([]Helper, n)
	for i := range helpers {
		helpers[i] = Helper{uintptr(unsafe.Pointer(&present.control)), uintptr(unsafe.Pointer(&present.scratch[i+1]))}
	}
	return helpers
}
