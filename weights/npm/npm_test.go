package npm_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed8935e608/residua/internal/wholefile"
	"github.com/seed8935e608/residua/weights/npm"
	"github.com/seed8935e608/residua/weights/npm/npmtest"
)

func TestMain(m *testing.M) { npmtest.Main(m) }

// tinyPackage is a made-up package, and tiny its tarball.
var (
	tiny        = []byte("a small tarball")
	tinyPackage = npmtest.Pin("tiny@1.0.0", tiny)
)

// serve delivers b, which should be tiny, as the tarball of tinyPackage.
func serve(t *testing.T, mode string, b []byte) (calls func() []string) {
	return npmtest.Use(t, mode, npmtest.Served{Package: tinyPackage, Tarball: b})
}

func TestTarballDownloadsOnce(t *testing.T) {
	calls := serve(t, npmtest.Deliver, tiny)
	cache, _ := npmtest.NewCache(t)
	for range 3 {
		path, err := cache.Tarball(t.Context(), tinyPackage)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, tiny) {
			t.Fatalf("%q, %v", got, err)
		}
	}
	if got := calls(); !slices.Equal(got, []string{"pack tiny@1.0.0"}) {
		t.Errorf("npm was called with %q", got)
	}
	if got := npmtest.Files(t, cache.Dir); !slices.Equal(got, []string{tinyPackage.File}) {
		t.Errorf("the cache holds %q", got)
	}
}

func TestTarballReplacesADamagedOne(t *testing.T) {
	for name, kept := range map[string]string{"truncated": "a small", "changed": "a small tarbaLl",
		"longer": "a small tarball!", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			calls := serve(t, npmtest.Deliver, tiny)
			cache, log := npmtest.NewCache(t)
			if err := os.WriteFile(filepath.Join(cache.Dir, tinyPackage.File), []byte(kept), 0o644); err != nil {
				t.Fatal(err)
			}
			path, err := cache.Tarball(t.Context(), tinyPackage)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := os.ReadFile(path); !bytes.Equal(got, tiny) {
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
	for _, c := range []struct {
		name, mode string
		delivered  []byte
		want       []string
	}{
		{"wrong checksum", npmtest.Deliver, []byte("a small tarbaLl"), []string{"tiny-1.0.0.tgz", "wrong checksum",
			tinyPackage.SHA512[:16], "npm config get registry"}},
		{"longer", npmtest.Deliver, []byte("a small tarball!"), []string{"wrong checksum"}},
		{"truncated", npmtest.Deliver, []byte("a small"), []string{"tiny-1.0.0.tgz", "truncated", "7 of 15 bytes",
			"run this again"}},
		{"empty", npmtest.Deliver, nil, []string{"truncated", "0 of 15 bytes"}},
		{"offline", npmtest.Offline, tiny, []string{"npm pack tiny@1.0.0 failed", "exit status 1", "ENOTFOUND",
			"network"}},
		{"nothing delivered", npmtest.Nothing, tiny, []string{"made no tiny-1.0.0.tgz"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := serve(t, c.mode, c.delivered)
			cache, _ := npmtest.NewCache(t)
			_, err := cache.Tarball(t.Context(), tinyPackage)
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
			if left := npmtest.Files(t, cache.Dir); len(left) > 0 {
				t.Errorf("the cache holds %q", left)
			}
		})
	}
}

// TestTarballRefusesTwice: a bad download is not kept, so each run downloads again.
func TestTarballRefusesTwice(t *testing.T) {
	calls := serve(t, npmtest.Deliver, []byte("a SMALL tarball"))
	cache, _ := npmtest.NewCache(t)
	for i := range 2 {
		if _, err := cache.Tarball(t.Context(), tinyPackage); err == nil ||
			!strings.Contains(err.Error(), "wrong checksum") {
			t.Errorf("run %d: %v", i, err)
		}
	}
	if got := calls(); len(got) != 2 {
		t.Errorf("each run downloads once, npm was called with %q", got)
	}
}

func TestTarballWithoutNPM(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	cache, _ := npmtest.NewCache(t)
	_, err := cache.Tarball(t.Context(), tinyPackage)
	if err == nil || !strings.Contains(err.Error(), "npm is missing") ||
		!strings.Contains(err.Error(), "install Node.js") {
		t.Errorf("got %v", err)
	}
	if left := npmtest.Files(t, cache.Dir); len(left) > 0 {
		t.Errorf("the cache holds %q", left)
	}
}

// TestTarballStops cancels when npm has written half of its file.
func TestTarballStops(t *testing.T) {
	serve(t, npmtest.Hang, tiny)
	cache, _ := npmtest.NewCache(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer cancel()
		for range 1000 {
			half, _ := filepath.Glob(filepath.Join(cache.Dir, wholefile.TempPrefix+"*", tinyPackage.File))
			if len(half) > 0 {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	begin := time.Now()
	_, err := cache.Tarball(ctx, tinyPackage)
	if err != context.Canceled {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	if left := npmtest.Files(t, cache.Dir); len(left) > 0 {
		t.Errorf("the cache holds %q", left)
	}
}

func TestCacheDir(t *testing.T) {
	t.Setenv("RESIDUA_CACHE", "some/folder")
	want, err := filepath.Abs("some/folder")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := npm.CacheDir(); err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	t.Setenv("RESIDUA_CACHE", "")
	if got, err := npm.CacheDir(); err != nil || filepath.Base(got) != "residua" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestWithCacheStopped(t *testing.T) {
	t.Setenv("RESIDUA_CACHE", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := npm.WithCache(ctx, nil, func(*npm.Cache) error { return ctx.Err() })
	if err == nil || !strings.Contains(err.Error(), "stopped") {
		t.Errorf("got %v", err)
	}
}
