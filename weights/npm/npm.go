package npm

import (
	"bytes"
	"context"
	"crypto/sha512"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed8935e608/residua/internal/wholefile"
)

// Package is a version of a package of the npm registry, with its tarball's pinned size and hash.
type Package struct {
	Spec   string // as npm pack takes it
	File   string // as npm pack names it
	Size   int64
	SHA512 string
}

// Tarball returns the path of the package's tarball in the cache. It downloads the tarball if it is missing or damaged.
func (c *Cache) Tarball(ctx context.Context, p Package) (string, error) {
	path := filepath.Join(c.Dir, p.File)
	err := p.verify(ctx, path)
	if err == nil {
		return path, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		c.Logf("%s: the kept download is damaged and comes again", p.Spec)
	}

	// npm runs in a folder of its own, so that no project's package.json or .npmrc affects it and its leftovers are
	// deleted with the folder.
	dir, err := os.MkdirTemp(c.Dir, wholefile.TempPrefix+"*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	c.Logf("%s: downloading %s with npm pack", p.Spec, Megabytes(p.Size))
	if err := p.pack(ctx, dir); err != nil {
		return "", err
	}
	fresh := filepath.Join(dir, p.File)
	if err := p.verify(ctx, fresh); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("npm: the command npm pack %s ended well but made no %s; is the npm on the PATH a "+
				"real one?", p.Spec, p.File)
		}
		return "", err
	}
	return path, os.Rename(fresh, path)
}

// verify compares the file at path with the pinned size and hash.
func (p Package) verify(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() < p.Size {
		return fmt.Errorf("npm: %s is truncated: it has %d of %d bytes; run this again", p.File, info.Size(), p.Size)
	}
	got, err := FileHash(ctx, path, sha512.New())
	if err != nil {
		return err
	}
	if got != p.SHA512 {
		return fmt.Errorf("npm: %s has the wrong checksum: its SHA-512 begins with %s, the pinned one with %s; "+
			"it was changed on its way, so look at what npm config get registry says, then run this again", p.File,
			got[:16], p.SHA512[:16])
	}
	return nil
}

// pack runs npm pack in dir.
func (p Package) pack(ctx context.Context, dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("npm: the program npm is missing, and only it can download %s: install Node.js with npm, "+
			"from nodejs.org or the system's packages, then run this again", p.Spec)
	}
	cmd := exec.CommandContext(ctx, npm, "pack", p.Spec, "--loglevel=error", "--prefer-offline", "--ignore-scripts",
		"--no-update-notifier")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 2 * time.Second
	err = cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("npm: the command npm pack %s failed (%w); is there a network, and a proxy that npm needs "+
			"to know? npm says:\n%s", p.Spec, err, firstLines(stderr.String(), 6))
	}
	return nil
}

// firstLines keeps the beginning of npm's output, which has the error's code and reason. Dumps of its state follow.
func firstLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	lines = lines[:min(n, len(lines))]
	for i, line := range lines {
		lines[i] = "    " + strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
