// Command site prepares a built site for the platform that serves the Worker's files:
//
//	go run ./web/edge/site -from dist -to web/edge/build/site
//
// It copies the files, and adds _headers, with the headers of package web, and _redirects, which makes "/" index.html.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed8935e608/residua/web"
)

// largest is the platform's limit for a file, in bytes.
const largest = 25 << 20

// redirects serves index.html at "/" itself. The platform's own handling of HTML would also move /static/view.html.
const redirects = "/ /index.html 200\n"

func main() {
	from := flag.String("from", "dist", "the built site, a `folder`")
	to := flag.String("to", "web/edge/build/site", "the `folder` to make; what was there is deleted")
	flag.Parse()
	if err := prepare(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

func prepare(from, to string) error {
	site := os.DirFS(from)
	if _, err := fs.Stat(site, "index.html"); err != nil {
		return fmt.Errorf("the folder %s holds no built site (%w); run ./build.sh first", from, err)
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if err := copyFiles(site, to); err != nil {
		return err
	}
	// HeadersFile reads the copy, because only files that are served have headers.
	headers, err := web.HeadersFile(os.DirFS(to))
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(to, "_headers"), headers, 0o644),
		os.WriteFile(filepath.Join(to, "_redirects"), []byte(redirects), 0o644),
	)
}

// copyFiles copies the site's files. Hidden files and the benchmark's dist/bench are not part of the site.
func copyFiles(site fs.FS, to string) error {
	return fs.WalkDir(site, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".") || name == "bench" || name == "bench.json" {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		target := filepath.Join(to, filepath.FromSlash(name))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Size() > largest {
			return fmt.Errorf("%s has %d bytes; the platform takes %d", name, info.Size(), largest)
		}
		return copyFile(site, name, target)
	})
}

func copyFile(site fs.FS, name, target string) error {
	source, err := site.Open(name)
	if err != nil {
		return err
	}
	defer source.Close()
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	copied, err := os.Create(target)
	if err != nil {
		return err
	}
	_, err = io.Copy(copied, source)
	return errors.Join(err, copied.Close())
}
