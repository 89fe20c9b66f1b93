package weights

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of a manifest. Shards are so small that repeating one on a bad line costs little, and that every host and
// cache accepts them.
const (
	ManifestVersion = 1
	MaxShard        = 8 << 20 // bytes of one shard
	MaxModel        = 1 << 30 // bytes of all shards together
	maxManifest     = 1 << 20 // bytes of the manifest itself
)

// Manifest describes how a model file is cut into shards for browsers. The shards, one after the other, are the file.
type Manifest struct {
	Version int     `json:"version"`
	Model   string  `json:"model"`
	File    string  `json:"file"`
	Size    int64   `json:"size"`
	SHA256  string  `json:"sha256"` // of the whole file, hexadecimal
	Shards  []Shard `json:"shards"`
}

// Shard is a file that browsers download. Its name contains the beginning of its hash, so that servers may declare it
// immutable and caches need not revalidate it.
type Shard struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Verify returns an error if b is not the shard's content.
func (s Shard) Verify(b []byte) error {
	if int64(len(b)) != s.Size {
		return fmt.Errorf("weights: shard %s has %d bytes, the manifest says %d", s.Name, len(b), s.Size)
	}
	if got := hash(b); got != s.SHA256 {
		return fmt.Errorf("weights: shard %s has the SHA-256 %s, the manifest says %s", s.Name, got, s.SHA256)
	}
	return nil
}

// Split cuts file, the model file fileName of the named model, into ranges of at most limit bytes. The ranges alias
// file and are in the manifest's order. Split panics if limit is not in 1…MaxShard.
func Split(model, fileName string, file []byte, limit int) (Manifest, [][]byte, error) {
	if limit < 1 || limit > MaxShard {
		panic(badLimit)
	}
	m := Manifest{Version: ManifestVersion, Model: model, File: fileName, Size: int64(len(file)), SHA256: hash(file)}
	var ranges [][]byte
	for rest := file; len(rest) > 0; {
		part := rest[:min(limit, len(rest))]
		rest = rest[len(part):]
		sum := hash(part)
		m.Shards = append(m.Shards, Shard{
			Name:   fmt.Sprintf("%s-%02d-%s.bin", model, len(ranges), sum[:shortHash]),
			Size:   int64(len(part)),
			SHA256: sum,
		})
		ranges = append(ranges, part)
	}
	if err := m.check(); err != nil {
		return Manifest{}, nil, err
	}
	return m, ranges, nil
}

const badLimit = "weights: shard limit out of range"

// shortHash is the number of hexadecimal digits of its hash in a shard's name.
const shortHash = 12

// Encode returns the manifest as indented JSON.
func (m Manifest) Encode() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(m, "", "  ")
	return append(b, '\n'), err
}

// ParseManifest reads and checks a manifest. In the result each name is a plain file name, sizes are positive, add up
// to Size and stay within MaxShard and MaxModel, and hashes are well-formed.
func ParseManifest(b []byte) (Manifest, error) {
	if len(b) > maxManifest {
		return Manifest{}, fmt.Errorf("weights: the manifest has %d bytes, at most %d are allowed", len(b), maxManifest)
	}
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("weights: the manifest is not readable: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Manifest{}, errors.New("weights: something follows the manifest's end")
	}
	if err := m.check(); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

func (m Manifest) check() error {
	switch {
	case m.Version != ManifestVersion:
		return fmt.Errorf("weights: the manifest has version %d, only %d is known", m.Version, ManifestVersion)
	case !isModelName(m.Model):
		return fmt.Errorf("weights: the manifest's model %.80q must be of small letters, digits, dots and dashes",
			m.Model)
	case !isFileName(m.File):
		return fmt.Errorf("weights: the manifest's file %.80q is not a plain file name", m.File)
	case m.Size < 1 || m.Size > MaxModel:
		return fmt.Errorf("weights: the manifest's size %d is not in 1…%d", m.Size, MaxModel)
	case !isSHA256(m.SHA256):
		return fmt.Errorf("weights: the manifest's hash %.80q is not a SHA-256", m.SHA256)
	}
	seen := map[string]bool{}
	rest := m.Size
	for _, s := range m.Shards {
		switch {
		case !isFileName(s.Name):
			return fmt.Errorf("weights: the shard's name %.80q is not a plain file name", s.Name)
		case seen[s.Name]:
			return fmt.Errorf("weights: two shards have the name %s", s.Name)
		case s.Size < 1 || s.Size > MaxShard:
			return fmt.Errorf("weights: shard %s has the size %d, which is not in 1…%d", s.Name, s.Size, MaxShard)
		case s.Size > rest:
			return fmt.Errorf("weights: the shards up to %s have more than the manifest's %d bytes", s.Name, m.Size)
		case !isSHA256(s.SHA256):
			return fmt.Errorf("weights: the hash %.80q of shard %s is not a SHA-256", s.SHA256, s.Name)
		case !strings.Contains(s.Name, s.SHA256[:shortHash]):
			return fmt.Errorf("weights: the name of shard %s does not hold the beginning of its hash, %s", s.Name,
				s.SHA256[:shortHash])
		}
		seen[s.Name] = true
		rest -= s.Size
	}
	if rest != 0 {
		return fmt.Errorf("weights: the shards have %d bytes fewer than the manifest's %d", rest, m.Size)
	}
	return nil
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// isFileName reports whether s is a plain file name on every system: ASCII letters, digits, dots, dashes and
// underscores, beginning with a letter or digit.
func isFileName(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && (c == '.' || c == '-' || c == '_'):
		default:
			return false
		}
	}
	return true
}

// isSHA256 reports whether s is a hash in the form that hash writes.
func isSHA256(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}
