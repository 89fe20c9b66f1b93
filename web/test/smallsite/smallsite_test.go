//go:build !js

package main

import (
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
)

// TestCheck: a network whose last layer was not fitted is no site's model.
func TestCheck(t *testing.T) {
	file, err := hashnet.File(config(), 32)
	if err != nil {
		t.Fatal(err)
	}
	k := kind{name: "unfitted", compute: resnet.Float32, sure: 0.92}
	grey := make([]byte, 3*32*32)
	if err := k.check(file, [][]byte{grey}, []int{7}); err == nil || !strings.Contains(err.Error(), "unfitted says") {
		t.Errorf("check gives %v", err)
	}
}
