//go:build !js

package kernel

// enter and leave enclose what only one goroutine at a time may do. Natively each call has buffers of its own.
func enter() {}

func leave() {}
