package main

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// offsetIn is the offset of a field in a struct of package layout, given the addresses of both.
func offsetIn[T any](of *T, field any) int {
	offset := reflect.ValueOf(field).Pointer() - uintptr(unsafe.Pointer(of))
	if offset >= unsafe.Sizeof(*of) {
		panic(fmt.Sprintf("%T is no field of %T", field, of))
	}
	return int(offset)
}

// fieldsOf gives the function that loads a field of the job at the given address.
func fieldsOf[T any](job local, args *T) func(field any) code {
	return func(field any) code { return load32(get(job), offsetIn(args, field)) }
}

// runUnit writes the function that computes one unit of a job of any kind:
//
//	run_unit(job, index, scratch)
//
// scratch is layout.ScratchBytes of memory of the calling thread's own.
func runUnit(m *module, kinds []*function) *function {
	f, p := m.function("run_unit", 3)
	job, index, scratch := p[0], p[1], p[2]
	header := new(layout.Header)
	field := fieldsOf(job, header)
	for kind, kernel := range kinds {
		f.emit(when(equal(field(&header.Kind), constant(kind)), call(kernel, get(job), get(index), get(scratch))))
	}
	return f
}

// runAlone writes what runs a job on one thread:
//
//	run(control, job, scratch) → 1
func runAlone(m *module, unit *function) {
	f, p := m.export("run", 3)
	f.results = 1
	job, scratch := p[1], p[2]
	header := new(layout.Header)
	i := f.v(i32)
	f.emit(
		while(less(get(i), fieldsOf(job, header)(&header.Count)),
			call(unit, get(job), get(i), get(scratch)),
			step(i, 1)),
		result(constant(1)))
}
