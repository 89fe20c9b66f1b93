package main

// A job is a struct in memory that says what is to be computed; it is computed in units, in any order and by any number of threads.
// Every job begins with its kind and its count of units. A test in package kernel holds these offsets to unsafe.Offsetof.
const (
	jobKind  = 0
	jobCount = 4
)

// The kinds of jobs, as package kernel has them.
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

// The control block of the threads (see threads).
const (
	controlState = 0  // i64: the job's number in the upper half, the next unit in the lower
	controlJob   = 8  // the job
	controlCount = 12 // its count of units
	controlDone  = 16 // units that are finished
	controlBytes = 20
)

// unit writes the function that computes one unit of a job:
//
//	unit(job, index, scratch)
//
// scratch is 1 KiB of memory of the calling thread's own.
func unit(m *module, kinds map[int]*function) *function {
	f, p := m.function("", 3)
	job, index, scratch := p[0], p[1], p[2]
	for kind := range len(kinds) {
		f.emit(when(equal(load32(get(job), jobKind), constant(kind)), call(kinds[kind], get(job), get(index), get(scratch))))
	}
	return f
}

// single writes what runs a job on one thread:
//
//	run(control, job, scratch) → 1
func single(m *module, unit *function) {
	f, p := m.function("run", 3)
	f.results = 1
	job, scratch := p[1], p[2]
	i := f.v(i32)
	f.emit(
		while(less(get(i), load32(get(job), jobCount)),
			call(unit, get(job), get(i), get(scratch)),
			step(i, 1)),
		result(constant(1)))
}
