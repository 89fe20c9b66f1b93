package weights

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Floats is a float32 tensor of a FloatFile.
type Floats struct {
	Name   string
	Shape  []int
	Values func() []float32 // gives them, row-major, each time that the file is written
}

// A FloatFile is a safetensors file of float32 tensors that are encoded while it is written, a piece at a time. Write
// wants all of them encoded before, which takes their memory once more.
type FloatFile struct {
	header  []byte
	tensors []Floats
	size    int64
}

// NewFloatFile makes the file that Write would write of these tensors in the given order, and returns an error where
// Write would. What the values are is seen when the file is written.
func NewFloatFile(metadata map[string]string, tensors []Floats) (*FloatFile, error) {
	f := &FloatFile{tensors: tensors}
	var entries []entry
	at := uint64(0)
	for _, t := range tensors {
		e := entry{name: t.Name, dtype: F32, shape: t.Shape, begin: at}
		size, err := e.check()
		if err != nil {
			return nil, err
		}
		at += size
		e.end = at
		entries = append(entries, e)
	}
	var err error
	f.header, err = encodeHeader(metadata, entries)
	f.size = int64(len(f.header)) + int64(at)
	return f, err
}

// Size is the file's, in bytes.
func (f *FloatFile) Size() int64 { return f.size }

// WriteTo writes the file. It returns an error for values that are not finite, and panics if the number of values does
// not fit the shape.
func (f *FloatFile) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(f.header)
	written := int64(n)
	var piece [1 << 14]byte
	for _, t := range f.tensors {
		values := t.Values()
		if product(t.Shape) != len(values) {
			panic(badShape)
		}
		for at := 0; at < len(values) && err == nil; {
			part := piece[:0]
			for ; at < len(values) && len(part) < len(piece); at++ {
				bits := math.Float32bits(values[at])
				if bits&signless32 >= inf32 {
					return written, fmt.Errorf("weights: tensor %.80q holds %v at index %d; %w", t.Name, values[at], at,
						ErrNotFinite)
				}
				part = binary.LittleEndian.AppendUint32(part, bits)
			}
			var failed error
			n, failed = w.Write(part)
			written, err = written+int64(n), cmp.Or(err, failed)
		}
	}
	return written, err
}
