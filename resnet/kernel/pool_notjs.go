//go:build !js

package kernel

func maxPool(dst, src []float32, rows *Rows, c int) { maxPoolReference(dst, src, rows, c) }
