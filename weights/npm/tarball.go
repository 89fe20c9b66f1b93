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

// Limits of a tarball. The pinned hash makes them superfluous until somebody
// pins a bad one.
const (
	maxUnpacked = 1 << 30
	maxEntry    = 16 << 20
)

// ErrEnough is what a visitor returns when it needs no further file.
var ErrEnough = errors.New("enough")

// ReadTarball calls visit with each file of a gzipped tarball, in its order.
// Nothing is unpacked to disk. read returns the file's content; a file that is
// not read is passed over.
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
			// The archive's end is not gzip's: its checksum is still to come.
			if _, err := io.Copy(io.Discard, unpacked); err != nil {
				return wrap(err)
			}
			return nil
		}
		if err != nil {
			return wrap(err)
		}
		// The names are only compared, never opened. An archive with such names
		// is nevertheless not what it pretends to be.
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
