package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const shardContent = "a shard of the model"

func hash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// shardName contains the beginning of its content's hash, as weights/fetch names shards.
var shardName = "models/resnet50/resnet50-00-" + hash(shardContent)[:12] + ".bin"

// falseName looks like such a name, but the hash is wrong.
const falseName = "models/resnet50/resnet50-00-0123456789ab.bin"

// site is a small dist folder.
func site() fstest.MapFS {
	file := func(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }
	return fstest.MapFS{
		"index.html":                      file("<!doctype html>"),
		"static/app.js":                   file("export {}"),
		"static/test.mjs":                 file("export {}"),
		"static/style.css":                file("body {}"),
		"static/icon.svg":                 file("<svg/>"),
		"static/LARGE.PNG":                file("png"),
		"static/unknown.xyz":              file("<script>"),
		"static/noending":                 file("<script>"),
		"static/i18n/en.json":             file("{}"),
		"static/engine/engine.wasm":       file("\x00asm"),
		"static/.hidden.js":               file("secret"),
		"static/.git/config":              file("secret"),
		"models/resnet50/manifest.json":   file(`{"shards":[]}`),
		shardName:                         file(shardContent),
		falseName:                         file("something else"),
		"samples/barn.jpg":                file("jpeg"),
		"samples/with space & ümlaut.txt": file("text"),
	}
}

// An exchange is a request, and the answer that every server of the site must give.
type exchange struct {
	method, path string
	header       string // "Name: value", or nothing
	status       int
	want         []string // "Name: value" of the answer
	body         string
}

const (
	keepForever = "Cache-Control: public, max-age=31536000, immutable"
	askEachTime = "Cache-Control: no-cache"
	plainText   = "Content-Type: text/plain; charset=utf-8"
	noSuchFile  = "There is no such file here.\n"
)

func exchanges() []exchange {
	etag := `"` + hash(shardContent)[:32] + `"`
	shard := "/" + shardName
	list := []exchange{
		{"GET", "/", "", 200, []string{"Content-Type: text/html; charset=utf-8", askEachTime}, "<!doctype html>"},
		{"GET", "/index.html", "", 200, []string{"Content-Type: text/html; charset=utf-8"}, "<!doctype html>"},
		{"GET", "/?a=b", "", 200, []string{"Content-Type: text/html; charset=utf-8"}, "<!doctype html>"},
		{"HEAD", "/", "", 200, []string{"Content-Type: text/html; charset=utf-8", "Content-Length: 15"}, ""},

		{"GET", "/static/app.js", "", 200, []string{"Content-Type: text/javascript; charset=utf-8", askEachTime},
			"export {}"},
		{"GET", "/static/test.mjs", "", 200, []string{"Content-Type: text/javascript; charset=utf-8"}, "export {}"},
		{"GET", "/static/style.css", "", 200, []string{"Content-Type: text/css; charset=utf-8"}, "body {}"},
		{"GET", "/static/icon.svg", "", 200, []string{"Content-Type: image/svg+xml"}, "<svg/>"},
		{"GET", "/static/i18n/en.json", "", 200, []string{"Content-Type: application/json"}, "{}"},
		{"GET", "/static/engine/engine.wasm", "", 200, []string{"Content-Type: application/wasm", askEachTime},
			"\x00asm"},
		{"GET", "/samples/barn.jpg", "", 200, []string{"Content-Type: image/jpeg"}, "jpeg"},
		{"GET", "/static/LARGE.PNG", "", 200, []string{"Content-Type: image/png"}, "png"},
		{"GET", "/static/unknown.xyz", "", 200, []string{"Content-Type: application/octet-stream"}, "<script>"},
		{"GET", "/static/noending", "", 200, []string{"Content-Type: application/octet-stream"}, "<script>"},
		{"GET", "/samples/with%20space%20&%20%C3%BCmlaut.txt", "", 200, []string{plainText}, "text"},

		// Only names that contain their content's hash are cached for ever.
		{"GET", shard, "", 200, []string{keepForever, "ETag: " + etag, "Accept-Ranges: bytes"}, shardContent},
		{"GET", "/" + falseName, "", 200, []string{askEachTime}, "something else"},
		{"GET", shard, "If-None-Match: " + etag, 304, []string{keepForever, "ETag: " + etag}, ""},
		{"GET", shard, `If-None-Match: "old", ` + etag, 304, nil, ""},
		{"GET", shard, `If-None-Match: "old"`, 200, nil, shardContent},
		{"HEAD", shard, "If-None-Match: " + etag, 304, nil, ""},

		{"GET", shard, "Range: bytes=2-6", 206, []string{"Content-Range: bytes 2-6/20", "Content-Length: 5"}, "shard"},
		{"GET", shard, "Range: bytes=-5", 206, []string{"Content-Range: bytes 15-19/20"}, "model"},
		{"HEAD", shard, "Range: bytes=2-6", 206, []string{"Content-Length: 5"}, ""},
		{"GET", shard, "Range: bytes=20-", 416, []string{"Content-Range: bytes */20", plainText},
			"invalid range: failed to overlap\n"},
	}
	// Links to the page that were encoded or typed otherwise.
	const id = "0123456789abcdef0123456789abcdef"
	for path, location := range map[string]string{
		"/%23share=" + id:              "/#share=" + id,
		"/%23share%3D" + id:            "/#share=" + id,
		"/share/" + id:                 "/#share=" + id,
		"/share/" + id + "/":           "/#share=" + id + "/",
		"/share/" + id + ").":          "/#share=" + id + ").",
		"/%23share=" + id[:9]:          "/#share=" + id[:9], // the page says that it was cut off
		"/%23room=look&scene=block":    "/#room=look&scene=block",
		"/%23//other.example/%0d%0aX:": "/#//other.example/%0D%0AX:",
	} {
		list = append(list, exchange{"GET", path, "", 302, []string{"Location: " + location, askEachTime}, ""})
	}
	for _, path := range []string{
		"/share/" + id[:9], "/share/", "/share", "/static/%23share=" + id,
		"/missing", "/static/missing.js", "/static", "/static/", "/models/resnet50/", "/static//app.js", "/index.html/",
		"/static/app.js/", "/static/./app.js", "/static/../index.html", "/../secret", "/%2e%2e/secret",
		"/static/%2e%2e/index.html",
		"/..%2fsecret", "/static/.hidden.js", "/static/.git/config", "/.env", "/static/app.js%00",
		"/static/app.js%00.css",
		"/" + strings.Repeat("x", 5000),
	} {
		list = append(list, exchange{"GET", path, "", 404, []string{plainText, askEachTime}, noSuchFile})
	}
	list = append(list, exchange{"HEAD", "/missing", "", 404, []string{plainText}, ""})
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		list = append(list, exchange{method, "/", "", 405, []string{"Allow: GET, HEAD", plainText},
			"Only GET and HEAD are allowed here.\n"})
	}
	return list
}

