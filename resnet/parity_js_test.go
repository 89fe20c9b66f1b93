package resnet_test

// parityHere picks the networks to compare with PyTorch: in a browser those that together use every kernel and every
// kind of block.
func parityHere([]string) []string {
	return []string{"resnet18", "resnet50_v2", "resnext50_32x4d", "resnet20", "article18"}
}
