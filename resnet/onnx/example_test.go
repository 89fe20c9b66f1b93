package onnx_test

import (
	"fmt"
	"os"

	"github.com/seed8935e608/residua/resnet/onnx"
)

// PyTorch has folded the norms into the convolutions, whose weights have numbers for names.
func ExampleImport() {
	b, err := os.ReadFile("../modelfile/testdata/v1-folded.onnx")
	if err != nil {
		fmt.Println(err)
		return
	}
	network, err := onnx.Import(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	c := network.Config
	fmt.Println(c.Block, c.Layers, c.StrideIn, c.Classes, "classes,", network.InputHeight, "pixels")
	fmt.Println(network.Tensors[0].Name, network.Tensors[0].Shape)
	// Output:
	// bottleneck [2 1] 1x1 5 classes, 32 pixels
	// conv1.weight [4 3 7 7]
}
