package pretrained

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/seed8935e608/residua/internal/wholefile"
	"github.com/seed8935e608/residua/weights"
	"github.com/seed8935e608/residua/weights/npm"
)

// model returns the path of the converted network in the cache. The name contains the beginning of its hash, so that
// versions of this program that convert differently can share a cache.
func (s *store) model(ctx context.Context, n network, dtype weights.DType) (string, error) {
	want := n.sha256[dtype]
	name := n.fileName(dtype)
	path := filepath.Join(s.Dir, strings.TrimSuffix(name, ".safetensors")+"-"+want[:12]+".safetensors")
	switch got, err := npm.FileHash(ctx, path, sha256.New()); {
	case err == nil && got == want:
		return path, nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err == nil:
		s.Logf("%s: the kept file is damaged and is made anew", name)
	}
	tarball, err := s.Tarball(ctx, n.pkg)
	if err != nil {
		return "", err
	}
	s.Logf("%s: converting %s", name, n.pkg.Spec)
	metadata, tensors, err := n.convert(ctx, tarball, dtype)
	if err != nil {
		return "", err
	}
	err = wholefile.Write(ctx, path, func(w io.Writer) error {
		sum := sha256.New()
		if err := weights.Write(io.MultiWriter(w, sum), metadata, tensors); err != nil {
			return err
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != want {
			return fmt.Errorf("pretrained: %s has the SHA-256 %s, not the pinned %s; whoever changed the conversion "+
				"must pin the new one", name, got, want)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return path, nil
}

// shards brings dir up to date. It writes the manifest after the shards that it names and before it removes old ones,
// so that readers never find a manifest without its shards, and the next run completes what an interrupted one has
// left.
func (s *store) shards(ctx context.Context, dir string, n network, dtype weights.DType) (weights.Manifest, error) {
	name := n.fileName(dtype)
	m, err := n.published(dir, dtype)
	if err == nil {
		s.Logf("%s: %s is up to date (%s)", name, dir, npm.Megabytes(m.Size))
		return m, removeStale(dir, m)
	}
	path, err := s.model(ctx, n, dtype)
	if err != nil {
		return m, err
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	m, ranges, err := weights.Split(n.cardFor(dtype).Model, name, file, n.shard)
	if err != nil {
		return m, err
	}
	text, err := m.Encode()
	if err != nil {
		return m, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return m, err
	}
	for i, shard := range m.Shards {
		if err := wholefile.WriteBytes(ctx, filepath.Join(dir, shard.Name), ranges[i]); err != nil {
			return m, err
		}
	}
	if err := wholefile.WriteBytes(ctx, filepath.Join(dir, manifestName), text); err != nil {
		return m, err
	}
	s.Logf("%s: wrote %d shards, %s, to %s", name, len(m.Shards), npm.Megabytes(m.Size), dir)
	return m, removeStale(dir, m)
}

const manifestName = "manifest.json"

// published returns dir's manifest if it and all its shards are what shards would write.
func (n network) published(dir string, dtype weights.DType) (weights.Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return weights.Manifest{}, err
	}
	m, err := weights.ParseManifest(text)
	if err != nil {
		return weights.Manifest{}, err
	}
	var file []byte
	for _, shard := range m.Shards {
		b, err := os.ReadFile(filepath.Join(dir, shard.Name))
		if err != nil {
			return weights.Manifest{}, err
		}
		file = append(file, b...)
	}
	again, _, err := weights.Split(n.cardFor(dtype).Model, n.fileName(dtype), file, n.shard)
	if err != nil {
		return weights.Manifest{}, err
	}
	if again.SHA256 != n.sha256[dtype] || !reflect.DeepEqual(again, m) {
		return weights.Manifest{}, errors.New("pretrained: the published shards are another file's")
	}
	return m, nil
}

// removeStale removes the model's shards that m does not name. Other files in dir stay.
func removeStale(dir string, m weights.Manifest) error {
	wholefile.Sweep(dir)
	keep := map[string]bool{}
	for _, shard := range m.Shards {
		keep[shard.Name] = true
	}
	old, err := filepath.Glob(filepath.Join(dir, m.Model+"-*-*.bin"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if keep[filepath.Base(path)] {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
