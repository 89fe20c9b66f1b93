package web

import (
	"maps"
	"strings"
)

// safety lists the headers of every answer, errors included.
var safety = []struct{ name, value string }{
	// The page gets shared memory, and so threads, only if no document and no file of another site can be in its
	// process.
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Embedder-Policy", "require-corp"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Permissions-Policy", permissions},
	{"Content-Security-Policy", contentPolicy},
}

// Headers are the headers of every answer, for hosts and service workers that answer without this package's handler.
func Headers() map[string]string {
	all := map[string]string{}
	for _, header := range safety {
		all[header.name] = header.value
	}
	return all
}

// ContentTypes maps the endings of all files of a built site, with the dot, to their types.
func ContentTypes() map[string]string { return maps.Clone(contentTypes) }

// contentPolicy makes the browser enforce that pictures stay on the device: the page can connect to no other host.
var contentPolicy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self' 'wasm-unsafe-eval'", // the engine is WebAssembly
	"style-src 'self'",
	"img-src 'self' blob: data:", // the person's photo is a blob
	"connect-src 'self' blob:",   // shards, and blob URLs that are given to classify
	"worker-src 'self'",          // the engine
	"manifest-src 'self'",
	"frame-src 'self'", // the view
	"frame-ancestors 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types residua", // residua.js makes the address of its worker
}, "; ")

// permissions disables what the page never uses, so that no script can. The camera is for taking a photo.
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
