// Package wholefile writes files whole or not at all. However a program ends, no file has part of its content under its
// final name.
package wholefile

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"time"
)

// TempPrefix begins the names of files and folders that are incomplete.
const TempPrefix = ".tmp-"

// Sweep removes temporary files in dir that a killed process left. It spares those younger than an hour, which a
// process may still be writing.
func Sweep(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, TempPrefix+"*"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(path)
		}
	}
}

// Write calls write to make the file at path, whole or not at all: the bytes go to a temporary file in the same folder,
// which is then renamed. Two processes may write the same content at the same time. Write fails once ctx is done.
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
	if err := f.Chmod(0o644); err != nil { // CreateTemp makes private files; a web server may run as another user
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// WriteBytes makes the file at path hold b. It does not touch a file that holds b already.
func WriteBytes(ctx context.Context, path string, b []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, b) {
		return ctx.Err()
	}
	return Write(ctx, path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// contextWriter fails once its context is done.
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
