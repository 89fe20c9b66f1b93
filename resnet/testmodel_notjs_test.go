//go:build !js

package resnet

import (
	"testing"

	"github.com/seed8935e608/residua/weights/pretrained"
)

// modelPath is where ResNet-50's real weights lie; it fetches and converts them if it must.
func modelPath(t testing.TB, float32Weights bool) string {
	path, err := pretrained.ResNet50(t.Context(), pretrained.Options{Float32: float32Weights})
	if err != nil {
		t.Fatal(err)
	}
	return path
}
