package imageio

import "bytes"

const (
	markAPP1       = 0xe1
	tagOrientation = 274
)

// Orientation reads the EXIF orientation of a JPEG file, 1 to 8 (see orient). It is 1, upright, for other files and
// where the file has none.
//
// The engine uses it in browsers that do not turn photos.
func Orientation(file []byte) int {
	for i := 2; ; {
		mark, next, err := nextMarker(file, i)
		if err != nil || mark == markSOS || mark == markEOI {
			return 1
		}
		var body []byte
		if body, i, err = skipSegment(file, mark, next); err != nil {
			return 1
		}
		exif, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00"))
		if mark != markAPP1 || !ok {
			continue
		}
		fields, err := tiffDirectory(exif)
		if err != nil {
			return 1
		}
		if o, err := fields[tagOrientation].at(0); err == nil && o >= 1 && o <= 8 {
			return int(o)
		}
		return 1
	}
}
