//go:build !js

// Command smallsite makes the site that most tests of the page run on: the built site, with narrow networks in the
// place of ResNet-50 and its form in eight bits.
//
//	go run ./web/test/smallsite DIST OUT
//
// The narrow network has ResNet-50's 16 blocks, its labels and its preparation of pictures, so the page shows what it
// shows of the real one, and it says of each sample photo what the real one says. It knows nothing else. It loads in a
// tenth of the time.
//
// Files other than the models are hard links to those of DIST, or copies. The models are made once: OUT/models/made-of
// says of what, and where that is still so they stay.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: smallsite DIST OUT")
		os.Exit(2)
	}
	if err := makeSite(flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Fprintln(os.Stderr, "smallsite:", err)
		os.Exit(1)
	}
}

// models is the folder of the models in a site, and stamp the file in it that says what the small ones were made of.
const (
	models = "models"
	stamp  = "made-of"
)

func makeSite(dist, out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	if err := linkOthers(dist, out); err != nil {
		return err
	}
	sources, err := sourcesOf(dist)
	if err != nil {
		return err
	}
	to := filepath.Join(out, models)
	if made, err := os.ReadFile(filepath.Join(to, stamp)); err == nil && string(made) == sources {
		return nil
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if err := makeModels(dist, to); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, stamp), []byte(sources), 0o644)
}

// linkOthers brings everything of the site but its models and its compressed files, in the place of what was there.
func linkOthers(dist, out string) error {
	old, err := os.ReadDir(out)
	if err != nil {
		return err
	}
	for _, entry := range old {
		if entry.Name() != models {
			if err := os.RemoveAll(filepath.Join(out, entry.Name())); err != nil {
				return err
			}
		}
	}
	return filepath.WalkDir(dist, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(dist, path)
		if err != nil {
			return err
		}
		to := filepath.Join(out, inside)
		switch {
		case inside == ".":
			return nil
		case entry.IsDir() && (inside == models || inside == "bench" || strings.HasPrefix(inside, ".")):
			return fs.SkipDir
		case entry.IsDir():
			return os.Mkdir(to, 0o755)
		case os.Link(path, to) == nil: // it fails across file systems
			return nil
		}
		return copyFile(path, to)
	})
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o644)
}

// sourcesOf is a hash of all that the models are made of: this program, the real model and the photos.
func sourcesOf(dist string) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	photos, err := filepath.Glob(filepath.Join(dist, "samples", "*.jpg"))
	if err != nil {
		return "", err
	}
	if len(photos) == 0 {
		return "", errors.New(dist + " has no sample photos; run ./build.sh first")
	}
	sum := sha256.New()
	manifest := filepath.Join(dist, models, "resnet50", "manifest.json")
	for _, path := range append([]string{program, manifest}, photos...) {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(sum, f)
		f.Close()
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
