// Command preload lists in a built page the scripts that it imports, so that a browser fetches all of them at once and
// not one after the other:
//
//	go run ./web/preload DIR
//
// DIR is the site. Command preload adds a line <link rel="modulepreload"> to index.html for each module that the page's
// entry, a module script, imports directly or indirectly. Modules that are imported later, with a room, follow with a
// low priority, so that they are there when the user opens the room.
package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: preload DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "preload:", err)
		os.Exit(1)
	}
}

var (
	entryLine = regexp.MustCompile(`(?m)^(\s*)<script type="module" src="([^"]+)"></script>$`)
	// All imports in the code have one form: a relative address in single quotes that ends in .js.
	staticImport  = regexp.MustCompile(`(?m)^(?:import|export) (?:[^;]*? from )?'(\.[^']+\.js)';$`)
	dynamicImport = regexp.MustCompile(`\bawait import\('(\.[^']+\.js)'\)`)
)

func run(dir string) error {
	name := filepath.Join(dir, "index.html")
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	match := entryLine.FindSubmatchIndex(page)
	if match == nil {
		return errors.New("index.html has no line with the script of the page")
	}
	indent, entry := string(page[match[2]:match[3]]), string(page[match[4]:match[5]])
	modules, err := imports(dir, entry)
	if err != nil {
		return err
	}
	var links strings.Builder
	for _, m := range modules {
		priority := ""
		if m.late {
			priority = ` fetchpriority="low"`
		}
		fmt.Fprintf(&links, "%s<link rel=\"modulepreload\" href=\"%s\"%s>\n", indent, m.name, priority)
	}
	out := string(page[:match[0]]) + links.String() + string(page[match[0]:])
	return os.WriteFile(name, []byte(out), 0o666)
}

// A module is a script, by its path in the site. A late one comes with a room.
type module struct {
	name string
	late bool
}

// imports lists what the entry imports: first what the page needs to start, then what comes with the rooms.
func imports(dir, entry string) ([]module, error) {
	var list []module
	seen := map[string]bool{entry: true}
	later := []string{}
	// follow adds what a script imports, in the order of distance.
	follow := func(first string, late bool) error {
		for queue := []string{first}; len(queue) > 0; queue = queue[1:] {
			source, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(queue[0])))
			if err != nil {
				return fmt.Errorf("%s is imported: %w", queue[0], err)
			}
			for _, found := range staticImport.FindAllSubmatch(source, -1) {
				name := path.Join(path.Dir(queue[0]), string(found[1]))
				if !seen[name] {
					seen[name] = true
					list = append(list, module{name, late})
					queue = append(queue, name)
				}
			}
			for _, found := range dynamicImport.FindAllSubmatch(source, -1) {
				later = append(later, path.Join(path.Dir(queue[0]), string(found[1])))
			}
		}
		return nil
	}
	if err := follow(entry, false); err != nil {
		return nil, err
	}
	for len(later) > 0 {
		room := later[0]
		later = later[1:]
		// A library that a room may never need is not preloaded.
		if seen[room] || strings.Contains(room, "/vendor/") {
			continue
		}
		seen[room] = true
		list = append(list, module{room, true})
		if err := follow(room, true); err != nil {
			return nil, err
		}
	}
	return list, nil
}
