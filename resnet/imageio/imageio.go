// Package imageio turns the bytes of a picture file into the input of a network.
//
// [Sniff] reads the format and the declared size, and refuses files that should not be decoded. [Complete] finds files
// that were cut short. A decoder makes pixels of the file, [CropResizer] resizes and crops them as Pillow does, and
// [Normalise] converts the bytes to float32.
//
// Natively [Decode] is the decoder, and [Load] does all steps. Under js/wasm the browser decodes, and none of Go's
// decoders is linked.
package imageio

import (
	"bytes"
	"errors"
)

// Limits of a picture, which are checked before any pixel is allocated.
const (
	// MaxPixels is the largest width × height, 64 megapixels.
	MaxPixels = 64_000_000
	// MaxBytes is the largest file, 40 MB.
	MaxBytes = 40 << 20
)

// A Format is the name of a file format.
type Format string

// The formats that Sniff accepts. Decode supports all but AVIF, which only browsers decode; most browsers do not decode
// TIFF.
const (
	JPEG Format = "JPEG"
	PNG  Format = "PNG"
	GIF  Format = "GIF"
	WebP Format = "WebP"
	BMP  Format = "BMP"
	TIFF Format = "TIFF"
	AVIF Format = "AVIF"
)

// Header describes a picture by the first bytes of its file.
type Header struct {
	Format Format
	// Width and Height are in pixels, before any EXIF orientation. Both are 0 for an AVIF file whose size is not found,
	// such as a film.
	Width, Height int
}

// ErrNeedMore means that the size of the picture comes after the bytes that Sniff was given. Call it again with more of
// the file, or with all of it.
var ErrNeedMore = errors.New("imageio: the size of the picture lies further on in the file")

// errShort means that the bytes end early.
var errShort = errors.New("the bytes end early")

// A codec is what this package knows about a file format.
type codec struct {
	format Format
	match  func(head []byte) bool
	// size reads the declared size. It is nil for formats that are recognised only so that the error can name them.
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

// codecs lists the known formats; the first match counts.
var codecs = []codec{
	{JPEG, magic("\xff\xd8\xff"), jpegSize, jpegComplete},
	{PNG, magic("\x89PNG\r\n\x1a\n"), pngSize, pngComplete},
	{GIF, magic("GIF87a", "GIF89a"), gifSize, gifComplete},
	{WebP, isWebP, webpSize, webpComplete},
	{BMP, isBMP, bmpSize, bmpComplete},
	{TIFF, magic("II*\x00", "MM\x00*"), tiffSize, tiffComplete},
	{AVIF, isBrand("avif", "avis"), avifSize, boxesComplete},
	{format: "HEIC", match: isBrand("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1")},
	{format: "MP4", match: isBrand()}, // other files of this family are films
	{format: "JPEG XL", match: magic("\xff\x0a", "\x00\x00\x00\x0cJXL \r\n\x87\n")},
	{format: "JPEG 2000", match: magic("\xff\x4f\xff\x51", "\x00\x00\x00\x0cjP  \r\n\x87\n")},
	{format: "BigTIFF", match: magic("II+\x00", "MM\x00+")},
	{format: "PSD", match: magic("8BPS")},
	{format: "PDF", match: magic("%PDF-")},
	{format: "ICO", match: magic("\x00\x00\x01\x00")},
	{format: "SVG", match: isSVG},
}

// sniffBytes is always enough of a file to recognise its format.
const sniffBytes = 1024

// Sniff reads the format and the declared size of a picture from head, the first bytes of a file of size bytes.
//
// It returns an *Error for a file that must not be decoded: empty, not a picture, of an unsupported format, broken, cut
// short, or over the limits. It returns ErrNeedMore if head is too short; 4 KB are enough for most files.
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

// checkSize returns an error for sizes that are impossible or over the limit.
func checkSize(f Format, w, h int64) (Header, *Error) {
	if sizeless(f, w, h) {
		return Header{Format: f}, nil // the browser finds the size
	}
	if w <= 0 || h <= 0 {
		return Header{}, Broken(f, "it declares a picture without pixels")
	}
	if w > MaxPixels/h {
		return Header{}, tooManyPixels(f, w, h)
	}
	return Header{Format: f, Width: int(w), Height: int(h)}, nil
}

// sizeless reports whether an AVIF file's size was not found.
func sizeless(f Format, w, h int64) bool { return f == AVIF && w == 0 && h == 0 }

// Complete returns an *Error for a file that ends before its picture does, such as an interrupted download. Some
// decoders paint the missing part grey; others, like Chromium's, fail without a reason. Bytes after the end of the
// picture are allowed, and all that says only that the picture has ended may be missing: see [Mend].
//
// It only follows the structure of the file, which takes some milliseconds for 40 MB. Only where the end is missing, it
// counts what the compressed data hold.
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

// Mend returns a file that Complete accepts in a form that strict decoders take, too: with an end marker behind the
// last pixel, and with the right checksums where the pixels are right. It returns file itself if there is nothing to
// mend. Of an animation only the first frame may be left.
func Mend(file []byte, f Format) []byte {
	switch f {
	case GIF:
		return gifMend(file)
	case JPEG:
		return jpegMend(file)
	case PNG:
		return pngMend(file)
	}
	return file
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
