// Package starters provides pictures for teaching to users who have none at hand: two sets of emoji that show the same
// things in two styles, renderings for training and flat drawings for testing. Both come from npm packages, unchanged.
package starters

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed8935e608/residua/internal/wholefile"
	"github.com/seed8935e608/residua/weights/npm"
)

// Set is one domain: a style in which every class is shown. All sets have the same classes in the same order, and a
// class has the same things in each.
type Set struct {
	ID         string  `json:"id"`
	Role       string  `json:"role"` // "train" or "test"
	Title      string  `json:"title"`
	Credit     string  `json:"credit"`
	License    string  `json:"license"`
	LicenseURL string  `json:"licenseUrl"`
	Source     string  `json:"source"`
	Classes    []Class `json:"classes"`
}

// Class is the pictures of one kind of thing.
type Class struct {
	Name     string   `json:"name"`
	Pictures []string `json:"pictures"` // paths relative to the list: SET/CLASS/THING.EXTENSION
}

// ListName is the file that lists the sets.
const ListName = "starters.json"

// Write writes the sets into dir as SET/CLASS/THING.EXTENSION, and then starters.json, which lists them. Right files in
// dir stay; pictures of an older list are removed. log may be nil; it gets a line for each slow step.
func Write(ctx context.Context, dir string, log io.Writer) (sets []Set, err error) {
	err = npm.WithCache(ctx, log, func(c *npm.Cache) error {
		sets, err = write(ctx, c, dir, domains, kinds)
		return err
	})
	return sets, err
}

// A domain is the source of a set.
type domain struct {
	pkg    npm.Package
	path   string // path of a picture in the package, with %s for its code points
	sha256 string // of the SHA-256 sums of all pictures, in the order of kinds
	set    Set    // without its classes
}

// A kind is a class. A thing is one of its members: the name of its emoji's file, which is the same in both packages,
// and its own name.
type kind struct {
	name   string
	things []thing
}

type thing struct{ code, name string }

// picture is one picture of a set.
type picture struct {
	source string // in the package
	file   string // in dir, with slashes
	bytes  []byte
}

func write(ctx context.Context, c *npm.Cache, dir string, domains []domain, kinds []kind) ([]Set, error) {
	var sets []Set
	var all []picture
	var total int64
	fresh := false
	for _, d := range domains {
		set, pictures := d.plan(kinds)
		if err := d.published(dir, pictures); err != nil {
			fresh = true
			tarball, err := c.Tarball(ctx, d.pkg)
			if err != nil {
				return nil, err
			}
			c.Logf("starters: taking %d pictures from %s", len(pictures), d.pkg.Spec)
			if err := d.read(ctx, tarball, pictures); err != nil {
				return nil, err
			}
		}
		sets, all = append(sets, set), append(all, pictures...)
	}
	for _, p := range all {
		path := filepath.Join(dir, filepath.FromSlash(p.file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := wholefile.WriteBytes(ctx, path, p.bytes); err != nil {
			return nil, err
		}
		total += int64(len(p.bytes))
	}
	if err := writeList(ctx, dir, sets); err != nil {
		return nil, err
	}
	if err := removeStale(dir, sets, all); err != nil {
		return nil, err
	}
	if fresh {
		c.Logf("starters: wrote %d pictures, %s, to %s", len(all), npm.Megabytes(total), dir)
	} else {
		c.Logf("starters: %s is up to date (%s)", dir, npm.Megabytes(total))
	}
	return sets, nil
}

// plan lists the domain's pictures, without their bytes, and its set.
func (d domain) plan(kinds []kind) (Set, []picture) {
	set := d.set
	var pictures []picture
	for _, k := range kinds {
		class := Class{Name: k.name}
		for _, t := range k.things {
			source := strings.ReplaceAll(d.path, "%s", t.code)
			file := set.ID + "/" + k.name + "/" + t.name + filepath.Ext(source)
			class.Pictures = append(class.Pictures, file)
			pictures = append(pictures, picture{source: source, file: file})
		}
		set.Classes = append(set.Classes, class)
	}
	return set, pictures
}

// published fills in the pictures from dir, if all are there and right.
func (d domain) published(dir string, pictures []picture) error {
	for i := range pictures {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(pictures[i].file)))
		if err != nil {
			return err
		}
		pictures[i].bytes = b
	}
	return d.verify(pictures)
}

// read fills in the pictures from the package's tarball.
func (d domain) read(ctx context.Context, tarball string, pictures []picture) error {
	wanted := map[string]*picture{}
	for i := range pictures {
		wanted[pictures[i].source] = &pictures[i]
	}
	err := npm.ReadTarball(ctx, tarball, func(name string, read func() ([]byte, error)) (err error) {
		p, ok := wanted[name]
		if !ok {
			return nil
		}
		if p.bytes, err = read(); err != nil {
			return err
		}
		delete(wanted, name)
		if len(wanted) == 0 {
			return npm.ErrEnough
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(wanted) > 0 {
		var missing []string
		for _, p := range wanted {
			missing = append(missing, p.source+" ("+p.file+")")
		}
		slices.Sort(missing)
		return fmt.Errorf("starters: %s has no %s", d.pkg.Spec, strings.Join(missing, ", "))
	}
	return d.verify(pictures)
}

// verify compares the pictures with the pinned hash. The tarball has been compared with its own; this hash finds
// damaged pictures in dir, and a change of kinds that nobody has looked at.
func (d domain) verify(pictures []picture) error {
	all := sha256.New()
	for _, p := range pictures {
		sum := sha256.Sum256(p.bytes)
		all.Write(sum[:])
	}
	if got := hex.EncodeToString(all.Sum(nil)); got != d.sha256 {
		return fmt.Errorf("starters: the pictures of %s have the SHA-256 %s, not the pinned %s; whoever changed the "+
			"table must look at them and pin the new one",
			d.pkg.Spec, got, d.sha256)
	}
	return nil
}

func writeList(ctx context.Context, dir string, sets []Set) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(sets); err != nil {
		return err
	}
	return wholefile.WriteBytes(ctx, filepath.Join(dir, ListName), text.Bytes())
}

// removeStale removes the pictures that the list no longer names, and then the empty folders. It looks only into the
// folders of sets, and keeps files of other kinds.
func removeStale(dir string, sets []Set, pictures []picture) error {
	keep := map[string]bool{}
	for _, p := range pictures {
		keep[filepath.Join(dir, filepath.FromSlash(p.file))] = true
	}
	var folders []string
	for _, set := range sets {
		err := filepath.WalkDir(filepath.Join(dir, set.ID), func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.IsDir() {
				folders = append(folders, path)
				return nil
			}
			if ext := filepath.Ext(path); keep[path] || ext != ".webp" && ext != ".png" {
				return nil
			}
			return os.Remove(path)
		})
		if err != nil {
			return err
		}
	}
	wholefile.Sweep(dir)
	for _, folder := range slices.Backward(folders) { // inner folders first
		wholefile.Sweep(folder)
		os.Remove(folder) // succeeds only if it is empty
	}
	return nil
}
