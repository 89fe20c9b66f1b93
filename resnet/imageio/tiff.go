package imageio

import (
	"encoding/binary"
	"errors"
)

// Tags of TIFF 6.0, section 8.
const (
	tagWidth      = 256
	tagHeight     = 257
	tagStripAt    = 273
	tagStripBytes = 279
	tagTileAt     = 324
	tagTileBytes  = 325
)

// A tiffField is one entry of an image file directory.
type tiffField struct {
	order binary.ByteOrder
	file  []byte
	kind  uint16
	count uint32
	value []byte // the four bytes that hold the values, or where they are
}

// at returns the i-th value of a field of 16-bit or 32-bit integers.
func (f tiffField) at(i uint32) (int64, error) {
	if i >= f.count {
		return 0, errors.New("its directory lacks a value")
	}
	var width uint64
	switch f.kind {
	case 3:
		width = 2
	case 4:
		width = 4
	default:
		return 0, errors.New("a field of its directory has an unknown type")
	}
	b := f.value
	if uint64(f.count)*width > 4 {
		offset := uint64(f.order.Uint32(f.value))
		if offset+uint64(i+1)*width > uint64(len(f.file)) {
			return 0, errShort
		}
		b = f.file[offset:]
	}
	b = b[uint64(i)*width:]
	if width == 2 {
		return int64(f.order.Uint16(b)), nil
	}
	return int64(f.order.Uint32(b)), nil
}

// tiffDirectory reads the first image file directory.
func tiffDirectory(b []byte) (map[uint16]tiffField, error) {
	if len(b) < 8 {
		return nil, errShort
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return nil, errShort
	}
	n := uint64(order.Uint16(b[at:]))
	if at+2+12*n > uint64(len(b)) {
		return nil, errShort
	}
	fields := make(map[uint16]tiffField, n)
	for e := b[at+2 : at+2+12*n]; len(e) > 0; e = e[12:] {
		fields[order.Uint16(e)] = tiffField{order, b, order.Uint16(e[2:]), order.Uint32(e[4:]), e[8:12]}
	}
	return fields, nil
}

func tiffSize(b []byte) (width, height int64, err error) {
	fields, err := tiffDirectory(b)
	if err != nil {
		return 0, 0, err
	}
	if width, err = fields[tagWidth].at(0); err != nil {
		return 0, 0, err
	}
	height, err = fields[tagHeight].at(0)
	return width, height, err
}

// tiffComplete checks that every strip or tile lies inside the file.
func tiffComplete(b []byte) error {
	fields, err := tiffDirectory(b)
	if err != nil {
		return err
	}
	for _, tags := range [][2]uint16{{tagStripAt, tagStripBytes}, {tagTileAt, tagTileBytes}} {
		at, bytes := fields[tags[0]], fields[tags[1]]
		for i := range min(at.count, bytes.count) {
			offset, err := at.at(i)
			if err != nil {
				return err
			}
			n, err := bytes.at(i)
			if err != nil {
				return err
			}
			if offset+n > int64(len(b)) {
				return errShort
			}
		}
	}
	return nil
}
