package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPrepare(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "deep", "site")
	for _, name := range []string{"index.html", "static/app.js", ".encoded/x.br", "static/.hidden", "bench/model.onnx",
		"bench.json", "static/bench/kept.js"} {
		write(t, filepath.Join(from, name), name)
	}
	write(t, filepath.Join(to, "old.js"), "of the last build")
	if err := prepare(from, to); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := fs.WalkDir(os.DirFS(to), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			got = append(got, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"_headers", "_redirects", "index.html", "static/app.js", "static/bench/kept.js"}
	if !slices.Equal(got, want) {
		t.Errorf("the copy has %q, want %q", got, want)
	}
	if text, err := os.ReadFile(filepath.Join(to, "static", "app.js")); err != nil || string(text) != "static/app.js" {
		t.Errorf("app.js is %q, %v", text, err)
	}
	if rules, err := os.ReadFile(filepath.Join(to, "_headers")); err != nil ||
		!strings.Contains(string(rules), "Content-Security-Policy: ") {
		t.Errorf("_headers is %q, %v", rules, err)
	}
}

func TestPrepareRefuses(t *testing.T) {
	empty, large := t.TempDir(), t.TempDir()
	write(t, filepath.Join(large, "index.html"), "")
	write(t, filepath.Join(large, "model.bin"), "")
	if err := os.Truncate(filepath.Join(large, "model.bin"), largest+1); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{empty: "run ./build.sh first", large: "model.bin has 26214401 bytes"} {
		if err := prepare(from, filepath.Join(t.TempDir(), "site")); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
