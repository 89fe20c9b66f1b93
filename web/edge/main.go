//go:build js

// Command edge is Residua's site as a Cloudflare Worker. The platform serves the files itself, and passes on requests
// of /api and of files that do not exist. Shares are stored in Workers KV.
//
// ./build.sh edge builds and runs it; wrangler.toml has its bindings.
package main

import (
	"net/http"

	"github.com/syumai/workers"

	"github.com/seed8935e608/residua/web"
)

// main serves one request: the platform starts the program for each.
func main() {
	workers.Serve(whole(web.Handler(nil, web.Shares{Store: store{}, Admit: admit})))
}

// whole answers HEAD like GET; the platform removes the body. It would fail at an answer that promises a length and has
// no body.
func whole(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r.Method = http.MethodGet
		}
		h.ServeHTTP(w, r)
	})
}
