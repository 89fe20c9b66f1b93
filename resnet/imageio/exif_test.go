package imageio

import (
	"encoding/binary"
	"testing"
)

// exifJPEG is the beginning of a JPEG file with an EXIF orientation.
func exifJPEG(order binary.AppendByteOrder, mark string, o uint16) []byte {
	tiff := order.AppendUint16([]byte(mark), 42)
	tiff = order.AppendUint32(tiff, 8)              // where the directory is
	tiff = order.AppendUint16(tiff, 1)              // how many fields it has
	tiff = order.AppendUint16(tiff, tagOrientation) // of type 3, 16 bits; one value
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, o)
	tiff = append(tiff, 0, 0)
	body := append([]byte("Exif\x00\x00"), tiff...)
	file := []byte{0xff, 0xd8, 0xff, 0xe0, 0, 4, 'J', 'F', 0xff, markAPP1}
	file = binary.BigEndian.AppendUint16(file, uint16(len(body)+2))
	return append(append(file, body...), 0xff, markSOS, 0, 2)
}

func TestOrientation(t *testing.T) {
	for o := uint16(0); o <= 9; o++ {
		want := int(o)
		if o < 1 || o > 8 {
			want = 1
		}
		for _, file := range [][]byte{exifJPEG(binary.BigEndian, "MM", o), exifJPEG(binary.LittleEndian, "II", o)} {
			if got := Orientation(file); got != want {
				t.Errorf("orientation %d is read as %d", o, got)
			}
			for n := range file {
				Orientation(file[:n]) // what is cut off is upright, or what was read before; it does not panic
			}
		}
	}
	for _, file := range [][]byte{nil, {0xff}, {0xff, 0xd8}, []byte("\x89PNG\r\n\x1a\n")} {
		if got := Orientation(file); got != 1 {
			t.Errorf("of % x it is %d, want 1", file, got)
		}
	}
}
