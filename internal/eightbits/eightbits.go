// Package eightbits makes the files in eight bits that tests need.
package eightbits

import (
	"testing"

	"github.com/seed8935e608/residua/weights"
)

// File quantises the weights of a file's convolutions and linear layers.
func File(t testing.TB, f *weights.File) *weights.File {
	t.Helper()
	var tensors []weights.Tensor
	for _, x := range f.Tensors() {
		if len(x.Shape) > 1 {
			values, err := x.AppendFloat32(nil)
			if err != nil {
				t.Fatal(err)
			}
			if x, err = weights.Quantise(x.Name, x.Shape, values); err != nil {
				t.Fatal(err)
			}
		}
		tensors = append(tensors, x)
	}
	return f.With(nil, tensors)
}
