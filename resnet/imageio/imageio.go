// Package imageio turns the bytes of a picture file into the input of a network.
//
// The way of a picture: [Sniff] reads its format and declared size and refuses
// what nobody should try to decode, [Complete] finds a file that was cut short,
// a decoder makes pixels of it, [CropResizer] shrinks and crops them as Pillow
// would, and [Normalise] makes float32 of the bytes.
//
// Natively [Decode] is the decoder and [Load] goes the whole way. Under js/wasm
// the browser decodes, and none of Go's decoders is linked.
package imageio

import (
	"bytes"
	"errors"
)

// Limits of what is decoded. They are checked before any pixel is allocated.
const (
	// MaxPixels is the largest width × height, 64 megapixels.
	MaxPixels = 64_000_000
	// MaxBytes is the largest file, 40 MB.
	MaxBytes = 40 << 20
)

// A Format is the name of a file format, as a person would write it.
type Format string

// The formats that Sniff accepts. Decode knows all but AVIF, which only
// browsers decode; TIFF is the reverse in most browsers.
const (
	JPEG Format = "JPEG"
	PNG  Format = "PNG"
	GIF  Format = "GIF"
	WebP Format = "WebP"
	BMP  Format = "BMP"
	TIFF Format = "TIFF"
	AVIF Format = "AVIF"
)

// Header is what the first bytes of a file say about its picture.
type Header struct {
	Format Format
	// Width and Height are in pixels, before any EXIF orientation. Both are 0
	// for an AVIF film, or one whose size is not where it usually is.
	Width, Height int
}

// ErrNeedMore is returned by Sniff when the size of the picture lies behind the
// bytes it was given. Call it again with more of the file, at last with all.
var ErrNeedMore = errors.New("imageio: the size of the picture lies further on in the file")

// errShort is returned by the readers of a format when the bytes end early.
var errShort = errors.New("the bytes end early")

// A codec is what this package knows of one file format.
type codec struct {
	format Format
	match  func(head []byte) bool
	// size reads the declared size. It is nil where the format is only
	// recognised so that the refusal can name it.
	size func(head []byte) (width, height int64, err error)
	// complete walks a whole file and returns errShort if its end is missing.
	complete func(file []byte) error
}

// magic returns a matcher for files that begin with one of the prefixes.
func magic(prefixes ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, p := range prefixes {
			if len(head) >= len(p) && string(head[:len(p)]) == p {
				return true
			}
		}
		return false
	}
}

// codecs is the table of known formats; the first match wins.
var codecs = []codec{
	{JPEG, magic("\xff\xd8\xff"), jpegSize, jpegComplete},
	{PNG, magic("\x89PNG\r\n\x1a\n"), pngSize, pngComplete},
	{GIF, magic("GIF87a", "GIF89a"), gifSize, gifComplete},
	{WebP, isWebP, webpSize, webpComplete},
	{BMP, isBMP, bmpSize, bmpComplete},
	{TIFF, magic("II*\x00", "MM\x00*"), tiffSize, tiffComplete},
	{AVIF, isBrand("avif", "avis"), avifSize, boxesComplete},
	{format: "HEIC", match: isBrand("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1")},
	{format: "MP4", match: isBrand()}, // every other file of this family is a film
	{format: "JPEG XL", match: magic("\xff\x0a", "\x00\x00\x00\x0cJXL \r\n\x87\n")},
	{format: "JPEG 2000", match: magic("\xff\x4f\xff\x51", "\x00\x00\x00\x0cjP  \r\n\x87\n")},
	{format: "BigTIFF", match: magic("II+\x00", "MM\x00+")},
	{format: "PSD", match: magic("8BPS")},
	{format: "PDF", match: magic("%PDF-")},
	{format: "ICO", match: magic("\x00\x00\x01\x00")},
	{format: "SVG", match: isSVG},
}

// sniffBytes is how much of a file is always enough to tell its format.
const sniffBytes = 1024

// Sniff reads the format and the declared size of a picture from head, the
// first bytes of a file of size bytes.
//
// It returns an *Error for a file that must not be decoded: empty, not a
// picture, of a format that is not supported, broken, cut short, or over the
// limits. It returns ErrNeedMore when head is too short to tell; 4 KB are enough
// for most files.
func Sniff(head []byte, size int64) (Header, error) {
	if size <= 0 {
		return Header{}, emptyFile()
	}
	whole := int64(len(head)) >= size
	if !whole && len(head) < sniffBytes {
		return Header{}, ErrNeedMore
	}
	c := find(head)
	if c == nil {
		return Header{}, notAnImage(head)
	}
	if c.size == nil {
		return Header{}, Unsupported(c.format)
	}
	if size > MaxBytes {
		return Header{}, tooManyBytes(size)
	}
	w, h, err := c.size(head)
	switch {
	case err == errShort && !whole, sizeless(c.format, w, h) && !whole:
		return Header{}, ErrNeedMore
	case err == errShort:
		return Header{}, Truncated(c.format)
	case err != nil:
		return Header{}, Broken(c.format, err.Error())
	}
	header, sizeErr := checkSize(c.format, w, h)
	if sizeErr != nil {
		return Header{}, sizeErr
	}
	return header, nil
}

// checkSize refuses sizes that are impossible or over the limit.
func checkSize(f Format, w, h int64) (Header, *Error) {
	if sizeless(f, w, h) {
		return Header{Format: f}, nil // the browser looks itself
	}
	if w <= 0 || h <= 0 {
		return Header{}, Broken(f, "it declares a picture without pixels")
	}
	if w > MaxPixels/h {
		return Header{}, tooManyPixels(f, w, h)
	}
	return Header{Format: f, Width: int(w), Height: int(h)}, nil
}

// sizeless reports whether no size was found in an AVIF.
func sizeless(f Format, w, h int64) bool { return f == AVIF && w == 0 && h == 0 }

// Complete reports, as an *Error, a file that ends before its picture does: a
// download or a copy that was broken off. Some decoders paint the missing part
// grey, others refuse without a reason, as Chromium does. Bytes after the end of
// the picture are allowed.
//
// It only walks the structure of the file. One of 40 MB takes some milliseconds.
func Complete(file []byte, f Format) error {
	for i := range codecs {
		if c := &codecs[i]; c.format == f && c.complete != nil {
			switch err := c.complete(file); {
			case err == errShort:
				return Truncated(f)
			case err != nil:
				return Broken(f, err.Error())
			}
			return nil
		}
	}
	return Unsupported(f)
}

func find(head []byte) *codec {
	for i := range codecs {
		if codecs[i].match(head) {
			return &codecs[i]
		}
	}
	return nil
}

// isSVG looks for the root element: SVG has no magic number.
func isSVG(head []byte) bool {
	head = bytes.TrimPrefix(head[:min(len(head), sniffBytes)], []byte("\xef\xbb\xbf"))
	head = bytes.TrimLeft(head, " \t\r\n")
	if bytes.HasPrefix(head, []byte("<svg")) {
		return true
	}
	return magic("<?xml", "<!--", "<!DOCTYPE svg")(head) && bytes.Contains(head, []byte("<svg"))
}
