package kernel

import (
	"os"
	"syscall/js"
	"testing"
)

// TestMain starts two helper threads for the tests, where the memory is shared.
func TestMain(m *testing.M) {
	var helpers []any
	for i := 1; i <= 2; i++ {
		control, scratch := Helper(i)
		helpers = append(helpers, map[string]any{"control": int(control), "scratch": int(scratch)})
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
