package imageio

import (
	"encoding/binary"
	"errors"
)

const bmpFileHeader = 14

// isBMP checks the length of the header after "BM", since many texts begin with these letters.
func isBMP(head []byte) bool {
	if len(head) < bmpFileHeader+4 || string(head[:2]) != "BM" {
		return false
	}
	n := binary.LittleEndian.Uint32(head[bmpFileHeader:])
	return n == 12 || n >= 16 && n <= 256
}

// bmpSize reads the size from the information header. The height is negative
// where the rows go from top to bottom.
func bmpSize(b []byte) (width, height int64, err error) {
	if len(b) < bmpFileHeader+12 {
		return 0, 0, errShort
	}
	d := b[bmpFileHeader:]
	if binary.LittleEndian.Uint32(d) == 12 {
		return int64(binary.LittleEndian.Uint16(d[4:])), int64(binary.LittleEndian.Uint16(d[6:])), nil
	}
	w := int64(int32(binary.LittleEndian.Uint32(d[4:])))
	h := int64(int32(binary.LittleEndian.Uint32(d[8:])))
	return w, max(h, -h), nil
}

// bmpComplete computes where the pixels of an uncompressed picture end. It ignores the file length in the header, where
// many programs write 0.
func bmpComplete(b []byte) error {
	w, h, err := bmpSize(b)
	if err != nil {
		return err
	}
	if len(b) < bmpFileHeader+20 {
		return errShort
	}
	if _, sizeErr := checkSize(BMP, w, h); sizeErr != nil {
		return errors.New("it declares an impossible size")
	}
	d := b[bmpFileHeader:]
	bits, compression := binary.LittleEndian.Uint16(d[14:]), uint32(0)
	if binary.LittleEndian.Uint32(d) == 12 {
		bits = binary.LittleEndian.Uint16(d[10:])
	} else {
		compression = binary.LittleEndian.Uint32(d[16:])
	}
	const plain, bitfields, alphaBitfields = 0, 3, 6
	if compression != plain && compression != bitfields && compression != alphaBitfields {
		return nil // run-length encoded: only the decoder can tell
	}
	stride := (w*int64(bits) + 31) / 32 * 4
	if int64(binary.LittleEndian.Uint32(b[10:]))+stride*h > int64(len(b)) {
		return errShort
	}
	return nil
}
