package kernel_test

import (
	"testing"

	"github.com/seed8935e608/residua/resnet/kernel/kerneltest"
)

// TestMain runs the tests on three threads, where the memory is shared.
func TestMain(m *testing.M) { kerneltest.Main(m, 2) }
