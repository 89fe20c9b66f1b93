package pretrained

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed8935e608/residua/internal/wholefile"
	"github.com/seed8935e608/residua/weights/npm"
)

// Sample is a photograph of the gallery, as in samples.json.
type Sample struct {
	File    string `json:"file"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Title   string `json:"title"`
	Alt     string `json:"alt"`
	Credit  string `json:"credit"`
	License string `json:"license"`
	Source  string `json:"source"`
	Chinese Words  `json:"zh"`
}

// Words are a sample's title and description in another language than English.
type Words struct {
	Title string `json:"title"`
	Alt   string `json:"alt"`
}

// collection is a package with photographs.
type collection struct {
	pkg     npm.Package
	credit  string // appended to each photographer's name
	license string
	photos  []photo
}

type photo struct {
	name   string // package/img-NAME/data/image.jpg becomes NAME.jpg
	sha256 string
	title  string
	alt    string
	zh     Words
	artist string
	source string
}

const samplesName = "samples.json"

// gallery brings dir up to date. It writes the list after the files that it names.
func (s *store) gallery(ctx context.Context, dir string, c collection) ([]Sample, error) {
	files, err := c.published(dir)
	fresh := err != nil
	if fresh {
		tarball, err := s.Tarball(ctx, c.pkg)
		if err != nil {
			return nil, err
		}
		s.Logf("samples: taking %d photographs from %s", len(c.photos), c.pkg.Spec)
		if files, err = c.read(ctx, tarball); err != nil {
			return nil, err
		}
	}
	samples := make([]Sample, len(c.photos))
	var total int64
	for i, p := range c.photos {
		size, err := jpeg.DecodeConfig(bytes.NewReader(files[p.name]))
		if err != nil {
			return nil, fmt.Errorf("pretrained: the photograph %s is not readable: %w", p.name, err)
		}
		samples[i] = Sample{p.name + ".jpg", size.Width, size.Height, p.title, p.alt, p.artist + ". " + c.credit,
			c.license, p.source, p.zh}
		total += int64(len(files[p.name]))
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(samples); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for i, p := range c.photos {
		if err := wholefile.WriteBytes(ctx, filepath.Join(dir, samples[i].File), files[p.name]); err != nil {
			return nil, err
		}
	}
	if err := wholefile.WriteBytes(ctx, filepath.Join(dir, samplesName), text.Bytes()); err != nil {
		return nil, err
	}
	wholefile.Sweep(dir)
	if fresh {
		s.Logf("samples: wrote %d photographs, %s, to %s", len(samples), npm.Megabytes(total), dir)
	} else {
		s.Logf("samples: %s is up to date (%s)", dir, npm.Megabytes(total))
	}
	return samples, nil
}

// published returns the photographs in dir if all are there and right.
func (c collection) published(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, p := range c.photos {
		b, err := os.ReadFile(filepath.Join(dir, p.name+".jpg"))
		if err != nil {
			return nil, err
		}
		if !p.is(b) {
			return nil, errors.New("pretrained: a published photograph is another one")
		}
		files[p.name] = b
	}
	return files, nil
}

// read finds the photographs in the package's tarball.
func (c collection) read(ctx context.Context, tarball string) (map[string][]byte, error) {
	wanted := map[string]photo{}
	for _, p := range c.photos {
		wanted["package/img-"+p.name+"/data/image.jpg"] = p
	}
	files := map[string][]byte{}
	err := npm.ReadTarball(ctx, tarball, func(name string, read func() ([]byte, error)) error {
		p, ok := wanted[name]
		if !ok {
			return nil
		}
		b, err := read()
		if err != nil {
			return err
		}
		if !p.is(b) {
			return fmt.Errorf("pretrained: the photograph %s in %s is not the pinned one", p.name, c.pkg.Spec)
		}
		files[p.name] = b
		if len(files) == len(wanted) {
			return npm.ErrEnough
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, p := range c.photos {
		if files[p.name] == nil {
			missing = append(missing, p.name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("pretrained: %s has no photograph %s", c.pkg.Spec, strings.Join(missing, ", "))
	}
	return files, nil
}

func (p photo) is(b []byte) bool {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]) == p.sha256
}
