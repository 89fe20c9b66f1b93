// Package kerneltest starts helper threads for tests in a browser, where web/test/gotest-worker.js gives them. It is in
// no program that is shipped.
package kerneltest

import (
	"os"
	"syscall/js"
	"testing"

	"github.com/seed8935e608/residua/resnet/kernel"
)

// Main is what a package's TestMain calls: it starts n helper threads, where the memory is shared, and runs the tests.
// It does not return.
func Main(m *testing.M, n int) {
	StartHelpers(n)
	os.Exit(m.Run())
}

// StartHelpers replaces the helper threads by n new ones, and waits until they run. Where the memory is not shared,
// none do.
func StartHelpers(n int) {
	var helpers []any
	for _, h := range kernel.NewHelpers(n) {
		helpers = append(helpers, map[string]any{"control": int(h.Control), "scratch": int(h.Scratch)})
	}
	started := make(chan int)
	then := js.FuncOf(func(_ js.Value, args []js.Value) any {
		started <- args[0].Int()
		return nil
	})
	js.Global().Call("startHelpers", helpers).Call("then", then)
	<-started
	then.Release()
}
