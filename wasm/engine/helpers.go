//go:build js

package main

import (
	"syscall/js"

	"github.com/seed8935e608/residua/resnet/kernel"
	"github.com/seed8935e608/residua/wasm/jsbridge"
)

// startHelpers has n helper workers started, in place of those that there are. Fewer may come, or none:
// then the others do their work.
func (e *engine) startHelpers(n int) {
	var helpers []any
	for _, h := range kernel.NewHelpers(n) {
		helpers = append(helpers, map[string]any{"control": int(h.Control), "scratch": int(h.Scratch)})
	}
	ready, err := jsbridge.Await(js.Global().Call("startHelpers", helpers))
	e.helpers = 0
	if err == nil {
		e.helpers = ready.Int()
	}
}

// compute runs work that uses the kernels. If a helper thread dies in the middle of it, all helpers are replaced and
// the work is run again; if that fails too, it is run without helpers.
func (e *engine) compute(work func()) {
	for _, helpers := range []int{e.helpers, 0} {
		if attempt(work) {
			return
		}
		e.startHelpers(helpers)
	}
	work()
}

// attempt tells whether all helpers lived through some work.
func attempt(work func()) (ok bool) {
	defer func() {
		if fault := recover(); fault != nil && fault != kernel.ErrHelperLost {
			panic(fault)
		}
	}()
	work()
	return true
}
