package train

import (
	"fmt"
	"os"
	"syscall/js"
	"testing"

	"github.com/seed8935e608/residua/resnet/kernel"
)

// TestMain starts one helper thread, where the memory is shared: the tests then run on two.
func TestMain(m *testing.M) {
	startHelpers(1)
	os.Exit(m.Run())
}

// startHelpers replaces the helper threads by so many new ones, and waits for them.
func startHelpers(n int) {
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

// TestThreads: any number of threads leads to the very same weights. Where the memory is not shared, all runs are on
// one.
func TestThreads(t *testing.T) {
	var first *Trainer
	for _, helpers := range []int{1, 0, 2} {
		startHelpers(helpers)
		trainer := newTestTrainer(t, settings(AdamW{}, 5))
		for !trainer.Done() {
			mustStep(t, trainer)
		}
		if first == nil {
			first = trainer
		}
		mustEqual(t, fmt.Sprintf("%d helper threads", helpers), first, trainer)
	}
}
