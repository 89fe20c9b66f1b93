package kernel

import (
	"testing"
	"unsafe"
)

// TestArgsLayout holds convArgs to the offsets that the emitter has.
func TestArgsLayout(t *testing.T) {
	var a convArgs
	for i, got := range []uintptr{
		unsafe.Offsetof(a.src), unsafe.Offsetof(a.zero), unsafe.Offsetof(a.weights),
		unsafe.Offsetof(a.residual), unsafe.Offsetof(a.dst), unsafe.Offsetof(a.offsets), unsafe.Offsetof(a.rows),
	} {
		if got != uintptr(8*i) {
			t.Errorf("pointer field %d lies at %d, want %d", i, got, 8*i)
		}
	}
	for i, got := range []uintptr{
		unsafe.Offsetof(a.rows), unsafe.Offsetof(a.n), unsafe.Offsetof(a.k),
		unsafe.Offsetof(a.taps), unsafe.Offsetof(a.ld), unsafe.Offsetof(a.relu),
	} {
		if got != uintptr(48+4*i) {
			t.Errorf("number field %d lies at %d, want %d", i, got, 48+4*i)
		}
	}
}
