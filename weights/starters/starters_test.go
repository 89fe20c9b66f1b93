package starters

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed8935e608/residua/internal/wholefile"
	"github.com/seed8935e608/residua/weights/npm/npmtest"
)

func TestMain(m *testing.M) { npmtest.Main(m) }

// tinyKinds is a made-up table.
var tinyKinds = []kind{
	{"birds", []thing{{"b1", "wren"}, {"b2", "robin"}}},
	{"boats", []thing{{"a1", "canoe"}}},
}

// tinyFiles are the files that write makes of tinyDomains, with their content.
var tinyFiles = map[string]string{
	"solid/birds/wren.webp":  "solid b1",
	"solid/birds/robin.webp": "solid b2",
	"solid/boats/canoe.webp": "solid a1",
	"flat/birds/wren.png":    "flat b1",
	"flat/birds/robin.png":   "flat b2",
	"flat/boats/canoe.png":   "flat a1",
}

var tinySets = []Set{
	{"solid", "train", "Solid", "Ann", "MIT", "https://example.org/mit?a&b", "https://example.org/solid", []Class{
		{"birds", []string{"solid/birds/wren.webp", "solid/birds/robin.webp"}},
		{"boats", []string{"solid/boats/canoe.webp"}},
	}},
	{"flat", "test", "Flat", "Bob", "CC BY 4.0", "https://example.org/by", "https://example.org/flat", []Class{
		{"birds", []string{"flat/birds/wren.png", "flat/birds/robin.png"}},
		{"boats", []string{"flat/boats/canoe.png"}},
	}},
}

// tinyDomains are two made-up packages with the pictures of tinyKinds, and others that the list does not name.
func tinyDomains() ([]domain, []npmtest.Served) {
	var domains []domain
	var served []npmtest.Served
	for _, d := range []domain{{path: "package/art/%s.webp", set: tinySets[0]},
		{path: "package/%s.png", set: tinySets[1]}} {
		d.set.Classes = nil
		content := map[string][]byte{}
		var entries []tar.Header
		for _, code := range []string{"a0", "a1", "b1", "b2", "c1"} { // not in the order of kinds
			name := strings.ReplaceAll(d.path, "%s", code)
			content[name] = []byte(d.set.ID + " " + code)
			entries = append(entries, tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(content[name]))})
		}
		tarball := npmtest.Tarball(entries, content)
		d.pkg = npmtest.Pin("@tiny/"+d.set.ID+"@1.0.0", tarball)
		all := sha256.New()
		for _, code := range []string{"b1", "b2", "a1"} {
			sum := sha256.Sum256([]byte(d.set.ID + " " + code))
			all.Write(sum[:])
		}
		d.sha256 = hex.EncodeToString(all.Sum(nil))
		domains = append(domains, d)
		served = append(served, npmtest.Served{Package: d.pkg, Tarball: tarball})
	}
	return domains, served
}

// tree is all files below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			var b []byte
			b, err = os.ReadFile(filepath.Join(dir, path))
			files[path] = string(b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// checkFolder checks that dir has exactly what write makes of tinyDomains, and the files more.
func checkFolder(t *testing.T, dir string, more ...string) {
	t.Helper()
	got := tree(t, dir)
	var listed []Set
	if err := json.Unmarshal([]byte(got[ListName]), &listed); err != nil || !reflect.DeepEqual(listed, tinySets) {
		t.Errorf("the list holds %+v, %v", listed, err)
	}
	delete(got, ListName)
	for _, name := range more {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is gone", name)
		}
		delete(got, name)
	}
	if !reflect.DeepEqual(got, tinyFiles) {
		t.Errorf("the folder holds %q, want %q", got, tinyFiles)
	}
}

func TestWrite(t *testing.T) {
	domains, served := tinyDomains()
	calls := npmtest.Use(t, npmtest.Deliver, served...)
	cache, log := npmtest.NewCache(t)
	dir := filepath.Join(t.TempDir(), "starters")
	sets, err := write(t.Context(), cache, dir, domains, tinyKinds)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(sets, tinySets) {
		t.Errorf("got %+v, want %+v", sets, tinySets)
	}
	checkFolder(t, dir)
	if got := calls(); !slices.Equal(got, []string{"pack @tiny/solid@1.0.0", "pack @tiny/flat@1.0.0"}) {
		t.Errorf("npm was called with %q", got)
	}
	if !strings.Contains(log.String(), "wrote 6 pictures") {
		t.Errorf("the log says %q", log)
	}

	// A second run needs nothing, not even the cache.
	empty, log := npmtest.NewCache(t)
	if sets, err := write(t.Context(), empty, dir, domains, tinyKinds); err != nil ||
		!reflect.DeepEqual(sets, tinySets) || !strings.Contains(log.String(), "up to date") {
		t.Errorf("the second run gives %+v, %v, %q", sets, err, log)
	}
	checkFolder(t, dir)
	if got := len(calls()); got != 2 {
		t.Errorf("npm was called %d times", got)
	}
}

