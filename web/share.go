package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// ShareLife is how long a share is kept after it was last posted, at the
	// least: it goes at the end of a day.
	ShareLife = 90 * day
	day       = 24 * time.Hour

	// maxUpload bounds a share, in bytes: the head of some 250 classes. It lies
	// under every limit of the platforms.
	maxUpload = 4 << 20

	// shareType is the media type of a share, coming and going. Safetensors has
	// no type of its own. A form of a foreign page cannot send this one.
	shareType = "application/octet-stream"
)

// Shares is what a host brings for sharing.
type Shares struct {
	Store Store
	// Admit is asked before an upload is read. Where it says no, there are too
	// many; else leave is called when the upload is over.
	Admit func(r *http.Request) (leave func(), ok bool)
}

// A Store keeps shares. What Put has acknowledged must survive the death of
// the program.
type Store interface {
	// Get returns the data under an ID, or ErrNoShare.
	Get(ctx context.Context, id string) ([]byte, error)
	// Put keeps data under an ID until a time, unless room runs out before.
	// fresh reports whether there was nothing under that ID. What there was is
	// the same, and now lasts until then.
	Put(ctx context.Context, id string, data []byte, until time.Time) (fresh bool, err error)
}

// ErrNoShare is a Store's answer where it has nothing.
var ErrNoShare = errors.New("web: no such share")

// shareID names data by its SHA-256, cut to 128 bits: enough that nobody finds
// another share for a name, and short enough for a link.
func shareID(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:idBytes])
}

const idBytes = 16

func isShareID(s string) bool {
	return len(s) == 2*idBytes && strings.Trim(s, "0123456789abcdef") == ""
}

// A receipt is the answer to an upload.
type receipt struct {
	ID      string    `json:"id"`
	Path    string    `json:"path"` // where the share is to be had, on this host
	Bytes   int       `json:"bytes"`
	Model   string    `json:"model"`
	Classes []string  `json:"classes"`
	Expires time.Time `json:"expires"`
}

// post keeps a taught head: 201, or 200 if it was there. What is kept are not
// the bytes that came, but what the server wrote itself of their meaning.
func (s *Shares) post(w http.ResponseWriter, r *http.Request) *refusal {
	leave, ok := s.Admit(r)
	if !ok {
		w.Header().Set("Retry-After", "60")
		return refuse(http.StatusTooManyRequests, "too-many", "Too many uploads at the moment. Please wait a minute "+
			"and try again.")
	}
	defer leave()
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != shareType {
		return refuse(http.StatusUnsupportedMediaType, "wrong-type", "A share is a safetensors file, sent as %s.",
			shareType)
	}
	file, no := readUpload(w, r)
	if no != nil {
		return no
	}
	head, no := readHead(file)
	if no != nil {
		return no
	}
	data, err := head.encode()
	if err != nil { // what was read cannot be written
		return s.failed("write", err)
	}
	// At midnight, so that a store has nothing to write for the same head on the
	// same day.
	until := time.Now().Add(ShareLife + day).UTC().Truncate(day)
	id := shareID(data)
	fresh, err := s.Store.Put(r.Context(), id, data, until)
	if err != nil {
		return s.failed("keep", err)
	}
	status := http.StatusOK
	if fresh {
		status = http.StatusCreated
	}
	path := "/api/share/" + id
	w.Header().Set("Location", path)
	answerJSON(w, status, receipt{ID: id, Path: path, Bytes: len(data), Model: head.card.Model,
		Classes: head.card.Classes, Expires: until})
	return nil
}

// readUpload reads the body, but no more than a share may have.
func readUpload(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	tooLarge := refuse(http.StatusRequestEntityTooLarge, "too-large",
		"A share has at most %d bytes. The head of up to 250 classes fits; a last block that was trained too does not.",
		maxUpload)
	if r.ContentLength > maxUpload {
		w.Header().Set("Connection", "close") // the rest is not read
		return nil, tooLarge
	}
	var file bytes.Buffer
	_, err := io.Copy(&file, http.MaxBytesReader(w, r.Body, maxUpload))
	switch large := new(http.MaxBytesError); {
	case errors.As(err, &large):
		return nil, tooLarge
	case err != nil:
		return nil, refuse(http.StatusUnprocessableEntity, "incomplete",
			"The upload ended, or took too long, after %d bytes. Please try again.", file.Len())
	}
	return file.Bytes(), nil
}

// get gives a share back, as a file to save: nothing in it is to be shown by the
// browser itself.
func (s *Shares) get(w http.ResponseWriter, r *http.Request) *refusal {
	id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	data, err := s.Store.Get(r.Context(), id)
	switch {
	case errors.Is(err, ErrNoShare):
		return refuse(http.StatusNotFound, "not-found", "This share does not exist, or no longer: shares are kept "+
			"for %d days.", int(ShareLife/day))
	case err != nil:
		return s.failed("read", err)
	case shareID(data) != id:
		return s.failed("read", errors.New("the store gave other bytes than were put there"))
	}
	header := w.Header()
	header.Set("ETag", `"`+id+`"`)
	// The name is the content's hash, so nothing else can ever be there.
	header.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(ShareLife.Seconds()))+", immutable")
	header.Set("Content-Type", shareType)
	header.Set("Content-Disposition", `attachment; filename="residua-`+id[:8]+`.safetensors"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	return nil
}

func (*Shares) failed(what string, err error) *refusal {
	log.Printf("cannot %s a share: %v", what, err)
	return internal
}
