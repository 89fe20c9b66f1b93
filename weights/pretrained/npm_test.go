package pretrained

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain turns the test program into a false npm when a test wants one: the
// tests put a link named npm to it on the PATH.
func TestMain(m *testing.M) {
	if mode := os.Getenv("FALSE_NPM"); mode != "" {
		os.Exit(falseNPM(mode))
	}
	os.Exit(m.Run())
}

// falseNPM delivers the file $FALSE_NPM_FILE into the working directory, or
// fails to in the way that mode says.
func falseNPM(mode string) int {
	calls, err := os.OpenFile(os.Getenv("FALSE_NPM_CALLS"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(calls, strings.Join(os.Args[1:3], " "))
	calls.Close()
	switch mode {
	case "offline":
		fmt.Fprintln(os.Stderr, "npm error code ENOTFOUND\nnpm error network request to the registry failed\nnpm error network This is a problem related to network connectivity.")
		return 1
	case "nothing":
		return 0
	}
	source := os.Getenv("FALSE_NPM_FILE")
	b, err := os.ReadFile(source)
	if err != nil {
		panic(err)
	}
	name := filepath.Base(source)
	if mode == "hang" {
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
	fmt.Println(name) // npm does too; nobody should see it
	return 0
}

// useNPM puts a false npm in front that delivers the tarball b as p's, and
// returns a function that tells how often it was called.
func useNPM(t *testing.T, mode string, p npmPackage, b []byte) (calls func() []string) {
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
	served := filepath.Join(dir, p.file)
	if err := os.WriteFile(served, b, 0o644); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "calls")
	t.Setenv("PATH", bin)
	t.Setenv("FALSE_NPM", mode)
	t.Setenv("FALSE_NPM_FILE", served)
	t.Setenv("FALSE_NPM_CALLS", list)
	return func() []string {
		b, err := os.ReadFile(list)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	}
}

// pin is the package whose tarball is b.
func pin(spec, file string, b []byte) npmPackage {
	sum := sha512.Sum512(b)
	return npmPackage{spec, file, int64(len(b)), hex.EncodeToString(sum[:])}
}

func newStore(t *testing.T) (*store, *bytes.Buffer) {
	log := &bytes.Buffer{}
	return &store{t.TempDir(), log}, log
}

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

func TestTarballDownloadsOnce(t *testing.T) {
	content := []byte("a small tarball")
	p := pin("tiny@1.0.0", "tiny-1.0.0.tgz", content)
	calls := useNPM(t, "deliver", p, content)
	s, _ := newStore(t)
	for range 3 {
		path, err := s.tarball(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%q, %v", got, err)
		}
	}
	if got := calls(); !slices.Equal(got, []string{"pack tiny@1.0.0"}) {
		t.Errorf("npm was called with %q", got)
	}
	if got := files(t, s.dir); !slices.Equal(got, []string{p.file}) {
		t.Errorf("the cache holds %q", got)
	}
}

func TestTarballReplacesADamagedOne(t *testing.T) {
	content := []byte("a small tarball")
	p := pin("tiny@1.0.0", "tiny-1.0.0.tgz", content)
	for name, kept := range map[string]string{"truncated": "a small", "changed": "a small tarbaLl", "longer": "a small tarball!", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			calls := useNPM(t, "deliver", p, content)
			s, log := newStore(t)
			if err := os.WriteFile(filepath.Join(s.dir, p.file), []byte(kept), 0o644); err != nil {
				t.Fatal(err)
			}
			path, err := s.tarball(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := os.ReadFile(path); !bytes.Equal(got, content) {
				t.Errorf("the tarball is %q", got)
			}
			if got := calls(); len(got) != 1 {
				t.Errorf("npm was called with %q", got)
			}
			if !strings.Contains(log.String(), "damaged") {
				t.Errorf("the log does not say why: %q", log)
			}
		})
	}
}

func TestTarballRefuses(t *testing.T) {
	content := []byte("a small tarball")
	p := pin("tiny@1.0.0", "tiny-1.0.0.tgz", content)
	for _, c := range []struct {
		name, mode string
		delivered  []byte
		want       []string
	}{
		{"wrong checksum", "deliver", []byte("a small tarbaLl"), []string{"tiny-1.0.0.tgz", "wrong checksum", p.sha512[:16], "npm config get registry"}},
		{"longer", "deliver", []byte("a small tarball!"), []string{"wrong checksum"}},
		{"truncated", "deliver", []byte("a small"), []string{"tiny-1.0.0.tgz", "truncated", "7 of 15 bytes", "run this again"}},
		{"empty", "deliver", nil, []string{"truncated", "0 of 15 bytes"}},
		{"offline", "offline", content, []string{"npm pack tiny@1.0.0 failed", "exit status 1", "ENOTFOUND", "network"}},
		{"nothing delivered", "nothing", content, []string{"made no tiny-1.0.0.tgz"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := useNPM(t, c.mode, p, c.delivered)
			s, _ := newStore(t)
			_, err := s.tarball(t.Context(), p)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error is\n%v\nand does not say %s", err, part)
				}
			}
			if got := calls(); len(got) != 1 {
				t.Errorf("npm was called with %q", got)
			}
			if left := files(t, s.dir); len(left) > 0 {
				t.Errorf("the cache holds %q", left)
			}
		})
	}
}

// TestTarballRefusesTwice: a bad download is not kept, so each run tries once more.
func TestTarballRefusesTwice(t *testing.T) {
	p := pin("tiny@1.0.0", "tiny-1.0.0.tgz", []byte("a small tarball"))
	calls := useNPM(t, "deliver", p, []byte("a SMALL tarball"))
	s, _ := newStore(t)
	for i := range 2 {
		if _, err := s.tarball(t.Context(), p); err == nil || !strings.Contains(err.Error(), "wrong checksum") {
			t.Errorf("run %d: %v", i, err)
		}
	}
	if got := calls(); len(got) != 2 {
		t.Errorf("each run downloads once, npm was called with %q", got)
	}
}

func TestTarballWithoutNPM(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	s, _ := newStore(t)
	_, err := s.tarball(t.Context(), pin("tiny@1.0.0", "tiny-1.0.0.tgz", nil))
	if err == nil || !strings.Contains(err.Error(), "npm is missing") || !strings.Contains(err.Error(), "install Node.js") {
		t.Errorf("got %v", err)
	}
	if left := files(t, s.dir); len(left) > 0 {
		t.Errorf("the cache holds %q", left)
	}
}

// TestTarballStops cancels while npm has written half of its file.
func TestTarballStops(t *testing.T) {
	content := []byte("a small tarball")
	p := pin("tiny@1.0.0", "tiny-1.0.0.tgz", content)
	useNPM(t, "hang", p, content)
	s, _ := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer cancel()
		for range 1000 {
			if half, _ := filepath.Glob(filepath.Join(s.dir, tempPrefix+"*", p.file)); len(half) > 0 {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	begin := time.Now()
	_, err := s.tarball(ctx, p)
	if err != context.Canceled {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	if left := files(t, s.dir); len(left) > 0 {
		t.Errorf("the cache holds %q", left)
	}
}
