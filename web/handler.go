// Package web is Residua's site as one http.Handler: the files of a built dist
// folder, with the headers that keep the page and the photos in it safe, and
// under /api the sharing of what was taught.
//
// It knows no listener and no platform, so that every host can use it.
package web

import (
	"io/fs"
	"log"
	"net/http"
	"runtime/debug"
	"strings"
)

// Handler serves a whole site.
//
// What lies under /api is answered by the API, mostly in JSON, and kept in
// shares. All else are the files of site, a built dist folder, for GET and HEAD.
// "/" is index.html. There are no folder listings, and names that begin with a
// dot do not exist. Whatever is not a file is a 404 in plain text.
//
// A host that serves files by itself gives nil for site: what it passes on then
// is no file.
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
		} else {
			files.ServeHTTP(w, r)
		}
	}))
}

// recovered answers 500 where h panics. In a Worker nobody else would: the
// program would end, and the request hang.
func recovered(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &begun{ResponseWriter: w}
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			log.Printf("a panic at %s %.200q: %v\n%s", r.Method, r.URL.Path, fault, debug.Stack())
			if !answer.yes { // else what was promised does not come whole, which the client sees by the length
				internal.answer(w)
			}
		}()
		h.ServeHTTP(answer, r)
	})
}

// begun notes whether an answer has begun.
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
