package transfer

import (
	"testing"

	"github.com/seed8935e608/residua/resnet/kernel/kerneltest"
)

// TestMain runs the tests and benchmarks on two threads, where the memory is shared.
func TestMain(m *testing.M) { kerneltest.Main(m, 1) }
