//go:build js

package main

import (
	"syscall/js"

	"github.com/seed8935e608/residua/resnet/kernel"
	"github.com/seed8935e608/residua/wasm/jsbridge"
)

// startHelpers replaces the helper workers by n new ones. Fewer may come, or none; the others then do their work.
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

// compute runs work that uses the kernels. If a helper thread dies meanwhile, compute replaces all helpers and runs the
// work again, and if that fails too it runs the work without helpers.
func (e *engine) compute(work func()) {
	for _, helpers := range []int{e.helpers, 0} {
		if attempt(work) {
			return
		}
		e.startHelpers(helpers)
	}
	work()
}

// attempt runs work and reports whether all helpers survived it.
func attempt(work func()) (ok bool) {
	defer func() {
		if fault := recover(); fault != nil && fault != kernel.ErrHelperLost {
			panic(fault)
		}
	}()
	work()
	return true
}
