//go:build js

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"syscall/js"
	"time"

	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// cacheName is the name of the Cache with shards and manifests.
const cacheName = "residua-models-1"

// manifestName is the manifest's name in a model's folder.
const manifestName = "manifest.json"

// ownFolder contains users' models, in the folder of all models. They are only in the cache, never on a server. Only
// their names begin with ownPrefix. web/static/api/models/cache.js has both constants too.
const (
	ownFolder = "own/"
	ownPrefix = "own-"
)

const (
	// stall is how long a download may receive nothing. A phone that changes networks is silent for some seconds.
	stall = 30 * time.Second
	// cacheLimit is how long the browser's cache may take to answer, usually milliseconds. After that the engine does
	// without it.
	cacheLimit = 20 * time.Second
)

// modelCache gets a model's files from the browser's cache, or from the network into the cache. It neither stores nor
// uses a file before it has checked its SHA-256.
type modelCache struct {
	base string // the folder's URL, with a slash at its end
	name string // the model's
	own  bool   // the user's model, which only the cache has

	written js.Value // the manifest as it was received
}

func newModelCache(models, name string) *modelCache {
	s := &modelCache{base: models + name + "/", name: name, own: strings.HasPrefix(name, ownPrefix)}
	if s.own {
		s.base = models + ownFolder + name + "/"
	}
	return s
}

// open opens the cache. ok is false if there is none: outside secure contexts, or if the user forbids storage.
func (s *modelCache) open() (cache js.Value, ok bool) {
	// Where storage is forbidden, some browsers throw when the property is read.
	caches, err := jsbridge.Try(func() js.Value {
		return js.Global().Get("Reflect").Call("get", js.Global(), "caches")
	})
	if err != nil || caches.Type() != js.TypeObject {
		return js.Undefined(), false
	}
	for range 2 { // WebKit once failed while a former engine was being terminated
		cache, err = jsbridge.Try(func() js.Value { return caches.Call("open", cacheName) })
		if err == nil {
			cache, err = jsbridge.AwaitFor(cacheLimit, cache)
		}
		if err == nil {
			break
		}
		warn("caches.open", err)
		if fault := (*jsbridge.Error)(nil); errors.As(err, &fault) && fault.Name == jsbridge.TimeoutError {
			break // it would be as silent once more
		}
	}
	return cache, err == nil
}

// manifest fetches the manifest, or takes the cached one if the network fails.
func (s *modelCache) manifest(ctx context.Context) (weights.Manifest, error) {
	cache, cached := s.open()
	if s.own {
		kept, ok := s.match(cache, cached, manifestName)
		if !ok {
			return weights.Manifest{}, notKept(s.name)
		}
		return parseManifest(kept)
	}
	body, err := s.fetch(ctx, manifestName, 1<<20, "no-cache", nil)
	if hasCode(err, proto.CodeHTTP) && httpStatus(err) == "404" || err == nil && isPage(body) {
		return weights.Manifest{}, noModel(s.name)
	}
	if err != nil {
		if kept, ok := s.match(cache, cached, manifestName); ok && isOffline(err) {
			body, err = kept, nil
		}
	} else if cached {
		s.keep(cache, manifestName, body)
	}
	if err != nil {
		return weights.Manifest{}, err
	}
	s.written = body
	return parseManifest(body)
}

// isPage reports whether a host has sent a page in place of a file. Many do so for every address that they do not know.
func isPage(body js.Value) bool {
	start := copyToGo(body.Call("subarray", 0, 512))
	return bytes.HasPrefix(bytes.TrimLeft(start, "\ufeff \t\r\n"), []byte("<"))
}

func parseManifest(body js.Value) (weights.Manifest, error) {
	m, err := weights.ParseManifest(copyToGo(body))
	if err != nil {
		return m, badModel(err)
	}
	return m, nil
}

// file gets all shards of a model, at most two at a time, and joins them. kept says whether the cache now has all of
// them.
func (s *modelCache) file(
	ctx context.Context, m weights.Manifest, progress func(proto.Progress),
) (file []byte, kept bool, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cache, cached := s.open()
	file = make([]byte, m.Size)
	count := &counter{progress: progress, p: proto.Progress{Phase: proto.PhaseDownload, Total: m.Size}}
	count.add(0, 0, 0)

	var group sync.WaitGroup
	var once sync.Once
	var first error
	slots := make(chan struct{}, 2)
	at := int64(0)
	for _, shard := range m.Shards {
		to := file[at : at+shard.Size]
		at += shard.Size
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			err := s.shard(ctx, cache, cached, shard, to, count)
			if err != nil {
				once.Do(func() { first = err })
				stop()
			}
		})
	}
	group.Wait()
	if first != nil {
		return nil, false, first
	}
	if !cached {
		return file, false, nil
	}
	s.sweep(cache, m)
	return file, count.p.Kept == m.Size && (s.own || s.isKept(m, file)), nil
}

