package resnet

import (
	"os"
	"slices"
	"testing"
)

// goldenHere picks what TestGolden looks at. A browser takes several times as long, and the code above the kernels is
// the same. So the ablations are left out (TestAblate compares small networks with the reference here too), each block
// has one Grad-CAM, and the float16 file is tested with one photo.
func goldenHere(cases []goldenCase) []goldenCase {
	for i := range cases {
		c := &cases[i]
		c.ablated = nil
		if !c.float32 {
			c.photos = c.photos[:1]
		}
		for block := range c.gradCAM {
			c.gradCAM[block] = c.gradCAM[block][:1]
		}
	}
	return cases
}

// modelPath is the path of ResNet-50's real weights. A browser cannot download and convert them, so the environment of
// the test names it.
func modelPath(t testing.TB, float32Weights bool) string {
	name := "RESIDUA_RESNET50"
	if float32Weights {
		name += "_FLOAT32"
	}
	path := os.Getenv(name)
	if path == "" {
		t.Fatalf("set %s to the path that `go run ./weights/fetch -path` prints", name)
	}
	return path
}

// goldenAlgorithms compares the convolutions of the loaded network with the plans that TestDispatch pins.
func goldenAlgorithms(t *testing.T, m *Model) {
	var got []string
	for _, l := range m.Profile(make([]float32, m.InputLen()), 1) {
		got = append(got, l.Algorithm)
	}
	if want := plans(m.Config, false); !slices.Equal(got, want) {
		t.Errorf("the network is computed by\n%s\nwant\n%s", runsOf(got), runsOf(want))
	}
}
