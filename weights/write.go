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

// appendHeader returns the length and the header, padded with spaces to a multiple of eight bytes so that the data are
// aligned.
func appendHeader(metadata map[string]string, tensors []Tensor) ([]byte, error) {
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
	at := 0
	for _, t := range tensors {
		if err := t.check(); err != nil {
			return nil, err
		}
		if seen[t.Name] {
			return nil, fmt.Errorf("weights: two tensors have the name %.80q", t.Name)
		}
		seen[t.Name] = true
		if at%t.DType.Size() != 0 {
			return nil, fmt.Errorf("weights: tensor %.80q of type %s would begin at byte %d; put wider types before "+
				"narrower ones", t.Name, t.DType, at)
		}
		if b.Len() > 9 {
			b.WriteByte(',')
		}
		writeJSON(&b, t.Name)
		b.WriteByte(':')
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		writeJSON(&b, struct {
			DType   DType  `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{t.DType, shape, [2]int{at, at + len(t.Data)}})
		at += len(t.Data)
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

// check returns an error for a tensor that Parse would refuse.
func (t Tensor) check() error {
	switch {
	case t.Name == "":
		return errors.New("weights: a tensor has no name")
	case t.Name == metadataName || !utf8.ValidString(t.Name):
		return fmt.Errorf("weights: %.80q cannot be the name of a tensor", t.Name)
	case t.DType.Size() == 0:
		return fmt.Errorf("weights: tensor %.80q has the unknown type %.40q", t.Name, t.DType)
	case len(t.Shape) > maxDims:
		return fmt.Errorf("weights: tensor %.80q has more than %d dimensions", t.Name, maxDims)
	}
	for _, d := range t.Shape {
		if d < 0 {
			return fmt.Errorf("weights: tensor %.80q has the negative dimension %d", t.Name, d)
		}
	}
	size, err := entry{name: t.Name, dtype: t.DType, shape: t.Shape}.size()
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
