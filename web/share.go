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
	// ShareLife is how long a share is kept at least after it was last posted. It expires at the end of a day.
	ShareLife = 90 * day
	day       = 24 * time.Hour

	// maxUpload is the largest share, in bytes: the head of some 250 classes on the last block's features. It is below
	// the limits of all platforms.
	maxUpload = 4 << 20

	// shareType is the media type of a share in requests and answers. Safetensors has no type of its own. Forms of
	// other sites cannot send this one.
	shareType = "application/octet-stream"
)

// Shares is what a host provides for sharing.
type Shares struct {
	Store Store
	// Admit is called before an upload is read. If ok is false there are too many uploads; else leave is called when
	// the upload is over.
	Admit func(r *http.Request) (leave func(), ok bool)
}

// A Store keeps shares. What Put has acknowledged must survive the end of the program.
type Store interface {
	// Get returns the data under an ID, or ErrNoShare.
	Get(ctx context.Context, id string) ([]byte, error)
	// Put keeps data under an ID until a time, if there is room for it until then. fresh reports whether the ID was
	// new. If it was not, its data are the same, and are now kept until the later time.
	Put(ctx context.Context, id string, data []byte, until time.Time) (fresh bool, err error)
}

// ErrNoShare is returned by Store.Get for an unknown ID.
var ErrNoShare = errors.New("web: no such share")

// shareID is the SHA-256 of data, cut to 128 bits: long enough that nobody finds other data with the same ID, and short
// enough for a link.
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
	Path    string    `json:"path"` // the share's path on this host
	Bytes   int       `json:"bytes"`
	Model   string    `json:"model"`
	Classes []string  `json:"classes"`
	Expires time.Time `json:"expires"`
}

// post stores a taught head, and answers 201, or 200 if it was stored already. It does not store the bytes of the
// upload, but a new file with the same content.
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
	if err != nil { // cannot happen: readHead has checked it
		return s.failed("write", err)
	}
	// Shares expire at midnight, so that posting the same head again on the same day writes nothing.
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

// readUpload reads the body, up to maxUpload bytes.
func readUpload(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	tooLarge := refuse(http.StatusRequestEntityTooLarge, "too-large",
		"A share has at most %d bytes. The head of up to 250 classes fits, of fewer on several blocks; a last block "+
			"that was trained too does not.", maxUpload)
	if r.ContentLength > maxUpload {
		w.Header().Set("Connection", "close") // the rest of the body is not read
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

// get returns a share as a file to save, which the browser does not show.
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
	// The name is the content's hash, so the content never changes.
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
