package imageio

import (
	"encoding/binary"
	"errors"
)

const (
	riffHeader  = 12 // "RIFF", length, "WEBP"
	chunkHeader = 8  // name, length
)

func isWebP(head []byte) bool {
	return len(head) >= riffHeader && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP"
}

// webpSize reads the size from the first chunk, which is lossy (RFC 6386, section 9.1), lossless (RFC 9649, section
// 3.4) or extended (RFC 9649, section 2.7).
func webpSize(b []byte) (width, height int64, err error) {
	const data = riffHeader + chunkHeader
	if len(b) < data {
		return 0, 0, errShort
	}
	switch d := b[data:]; string(b[riffHeader : riffHeader+4]) {
	case "VP8 ":
		if len(d) < 10 {
			return 0, 0, errShort
		}
		if d[3] != 0x9d || d[4] != 0x01 || d[5] != 0x2a {
			return 0, 0, errors.New("it does not begin with a key frame")
		}
		const mask = 1<<14 - 1 // the two bits above are a display scale
		w, h := binary.LittleEndian.Uint16(d[6:]), binary.LittleEndian.Uint16(d[8:])
		return int64(w & mask), int64(h & mask), nil
	case "VP8L":
		if len(d) < 5 {
			return 0, 0, errShort
		}
		if d[0] != 0x2f {
			return 0, 0, errors.New("its lossless data has no signature")
		}
		const mask = 1<<14 - 1
		bits := binary.LittleEndian.Uint32(d[1:])
		return int64(bits&mask) + 1, int64(bits>>14&mask) + 1, nil
	case "VP8X":
		if len(d) < 10 {
			return 0, 0, errShort
		}
		return int64(uint24(d[4:])) + 1, int64(uint24(d[7:])) + 1, nil
	}
	return 0, 0, errors.New("its first chunk is of an unknown kind")
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

// webpComplete compares the declared length with the file's.
func webpComplete(b []byte) error {
	if len(b) < riffHeader || int64(binary.LittleEndian.Uint32(b[4:]))+8 > int64(len(b)) {
		return errShort
	}
	return nil
}
