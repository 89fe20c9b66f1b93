package imageio

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The codes of an Error. They are part of the public interface: the page has its own sentence for each.
const (
	CodeEmptyFile         = "empty-file"
	CodeNotAnImage        = "not-an-image"
	CodeUnsupportedFormat = "unsupported-format"
	CodeTruncatedImage    = "truncated-image"
	CodeBrokenImage       = "broken-image"
	CodeTooManyPixels     = "too-many-pixels"
	CodeTooManyBytes      = "too-many-bytes"
)

// Error says why a file was refused.
type Error struct {
	Code string
	// Message is a sentence with the cause and what to do about it.
	Message string
	// Details are the values in Message, for a sentence in another language. Code determines the keys.
	Details map[string]string
}

func (e *Error) Error() string { return e.Message }

// canDo ends the messages where another format helps.
const canDo = "Save it as JPEG or PNG and try again."

// emptyFile leaves the detail "name" to the caller, who knows the file's name.
func emptyFile() *Error {
	return &Error{CodeEmptyFile,
		"The file is empty: it has 0 bytes. Choose another file, or copy it again.",
		map[string]string{}}
}

// notAnImage adds the detail "why" where the head tells what the file is instead.
func notAnImage(head []byte) *Error {
	first := fmt.Sprintf("% x", head[:min(len(head), 4)])
	start := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(head[:min(len(head), 200)]), "\ufeff")))
	switch {
	case strings.HasPrefix(start, "version https://git-lfs"):
		return &Error{CodeNotAnImage,
			fmt.Sprintf("This is a pointer of Git LFS, not the picture itself: the file begins with the bytes %s. Run "+
				"\"git lfs pull\", or download the picture itself.", first),
			map[string]string{"bytes": first, "why": "pointer"}}
	case strings.HasPrefix(start, "<!doctype html"), strings.HasPrefix(start, "<html"):
		return &Error{CodeNotAnImage,
			fmt.Sprintf("This is a web page, not a picture: the file begins with the bytes %s. "+
				"Save the picture itself.", first),
			map[string]string{"bytes": first, "why": "web-page"}}
	case isText(head):
		return &Error{CodeNotAnImage,
			fmt.Sprintf("This is a text, not a picture in a known format: the file begins with the bytes %s. Choose a "+
				"JPEG, PNG, GIF, WebP or BMP file.", first),
			map[string]string{"bytes": first, "why": "text"}}
	}
	return &Error{CodeNotAnImage,
		fmt.Sprintf("This is not a picture in a known format: the file begins with the bytes %s. Choose a JPEG, PNG, "+
			"GIF, WebP or BMP file.", first),
		map[string]string{"bytes": first}}
}

// isText reports whether the first bytes of a file are those of a text in UTF-8.
func isText(head []byte) bool {
	for i := 1; i < utf8.UTFMax && !utf8.Valid(head); i++ {
		head = head[:len(head)-1] // its last character may be cut
	}
	isControl := func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }
	return len(head) > 0 && utf8.Valid(head) && !strings.ContainsFunc(string(head), isControl)
}

// Unsupported is the error for a known format that cannot be decoded. The engine uses it where the browser lacks a
// decoder.
func Unsupported(f Format) *Error {
	return &Error{CodeUnsupportedFormat,
		fmt.Sprintf("%s files cannot be opened here. %s", f, canDo),
		map[string]string{"format": string(f)}}
}

// Truncated is the error for a file that ends before its picture does.
func Truncated(f Format) *Error {
	return &Error{CodeTruncatedImage,
		fmt.Sprintf("This %s file was cut short: its end is missing. Copy or download it again.", f),
		map[string]string{"format": string(f)}}
}

// Broken is the error for a file that its decoder cannot read. The engine uses it for errors of the browser's decoder.
func Broken(f Format, reason string) *Error {
	return &Error{CodeBrokenImage,
		fmt.Sprintf("This %s file is damaged and cannot be decoded (%s). Copy or export it again.", f, reason),
		map[string]string{"format": string(f), "reason": reason}}
}

func tooManyPixels(f Format, w, h int64) *Error {
	limit := strconv.Itoa(MaxPixels / 1_000_000)
	width, height := strconv.FormatInt(w, 10), strconv.FormatInt(h, 10)
	return &Error{CodeTooManyPixels,
		fmt.Sprintf("This %s file declares %s×%s pixels, more than the limit of %s megapixels. Make it smaller and "+
			"try again.", f, width, height, limit),
		map[string]string{"format": string(f), "width": width, "height": height, "limit": limit}}
}

func tooManyBytes(size int64) *Error {
	// Rounding up keeps a file that is one byte too large from reading "40.0 MB, more than 40 MB".
	mb := strconv.FormatFloat(math.Ceil(float64(size)/(1<<20)*10)/10, 'f', 1, 64)
	limit := strconv.Itoa(MaxBytes >> 20)
	return &Error{CodeTooManyBytes,
		fmt.Sprintf("The file has %s MB, more than the limit of %s MB. Make the picture smaller or save it with "+
			"stronger compression.", mb, limit),
		map[string]string{"size": mb, "limit": limit}}
}
