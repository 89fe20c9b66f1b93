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

// A gifFrame says where the first frame of a file is.
type gifFrame struct {
	data   int // index of the code size, which the sub-blocks follow
	last   int // index of the last sub-block
	closed bool
	pixels int
}

// gifFirstFrame walks to the first frame and over its data. No decoder here needs more: further frames, the trailer,
// and what lies between them may be missing or wrong.
func gifFirstFrame(b []byte) (gifFrame, error) {
	if len(b) < gifHeader {
		return gifFrame{}, errShort
	}
	for i := gifHeader + gifTable(b[10]); ; {
		if i >= len(b) {
			return gifFrame{}, errShort
		}
		switch b[i] {
		case gifTrailer:
			return gifFrame{}, errors.New("it has no picture data")
		case gifExtension:
			last, closed := gifSubBlocks(b, i+2) // after introducer and label
			if !closed {
				return gifFrame{}, errShort
			}
			i = last + 1
		case gifImage:
			if i+10 > len(b) {
				return gifFrame{}, errShort
			}
			width, height := binary.LittleEndian.Uint16(b[i+5:]), binary.LittleEndian.Uint16(b[i+7:])
			f := gifFrame{data: i + 10 + gifTable(b[i+9]), pixels: int(width) * int(height)}
			f.last, f.closed = gifSubBlocks(b, f.data+1)
			return f, nil
		default:
			return gifFrame{}, errors.New("it holds a block of an unknown kind")
		}
	}
}

// gifSubBlocks walks sub-blocks, each led by its length, and returns the index of the last. closed says that this is
// the empty one, which ends them; else the file ends in it.
func gifSubBlocks(b []byte, i int) (last int, closed bool) {
	for last = i; i < len(b); {
		n := int(b[i])
		last = i
		i += 1 + n
		if n == 0 {
			return last, true
		}
	}
	return last, false
}

// gifComplete looks for the whole first frame. Where the end of its data is missing, it counts the pixels.
func gifComplete(b []byte) error {
	f, err := gifFirstFrame(b)
	if err != nil {
		return err
	}
	if !f.closed && (f.data >= len(b) || gifPixels(b[f.data:], f.pixels) < f.pixels) {
		return errShort
	}
	return nil
}

// gifPixels counts the pixels that LZW data decode to, up to limit. b begins with the code size.
func gifPixels(b []byte, limit int) int {
	literals := int(b[0])
	if literals < 2 || literals > 8 {
		return 0
	}
	clear, end := 1<<literals, 1<<literals+1
	// lengths has the number of pixels of each code from next down to end + 1; previous is that of the last code.
	var lengths [1 << 12]int
	var previous, total int
	next, width := end+1, literals+1
	var bits, held uint
	for i := 1; i < len(b) && total < limit; {
		n := int(b[i])
		for _, v := range b[i+1 : min(i+1+n, len(b))] {
			bits |= uint(v) << held
			held += 8
			for held >= uint(width) {
				code := int(bits & (1<<width - 1))
				bits >>= width
				held -= uint(width)
				if code == clear {
					next, width, previous = end+1, literals+1, 0
					continue
				}
				var length int
				switch {
				case code < clear:
					length = 1
				case code > end && code < next:
					length = lengths[code]
				case code == next && previous > 0:
					length = previous + 1
				default: // the end, or an impossible code
					return total
				}
				total += length
				if previous > 0 && next < len(lengths) {
					lengths[next] = previous + 1
					next++
					if next == 1<<width && width < 12 {
						width++
					}
				}
				previous = length
			}
		}
		i += 1 + n
	}
	return total
}

// gifMend closes the first frame's data where that is missing, and ends the file there.
func gifMend(b []byte) []byte {
	f, err := gifFirstFrame(b)
	if err != nil || f.closed || f.last >= len(b) {
		return b
	}
	mended := append([]byte{}, b...)
	if left := len(b) - f.last - 1; left > 0 {
		mended[f.last] = byte(left) // of the last sub-block
		mended = append(mended, 0)
	} else {
		mended[f.last] = 0
	}
	return append(mended, gifTrailer)
}
