package main

import (
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// This file writes how the thread pool shares a job's units. Each thread takes the next unit until none is left.
//
// The next unit and the job's number are one word. So a thread that was held up between looking and taking cannot take
// a unit of another job: its compare-and-exchange fails. While the main thread writes a new job, the word says that
// nothing is left.

// Offsets in the control block.
const (
	controlState = int(unsafe.Offsetof(layout.Control{}.State))
	controlJob   = int(unsafe.Offsetof(layout.Control{}.Job))
	controlCount = int(unsafe.Offsetof(layout.Control{}.Count))
	controlDone  = int(unsafe.Offsetof(layout.Control{}.Done))
)

const (
	// helperSpins is how often a helper looks for a new job before it sleeps: some 100 µs, longer than the gaps between
	// the layers of a pass.
	helperSpins = 60_000
	// mainSpins is how often the main thread looks whether the last units are finished before it sleeps.
	mainSpins = 200_000
	// patience is how long, in nanoseconds, the main thread then waits before it holds a helper for lost.
	patience = 3_000_000_000
	// nothingLeft is a next unit that no job has.
	nothingLeft = 1<<31 - 1
)

func wide(a code) code                      { return op(0xAD, a) } // i64 of u32
func narrow(a code) code                    { return op(0xA7, a) } // i32 of i64
func upper(a code) code                     { return narrow(op(0x88, a, constant64(32))) }
func or64(a, b code) code                   { return op(0x84, a, b) }
func add64(a, b code) code                  { return op(0x7C, a, b) }
func equal64(a, b code) code                { return op(0x51, a, b) }
func constant64(n int64) code               { return append(code{0x42}, sleb(n)...) }
func atomicLoad(addr code, off int) code    { return atomic(0x10, 2, off, addr) }
func atomicLoad64(addr code, off int) code  { return atomic(0x11, 3, off, addr) }
func atomicStore(addr, v code, o int) code  { return atomic(0x17, 2, o, addr, v) }
func atomicStore64(a, v code, o int) code   { return atomic(0x18, 3, o, a, v) }
func atomicAdd(addr, v code, off int) code  { return atomic(0x1E, 2, off, addr, v) }
func exchange64(a, was, v code, o int) code { return atomic(0x49, 3, o, a, was, v) }
func notify(addr, n code, off int) code     { return atomic(0x00, 2, off, addr, n) }
func drop(a code) code                      { return op(0x1A, a) }

// wait sleeps while memory holds was, for at most ns nanoseconds (-1: for ever): 0 woken, 1 it held something else, 2
// timed out.
func wait(addr, was code, ns int64, off int) code {
	return atomic(0x01, 2, off, addr, was, constant64(ns))
}

func wait64(addr, was code, ns int64, off int) code {
	return atomic(0x02, 3, off, addr, was, constant64(ns))
}

// takeUnits writes the function that takes units of the present job and computes them, until none is left:
//
//	take_units(control, scratch)
func takeUnits(m *module, unit *function) *function {
	f, p := m.function("take_units", 2)
	control, scratch := p[0], p[1]
	state, job, count, next, going := f.v(i64), f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	f.emit(
		doWhile(get(going),
			set(state, atomicLoad64(get(control), controlState)),
			set(job, atomicLoad(get(control), controlJob)),
			set(count, atomicLoad(get(control), controlCount)),
			set(next, narrow(get(state))),
			set(going, less(get(next), get(count))),
			when(get(going),
				when(equal64(exchange64(get(control), get(state), add64(get(state), constant64(1)), controlState),
					get(state)),
					call(unit, get(job), get(next), get(scratch)),
					when(equal(add(atomicAdd(get(control), constant(1), controlDone), constant(1)), get(count)),
						drop(notify(get(control), constant(1), controlDone)))))))
	return f
}

// runShared writes what runs a job on the main thread and all helpers:
//
//	run(control, job, scratch) → 1, or 0 if a helper that took a unit does not finish it
func runShared(m *module, takeUnits *function) {
	f, p := m.export("run", 3)
	f.results = 1
	control, job, scratch := p[0], p[1], p[2]
	header := new(layout.Header)
	number, count, done, spins := f.v(i32), f.v(i32), f.v(i32), f.v(i32)
	state := func(next int) code {
		return or64(op(0x86, wide(get(number)), constant64(32)), constant64(int64(next)))
	}
	f.emit(
		set(number, add(upper(atomicLoad64(get(control), controlState)), constant(1))),
		set(count, fieldsOf(job, header)(&header.Count)),
		atomicStore64(get(control), state(nothingLeft), controlState),
		atomicStore(get(control), get(job), controlJob),
		atomicStore(get(control), get(count), controlCount),
		atomicStore(get(control), constant(0), controlDone),
		atomicStore64(get(control), state(0), controlState),
		drop(notify(get(control), constant(-1), controlState)),
		call(takeUnits, get(control), get(scratch)),
		while(less(tee(done, atomicLoad(get(control), controlDone)), get(count)),
			step(spins, 1),
			when(greater(get(spins), constant(mainSpins)),
				when(equal(wait(get(control), get(done), patience, controlDone), constant(2)),
					result(constant(0))))),
		result(constant(1)))
}

// help writes what a helper thread does for ever:
//
//	help(control, scratch)
func help(m *module, takeUnits *function) {
	f, p := m.export("help", 2)
	control, scratch := p[0], p[1]
	seen, spins := f.v(i64), f.v(i32)
	f.emit(
		forever(
			call(takeUnits, get(control), get(scratch)),
			set(seen, atomicLoad64(get(control), controlState)),
			set(spins, constant(helperSpins)),
			while(and(equal64(atomicLoad64(get(control), controlState), get(seen)), greater(get(spins), constant(0))),
				step(spins, -1)),
			when(isZero(get(spins)),
				drop(wait64(get(control), get(seen), -1, controlState)))))
}
