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

// Package is one version of a package on the npm registry, with the pinned
// size and hash of its tarball.
type Package struct {
	Spec   string // as npm pack takes it
	File   string // as npm pack names it
	Size   int64
	SHA512 string
}

// Tarball returns the path of the package's tarball in the cache, downloading
// it when it is missing or damaged.
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

	// npm works in a folder of its own: no package.json or .npmrc of a project
	// has a say there, and whatever npm leaves goes with the folder.
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

// verify checks the file at path against the pins.
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

// firstLines keeps the beginning of what npm says: the error's code and reason.
// Then come dumps of its state and the name of its log.
func firstLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	lines = lines[:min(n, len(lines))]
	for i, line := range lines {
		lines[i] = "    " + strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
