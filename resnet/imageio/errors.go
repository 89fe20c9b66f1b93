package imageio

import (
	"fmt"
	"math"
	"strconv"
)

// The codes of an Error. They are part of the public interface: the page keys
// its own sentences by them.
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
	// Message is a sentence that names the cause and the cure.
	Message string
	// Details holds the values in the message, for a sentence in another
	// language. Which keys there are depends on Code alone.
	Details map[string]string
}

func (e *Error) Error() string { return e.Message }

// canDo ends the messages whose cure is another format.
const canDo = "Save it as JPEG or PNG and try again."

// emptyFile leaves the detail "name" to the caller, the only one who knows it.
func emptyFile() *Error {
	return &Error{CodeEmptyFile,
		"The file is empty: it has 0 bytes. Choose another file, or copy it again.",
		map[string]string{}}
}

func notAnImage(head []byte) *Error {
	first := fmt.Sprintf("% x", head[:min(len(head), 4)])
	return &Error{CodeNotAnImage,
		fmt.Sprintf("This is not a picture in a known format: the file begins with the bytes %s. Choose a JPEG, PNG, "+
			"GIF, WebP or BMP file.", first),
		map[string]string{"bytes": first}}
}

// Unsupported is the refusal of a format that is known but cannot be decoded
// here. The engine uses it too, where the browser lacks a decoder.
func Unsupported(f Format) *Error {
	return &Error{CodeUnsupportedFormat,
		fmt.Sprintf("%s files cannot be opened here. %s", f, canDo),
		map[string]string{"format": string(f)}}
}

// Truncated is the refusal of a file that ends before its picture does.
func Truncated(f Format) *Error {
	return &Error{CodeTruncatedImage,
		fmt.Sprintf("This %s file was cut short: its end is missing. Copy or download it again.", f),
		map[string]string{"format": string(f)}}
}

// Broken is the refusal of a file that its decoder cannot read. The engine uses
// it too, for what the browser's decoder says.
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
	// Rounded up, so that one byte too many does not read "40.0 MB of 40 MB".
	mb := strconv.FormatFloat(math.Ceil(float64(size)/(1<<20)*10)/10, 'f', 1, 64)
	limit := strconv.Itoa(MaxBytes >> 20)
	return &Error{CodeTooManyBytes,
		fmt.Sprintf("The file has %s MB, more than the limit of %s MB. Make the picture smaller or save it with "+
			"stronger compression.", mb, limit),
		map[string]string{"size": mb, "limit": limit}}
}
