// Package npm reads files in packages of the npm registry. npm downloads a package once into the user's cache folder;
// its tarball is compared with a pinned hash, and its files are read without unpacking it. Once the package is cached,
// no network is needed.
package npm

import (
	"context"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/seed8935e608/residua/internal/wholefile"
)

// CacheDir is the folder of downloads and of files made from them: $RESIDUA_CACHE, or the folder residua in the user's
// cache folder.
func CacheDir() (string, error) {
	if dir := os.Getenv("RESIDUA_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("npm: no cache folder is known (%w); set RESIDUA_CACHE to one", err)
	}
	return filepath.Join(dir, "residua"), nil
}

// Cache is the cache folder.
type Cache struct {
	Dir string
	Log io.Writer // gets a line for each slow step
}

// WithCache runs work while no other process uses the cache folder. log may be nil.
func WithCache(ctx context.Context, log io.Writer, work func(*Cache) error) (err error) {
	defer func() {
		if err != nil && ctx.Err() != nil {
			err = fmt.Errorf("npm: stopped before the end, with nothing half-written left: %w", err)
		}
	}()
	dir, err := CacheDir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("npm: the cache folder cannot be made (%w); set RESIDUA_CACHE to another", err)
	}
	if log == nil {
		log = io.Discard
	}
	c := &Cache{dir, log}
	unlock, err := c.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	wholefile.Sweep(dir)
	return work(c)
}

// Logf writes a line to the log.
func (c *Cache) Logf(format string, args ...any) {
	fmt.Fprintf(c.Log, format+"\n", args...)
}

// Megabytes formats a number of bytes for the log.
func Megabytes(n int64) string {
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// FileHash returns the file's hash in hexadecimal.
func FileHash(ctx context.Context, path string, h hash.Hash) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := io.Copy(h, contextReader{ctx, f}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// contextReader fails once its context is done.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}
