//go:build js

package main

import (
	"context"
	"fmt"
	"syscall/js"
	"time"

	"github.com/syumai/workers/cloudflare"

	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/web"
)

// A store keeps shares in Workers KV, which deletes them when they expire.
//
// It calls KV directly, because the workers package returns a missing key as the string "<null>", or as a stream that
// panics when it is read.
type store struct{}

// call calls a method of the namespace that wrangler.toml binds.
func (store) call(method string, args ...any) (js.Value, error) {
	return jsbridge.Await(cloudflare.GetBinding("SHARES").Call(method, args...))
}

func (s store) Get(_ context.Context, id string) ([]byte, error) {
	buffer, err := s.call("get", id, "arrayBuffer")
	if err != nil {
		return nil, fmt.Errorf("KV: %w", err)
	}
	if buffer.IsNull() {
		return nil, web.ErrNoShare
	}
	data, _ := jsbridge.Numbers[byte](js.Global().Get("Uint8Array").New(buffer))
	return data, nil
}

// Put keeps a share. It uses list to find out whether the share exists: KV caches the result of a get for a minute,
// also when the key is missing, so the new link would not work there for a minute. A share is not written again on the
// same day, because KV allows one write a second to a key.
//
// KV has no transactions, so two simultaneous calls may both return fresh. They store the same.
func (s store) Put(_ context.Context, id string, data []byte, until time.Time) (fresh bool, err error) {
	found, err := s.call("list", map[string]any{"prefix": id, "limit": 1})
	if err != nil {
		return false, fmt.Errorf("KV: %w", err)
	}
	known := found.Get("keys").Index(0)
	fresh = known.IsUndefined()
	if !fresh && known.Get("expiration").Float() >= float64(until.Unix()) {
		return false, nil
	}
	if _, err = s.call("put", id, jsbridge.TypedArray(data), map[string]any{"expiration": until.Unix()}); err != nil {
		return false, fmt.Errorf("KV: %w", err)
	}
	return fresh, nil
}