// isKept reads back what was stored in the cache, and stores again what is missing. In WebKit's private windows,
// entries of one worker can vanish if another worker that was terminated had the same cache open.
func (s *modelCache) isKept(m weights.Manifest, file []byte) bool {
	for range 2 {
		cache, ok := s.open()
		if !ok {
			return false
		}
		urls, err := urlsIn(cache)
		if err != nil {
			return false
		}
		here := map[string]bool{}
		for _, url := range urls {
			here[url] = true
		}
		whole := here[s.base+manifestName]
		if !whole {
			s.keep(cache, manifestName, s.written)
		}
		at := int64(0)
		for _, shard := range m.Shards {
			if !here[s.base+shard.Name] {
				whole = false
				s.keep(cache, shard.Name, jsbridge.TypedArray(file[at:at+shard.Size]))
			}
			at += shard.Size
		}
		if whole {
			return true
		}
	}
	return false
}

// shard gets one shard from the cache or the network.
func (s *modelCache) shard(
	ctx context.Context, cache js.Value, cached bool, shard weights.Shard, to []byte, count *counter,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if kept, ok := s.match(cache, cached, shard.Name); ok {
		if sound(kept, shard) {
			js.CopyBytesToGo(to, kept)
			count.add(shard.Size, shard.Size, shard.Size)
			return nil
		}
		jsbridge.AwaitFor(cacheLimit, cache.Call("delete", s.base+shard.Name))
	}
	if s.own {
		return notKept(s.name)
	}
	// A wrong file may be an old one in the browser's HTTP cache, so the second attempt bypasses that.
	for _, mode := range []string{"default", "reload"} {
		got := int64(0)
		body, err := s.fetch(ctx, shard.Name, shard.Size, mode, func(n int64) {
			got += n
			count.add(n, 0, 0)
		})
		if err != nil && !isCorrupt(err) {
			return err
		}
		if err == nil && sound(body, shard) {
			js.CopyBytesToGo(to, body)
			if cached && s.keep(cache, shard.Name, body) {
				count.add(0, 0, shard.Size)
			}
			return nil
		}
		count.add(-got, 0, 0)
	}
	return corrupt(shard.Name)
}

// match looks up a file in the cache.
func (s *modelCache) match(cache js.Value, cached bool, name string) (js.Value, bool) {
	if !cached {
		return js.Undefined(), false
	}
	response, err := jsbridge.AwaitFor(cacheLimit, cache.Call("match", s.base+name))
	if err != nil || response.Type() != js.TypeObject {
		return js.Undefined(), false
	}
	buffer, err := jsbridge.AwaitFor(cacheLimit, response.Call("arrayBuffer"))
	if err != nil {
		return js.Undefined(), false
	}
	return js.Global().Get("Uint8Array").New(buffer), true
}

// keep stores a file in the cache, and reports whether that worked. A full disk is no error: the next visit downloads
// the file again.
func (s *modelCache) keep(cache js.Value, name string, body js.Value) bool {
	response := js.Global().Get("Response").New(body)
	_, err := jsbridge.AwaitFor(cacheLimit, cache.Call("put", s.base+name, response))
	if err != nil {
		warn("cache.put", err)
	}
	return err == nil
}

// sweep deletes what an earlier version of this model left in the cache; with an empty manifest, everything.
func (s *modelCache) sweep(cache js.Value, m weights.Manifest) {
	now := map[string]bool{}
	if len(m.Shards) > 0 {
		now[s.base+manifestName], now[s.base+aboutName] = true, true
	}
	for _, shard := range m.Shards {
		now[s.base+shard.Name] = true
	}
	urls, err := urlsIn(cache)
	if err != nil {
		return
	}
	for _, url := range urls {
		if len(url) > len(s.base) && url[:len(s.base)] == s.base && !now[url] {
			jsbridge.AwaitFor(cacheLimit, cache.Call("delete", url))
		}
	}
}

// urlsIn lists the URLs in the cache.
func urlsIn(cache js.Value) ([]string, error) {
	keys, err := jsbridge.AwaitFor(cacheLimit, cache.Call("keys"))
	if err != nil {
		return nil, err
	}
	urls := make([]string, keys.Length())
	for i := range urls {
		urls[i] = keys.Index(i).Get("url").String()
	}
	return urls, nil
}

