//go:build js

// Command edge is Residua's site as a Cloudflare Worker. The platform serves the
// files by itself; what is no file, and /api, comes here. Shares are kept in
// Workers KV.
//
// ./build.sh edge builds and runs it; wrangler.toml binds what it uses.
package main

import (
	"net/http"

	"github.com/syumai/workers"

	"github.com/seed8935e608/residua/web"
)

// main serves one request: each gets a program of its own.
func main() {
	workers.Serve(whole(web.Handler(nil, web.Shares{Store: store{}, Admit: admit})))
}

// whole has HEAD answered like GET; the platform leaves the body away. It would
// fail at an answer that promises a length and has no body.
func whole(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r.Method = http.MethodGet
		}
		h.ServeHTTP(w, r)
	})
}
