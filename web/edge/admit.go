//go:build js

package main

import (
	"log"
	"net/http"

	"github.com/syumai/workers/cloudflare"

	"github.com/seed8935e608/residua/wasm/jsbridge"
)

// admit asks the platform's rate limiter whether an address may upload now; wrangler.toml has the limit. If the limiter
// fails, everybody may.
func admit(r *http.Request) (leave func(), ok bool) {
	leave = func() {}
	answer, err := jsbridge.Await(cloudflare.GetBinding("UPLOADS").Call("limit",
		map[string]any{"key": r.Header.Get("CF-Connecting-IP")}))
	if err != nil {
		log.Printf("the counter of uploads fails: %v", err)
		return leave, true
	}
	return leave, answer.Get("success").Bool()
}
