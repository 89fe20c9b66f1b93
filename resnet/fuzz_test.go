//go:build !js

package resnet

// Fuzz tests read their corpus from a folder, which browsers do not have.

import (
	"encoding/json"
	"testing"
)

// FuzzConfig: any JSON is refused or describes a network whose tensors are not empty and whose groups divide its
// channels.
func FuzzConfig(f *testing.F) {
	for _, name := range []string{"resnet18", "resnet50_v1", "resnet50_v2", "resnext50_32x4d", "resnet20",
		"article18"} {
		c, err := Preset(name)
		if err != nil {
			f.Fatal(err)
		}
		text, err := json.Marshal(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range []string{
		``, `{}`, `[]`, `{"layers":[201]}`, `{"layers":[1e9]}`,
		`{"groups":4611686018427387904,"groupWidth":4611686018427387904}`,
		`{"block":"bottleneck","layers":[1,1],"width":3,"expansion":1,"strideIn":"3x3","stem":"cifar",` +
			`"normEpsilon":0.1,"join":"gate","classes":1,"groups":7,"groupWidth":43}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseConfig(text)
		if err != nil {
			return
		}
		for _, x := range c.Tensors() {
			for _, n := range x.Shape {
				if n < 1 || n > 1_000_000 {
					t.Errorf("tensor %s has the shape %v", x.Name, x.Shape)
				}
			}
		}
		for _, b := range c.Blocks() {
			for _, s := range b.Residual {
				if s.In%s.Groups != 0 || s.Out%s.Groups != 0 {
					t.Errorf("%s has %d groups of %d to %d channels", s.Conv, s.Groups, s.In, s.Out)
				}
			}
			if b.Pad && b.Out < b.In {
				t.Errorf("%s pads %d channels to %d", b.Name, b.In, b.Out)
			}
		}
		if n := c.largestActivation(4096, 4096); n < 1 {
			t.Errorf("the largest activation has %d values", n)
		}
	})
}
