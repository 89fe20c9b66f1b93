//go:build !js

package imageio

import (
	"encoding/binary"
	"errors"
	"image"
	"math/bits"
)

// errBMPKind is the error for a picture that this file does not decode, such as one with run-length encoding.
var errBMPKind = errors.New("bmp: depth or compression")

// A bmpMask says which bits of a pixel are a colour.
type bmpMask uint32

// isSound reports whether the bits lie side by side.
func (m bmpMask) isSound() bool {
	run := uint32(m) >> bits.TrailingZeros32(uint32(m))
	return run&(run+1) == 0
}

// of gives a pixel's colour in 8 bits, as Chromium does: it rounds what has fewer bits, and cuts what has more.
func (m bmpMask) of(pixel uint32) uint8 {
	v, n := (pixel&uint32(m))>>bits.TrailingZeros32(uint32(m)), bits.OnesCount32(uint32(m))
	switch {
	case n == 0:
		return 0
	case n >= 8:
		return uint8(v >> (n - 8))
	}
	most := uint32(1)<<n - 1
	return uint8((2*v*255 + most) / (2 * most))
}

// bmpHeader is what the headers say about the pixels.
type bmpHeader struct {
	width, height, depth int
	topDown              bool
	at                   int        // where the pixels begin
	masks                [4]bmpMask // of red, green, blue and alpha, for more than 8 bits; alpha is 0 if there is none
	palette              []uint32   // 0xRRGGBB, for up to 8 bits
}

// readBMPHeader expects a file that bmpComplete accepts. Like browsers, it goes by the place of the pixels, and not by
// the number of planes or the lengths of all headers.
func readBMPHeader(b []byte) (*bmpHeader, error) {
	w, h, err := bmpSize(b)
	if err != nil {
		return nil, err
	}
	d := b[bmpFileHeader:]
	header := int(binary.LittleEndian.Uint32(d))
	one := &bmpHeader{width: int(w), height: int(h), at: int(binary.LittleEndian.Uint32(b[10:]))}
	compression, used, entry := 0, 0, 3 // colours of the palette, and the bytes of each
	if header == 12 {
		one.depth = int(binary.LittleEndian.Uint16(d[10:]))
	} else {
		if header < 40 || len(d) < 40 {
			return nil, errBMPKind
		}
		one.topDown = int32(binary.LittleEndian.Uint32(d[8:])) < 0
		one.depth = int(binary.LittleEndian.Uint16(d[14:]))
		compression, used, entry = int(binary.LittleEndian.Uint32(d[16:])), int(binary.LittleEndian.Uint32(d[32:])), 4
	}
	switch one.depth {
	case 1, 2, 4, 8:
		if compression != 0 {
			return nil, errBMPKind
		}
		one.readPalette(b, bmpFileHeader+header, used, entry)
		return one, nil
	case 16, 24, 32:
		return one, one.readMasks(b, header, compression)
	}
	return nil, errBMPKind
}

// readPalette reads the colours from index at on, each in so many bytes. Those that are missing are black.
func (h *bmpHeader) readPalette(b []byte, at, used, entry int) {
	h.palette = make([]uint32, 1<<h.depth)
	if used == 0 || used > len(h.palette) {
		used = len(h.palette)
	}
	for i := 0; i < used && at+entry <= min(h.at, len(b)); i++ {
		h.palette[i] = uint32(b[at]) | uint32(b[at+1])<<8 | uint32(b[at+2])<<16
		at += entry
	}
}

// readMasks reads the masks of a picture that has some, or takes those that are usual for its depth. They stand behind
// the first 40 bytes of the header, which a longer header counts as its own.
func (h *bmpHeader) readMasks(b []byte, header, compression int) error {
	const (
		plain, fields, alphaFields = 0, 3, 6
		masksAt                    = bmpFileHeader + 40
		alphaHeader                = 56 // the shortest header with a mask for alpha
	)
	n := 3
	switch {
	case compression == plain && h.depth == 16:
		h.masks = [4]bmpMask{0x7c00, 0x03e0, 0x001f}
		return nil
	case compression == plain:
		h.masks = [4]bmpMask{0xff0000, 0x00ff00, 0x0000ff}
		return nil
	case compression != fields && compression != alphaFields || h.depth == 24:
		return errBMPKind
	case compression == alphaFields || header >= alphaHeader:
		n = 4
	}
	if len(b) < masksAt+4*n {
		return errShort
	}
	for i := range n {
		if h.masks[i] = bmpMask(binary.LittleEndian.Uint32(b[masksAt+4*i:])); !h.masks[i].isSound() {
			return errBMPKind
		}
	}
	return nil
}

// decodeBMP decodes what Chromium decodes, to the same pixels, but for run-length encoding.
func decodeBMP(b []byte) (image.Image, error) {
	h, err := readBMPHeader(b)
	if err != nil {
		return nil, err
	}
	img := image.NewNRGBA(image.Rect(0, 0, h.width, h.height))
	masks := h.masks
	if h.palette != nil {
		masks = [4]bmpMask{0xff0000, 0x00ff00, 0x0000ff}
	}
	stride := (h.width*h.depth + 31) / 32 * 4
	for y := range h.height {
		from := y
		if !h.topDown {
			from = h.height - 1 - y
		}
		row := b[h.at+from*stride:][:stride]
		for x := range h.width {
			pixel := h.pixel(row, x)
			to := img.Pix[y*img.Stride+4*x:]
			for c := range 3 {
				to[c] = masks[c].of(pixel)
			}
			to[3] = 255
			if masks[3] != 0 {
				to[3] = masks[3].of(pixel)
			}
		}
	}
	return img, nil
}

// pixel reads the bits of a pixel, or its colour in the palette.
func (h *bmpHeader) pixel(row []byte, x int) (v uint32) {
	if h.palette != nil {
		first := x * h.depth // the first bit, counted from the highest of the row
		return h.palette[int(row[first/8])>>(8-h.depth-first%8)&(1<<h.depth-1)]
	}
	size := h.depth / 8
	for i, one := range row[x*size:][:size] {
		v |= uint32(one) << (8 * i)
	}
	return v
}
