// Package digits reads and writes small grey pictures with their labels, such as handwritten digits, in the format in
// which MNIST was published: IDX (LeCun, Cortes and Burges 1998, http://yann.lecun.com/exdb/mnist). One file holds two
// arrays, one behind the other, all numbers big-endian:
//
//	offset   bytes        what
//	0        4            00 00 08 03: an array of bytes with three dimensions, the pictures
//	4        4            how many pictures there are, N
//	8        4            their height H
//	12       4            their width W
//	16       N×H×W        the pictures, row by row; 0 is the ground, 255 the ink
//	…        4            00 00 08 01: an array of bytes with one dimension, the labels
//	…        4            N again
//	…        N            the labels
//
// The two files of MNIST itself, unpacked and joined by cat, are such a file.
package digits

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The magic numbers of the two arrays, and the largest side of a picture and number of pictures that Parse takes.
const (
	magicPictures = 0x0803
	magicLabels   = 0x0801
	maxSide       = 1 << 10
	maxCount      = 1 << 24
)

// ErrFormat is wrapped by every error of Parse.
var ErrFormat = errors.New("digits: not a file of pictures and labels")

// A Set is pictures with their labels.
type Set struct {
	Height, Width int
	Pixels        []byte // Len() × Height × Width; 0 is the ground, 255 the ink
	Labels        []byte // Len()
}

// Len is the number of pictures.
func (s *Set) Len() int { return len(s.Labels) }

// Picture returns the Height × Width bytes of a picture. They are the set's own.
func (s *Set) Picture(i int) []byte {
	size := s.Height * s.Width
	return s.Pixels[i*size:][:size:size]
}

// Classes is one more than the largest label; 0 for an empty set.
func (s *Set) Classes() int {
	n := 0
	for _, label := range s.Labels {
		n = max(n, int(label)+1)
	}
	return n
}

// Parse reads a file. The set refers to its bytes.
func Parse(file []byte) (*Set, error) {
	head, rest, err := header(file, magicPictures, 3)
	if err != nil {
		return nil, err
	}
	count, height, width := head[0], head[1], head[2]
	if height < 1 || height > maxSide || width < 1 || width > maxSide {
		return nil, fmt.Errorf("%w: the pictures have %d×%d pixels, and each side must have 1 to %d", ErrFormat, width,
			height, maxSide)
	}
	if count > maxCount {
		return nil, fmt.Errorf("%w: it says that it has %d pictures, and the most is %d", ErrFormat, count, maxCount)
	}
	size := int64(count) * int64(height) * int64(width)
	if int64(len(rest)) < size {
		return nil, fmt.Errorf("%w: it is cut off: %d pictures of %d×%d pixels need %d bytes, and %d are here",
			ErrFormat, count, width, height, size, len(rest))
	}
	s := &Set{Height: int(height), Width: int(width), Pixels: rest[:size:size]}
	head, rest, err = header(rest[size:], magicLabels, 1)
	if err != nil {
		return nil, err
	}
	if head[0] != count {
		return nil, fmt.Errorf("%w: it has %d pictures, but %d labels", ErrFormat, count, head[0])
	}
	if len(rest) != int(count) {
		return nil, fmt.Errorf("%w: %d bytes follow where %d labels should", ErrFormat, len(rest), count)
	}
	s.Labels = rest[:count:count]
	return s, nil
}

// header reads the magic number and the dimensions of an array.
func header(b []byte, magic uint32, dimensions int) (sizes []uint32, rest []byte, err error) {
	if len(b) < 4+4*dimensions {
		return nil, nil, fmt.Errorf("%w: it is cut off within a header", ErrFormat)
	}
	if got := binary.BigEndian.Uint32(b); got != magic {
		return nil, nil, fmt.Errorf("%w: an array begins with %08x instead of %08x", ErrFormat, got, magic)
	}
	for i := range dimensions {
		sizes = append(sizes, binary.BigEndian.Uint32(b[4+4*i:]))
	}
	return sizes, b[4+4*dimensions:], nil
}

// Encode returns the file of a set. It fails for a set that Parse would refuse.
func (s *Set) Encode() ([]byte, error) {
	switch {
	case s.Height < 1 || s.Height > maxSide || s.Width < 1 || s.Width > maxSide:
		return nil, fmt.Errorf("digits: pictures of %d×%d pixels cannot be written", s.Width, s.Height)
	case s.Len() > maxCount:
		return nil, fmt.Errorf("digits: %d pictures are too many for a file", s.Len())
	case len(s.Pixels) != s.Len()*s.Height*s.Width:
		return nil, fmt.Errorf("digits: %d labels go with %d bytes of pictures of %d×%d pixels", s.Len(), len(s.Pixels),
			s.Width, s.Height)
	}
	b := make([]byte, 0, 24+len(s.Pixels)+len(s.Labels))
	for _, n := range []int{magicPictures, s.Len(), s.Height, s.Width} {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	b = append(b, s.Pixels...)
	for _, n := range []int{magicLabels, s.Len()} {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	return append(b, s.Labels...), nil
}
