package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write makes files below dir.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// built runs the command and parses what it has written.
func built(t *testing.T, dir string, folders ...string) (worker string, s site) {
	t.Helper()
	if err := run(dir, folders); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "sw.js"))
	if err != nil {
		t.Fatal(err)
	}
	list, ok := strings.CutPrefix(string(text), "self.residuaSite = ")
	if !ok {
		t.Fatalf("the worker begins with %.40q", text)
	}
	if err := json.NewDecoder(strings.NewReader(list)).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return string(text), s
}

func TestRun(t *testing.T) {
	dir, rest := t.TempDir(), t.TempDir()
	write(t, dir, map[string]string{
		"index.html": "hello", "static/app.js": "1", "static/app.js.br": "x", "static/app.js.gz": "x",
		"static/app.js.map": "x",
		"static/.hidden":    "x", "_headers": "x", "sw.js": "the last one",
	})
	write(t, rest, map[string]string{"samples/barn.jpg": "photo"})

	first, s := built(t, dir, filepath.Join(rest, "samples"))
	var names []string
	for name := range s.Files {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{"index.html", "samples/barn.jpg", "static/app.js"}; !slices.Equal(names, want) {
		t.Errorf("it keeps %v, want %v", names, want)
	}
	if want := "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; s.Files["index.html"] != want {
		t.Errorf("the hash of hello is %s, want %s", s.Files["index.html"], want)
	}
	if s.Headers["Cross-Origin-Embedder-Policy"] != "require-corp" || s.Types[".wasm"] != "application/wasm" {
		t.Errorf("headers %v and types %v are not the site's", s.Headers, s.Types)
	}
	if !strings.HasSuffix(first, worker) {
		t.Error("the worker's own code is missing")
	}

	if again, _ := built(t, dir, filepath.Join(rest, "samples")); again != first {
		t.Error("the same site has got another worker")
	}
	write(t, rest, map[string]string{"samples/barn.jpg": "another photo"})
	if _, other := built(t, dir, filepath.Join(rest, "samples")); other.Version == s.Version {
		t.Error("a file has changed, and the version has not")
	}
	if err := run(filepath.Join(dir, "nowhere"), nil); err == nil {
		t.Error("a site that is not there has got a worker")
	}
}
