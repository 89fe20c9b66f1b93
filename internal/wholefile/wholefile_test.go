package wholefile

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// files lists a folder, hidden files too.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestWriteFails: however a write fails, the old file stays and nothing is left beside it.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := WriteBytes(t.Context(), path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	ctx, cancel := context.WithCancel(t.Context())
	for name, c := range map[string]struct {
		write func(io.Writer) error
		want  error
	}{
		"the writer fails": {func(w io.Writer) error { io.WriteString(w, "ne"); return broken }, broken},
		"the context ends": {func(w io.Writer) error {
			if _, err := io.WriteString(w, "ne"); err != nil {
				return err
			}
			cancel()
			_, err := io.WriteString(w, "w")
			return err
		}, context.Canceled},
	} {
		use := t.Context()
		if c.want == context.Canceled {
			use = ctx
		}
		if err := Write(use, path, c.write); err != c.want {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != "old" {
			t.Errorf("%s: the file holds %q, %v", name, b, err)
		}
		if got := files(t, dir); !slices.Equal(got, []string{"file"}) {
			t.Errorf("%s: the folder holds %q", name, got)
		}
	}
}

// TestWriteBytes: a file that is right already is not touched, so that caches that go by its modification time stay
// valid.
func TestWriteBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, content := range []string{"first", "second"} {
		if err := WriteBytes(t.Context(), path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != content {
			t.Fatalf("the file holds %q, %v", b, err)
		}
	}
	before := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(path, before, before); err != nil {
		t.Fatal(err)
	}
	if err := WriteBytes(t.Context(), path, []byte("second")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || !info.ModTime().Equal(before) || info.Mode().Perm() != 0o644 {
		t.Errorf("the file was written again: %v, %v", info, err)
	}
}

// TestSweep: only old temporary files go.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	yesterday := time.Now().Add(-24 * time.Hour)
	for name, age := range map[string]time.Time{TempPrefix + "1": yesterday, TempPrefix + "2": time.Now(),
		"file": yesterday} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, age, age); err != nil {
			t.Fatal(err)
		}
	}
	Sweep(dir)
	if got := files(t, dir); !slices.Equal(got, []string{TempPrefix + "2", "file"}) {
		t.Errorf("the folder holds %q", got)
	}
}
