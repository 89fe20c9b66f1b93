package kernel

import (
	"testing"
	"unsafe"
)

// TestControlAlignment: the threads work on the control block by atomics of 64 bits.
func TestControlAlignment(t *testing.T) {
	if uintptr(unsafe.Pointer(&threads.control))%8 != 0 {
		t.Error("the control block is not aligned for 64-bit atomics")
	}
}
