package npm

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Limits of a tarball. They matter only if somebody pins the hash of a bad one.
const (
	maxUnpacked = 1 << 30
	maxEntry    = 16 << 20
)

// ErrEnough is returned by a visitor that needs no further file.
var ErrEnough = errors.New("enough")

// ReadTarball calls visit for each file of a gzipped tarball, in the archive's order. It unpacks nothing to disk. read
// returns the file's content, and files that are not read are skipped.
func ReadTarball(ctx context.Context, path string, visit func(name string, read func() ([]byte, error)) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	wrap := func(err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			err = errors.New("it is truncated")
		}
		return fmt.Errorf("npm: %s is not readable: %w", filepath.Base(path), err)
	}
	gz, err := gzip.NewReader(contextReader{ctx, f})
	if err != nil {
		return wrap(err)
	}
	unpacked := io.LimitReader(gz, maxUnpacked)
	archive := tar.NewReader(unpacked)
	for {
		h, err := archive.Next()
		if err == io.EOF {
			// The gzip stream goes on after the archive: its checksum follows.
			if _, err := io.Copy(io.Discard, unpacked); err != nil {
				return wrap(err)
			}
			return nil
		}
		if err != nil {
			return wrap(err)
		}
		// The names are only compared, never opened. But an archive with such names is not the one that it pretends to
		// be.
		if !filepath.IsLocal(h.Name) || strings.ContainsAny(h.Name, `\:`) {
			return wrap(fmt.Errorf("the path %.80q leads out of it", h.Name))
		}
		switch h.Typeflag {
		case tar.TypeReg:
		case tar.TypeDir, tar.TypeXGlobalHeader:
			continue
		default:
			return wrap(fmt.Errorf("%.80q is neither a file nor a folder", h.Name))
		}
		err = visit(h.Name, func() ([]byte, error) {
			if h.Size > maxEntry {
				return nil, wrap(fmt.Errorf("%.80q has %d bytes, more than anything in it should", h.Name, h.Size))
			}
			b := make([]byte, h.Size)
			if _, err := io.ReadFull(archive, b); err != nil {
				return nil, wrap(err)
			}
			return b, nil
		})
		if err == ErrEnough {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
