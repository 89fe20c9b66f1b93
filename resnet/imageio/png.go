package imageio

import (
	"encoding/binary"
	"errors"
)

const pngSignature = 8 // bytes

// pngSize reads the IHDR chunk, which must come first.
func pngSize(b []byte) (width, height int64, err error) {
	const ihdr = pngSignature + 8
	if len(b) < ihdr+8 {
		return 0, 0, errShort
	}
	if string(b[pngSignature+4:ihdr]) != "IHDR" {
		return 0, 0, errors.New("it does not begin with its header chunk")
	}
	return int64(binary.BigEndian.Uint32(b[ihdr:])), int64(binary.BigEndian.Uint32(b[ihdr+4:])), nil
}

// pngComplete follows the chunks to IEND. Each is length (4), type (4), data, checksum (4).
func pngComplete(b []byte) error {
	for i := pngSignature; ; {
		if i+12 > len(b) {
			return errShort
		}
		n := int64(binary.BigEndian.Uint32(b[i:]))
		if n > 1<<31-1 {
			return errors.New("a chunk declares an impossible length")
		}
		if string(b[i+4:i+8]) == "IEND" {
			return nil
		}
		if n > int64(len(b)-i-12) {
			return errShort
		}
		i += 12 + int(n)
	}
}
