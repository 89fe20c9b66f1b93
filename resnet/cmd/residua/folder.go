//go:build !js

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A found file is a picture, as far as one can tell by its place.
type found struct {
	path  string
	label int
}

// A folder is what pictures there are.
type folder struct {
	classes     []string
	learn, held []found
	notes       []string // what was not taken, as sentences
}

// The names of folders that part the pictures.
var (
	learnNames = []string{"train", "training"}
	heldNames  = []string{"val", "valid", "validation", "test"}
)

// scan lists the pictures of a folder. If it is parted into train and val, these are taken, else a part of each class
// is held out.
func scan(dir string, part float64, seed uint64) (*folder, error) {
	inside, err := folders(dir)
	if err != nil {
		return nil, err
	}
	named := func(names []string) string {
		for _, name := range names {
			for _, have := range inside {
				if strings.EqualFold(have, name) {
					return have
				}
			}
		}
		return ""
	}
	f := &folder{}
	learn, held := named(learnNames), named(heldNames)
	if learn == "" || len(inside) > 1 && held == "" {
		// Not parted: a class may well be called "test".
		if err := f.list(dir, inside, &f.learn); err != nil {
			return nil, err
		}
		f.holdOut(part, seed)
		return f, nil
	}
	for _, name := range inside {
		if name != learn && name != held {
			f.notes = append(f.notes, fmt.Sprintf("%s is left out: %s and %s are there", name, learn, held))
		}
	}
	if inside, err = folders(filepath.Join(dir, learn)); err != nil {
		return nil, err
	}
	if err := f.list(filepath.Join(dir, learn), inside, &f.learn); err != nil {
		return nil, err
	}
	if held == "" {
		f.holdOut(part, seed)
		return f, nil
	}
	return f, f.listHeld(filepath.Join(dir, held), held)
}

// listHeld lists the pictures to judge by, whose classes must be among those that are learnt.
func (f *folder) listHeld(dir, name string) error {
	inside, err := folders(dir)
	if err != nil {
		return err
	}
	judge := &folder{}
	if err := judge.list(dir, inside, &judge.learn); err != nil {
		return err
	}
	missing := map[int]bool{}
	for _, p := range judge.learn {
		label := slices.Index(f.classes, judge.classes[p.label])
		if label < 0 {
			missing[p.label] = true
			continue
		}
		f.held = append(f.held, found{p.path, label})
	}
	for label, class := range judge.classes {
		if missing[label] {
			f.notes = append(f.notes, fmt.Sprintf("%s/%s is left out: the class is not learnt", name, class))
		}
	}
	f.notes = append(f.notes, judge.notes...)
	return nil
}

// folders are the names of the folders in one, without hidden ones.
func folders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		// A link to a folder is one.
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && info.IsDir() && !hidden(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// hidden tells the files of file managers and archivers.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || name == "__MACOSX" || name == "Thumbs.db" || name == "desktop.ini"
}

// list lists the files of classes, at any depth below their folders.
func (f *folder) list(dir string, classes []string, to *[]found) error {
	for _, class := range classes {
		root, err := filepath.EvalSymlinks(filepath.Join(dir, class))
		if err != nil {
			return err
		}
		var paths []string
		err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case path != root && hidden(e.Name()):
				if e.IsDir() {
					return fs.SkipDir
				}
			case e.IsDir():
			case regular(path):
				paths = append(paths, path)
			default:
				f.notes = append(f.notes, fmt.Sprintf("%s is left out: it is no file, nor a link to one", path))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(paths) == 0 {
			f.notes = append(f.notes, fmt.Sprintf("%s is left out: it holds no files", class))
			continue
		}
		for _, path := range paths {
			*to = append(*to, found{path, len(f.classes)})
		}
		f.classes = append(f.classes, class)
	}
	if len(f.classes) == 0 {
		return fmt.Errorf("%s has no folders with pictures: put those of each class into a folder of its own", dir)
	}
	return nil
}

// regular tells whether there is a file, or a link to one: reading a pipe would wait for ever.
func regular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// holdOut moves a part of each class's files to those that judge.
func (f *folder) holdOut(part float64, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	var learn []found
	for label := range f.classes {
		var of []found
		for _, p := range f.learn {
			if p.label == label {
				of = append(of, p)
			}
		}
		r.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
		n := min(int(part*float64(len(of))+0.5), len(of)-1)
		held, rest := of[:n], of[n:]
		// In the order of names again, so that the pictures of a batch depend on the seed in one way only.
		byPath := func(a, b found) int { return strings.Compare(a.path, b.path) }
		slices.SortFunc(held, byPath)
		slices.SortFunc(rest, byPath)
		f.held, learn = append(f.held, held...), append(learn, rest...)
	}
	f.learn = learn
}

var errNoPictures = errors.New("none of the files is a picture that can be read")
