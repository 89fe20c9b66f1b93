//go:build !js

package kernel

import "github.com/seed8935e608/residua/resnet/kernel/layout"

// int8Operands are the operands in eight bits that there are kernels for.
func int8Operands() []layout.Operands { return []layout.Operands{here().int8} }

// int8Tiles are the rows of a tile in the kernels for these operands.
func int8Tiles(layout.Operands) []int { return []int{6, 5, 4} }
