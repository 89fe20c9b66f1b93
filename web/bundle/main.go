// Command bundle makes few files of the many modules and style sheets of a built page, so that a browser need not fetch
// one after the other's imports:
//
//	go run ./web/bundle DIR
//
// DIR is the site. Its page's entry and style sheet, static/page/app.js and page.css, take in all that they import; the
// rooms, which are imported when somebody goes there, become files of their own. What the bundles replace is removed.
// Source maps lead back to the modules, which browsers read one by one where they are not built. In index.html the
// page's entry gets a line <link rel="modulepreload"> for each bundle that it imports: at once for those that it needs
// to begin, with a low priority for the rooms, so that they are there when somebody goes there.
//
// The public API, static/residua.js and what it imports, stays as it is besides: other pages import it, and people read
// it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bundle DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

const (
	folder = "static/page"
	script = folder + "/app.js"
	style  = folder + "/page.css"
	// early is a classic script of its own, which runs before the first paint.
	early = folder + "/early.js"

	// dynamic is esbuild's kind of an import(…).
	dynamic = "dynamic-import"
)

func run(dir string) error {
	meta, err := build(dir)
	if err != nil {
		return err
	}
	if err := removeSources(filepath.Join(dir, folder), meta); err != nil {
		return err
	}
	return preload(filepath.Join(dir, "index.html"), meta)
}

// metafile is what esbuild says of its outputs. Paths are relative to the site.
type metafile struct {
	Outputs map[string]struct {
		Imports []struct {
			Path, Kind string
			External   bool
		}
	}
}

// build writes the bundles in place of the entries.
func build(dir string) (meta metafile, err error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return meta, err
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:     root,
		EntryPoints:       []string{script, style},
		Outdir:            folder,
		AllowOverwrite:    true,
		Write:             true,
		Metafile:          true,
		Bundle:            true,
		Splitting:         true,
		ChunkNames:        "[name]-[hash]", // beside the entry: common/site.js relies on it
		Format:            api.FormatESModule,
		Target:            api.ES2022, // of what all browsers of docs/browsers.md know, nothing need be rewritten
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Sourcemap:         api.SourceMapLinked,
		LegalComments:     api.LegalCommentsNone, // NOTICE.txt has them
	})
	if len(result.Errors) > 0 {
		return meta, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	return meta, json.Unmarshal([]byte(result.Metafile), &meta)
}

// removeSources removes the scripts and style sheets that are in the bundles now, and the folders that are empty then.
func removeSources(page string, meta metafile) error {
	var folders []string
	err := filepath.WalkDir(page, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			folders = append(folders, name)
			return nil
		}
		rel, err := filepath.Rel(page, name)
		if err != nil {
			return err
		}
		site := path.Join(folder, filepath.ToSlash(rel))
		if _, isOutput := meta.Outputs[site]; isOutput || site == early {
			return nil
		}
		return os.Remove(name)
	})
	if err != nil {
		return err
	}
	for i := len(folders) - 1; i > 0; i-- { // the inner ones first
		if err := os.Remove(folders[i]); err != nil {
			return err
		}
	}
	return nil
}

var entryLine = regexp.MustCompile(`(?m)^(\s*)<script type="module" src="` + regexp.QuoteMeta(script) + `"></script>$`)

// preload names the entry's bundles in the page.
func preload(index string, meta metafile) error {
	page, err := os.ReadFile(index)
	if err != nil {
		return err
	}
	match := entryLine.FindSubmatchIndex(page)
	if match == nil {
		return fmt.Errorf("index.html has no line of its own for the module %s", script)
	}
	indent := string(page[match[2]:match[3]])
	now, later := bundles(meta)
	var links strings.Builder
	for _, name := range now {
		fmt.Fprintf(&links, "%s<link rel=\"modulepreload\" href=\"%s\">\n", indent, name)
	}
	for _, name := range later {
		fmt.Fprintf(&links, "%s<link rel=\"modulepreload\" href=\"%s\" fetchpriority=\"low\">\n", indent, name)
	}
	out := string(page[:match[0]]) + links.String() + string(page[match[0]:])
	return os.WriteFile(index, []byte(out), 0o666)
}

// bundles are those that the entry imports, directly or not: at its start, and with the rooms, which it imports later.
// What another bundle imports later, as the API does the library for zip files, may never be needed and is in neither
// list.
func bundles(meta metafile) (now, later []string) {
	seen := map[string]bool{script: true}
	// follow lists what a bundle imports at once, nearest first.
	follow := func(first string, list *[]string) {
		for queue := []string{first}; len(queue) > 0; queue = queue[1:] {
			for _, i := range meta.Outputs[queue[0]].Imports {
				if i.External || i.Kind == dynamic || seen[i.Path] {
					continue
				}
				seen[i.Path] = true
				*list = append(*list, i.Path)
				queue = append(queue, i.Path)
			}
		}
	}
	follow(script, &now)
	for _, room := range meta.Outputs[script].Imports {
		if room.Kind == dynamic && !seen[room.Path] {
			seen[room.Path] = true
			later = append(later, room.Path)
			follow(room.Path, &later)
		}
	}
	return now, later
}
