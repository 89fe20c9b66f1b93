package statedict_test

import (
	"fmt"
	"os"

	"github.com/seed8935e608/residua/resnet/statedict"
	"github.com/seed8935e608/residua/weights"
)

// What the tensors do not say is assumed, unless a hint says it.
func ExampleRead() {
	b, err := os.ReadFile("../modelfile/testdata/transformers-v1.safetensors")
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := weights.Parse(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, hints := range []statedict.Hints{{}, {StrideIn: "1x1", NormEpsilon: 1e-5}} {
		network, err := statedict.Read(file, hints)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(network.Dialect, network.Config.Block, network.Config.Layers, network.Config.StrideIn,
			network.Assumed)
	}
	// Output:
	// transformers bottleneck [2 1] 3x3 [{stride-in 3x3} {norm-epsilon 1e-05}]
	// transformers bottleneck [2 1] 1x1 []
}
