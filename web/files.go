package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"sync"
	"time"
)

// An openedFile is a file of the site whose content can be seeked.
type openedFile struct {
	fs.File
	info    fs.FileInfo
	content io.ReadSeeker
}

// openFile opens a file of the site. A folder gives errFolder.
func openFile(site fs.FS, name string) (*openedFile, error) {
	f, err := site.Open(name)
	if err != nil {
		return nil, err
	}
	opened := &openedFile{File: f}
	if opened.info, err = f.Stat(); err == nil && !opened.info.Mode().IsRegular() {
		err = errFolder
	}
	if err == nil {
		opened.content, err = seekable(f)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return opened, nil
}

// seekable returns f itself if its file system supports Seek, as os and embed do, and else a reader of its bytes.
func seekable(f fs.File) (io.ReadSeeker, error) {
	if s, ok := f.(io.ReadSeeker); ok {
		return s, nil
	}
	b, err := io.ReadAll(f)
	return bytes.NewReader(b), err
}

// digests caches the SHA-256 of files, so that each file is read for that once.
//
// ETags are hashes of the content, not of size and time: they are the same on every host and after every build that
// changed nothing, so browsers keep what they have. Hashing a model of 50 MB takes a tenth of a second, once.
type digests struct{ known sync.Map } // digestKey → string

// A digestKey identifies a content: a file that is replaced gets a new time or size.
type digestKey struct {
	name    string
	size    int64
	changed time.Time
}

// of returns the SHA-256 of f in hexadecimal, and seeks f back to its beginning.
func (d *digests) of(name string, f *openedFile) (string, error) {
	key := digestKey{name, f.info.Size(), f.info.ModTime()}
	if digest, ok := d.known.Load(key); ok {
		return digest.(string), nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, f.content); err != nil {
		return "", err
	}
	if _, err := f.content.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	digest := hex.EncodeToString(hash.Sum(nil))
	d.known.Store(key, digest)
	return digest, nil
}
