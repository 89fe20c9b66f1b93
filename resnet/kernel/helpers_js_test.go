package kernel

import (
	"os"
	"syscall/js"
	"testing"
)

// TestMain starts two helper threads for the tests, where the memory is shared.
func TestMain(m *testing.M) {
	var helpers []any
	for _, h := range NewHelpers(2) {
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
	os.Exit(m.Run())
}