func TestWriteRepairs(t *testing.T) {
	domains, served := tinyDomains()
	calls := npmtest.Use(t, npmtest.Deliver, served...)
	cache, _ := npmtest.NewCache(t)
	dir := t.TempDir()
	put := func(name, content string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(name string) {
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		damage func()
	}{
		{"nothing is there", func() {}},
		{"nothing is wrong", func() {}},
		{"a picture is missing", func() { remove("flat/birds/wren.png") }},
		{"a picture is cut", func() { put("solid/birds/wren.webp", "solid") }},
		{"two pictures are swapped",
			func() { put("flat/birds/wren.png", "flat b2"); put("flat/birds/robin.png", "flat b1") }},
		{"no list", func() { remove(ListName) }},
		{"a cut list", func() { put(ListName, "[") }},
		{"pictures of an older table",
			func() { put("flat/birds/dodo.png", "old"); put("solid/carts/cart.webp", "old") }},
		{"what a killed run left", func() {
			left := filepath.Join(dir, "flat", "birds", wholefile.TempPrefix+"1234")
			put("flat/birds/"+wholefile.TempPrefix+"1234", "half")
			yesterday := time.Now().Add(-24 * time.Hour)
			if err := os.Chtimes(left, yesterday, yesterday); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.damage()
			if _, err := write(t.Context(), cache, dir, domains, tinyKinds); err != nil {
				t.Fatal(err)
			}
			checkFolder(t, dir)
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "solid", "carts")); !os.IsNotExist(err) {
		t.Errorf("the folder of an older class is still there: %v", err)
	}
	if got := len(calls()); got != 2 {
		t.Errorf("npm was called %d times, all else is in the cache", got)
	}

	// Files that are not pictures of a set stay.
	others := []string{"README.md", "flat/birds/notes.txt", "other/birds/wren.png"}
	for _, name := range others {
		put(name, "x")
	}
	if _, err := write(t.Context(), cache, dir, domains, tinyKinds); err != nil {
		t.Fatal(err)
	}
	checkFolder(t, dir, others...)
}

func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct {
		name, mode string
		change     func([]domain)
		kinds      []kind
		want       string
	}{
		{"other pictures", npmtest.Deliver, func(d []domain) { d[1].sha256 = strings.Repeat("0", 64) }, tinyKinds,
			"pictures of @tiny/flat@1.0.0 have the SHA-256"},
		{"another order", npmtest.Deliver, func([]domain) {}, []kind{tinyKinds[1], tinyKinds[0]},
			"pictures of @tiny/solid@1.0.0 have the SHA-256"},
		{"missing pictures", npmtest.Deliver, func([]domain) {},
			[]kind{{"birds", []thing{{"b1", "wren"}, {"b9", "dodo"}, {"b8", "auk"}}}},
			"@tiny/solid@1.0.0 has no package/art/b8.webp (solid/birds/auk.webp), package/art/b9.webp " +
				"(solid/birds/dodo.webp)"},
		{"offline", npmtest.Offline, func([]domain) {}, tinyKinds, "npm pack @tiny/solid@1.0.0 failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			domains, served := tinyDomains()
			c.change(domains)
			npmtest.Use(t, c.mode, served...)
			cache, _ := npmtest.NewCache(t)
			dir := filepath.Join(t.TempDir(), "starters")
			if _, err := write(t.Context(), cache, dir, domains, c.kinds); err == nil ||
				!strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("something was written: %v", err)
			}
		})
	}
}

// endingContext is done after a number of calls of Err, so that a test can stop a run at each of its steps.
type endingContext struct {
	context.Context
	left atomic.Int64
}

func (c *endingContext) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestWriteStopsAnywhere stops the run wherever it looks at its context. No file may be incomplete, the list must come
// last, and the next run must complete the work.
func TestWriteStopsAnywhere(t *testing.T) {
	domains, served := tinyDomains()
	npmtest.Use(t, npmtest.Deliver, served...)
	cache, _ := npmtest.NewCache(t)
	for _, d := range domains {
		if _, err := cache.Tarball(t.Context(), d.pkg); err != nil {
			t.Fatal(err)
		}
	}
	stops := 0
	for ; ; stops++ {
		ctx := &endingContext{Context: t.Context()}
		ctx.left.Store(int64(stops))
		dir := t.TempDir()
		_, err := write(ctx, cache, dir, domains, tinyKinds)
		if err == nil {
			checkFolder(t, dir)
			break
		}
		if err != context.Canceled {
			t.Fatalf("stop %d: %v", stops, err)
		}
		there := tree(t, dir)
		if _, listed := there[ListName]; listed {
			checkFolder(t, dir)
		}
		delete(there, ListName)
		for name, content := range there {
			if tinyFiles[name] != content {
				t.Errorf("stop %d left %q in %s", stops, content, name)
			}
		}
		if _, err := write(t.Context(), cache, dir, domains, tinyKinds); err != nil {
			t.Fatalf("the run after stop %d: %v", stops, err)
		}
		checkFolder(t, dir)
	}
	if stops <= len(tinyFiles) { // at least one for each file and the list
		t.Errorf("only %d points to stop at", stops)
	}
}

// TestWriteIntoAFile: a folder that cannot be made gives the system's error.
func TestWriteIntoAFile(t *testing.T) {
	domains, served := tinyDomains()
	npmtest.Use(t, npmtest.Deliver, served...)
	cache, _ := npmtest.NewCache(t)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := write(t.Context(), cache, path, domains, tinyKinds); err == nil ||
		!strings.Contains(err.Error(), "not a directory") {
		t.Errorf("got %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, []byte("mine")) {
		t.Errorf("the file holds %q, %v", b, err)
	}
}
