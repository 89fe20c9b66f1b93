//go:build !js

package imageio

import (
	"bytes"
	"image"

	"github.com/bep/imagemeta"
)

// orientation reads the EXIF orientation, 1 to 8. A file without one, or with
// one that cannot be read, stands upright: 1.
func orientation(file []byte, f Format) (o int) {
	var kind imagemeta.ImageFormat
	switch f {
	case JPEG:
		kind = imagemeta.JPEG
	case PNG:
		kind = imagemeta.PNG
	case TIFF:
		kind = imagemeta.TIFF
	case WebP:
		// Its EXIF chunk is a TIFF. Many programs put JPEG's "Exif" before
		// that, which the standard does not and imagemeta does not expect.
		chunk, err := riffChunk(file[riffHeader:], "EXIF")
		if err != nil {
			return 1
		}
		file, kind = bytes.TrimPrefix(chunk, []byte("Exif\x00\x00")), imagemeta.TIFF
	default:
		return 1
	}
	// The pixels matter more than a broken note about them.
	defer func() {
		if recover() != nil {
			o = 1
		}
	}()
	o = 1
	_, _ = imagemeta.Decode(imagemeta.Options{
		R:           bytes.NewReader(file),
		ImageFormat: kind,
		Sources:     imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			return tag.Tag == "Orientation" && tag.Namespace == "IFD0"
		},
		HandleTag: func(tag imagemeta.TagInfo) error {
			if v, ok := tag.Value.(uint16); ok && v >= 1 && v <= 8 {
				o = int(v)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return o
}

// orient turns and mirrors src so that it stands as EXIF orientation o says. It
// returns src itself for 1.
//
// Every orientation is a walk over the source that starts in one corner and
// goes along its rows or its columns:
//
//	dst[y][x] = src[start + x·dx + y·dy]
func orient(src *image.NRGBA, o int) *image.NRGBA {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	topRight, bottomLeft, bottomRight := w-1, (h-1)*w, h*w-1
	var start, dx, dy int
	switch o {
	default:
		return src
	case 2: // mirrored
		start, dx, dy = topRight, -1, w
	case 3: // upside down
		start, dx, dy = bottomRight, -1, -w
	case 4: // mirrored and upside down
		start, dx, dy = bottomLeft, 1, -w
	case 5: // mirrored, then a quarter turn against the clock
		start, dx, dy = 0, w, 1
	case 6: // to be turned a quarter with the clock
		start, dx, dy = bottomLeft, -w, 1
	case 7: // mirrored, then a quarter turn with the clock
		start, dx, dy = bottomRight, -w, -1
	case 8: // to be turned a quarter against the clock
		start, dx, dy = topRight, w, -1
	}
	if o >= 5 {
		w, h = h, w
	}
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			from := 4 * (start + x*dx + y*dy)
			copy(dst.Pix[4*(y*w+x):][:4], src.Pix[from:from+4])
		}
	}
	return dst
}