// fetch downloads a file of at most limit bytes, and calls read for each piece.
func (s *modelCache) fetch(
	ctx context.Context, name string, limit int64, mode string, read func(n int64),
) (js.Value, error) {
	control := js.Global().Get("AbortController").New()
	defer context.AfterFunc(ctx, func() { control.Call("abort") })()
	fault := func(err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		control.Call("abort") // a stalled download would keep its connection
		return offline(name, err)
	}

	response, err := jsbridge.AwaitFor(stall,
		js.Global().Call("fetch", s.base+name, map[string]any{"cache": mode, "signal": control.Get("signal")}))
	if err != nil {
		return js.Undefined(), fault(err)
	}
	if !response.Get("ok").Bool() {
		return js.Undefined(), httpError(response.Get("status").Int(), name)
	}
	if response.Get("body").Type() != js.TypeObject {
		return js.Undefined(), corrupt(name)
	}
	body := js.Global().Get("Uint8Array").New(int(limit))
	reader := response.Get("body").Call("getReader")
	length := int64(0)
	for {
		piece, err := jsbridge.AwaitFor(stall, reader.Call("read"))
		if err != nil {
			return js.Undefined(), fault(err)
		}
		if piece.Get("done").Bool() {
			return body.Call("subarray", 0, int(length)), nil
		}
		n := int64(piece.Get("value").Length())
		if length+n > limit {
			control.Call("abort")
			return js.Undefined(), corrupt(name)
		}
		body.Call("set", piece.Get("value"), int(length))
		length += n
		if read != nil {
			read(n)
		}
	}
}

// counter adds up the bytes of shards that are downloaded at the same time.
type counter struct {
	progress func(proto.Progress)
	p        proto.Progress
}

func (c *counter) add(loaded, cached, kept int64) {
	c.p.Loaded += loaded
	c.p.Cached += cached
	c.p.Kept += kept
	c.progress(c.p)
}

// sound reports whether bytes are a shard's content.
func sound(body js.Value, shard weights.Shard) bool {
	return int64(body.Length()) == shard.Size && digestOf(body) == shard.SHA256
}

// digestOf is the SHA-256 of bytes, in hexadecimal. The browser's own is ten times as fast as Go's in WebAssembly, but
// exists only in secure contexts.
func digestOf(body js.Value) string {
	if subtle := js.Global().Get("crypto").Get("subtle"); subtle.Type() == js.TypeObject {
		digest, err := jsbridge.Await(subtle.Call("digest", "SHA-256", body))
		if err == nil {
			return hex.EncodeToString(copyToGo(js.Global().Get("Uint8Array").New(digest)))
		}
	}
	sum := sha256.Sum256(copyToGo(body))
	return hex.EncodeToString(sum[:])
}

func copyToGo(bytes js.Value) []byte {
	b := make([]byte, bytes.Length())
	js.CopyBytesToGo(b, bytes)
	return b
}

func offline(file string, err error) *proto.Error {
	return &proto.Error{
		Code: proto.CodeOffline,
		Message: fmt.Sprintf("%s did not come through: the network or the server cannot be reached. "+
			"Check the connection and try again; what has come so far is kept.", file),
		Details: map[string]string{"file": file, "reason": reason(err)},
	}
}

func httpError(status int, file string) *proto.Error {
	return &proto.Error{
		Code: proto.CodeHTTP,
		Message: fmt.Sprintf("The server answered %d for %s, a part of the model. "+
			"Try again later, or tell whoever runs this site.", status, file),
		Details: map[string]string{"status": strconv.Itoa(status), "file": file},
	}
}

func corrupt(file string) *proto.Error {
	return &proto.Error{
		Code: proto.CodeCorruptDownload,
		Message: fmt.Sprintf("%s, a part of the model, came with wrong bytes (its SHA-256 does not match) and was "+
			"thrown away. Try again; if it stays so, something between this device and the server changes files.",
			file),
		Details: map[string]string{"file": file},
	}
}

// noModel is what the API adds the models' names to.
func noModel(name string) *proto.Error {
	return &proto.Error{
		Code:    proto.CodeNoModel,
		Message: fmt.Sprintf("There is no model %q. Check its name.", name),
		Details: map[string]string{"name": name},
	}
}

func httpStatus(err error) string {
	var e *proto.Error
	errors.As(err, &e)
	return e.Details["status"]
}

func isOffline(err error) bool { return hasCode(err, proto.CodeOffline) }
func isCorrupt(err error) bool { return hasCode(err, proto.CodeCorruptDownload) }

func hasCode(err error, code proto.Code) bool {
	var e *proto.Error
	return errors.As(err, &e) && e.Code == code
}
