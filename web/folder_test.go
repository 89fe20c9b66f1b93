package web

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// writeSite writes files into a real folder.
func writeSite(dir string, files fstest.MapFS) error {
	for name, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func openRoot(t *testing.T, dir string) *os.Root {
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// A symbolic link to a file outside the folder is not served.
func TestLinkOutOfFolder(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret.txt")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	if w := get(Handler(openRoot(t, dir).FS(), Shares{}), "/link.txt"); w.Code == 200 {
		t.Errorf("the link was followed: %q", w.Body)
	}
}
