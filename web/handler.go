// Package web is Residua's site as an http.Handler: the files of a built dist folder, with the headers that keep the
// page and its photos safe, and the sharing of taught heads under /api.
//
// It has no listener and depends on no platform, so that every host can use it.
package web

import (
	"io/fs"
	"log"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
)

// Handler serves the whole site.
//
// The API answers requests under /api, mostly in JSON, and stores shares. All others get the files of site, a built
// dist folder, by GET and HEAD. "/" is index.html. There are no folder listings, and names that begin with a dot do not
// exist. A missing file is a 404 in plain text. Addresses of the page that have lost their "#", or whose "#" was
// encoded, are redirected to the page.
//
// A host that serves files itself passes nil for site; the requests that it passes on are not for files.
func Handler(site fs.FS, shares Shares) http.Handler {
	api, files := &api{shares: shares}, onlyRead(http.HandlerFunc(notFound))
	if site != nil {
		files = onlyRead(&static{site: site})
	}
	return recovered(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, header := range safety {
			w.Header().Set(header.name, header.value)
		}
		if r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/") {
			api.ServeHTTP(w, r)
		} else if hash, ok := lostHash(r.URL.Path); ok {
			w.Header().Set("Cache-Control", "no-cache")
			w.Header().Set("Location", "/"+hash)
			w.WriteHeader(http.StatusFound)
		} else {
			files.ServeHTTP(w, r)
		}
	}))
}

// lostHash gives the fragment that a link to the page should have, where a messenger has encoded its "#", or a person
// has typed it as a path: "/%23share=ID" and "/share/ID" are "#share=ID".
func lostHash(path string) (hash string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/#")
	if !ok {
		id, isShare := strings.CutPrefix(path, "/share/")
		if !isShare || len(id) < 2*idBytes || !isShareID(strings.ToLower(id[:2*idBytes])) {
			return "", false
		}
		rest = "share=" + id // the page passes over what a messenger has put behind it
	}
	return (&url.URL{Fragment: rest}).String(), true
}

// recovered answers 500 if h panics. In a Worker a panic would end the program, and the request would hang.
func recovered(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &begun{ResponseWriter: w}
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			log.Printf("a panic at %s %.200q: %v\n%s", r.Method, r.URL.Path, fault, debug.Stack())
			if !answer.yes { // else the answer is cut short, which the client notices by its length
				internal.answer(w)
			}
		}()
		h.ServeHTTP(answer, r)
	})
}

// begun records whether an answer has begun.
type begun struct {
	http.ResponseWriter
	yes bool
}

func (b *begun) WriteHeader(status int) {
	b.yes = true
	b.ResponseWriter.WriteHeader(status)
}

func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }
