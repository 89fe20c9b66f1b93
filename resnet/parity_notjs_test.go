//go:build !js

package resnet_test

// parityHere picks the networks to compare with PyTorch: all of them.
func parityHere(names []string) []string { return names }
