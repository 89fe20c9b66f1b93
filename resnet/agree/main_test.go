//go:build !js

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights/pretrained"
)

// TestInt8 compares the network in eight bits with the one in float16 on two photos. On the 50 labelled photos, which
// are not in the repository, all best classes are the same and no probability changes by more than 0.09. A wrong scale
// or a shifted row of weights would change classes at once.
func TestInt8(t *testing.T) {
	half, err := pretrained.ResNet50(t.Context(), pretrained.Options{})
	if err != nil {
		t.Fatal(err)
	}
	eight, err := pretrained.ResNet50(t.Context(), pretrained.Options{Int8: true})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"acanthus-mollis.png", "nagasaki-boats.png"} {
		b, err := os.ReadFile(filepath.Join("..", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	labels := "file\tclass\nacanthus-mollis.png\t738\nnagasaki-boats.png\t0\n" // a flower pot, and a wrong one
	if err := os.WriteFile(filepath.Join(dir, "labels.tsv"), []byte(labels), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(&out, dir, half, eight); err != nil {
		t.Fatal(err)
	}
	summary := regexp.MustCompile(`same best class 2/2, largest change of a probability (\d\.\d+)`)
	found := summary.FindStringSubmatch(out.String())
	if found == nil {
		t.Fatalf("it prints %q", &out)
	}
	if change, _ := strconv.ParseFloat(found[1], 64); change == 0 || change > 0.09 {
		t.Errorf("a probability changed by %v", change)
	}
	t.Log(&out)
}

func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := run(&bytes.Buffer{}, dir, "a", "b"); err == nil {
		t.Error("a folder without labels was taken")
	}
	if err := os.WriteFile(filepath.Join(dir, "labels.tsv"), []byte("file\tclass\n../up.png\t1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(&bytes.Buffer{}, dir, "a", "b"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a path out of the folder gives %v", err)
	}
}
