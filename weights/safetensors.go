// Package weights reads and writes a network's weights: safetensors files, the model card in their metadata, and the
// manifest of the shards in which browsers download them.
//
// The input may be hostile. So sizes are checked before they are used, and no allocation depends on a number that the
// input only claims.
package weights

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// MaxHeader is the largest safetensors header, in bytes. ResNet-50's has about 50 kB, mostly labels.
const MaxHeader = 1 << 20

// maxDims is more than the dimensions of any layer's weights.
const maxDims = 8

// File is a parsed safetensors file.
type File struct {
	Metadata map[string]string

	tensors []Tensor
	index   map[string]int
}

// Tensors returns all tensors in the order of their data in the file. The slice must not be changed.
func (f *File) Tensors() []Tensor { return f.tensors }

// Tensor finds a tensor by its name.
func (f *File) Tensor(name string) (Tensor, bool) {
	i, ok := f.index[name]
	if !ok {
		return Tensor{}, false
	}
	return f.tensors[i], true
}

// Parse reads a safetensors file: eight bytes with the length of the header, the header as JSON, the tensors' data. The
// tensors alias b.
//
// Parse is stricter than the format requires. The header has at most MaxHeader bytes and no duplicate names, the
// tensors' data follow each other without gaps or overlap from the header to the end of the file, and each tensor has
// exactly the bytes of its shape.
//
// An I8 tensor X and an F32 tensor X_scale with one value for each of X's rows become one tensor with a Scale.
func Parse(b []byte) (*File, error) {
	if len(b) < 8 {
		return nil, fmt.Errorf("weights: a safetensors file has at least 8 bytes, this one has %d", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > MaxHeader {
		return nil,
			fmt.Errorf("weights: the header claims %d bytes, at most %d are allowed; is this a safetensors file?", n,
				MaxHeader)
	}
	if n > uint64(len(b)-8) {
		return nil, &SizeError{Size: int64(len(b)), Want: int64(8 + n), InHeader: true}
	}
	metadata, entries, err := parseHeader(b[8 : 8+n])
	if err != nil {
		return nil, err
	}
	data := b[8+n:]

	// An empty tensor has the offset of its successor. The end sorts it first.
	slices.SortStableFunc(entries, func(x, y entry) int {
		if x.begin != y.begin {
			return cmp.Compare(x.begin, y.begin)
		}
		return cmp.Compare(x.end, y.end)
	})
	tensors := make([]Tensor, 0, len(entries))
	var at uint64
	for _, e := range entries {
		switch {
		case e.begin > e.end:
			return nil, fmt.Errorf("weights: tensor %.80q ends at byte %d, before its beginning at %d", e.name, e.end,
				e.begin)
		case e.begin < at:
			return nil,
				fmt.Errorf("weights: tensor %.80q begins at byte %d inside the tensor before it, which ends at %d",
					e.name, e.begin, at)
		case e.begin > at:
			return nil, fmt.Errorf("weights: a hole of %d bytes lies before tensor %.80q", e.begin-at, e.name)
		}
		size, err := e.size()
		if err != nil {
			return nil, err
		}
		if e.end-e.begin != size {
			return nil,
				fmt.Errorf("weights: tensor %.80q of shape %v and type %s needs %d bytes, the header gives it %d",
					e.name, e.shape, e.dtype, size, e.end-e.begin)
		}
		if e.end > uint64(len(data)) {
			return nil, cutShort(e, entries, int64(8+n), len(b))
		}
		tensors = append(tensors, Tensor{Name: e.name, DType: e.dtype, Shape: e.shape, Data: data[e.begin:e.end:e.end]})
		at = e.end
	}
	if at != uint64(len(data)) {
		return nil, &SizeError{Size: int64(len(b)), Want: int64(8 + n + at)}
	}
	if tensors, err = attachScales(tensors); err != nil {
		return nil, err
	}
	return newFile(metadata, tensors), nil
}

// cutShort is the error for a file of size bytes that ends inside the tensor e. Its data begin at byte from.
func cutShort(e entry, entries []entry, from int64, size int) error {
	last := slices.MaxFunc(entries, func(a, b entry) int { return cmp.Compare(a.end, b.end) })
	if last.end > 1<<50 { // what no file has
		return fmt.Errorf("weights: tensor %.80q ends at byte %d, but the file has %d bytes of data", e.name, e.end,
			int64(size)-from)
	}
	return &SizeError{Size: int64(size), Want: from + int64(last.end)}
}

// NewFile makes a file of tensors, without copying their data. It returns an error where Parse would. Wider types come
// first, as Write requires.
func NewFile(metadata map[string]string, tensors []Tensor) (*File, error) {
	f := newFile(metadata, widestFirst(tensors))
	_, err := appendHeader(f.Metadata, detachScales(f.tensors))
	return f, err
}

func newFile(metadata map[string]string, tensors []Tensor) *File {
	f := &File{Metadata: metadata, tensors: tensors, index: make(map[string]int, len(tensors))}
	for i, t := range tensors {
		f.index[t.Name] = i
	}
	return f
}

// widestFirst sorts a copy of tensors.
func widestFirst(tensors []Tensor) []Tensor {
	return slices.SortedStableFunc(slices.Values(tensors),
		func(a, b Tensor) int { return cmp.Compare(b.DType.Size(), a.DType.Size()) })
}
