package resnet

import (
	"os"
	"testing"
)

// modelPath is where ResNet-50's real weights lie: a browser cannot fetch and convert them, so whoever starts the test says it.
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
