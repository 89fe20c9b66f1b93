//go:build !js

package kernel

// int8Ways are the ways that this module has.
func int8Ways() []int8Way { return []int8Way{int8Here()} }

// int8Tiles are the tiles that a way has kernels for.
func int8Tiles(int8Way) []int { return []int{6, 5, 4} }
