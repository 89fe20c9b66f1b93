//go:build !js

package resnet

import (
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights/pretrained"
)

// modelPath is the path of ResNet-50's real weights, which it downloads and converts if necessary.
func modelPath(t testing.TB, float32Weights bool) string {
	path, err := pretrained.ResNet50(t.Context(), pretrained.Options{Float32: float32Weights})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// goldenHere picks what TestGolden looks at: all.
func goldenHere(cases []goldenCase) []goldenCase { return cases }

// goldenAlgorithms: natively BLAS computes all convolutions by the direct algorithm.
func goldenAlgorithms(t *testing.T, m *Model) {
	for _, l := range m.Profile(make([]float32, m.InputLen()), 1) {
		if !strings.HasPrefix(l.Algorithm, "direct ") {
			t.Errorf("%s is computed by %q, want directly", l.Name, l.Algorithm)
		}
	}
}