// testExchanges sends all requests of the table to the server at origin.
func testExchanges(t *testing.T, origin string) {
	for _, e := range exchanges() {
		name := e.method + " " + e.path[:min(len(e.path), 60)] + " " + e.header
		t.Run(name, func(t *testing.T) {
			// The path is sent unchanged: a URL parser would clean it.
			r, err := http.NewRequest(e.method, origin, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.URL.Opaque = e.path
			if name, value, ok := strings.Cut(e.header, ": "); ok {
				r.Header.Set(name, value)
			}
			answer, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if answer.StatusCode != e.status || string(body) != e.body {
				t.Errorf("got %d %q, want %d %q", answer.StatusCode, body, e.status, e.body)
			}
			for _, want := range e.want {
				name, value, _ := strings.Cut(want, ": ")
				if got := answer.Header.Get(name); got != value {
					t.Errorf("%s: got %q, want %q", name, got, value)
				}
			}
			testSafety(t, answer.Header)
		})
	}
}

// testSafety checks the safety headers of an answer. They are written out here, so that none can vanish unnoticed.
func testSafety(t *testing.T, header http.Header) {
	for name, want := range map[string]string{
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Embedder-Policy": "require-corp",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
			"img-src 'self' blob: data:; connect-src 'self' blob:; worker-src 'self'; manifest-src 'self'; " +
			"frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; " +
			"require-trusted-types-for 'script'; trusted-types residua",
	} {
		if got := header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	allowed := header.Get("Permissions-Policy")
	for _, want := range []string{"camera=(self)", "microphone=()", "geolocation=()"} {
		if !strings.Contains(allowed, want) {
			t.Errorf("Permissions-Policy lacks %s: %q", want, allowed)
		}
	}
}

func TestHandler(t *testing.T) {
	server := httptest.NewServer(Handler(site(), Shares{}))
	defer server.Close()
	testExchanges(t, server.URL)
}

// The same from a real folder, whose errors are the system's.
func TestHandlerOfFolder(t *testing.T) {
	dir := t.TempDir()
	if err := writeSite(dir, site()); err != nil {
		t.Fatal(err)
	}
	root := openRoot(t, dir)
	server := httptest.NewServer(Handler(root.FS(), Shares{}))
	defer server.Close()
	testExchanges(t, server.URL)
}

// get calls a handler without a network.
func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// A file that is replaced while the server runs gets a new ETag at once.
func TestReplacedFile(t *testing.T) {
	files := site()
	h := Handler(files, Shares{})
	before := get(h, "/static/app.js").Header().Get("ETag")
	if again := get(h, "/static/app.js").Header().Get("ETag"); again != before {
		t.Errorf("the same file has the ETags %s and %s", before, again)
	}
	files["static/app.js"] = &fstest.MapFile{Data: []byte("export {2}"), ModTime: time.Unix(1, 0)}
	after := get(h, "/static/app.js")
	if after.Header().Get("ETag") == before || after.Body.String() != "export {2}" {
		t.Errorf("still %s %q", before, after.Body)
	}
}

// A file that exists but cannot be read is not a 404, which a cache might keep.
func TestUnreadableFile(t *testing.T) {
	for _, h := range []http.Handler{
		Handler(failing{open: fs.ErrPermission}, Shares{}),
		Handler(failing{read: errors.New("the disk is gone")}, Shares{}),
	} {
		w := get(h, "/static/app.js")
		if w.Code != 500 || w.Header().Get("ETag") != "" || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("got %d %v", w.Code, w.Header())
		}
		if strings.Contains(w.Body.String(), "disk") {
			t.Error("the answer tells what only the host should know")
		}
	}
}

// failing is a file system whose files cannot be opened or read.
type failing struct{ open, read error }

func (f failing) Open(name string) (fs.File, error) {
	if f.open != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: f.open}
	}
	file, err := site().Open(name)
	return failingFile{file, f.read}, err
}

type failingFile struct {
	fs.File
	err error
}

func (f failingFile) Read([]byte) (int, error) { return 0, f.err }

// Files that cannot seek are served too.
func TestUnseekableFile(t *testing.T) {
	h := Handler(stream{site()}, Shares{})
	r := httptest.NewRequest("GET", "/"+shardName, nil)
	r.Header.Set("Range", "bytes=2-6")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 206 || w.Body.String() != "shard" {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
}

// stream hides the Seek of another file system's files.
type stream struct{ fs.FS }

func (s stream) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return struct{ fs.File }{f}, err
}
