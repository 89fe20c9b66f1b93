package train

import (
	"fmt"
	"testing"

	"github.com/seed8935e608/residua/resnet/kernel/kerneltest"
)

// TestMain runs the tests on two threads, where the memory is shared.
func TestMain(m *testing.M) { kerneltest.Main(m, 1) }

// TestThreads: any number of threads leads to the very same weights. Where the memory is not shared, all runs are on
// one.
func TestThreads(t *testing.T) {
	var first *Trainer
	for _, helpers := range []int{1, 0, 2} {
		kerneltest.StartHelpers(helpers)
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
