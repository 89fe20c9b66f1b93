// Command offline writes the service worker of a built site, with the list of the files that it caches:
//
//	go run ./web/offline DIR [FOLDER …]
//
// DIR is the site. It gets sw.js at its root, because a service worker serves only what is below it. The FOLDERs are
// other parts of the same site. Models are not listed: the engine caches them. The worker's bytes change if and only if
// a file does, by which browsers detect an update.
package main

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed8935e608/residua/web"
)

//go:embed sw.js
var worker string

// site is the data for sw.js, which documents it.
type site struct {
	Version string            `json:"version"`
	Headers map[string]string `json:"headers"`
	Types   map[string]string `json:"types"`
	Files   map[string]string `json:"files"`
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: offline DIR [FOLDER …]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "offline:", err)
		os.Exit(1)
	}
}

func run(dir string, folders []string) error {
	s := site{Headers: web.Headers(), Types: web.ContentTypes(), Files: map[string]string{}}
	if err := s.list(dir, dir); err != nil {
		return err
	}
	for _, folder := range folders {
		if err := s.list(filepath.Dir(folder), folder); err != nil {
			return err
		}
	}
	text, err := s.encode()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, workerName), []byte(text), 0o666)
}

const workerName = "sw.js"

// list adds the files below folder, with their paths from root.
func (s *site) list(root, folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil || !kept(filepath.ToSlash(name)) {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		s.Files[filepath.ToSlash(name)] = hex.EncodeToString(sum[:])
		return nil
	})
}

// kept reports whether the service worker caches a file. It must not cache itself; precompressed files are only for the
// server, and source maps for debuggers.
func kept(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") || strings.HasPrefix(part, "_") {
			return false
		}
	}
	switch filepath.Ext(name) {
	case ".br", ".gz", ".map":
		return false
	}
	return name != workerName
}

// encode gives the worker's text.
func (s *site) encode() (string, error) {
	// encoding/json sorts the keys of maps, so that the same site gives the same text.
	all, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append(all, worker...))
	s.Version = hex.EncodeToString(sum[:8])
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return "", err
	}
	return "self.residuaSite = " + string(text) + ";\n" + worker, nil
}
