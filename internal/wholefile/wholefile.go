// Package wholefile writes files whole or not at all: whatever stops a program,
// no file has half of its content under its real name.
package wholefile

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"time"
)

// TempPrefix begins the names of files and folders that are not complete.
const TempPrefix = ".tmp-"

// Sweep removes what a process that was killed left in dir. An hour spares the
// files of one that still writes.
func Sweep(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, TempPrefix+"*"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(path)
		}
	}
}

// Write makes the file at path with all that write writes, or not at all: the
// bytes go to a temporary file in the same folder, which then gets the name. Two
// processes that write the same content do not disturb each other. Once the
// context has ended, writing fails.
func Write(ctx context.Context, path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), TempPrefix+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(contextWriter{ctx, f}); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil { // CreateTemp's files are private, a web server may be another user
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// WriteBytes makes the file at path hold b. A file that does is left as it is.
func WriteBytes(ctx context.Context, path string, b []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, b) {
		return ctx.Err()
	}
	return Write(ctx, path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// contextWriter fails once the context has ended.
type contextWriter struct {
	ctx context.Context
	io.Writer
}

func (w contextWriter) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.Writer.Write(b)
}
