package resnet

import (
	"os"
	"slices"
	"testing"
)

// goldenHere picks what TestGolden looks at. A browser takes several times longer, and what lies above the kernels is
// the same code that runs natively. So it leaves out the ablations, which TestAblate holds to the reference on small
// networks here too, makes one Grad-CAM a block, and looks at one photo by the file in float16.
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

// modelPath is where ResNet-50's real weights lie: a browser cannot fetch and convert them, so whoever starts the test
// says it.
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
