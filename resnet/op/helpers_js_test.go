package op

import (
	"os"
	"syscall/js"
	"testing"

	"github.com/seed8935e608/residua/resnet/kernel"
)

// TestMain starts one helper thread, where the memory is shared: the tests and benchmarks then run on two.
func TestMain(m *testing.M) {
	var helpers []any
	for _, h := range kernel.NewHelpers(1) {
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
