package resnet_test

// parityHere picks the networks to compare with PyTorch: in a browser those that take every kernel and every way
// through a block.
func parityHere([]string) []string {
	return []string{"resnet18", "resnet50_v2", "resnext50_32x4d", "resnet20", "article18"}
}
