package imageio

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
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

// A pngPart is a chunk: length (4), type (4), data, checksum (4).
type pngPart struct {
	name  string
	data  []byte
	whole []byte
}

// nextChunk reads the chunk at b[i:].
func nextChunk(b []byte, i int) (pngPart, error) {
	if i+12 > len(b) {
		return pngPart{}, errShort
	}
	n := int64(binary.BigEndian.Uint32(b[i:]))
	if n > 1<<31-1 {
		return pngPart{}, errors.New("a chunk declares an impossible length")
	}
	if n > int64(len(b)-i-12) {
		return pngPart{}, errShort
	}
	end := i + 12 + int(n)
	return pngPart{string(b[i+4 : i+8]), b[i+8 : end-4], b[i:end]}, nil
}

// checksum computes what a chunk should end with.
func (c pngPart) checksum() uint32 { return crc32.ChecksumIEEE(c.whole[4 : len(c.whole)-4]) }

func (c pngPart) isSound() bool {
	return c.checksum() == binary.BigEndian.Uint32(c.whole[len(c.whole)-4:])
}

// pngEnd is the last chunk of every file.
const pngEnd = "\x00\x00\x00\x00IEND\xae\x42\x60\x82"

// pngWalk follows the chunks to IEND. data is where the last chunk of pixel data ends.
func pngWalk(b []byte) (data int, err error) {
	for i := pngSignature; ; {
		c, err := nextChunk(b, i)
		if err != nil {
			return data, err
		}
		i += len(c.whole)
		switch c.name {
		case "IDAT":
			data = i
		case "IEND":
			return data, nil
		}
	}
}

// pngComplete looks for IEND. Where that is missing, the pixel data must be whole.
func pngComplete(b []byte) error {
	data, err := pngWalk(b)
	if errors.Is(err, errShort) && pngInflates(b[:data]) {
		return nil
	}
	return err
}

// pngInflates reports whether the pixel data of a file are whole, by their own end and checksum.
func pngInflates(b []byte) bool {
	var data []byte
	for i := pngSignature; i < len(b); {
		c, err := nextChunk(b, i)
		if err != nil {
			return false
		}
		if c.name == "IDAT" {
			data = append(data, c.data...)
		}
		i += len(c.whole)
	}
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return false
	}
	need := pngBytes(b)
	n, err := io.CopyN(io.Discard, r, int64(need)+1)
	return int(n) == need && err == io.EOF
}

// pngBytes computes the size of the decompressed pixels: each row of each pass has a byte for its filter.
func pngBytes(b []byte) int {
	width, height, err := pngSize(b)
	const depthAt, colourAt, interlaceAt = pngSignature + 16, pngSignature + 17, pngSignature + 20
	if err != nil || len(b) <= interlaceAt {
		return 0
	}
	channels := map[byte]int64{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[b[colourAt]]
	rows := func(w, h int64) int64 {
		if w == 0 {
			return 0
		}
		return h * (1 + (w*channels*int64(b[depthAt])+7)/8)
	}
	if b[interlaceAt] == 0 {
		return int(rows(width, height))
	}
	var total int64
	for _, p := range [][4]int64{ // the first column and row of a pass, and their distances
		{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
	} {
		total += rows((width-p[0]+p[2]-1)/p[2], (height-p[1]+p[3]-1)/p[3])
	}
	return int(total)
}

// pngMend ends a file behind its pixel data where IEND is missing, and corrects wrong checksums of chunks whose pixels
// are right by the checksum of their own.
func pngMend(b []byte) []byte {
	data, err := pngWalk(b)
	if err == nil && pngIsSound(b[:data]) || !pngInflates(b[:data]) {
		return b
	}
	mended := append([]byte{}, b[:pngSignature]...)
	for i := pngSignature; i < data; {
		c, err := nextChunk(b, i)
		if err != nil {
			return b
		}
		mended = append(mended, c.whole...)
		if c.name == "IDAT" {
			mended = binary.BigEndian.AppendUint32(mended[:len(mended)-4], c.checksum())
		}
		i += len(c.whole)
	}
	return append(mended, pngEnd...)
}

// pngIsSound reports whether the checksums of all chunks of pixel data are right.
func pngIsSound(b []byte) bool {
	for i := pngSignature; i < len(b); {
		c, err := nextChunk(b, i)
		if err != nil || c.name == "IDAT" && !c.isSound() {
			return false
		}
		i += len(c.whole)
	}
	return true
}
