//go:build !js

package imageio

import (
	"bytes"
	"image"

	"github.com/bep/imagemeta"
)

// orientation reads the EXIF orientation, 1 to 8. It is 1, upright, for a file without one or with one that cannot be
// read.
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
		// The EXIF chunk is a TIFF file. Many programs put JPEG's "Exif" before it, which the standard does not allow
		// and imagemeta does not expect.
		chunk, err := riffChunk(file[riffHeader:], "EXIF")
		if err != nil {
			return 1
		}
		file, kind = bytes.TrimPrefix(chunk, []byte("Exif\x00\x00")), imagemeta.TIFF
	default:
		return 1
	}
	// A broken EXIF block is no reason to refuse the picture.
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

// orient turns and flips src as EXIF orientation o says. It returns src itself for 1.
//
// Each orientation is a walk over the source that starts in a corner and follows its rows or its columns:
//
//	dst[y][x] = src[start + x·dx + y·dy]
func orient(src *image.NRGBA, o int) *image.NRGBA {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	topRight, bottomLeft, bottomRight := w-1, (h-1)*w, h*w-1
	var start, dx, dy int
	switch o {
	default:
		return src
	case 2: // flipped
		start, dx, dy = topRight, -1, w
	case 3: // upside down
		start, dx, dy = bottomRight, -1, -w
	case 4: // flipped and upside down
		start, dx, dy = bottomLeft, 1, -w
	case 5: // flipped, then turned a quarter anticlockwise
		start, dx, dy = 0, w, 1
	case 6: // to be turned a quarter clockwise
		start, dx, dy = bottomLeft, -w, 1
	case 7: // flipped, then turned a quarter clockwise
		start, dx, dy = bottomRight, -w, -1
	case 8: // to be turned a quarter anticlockwise
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
