package web

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// static serves the files of a built dist folder; see Handler.
type static struct {
	site    fs.FS
	digests digests
}

func (h *static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := fileName(r.URL.Path)
	if !ok {
		notFound(w, r)
		return
	}
	f, err := openFile(h.site, name)
	switch {
	case isNotFound(err):
		notFound(w, r)
		return
	case err != nil:
		http.Error(w, "The file cannot be read.", http.StatusInternalServerError)
		return
	}
	defer f.Close()
	digest, err := h.digests.of(name, f)
	if err != nil {
		http.Error(w, "The file cannot be read.", http.StatusInternalServerError)
		return
	}
	header, etag := w.Header(), digest[:32]
	header.Set("Content-Type", contentType(name))
	header.Set("Cache-Control", cacheControl(name, digest))
	if compressible[path.Ext(name)] {
		header.Set("Vary", "Accept-Encoding")
		// A range applies to the uncompressed file.
		if r.Header.Get("Range") == "" {
			if encoded, coding := openEncoded(h.site, digest, strings.Join(r.Header.Values("Accept-Encoding"),
				",")); encoded != nil {
				defer encoded.Close()
				f, etag = encoded, etag+"-"+coding // each coding has its own ETag
				header.Set("Content-Encoding", coding)
				header.Set("Content-Length", strconv.FormatInt(f.info.Size(), 10))
			}
		}
	}
	header.Set("ETag", `"`+etag+`"`)
	// Without a modification time: a build changes it even if the content is the same, and the ETag is more exact.
	http.ServeContent(w, r, "", time.Time{}, f.content)
}

// fileName converts a URL's path to the name of a file of the site. ok is false for paths that are not clean, and for
// hidden files.
func fileName(urlPath string) (string, bool) {
	name, ok := strings.CutPrefix(urlPath, "/")
	if !ok {
		return "", false
	}
	if name == "" {
		return "index.html", true
	}
	if !fs.ValidPath(name) {
		return "", false
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return "", false
		}
	}
	return name, true
}

// onlyRead refuses methods that write.
func onlyRead(files http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Only GET and HEAD are allowed here.", http.StatusMethodNotAllowed)
			return
		}
		files.ServeHTTP(w, r)
	})
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	http.Error(w, "There is no such file here.", http.StatusNotFound)
}

// errFolder is the error of opening a folder: only files are served.
var errFolder = errors.New("web: a folder")

// isNotFound reports whether err means that there is no such file. That includes names that continue after a file, and
// names that are too long for the system.
func isNotFound(err error) bool {
	for _, none := range []error{errFolder, fs.ErrNotExist, fs.ErrInvalid, syscall.ENOTDIR, syscall.ENAMETOOLONG,
		syscall.EINVAL} {
		if errors.Is(err, none) {
			return true
		}
	}
	return false
}

// contentTypes maps the endings of all files of a built site to their types. The system's own table differs from host
// to host, and module scripts and WebAssembly programs of a wrong type do not run.
var contentTypes = map[string]string{
	".avif":        "image/avif",
	".bin":         "application/octet-stream",
	".css":         "text/css; charset=utf-8",
	".gif":         "image/gif",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".idx":         "application/octet-stream",
	".jpeg":        "image/jpeg",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".md":          "text/plain; charset=utf-8",
	".mjs":         "text/javascript; charset=utf-8",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".map":         "application/json",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
}

// compressible lists the endings of files that web/compress.mjs compresses. Other files are compressed already, or do
// not shrink.
var compressible = map[string]bool{".css": true, ".html": true, ".idx": true, ".js": true, ".json": true, ".mjs": true,
	".svg": true, ".txt": true, ".wasm": true, ".webmanifest": true}

// contentType never makes the browser guess: a file of an unknown kind is bytes.
func contentType(name string) string {
	if t, ok := contentTypes[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

// cacheControl lets a browser keep a file for ever if its name contains the content's hash, as in
// resnet50-00-0123456789ab.bin; else the browser must ask each time. The hash is checked: a file that was changed by
// hand under its old name would stay in every cache for a year.
func cacheControl(name, digest string) string {
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	hash := stem[strings.LastIndexAny(stem, "-.")+1:]
	if len(hash) >= 12 && strings.HasPrefix(digest, hash) {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}
