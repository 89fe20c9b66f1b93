//go:build !js

package imageio

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/adler32"
	"io"
)

// Browsers and Pillow pass over faults that Go's decoders refuse. This file makes another file of one that was refused,
// without what the pixels do not need.

// tidy returns a picture file without the faults that other decoders pass over, or nil if it knows none.
func tidy(file []byte, f Format) []byte {
	switch f {
	case JPEG:
		return tidyJPEG(file)
	case PNG:
		return tidyPNG(file)
	}
	return nil
}

// tidyJPEG leaves out comments and what programs noted, but for Adobe's note on the colours.
func tidyJPEG(b []byte) []byte {
	const adobe = 0xee
	out := []byte{0xff, 0xd8}
	for i := 2; ; {
		m, body, err := nextMarker(b, i)
		if err != nil {
			return nil
		}
		_, end, err := skipSegment(b, m, body)
		if err != nil {
			return nil
		}
		if !isNote(m) || m == adobe && end-body > 2 {
			out = append(append(out, 0xff, m), b[body:end]...)
		}
		if m == markSOS {
			return append(out, b[end:]...)
		}
		i = end
	}
}

// tidyPNG leaves out the chunks that the pixels do not need, with their checksums, and compresses the pixel data anew,
// with the right end and checksum. Checksums of the chunks that it keeps must be right.
func tidyPNG(b []byte) []byte {
	var data []byte
	out := append([]byte{}, b[:pngSignature]...)
	for i := pngSignature; ; {
		c, err := nextChunk(b, i)
		if err != nil {
			return nil
		}
		i += len(c.whole)
		switch {
		case c.name == "IEND":
			pixels := pngPixels(b, data)
			if pixels == nil {
				return nil
			}
			return append(append(out, pixels...), pngEnd...)
		case c.name == "IDAT" && !c.isSound():
			return nil
		case c.name == "IDAT":
			data = append(data, c.data...)
		case c.name == "IHDR" || c.name == "PLTE" || c.name == "tRNS":
			out = append(out, c.whole...)
		}
	}
}

// pngPixels decompresses the data of a PNG file's pixels, as many as it needs, and makes a chunk of them. It returns
// nil where there are too few.
func pngPixels(file, data []byte) []byte {
	need := pngBytes(file)
	if len(data) < 2 || need == 0 {
		return nil
	}
	raw := make([]byte, need)
	if _, err := io.ReadFull(flate.NewReader(bytes.NewReader(data[2:])), raw); err != nil {
		return nil
	}
	var chunk bytes.Buffer
	chunk.WriteString("\x00\x00\x00\x00IDAT\x78\x01")    // the length comes later; zlib's header
	w, _ := flate.NewWriter(&chunk, flate.NoCompression) // its error is of an impossible level
	w.Write(raw)
	w.Close()
	b := binary.BigEndian.AppendUint32(chunk.Bytes(), adler32.Checksum(raw))
	binary.BigEndian.PutUint32(b, uint32(len(b)-8))
	b = append(b, 0, 0, 0, 0)
	c := pngPart{whole: b}
	binary.BigEndian.PutUint32(b[len(b)-4:], c.checksum())
	return b
}
