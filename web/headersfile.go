package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// HeadersFile writes a _headers file, with which Cloudflare's static assets get the same headers as from Handler.
//
// Later rules override earlier ones: "! Name" removes a header first, because a second value would be appended.
func HeadersFile(site fs.FS) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("/*\n")
	for _, header := range safety {
		fmt.Fprintf(&b, "  %s: %s\n", header.name, header.value)
	}
	fmt.Fprintf(&b, "  Cache-Control: %s\n  Content-Type: %s\n", cacheControl("", ""), contentType(""))
	replace := func(path, name, value string) {
		fmt.Fprintf(&b, "%s\n  ! %s\n  %s: %s\n", path, name, name, value)
	}
	replace("/", "Content-Type", contentType("index.html"))
	for _, ending := range slices.Sorted(maps.Keys(contentTypes)) {
		replace("/*"+ending, "Content-Type", contentTypes[ending])
	}
	err := fs.WalkDir(site, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if _, ok := fileName("/" + name); !ok {
			return nil // hidden
		}
		f, err := openFile(site, name)
		if err != nil {
			return err
		}
		defer f.Close()
		digest, err := new(digests).of(name, f)
		if err != nil {
			return err
		}
		if kept := cacheControl(name, digest); kept != cacheControl("", "") {
			replace("/"+name, "Cache-Control", kept)
		}
		return nil
	})
	return b.Bytes(), err
}
