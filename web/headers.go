package web

import (
	"maps"
	"strings"
)

// safety holds the headers of every answer, errors included.
var safety = []struct{ name, value string }{
	// The page gets shared memory, and with it threads, only when no other
	// site's documents or files can be in its process.
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Embedder-Policy", "require-corp"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Permissions-Policy", permissions},
	{"Content-Security-Policy", contentPolicy},
}

// Headers are those of every answer, for hosts and service workers that answer without this package's handler.
func Headers() map[string]string {
	all := map[string]string{}
	for _, header := range safety {
		all[header.name] = header.value
	}
	return all
}

// ContentTypes are the types of everything that a built site holds, by the ending of a name, with its dot.
func ContentTypes() map[string]string { return maps.Clone(contentTypes) }

// contentPolicy is the promise that pictures stay on the device, in a form that
// the browser keeps: the page can talk to no other host.
var contentPolicy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self' 'wasm-unsafe-eval'", // the engine is WebAssembly
	"style-src 'self'",
	"img-src 'self' blob: data:", // the person's photo is a blob
	"connect-src 'self' blob:",   // shards; a blob's URL given to classify
	"worker-src 'self'",          // the engine
	"manifest-src 'self'",
	"frame-src 'self'", // the view
	"frame-ancestors 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types residua", // residua.js makes the address of its worker
}, "; ")

// permissions switches off what the page never asks for, so that no script in
// it could. The camera is for taking a photo.
var permissions = strings.Join([]string{
	"camera=(self)",
	"accelerometer=()",
	"display-capture=()",
	"geolocation=()",
	"gyroscope=()",
	"hid=()",
	"idle-detection=()",
	"magnetometer=()",
	"microphone=()",
	"midi=()",
	"payment=()",
	"publickey-credentials-get=()",
	"screen-wake-lock=()",
	"serial=()",
	"usb=()",
	"xr-spatial-tracking=()",
}, ", ")
