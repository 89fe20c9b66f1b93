package kernel

import (
	"os"
	"testing"
)

// TestInt8Pays: plain SIMD is the same everywhere, and so is what pays there. Relaxed SIMD pays everywhere or nowhere, as the processor is.
func TestInt8Pays(t *testing.T) {
	got, kernels := Int8Pays(), os.Getenv("RESIDUA_KERNELS")
	t.Logf("%s: %v", kernels, got)
	if (kernels == "simd") != (got == Int8Direct) {
		t.Errorf("with kernels for %s SIMD eight bits pay as in case %v", kernels, got)
	}
	for range 100 {
		if again := Int8Pays(); again != got {
			t.Fatalf("asked again they pay as in case %v, first it was %v", again, got)
		}
	}
}
