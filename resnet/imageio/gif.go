package imageio

import (
	"encoding/binary"
	"errors"
)

// Blocks of GIF89a, section 17 and following.
const (
	gifHeader    = 13 // signature and logical screen descriptor
	gifExtension = 0x21
	gifImage     = 0x2c
	gifTrailer   = 0x3b
)

// gifSize reads the size of the logical screen, which contains every frame.
func gifSize(b []byte) (width, height int64, err error) {
	if len(b) < 10 {
		return 0, 0, errShort
	}
	return int64(binary.LittleEndian.Uint16(b[6:])), int64(binary.LittleEndian.Uint16(b[8:])), nil
}

// gifTable is the size in bytes of the colour table that a packed field announces.
func gifTable(packed byte) int {
	if packed&0x80 == 0 {
		return 0
	}
	return 3 << (1 + packed&7)
}

// gifComplete walks the blocks to the trailer.
func gifComplete(b []byte) error {
	if len(b) < gifHeader {
		return errShort
	}
	for i := gifHeader + gifTable(b[10]); ; {
		if i >= len(b) {
			return errShort
		}
		switch b[i] {
		case gifTrailer:
			return nil
		case gifExtension:
			i += 2 // introducer and label
		case gifImage:
			if i+10 > len(b) {
				return errShort
			}
			i += 10 + gifTable(b[i+9]) + 1 // descriptor, table, code size
		default:
			return errors.New("it holds a block of an unknown kind")
		}
		for { // sub-blocks, each led by its length, up to an empty one
			if i >= len(b) {
				return errShort
			}
			n := int(b[i])
			i += 1 + n
			if n == 0 {
				break
			}
		}
	}
}
