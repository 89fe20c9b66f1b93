// Package npmtest turns a test program into a fake npm, which delivers a made-up tarball or fails in one of npm's ways,
// without a network.
package npmtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed8935e608/residua/weights/npm"
)

// Main is a test program's TestMain. It acts as the fake npm if the program is called by the name npm: Use puts a link
// with that name on the PATH.
func Main(m *testing.M) {
	if mode := os.Getenv("FAKE_NPM"); mode != "" {
		os.Exit(fakeNPM(mode))
	}
	os.Exit(m.Run())
}

// What the fake npm does.
const (
	Deliver = "deliver" // puts the tarball into the working directory
	Hang    = "hang"    // writes half of it there, then runs for a minute
	Offline = "offline" // fails because there is no network
	Nothing = "nothing" // succeeds without writing anything
)

// fakeNPM copies the tarball that it is asked for from $FAKE_NPM_FILES to the working directory, or fails as mode says.
func fakeNPM(mode string) int {
	calls, err := os.OpenFile(os.Getenv("FAKE_NPM_CALLS"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(calls, strings.Join(os.Args[1:3], " "))
	calls.Close()
	switch mode {
	case Offline:
		fmt.Fprintln(os.Stderr, "npm error code ENOTFOUND\nnpm error network request to the registry failed\n"+
			"npm error network This is a problem related to network connectivity.")
		return 1
	case Nothing:
		return 0
	}
	name := fileOf(os.Args[2])
	b, err := os.ReadFile(filepath.Join(os.Getenv("FAKE_NPM_FILES"), name))
	if err != nil {
		panic(err)
	}
	if mode == Hang {
		if err := os.WriteFile(name, b[:len(b)/2], 0o644); err != nil {
			panic(err)
		}
		fmt.Fprintln(os.Stderr, "half")
		time.Sleep(time.Minute)
		return 1
	}
	if err := os.WriteFile(name, b, 0o644); err != nil {
		panic(err)
	}
	fmt.Println(name) // npm prints it too; users should not see it
	return 0
}

// fileOf is the name that npm pack gives a package's tarball.
func fileOf(spec string) string {
	return strings.NewReplacer("@", "-", "/", "-").Replace(strings.TrimPrefix(spec, "@")) + ".tgz"
}

// A Served is a package and the tarball that the fake npm delivers for it.
type Served struct {
	Package npm.Package
	Tarball []byte
}

// Use puts a fake npm that serves these packages first on the PATH. calls returns how it was called.
func Use(t *testing.T, mode string, served ...Served) (calls func() []string) {
	t.Helper()
	dir := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(bin, "npm")); err != nil {
		t.Fatal(err)
	}
	for _, s := range served {
		if err := os.WriteFile(filepath.Join(dir, s.Package.File), s.Tarball, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	list := filepath.Join(dir, "calls")
	t.Setenv("PATH", bin)
	t.Setenv("FAKE_NPM", mode)
	t.Setenv("FAKE_NPM_FILES", dir)
	t.Setenv("FAKE_NPM_CALLS", list)
	return func() []string {
		b, err := os.ReadFile(list)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	}
}

// Pin is the package whose tarball is b.
func Pin(spec string, b []byte) npm.Package {
	sum := sha512.Sum512(b)
	return npm.Package{Spec: spec, File: fileOf(spec), Size: int64(len(b)), SHA512: hex.EncodeToString(sum[:])}
}

// NewCache is an empty cache, and its log.
func NewCache(t *testing.T) (*npm.Cache, *bytes.Buffer) {
	log := &bytes.Buffer{}
	return &npm.Cache{Dir: t.TempDir(), Log: log}, log
}

// Tarball packs entries; those with a size need content.
func Tarball(entries []tar.Header, content map[string][]byte) []byte {
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	w := tar.NewWriter(gz)
	for _, h := range entries {
		h.Mode = 0o644
		if err := w.WriteHeader(&h); err != nil {
			panic(err)
		}
		if _, err := w.Write(content[h.Name]); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	if err := gz.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// WriteTarball makes a file of a tarball and returns its path.
func WriteTarball(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tiny-1.0.0.tgz")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Files lists a folder, hidden files too.
func Files(t *testing.T, dir string) []string {
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
