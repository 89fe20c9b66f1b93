package kernel

import (
	"os"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// TestInt8Machine: plain SIMD knows only Words. With relaxed SIMD it depends on the processor, which must say the same
// every time it is asked.
func TestInt8Machine(t *testing.T) {
	operands, pays := int8Machine()
	kernels := os.Getenv("RESIDUA_KERNELS")
	t.Logf("%s kernels, x86 %v: %v, which pays: %v", kernels, onX86(0), operands, pays)
	if plain := strings.HasPrefix(kernels, "simd"); plain != (operands == layout.Words) || plain && pays != onX86(0) {
		t.Errorf("with %s kernels eight bits are multiplied by %v, which pays: %v", kernels, operands, pays)
	}
	for range 100 {
		if again, nowPays := int8Machine(); again != operands || nowPays != pays {
			t.Fatalf("asked again it is %v, which pays: %v; first it was %v, %v", again, nowPays, operands, pays)
		}
	}
}

// int8Operands are the operands in eight bits that this module has kernels for.
func int8Operands() []layout.Operands {
	if strings.HasPrefix(os.Getenv("RESIDUA_KERNELS"), "simd") {
		return []layout.Operands{layout.Words}
	}
	return []layout.Operands{layout.Bytes, layout.Pairs, layout.Words}
}

// int8Tiles are the rows of a tile in the kernels for these operands.
func int8Tiles(operands layout.Operands) []int {
	return map[layout.Operands][]int{layout.Bytes: {6, 5, 4}, layout.Pairs: {4}, layout.Words: {5, 4}}[operands]
}
