package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Write writes a safetensors file with the tensors in the given order. Scales of tensors in eight bits, which are
// tensors too, come before the first tensor whose type is not wider. The same arguments give the same bytes. Write
// returns an error where Parse would, and for a tensor whose data would not be aligned for its type, because other
// readers map the file into memory: put the tensors of wider types first.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	tensors = detachScales(tensors)
	header, err := appendHeader(metadata, tensors)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range tensors {
		if _, err := w.Write(t.Data); err != nil {
			return err
		}
	}
	return nil
}

// appendHeader returns the header of tensors that follow each other.
func appendHeader(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	var entries []entry
	at := uint64(0)
	for _, t := range tensors {
		if err := t.check(); err != nil {
			return nil, err
		}
		end := at + uint64(len(t.Data))
		entries = append(entries, entry{t.Name, t.DType, t.Shape, at, end})
		at = end
	}
	return encodeHeader(metadata, entries)
}

// encodeHeader returns the length and the header, padded with spaces to a multiple of eight bytes so that the data are
// aligned.
func encodeHeader(metadata map[string]string, entries []entry) ([]byte, error) {
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	b.WriteByte('{')
	if len(metadata) > 0 {
		for key, value := range metadata {
			if !utf8.ValidString(key) || !utf8.ValidString(value) {
				return nil, fmt.Errorf("weights: the metadata's %.80q is not valid UTF-8", key)
			}
		}
		fmt.Fprintf(&b, "%q:", metadataName)
		writeJSON(&b, metadata) // encoding/json sorts the keys of a map
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if seen[e.name] {
			return nil, fmt.Errorf("weights: two tensors have the name %.80q", e.name)
		}
		seen[e.name] = true
		if e.begin%uint64(e.dtype.Size()) != 0 {
			return nil, fmt.Errorf("weights: tensor %.80q of type %s would begin at byte %d; put wider types before "+
				"narrower ones", e.name, e.dtype, e.begin)
		}
		if b.Len() > 9 {
			b.WriteByte(',')
		}
		writeJSON(&b, e.name)
		b.WriteByte(':')
		shape := e.shape
		if shape == nil {
			shape = []int{}
		}
		writeJSON(&b, struct {
			DType   DType     `json:"dtype"`
			Shape   []int     `json:"shape"`
			Offsets [2]uint64 `json:"data_offsets"`
		}{e.dtype, shape, [2]uint64{e.begin, e.end}})
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if b.Len()-8 > MaxHeader {
		return nil, fmt.Errorf("weights: the header would have %d bytes, at most %d are allowed", b.Len()-8, MaxHeader)
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(b.Len()-8))
	return b.Bytes(), nil
}

// check returns an error for an entry that Parse would refuse, else the bytes of its tensor.
func (e entry) check() (uint64, error) {
	switch {
	case e.name == "":
		return 0, errors.New("weights: a tensor has no name")
	case e.name == metadataName || !utf8.ValidString(e.name):
		return 0, fmt.Errorf("weights: %.80q cannot be the name of a tensor", e.name)
	case e.dtype.Size() == 0:
		return 0, fmt.Errorf("weights: tensor %.80q has the unknown type %.40q", e.name, e.dtype)
	case len(e.shape) > maxDims:
		return 0, fmt.Errorf("weights: tensor %.80q has more than %d dimensions", e.name, maxDims)
	}
	for _, d := range e.shape {
		if d < 0 {
			return 0, fmt.Errorf("weights: tensor %.80q has the negative dimension %d", e.name, d)
		}
	}
	return e.size()
}

// check returns an error for a tensor that Parse would refuse.
func (t Tensor) check() error {
	size, err := entry{name: t.Name, dtype: t.DType, shape: t.Shape}.check()
	if err != nil {
		return err
	}
	if size != uint64(len(t.Data)) {
		return fmt.Errorf("weights: tensor %.80q of shape %v and type %s needs %d bytes, it has %d", t.Name, t.Shape,
			t.DType, size, len(t.Data))
	}
	if t.Scale != nil {
		return t.checkScale()
	}
	return nil
}

// writeJSON appends v without json.Encoder's newline. The values are strings, numbers and maps of strings, whose
// encoding cannot fail.
func writeJSON(b *bytes.Buffer, v any) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	b.Truncate(b.Len() - 1)
}
