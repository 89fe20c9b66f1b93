package kernel

import (
	"os"
	"strings"
	"testing"
)

// TestInt8Machine: plain SIMD has only one way. Of the others each processor has its own; which one is, it says every
// time it is asked.
func TestInt8Machine(t *testing.T) {
	way, pays := int8Machine()
	kernels := os.Getenv("RESIDUA_KERNELS")
	t.Logf("%s kernels, x86 %v: way %v, which pays: %v", kernels, onX86(0), way, pays)
	if plain := strings.HasPrefix(kernels, "simd"); plain != (way == byWords) || plain && pays != onX86(0) {
		t.Errorf("with %s kernels eight bits are multiplied in way %v, which pays: %v", kernels, way, pays)
	}
	for range 100 {
		if again, nowPays := int8Machine(); again != way || nowPays != pays {
			t.Fatalf("asked again it is way %v, which pays: %v; first it was %v, %v", again, nowPays, way, pays)
		}
	}
}

// int8Ways are the ways that this module has.
func int8Ways() []int8Way {
	if strings.HasPrefix(os.Getenv("RESIDUA_KERNELS"), "simd") {
		return []int8Way{byWords}
	}
	return []int8Way{byBytes, byPairs, byWords}
}

// int8Tiles are the tiles that a way has kernels for.
func int8Tiles(way int8Way) []int {
	return map[int8Way][]int{byBytes: {6, 5, 4}, byPairs: {4}, byWords: {5, 4}}[way]
}
