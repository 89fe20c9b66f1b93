package weights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// metadataName is the only name in the header that is not a tensor's.
const metadataName = "__metadata__"

// entry is what the header says of a tensor. It is not checked yet.
type entry struct {
	name       string
	dtype      DType
	shape      []int
	begin, end uint64
}

// size is the number of bytes for the shape.
func (e entry) size() (uint64, error) {
	size := uint64(e.dtype.Size())
	for _, d := range e.shape {
		hi, lo := bits.Mul64(size, uint64(d))
		if hi != 0 || lo > math.MaxInt {
			return 0, fmt.Errorf("weights: tensor %.80q has the shape %v, which is too large to count", e.name, e.shape)
		}
		size = lo
	}
	return size, nil
}

// parseHeader reads the header token by token. json.Unmarshal into a map would be shorter, but it silently keeps the
// last of two tensors with one name. Readers that disagree about a file make it possible to smuggle in weights.
func parseHeader(b []byte) (metadata map[string]string, entries []entry, err error) {
	if len(b) == 0 || b[0] != '{' {
		return nil, nil, errors.New("weights: the header does not begin with {; is this a safetensors file?")
	}
	if !utf8.Valid(b) {
		return nil, nil, errors.New("weights: the header is not valid UTF-8")
	}
	if !json.Valid(b) {
		return nil, nil, errors.New("weights: the header is not valid JSON")
	}
	w := &walker{json.NewDecoder(bytes.NewReader(b))}
	w.UseNumber()
	seen := map[string]bool{}
	err = w.object("the header", func(name string) error {
		if seen[name] {
			return fmt.Errorf("weights: the name %.80q stands twice in the header", name)
		}
		seen[name] = true
		if name == metadataName {
			metadata, err = w.metadata()
			return err
		}
		e, err := w.entry(name)
		if err != nil {
			return err
		}
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return metadata, entries, nil
}

// walker reads JSON of a known form. The text has been checked to be valid, so Token fails only at its end, which is
// not reached.
type walker struct{ *json.Decoder }

// object calls value after each key. value must read exactly one value.
func (w *walker) object(what string, value func(key string) error) error {
	if t, err := w.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("weights: %s is not a JSON object", what)
	}
	for w.More() {
		t, err := w.Token()
		if err != nil {
			return fmt.Errorf("weights: %s is not valid JSON: %w", what, err)
		}
		if err := value(t.(string)); err != nil { // keys of valid JSON are strings
			return err
		}
	}
	_, err := w.Token()
	return err
}

func (w *walker) metadata() (map[string]string, error) {
	m := map[string]string{}
	err := w.object("the metadata", func(key string) error {
		if _, twice := m[key]; twice {
			return fmt.Errorf("weights: the key %.80q stands twice in the metadata", key)
		}
		t, _ := w.Token()
		s, ok := t.(string)
		if !ok {
			return fmt.Errorf("weights: the metadata's %.80q is not a string", key)
		}
		m[key] = s
		return nil
	})
	return m, err
}

// unknownType is the error for a tensor whose type is none of this package's. Some are known to be others'.
func unknownType(name, t string) error {
	if strings.HasPrefix(t, "F8_") || slices.Contains([]string{"F64", "I16", "U16", "U32", "U64", "C64"}, t) {
		return fmt.Errorf("weights: tensor %.80q has the unknown type %q; save the weights in 32 bits (float32, as "+
			"model.float() makes them)", name, t)
	}
	return fmt.Errorf("weights: tensor %.80q has the unknown type %.40q", name, t)
}

func (w *walker) entry(name string) (entry, error) {
	e := entry{name: name}
	if name == "" {
		return e, errors.New("weights: a tensor has no name")
	}
	var offsets []uint64
	seen := map[string]bool{}
	err := w.object(fmt.Sprintf("tensor %.80q", name), func(key string) (err error) {
		if seen[key] {
			return fmt.Errorf("weights: tensor %.80q has two values for %.80q", name, key)
		}
		seen[key] = true
		switch key {
		case "dtype":
			t, _ := w.Token()
			s, ok := t.(string)
			if e.dtype = DType(s); !ok || e.dtype.Size() == 0 {
				return unknownType(name, fmt.Sprint(t))
			}
		case "shape":
			dims, err := w.numbers(name, key, maxDims)
			if err != nil {
				return err
			}
			e.shape = make([]int, len(dims))
			for i, d := range dims {
				if d > math.MaxInt {
					return fmt.Errorf("weights: tensor %.80q has a dimension of %d, which is too large to count", name,
						d)
				}
				e.shape[i] = int(d)
			}
		case "data_offsets":
			offsets, err = w.numbers(name, key, 2)
			return err
		default:
			return fmt.Errorf("weights: tensor %.80q has the unknown field %.80q", name, key)
		}
		return nil
	})
	if err != nil {
		return e, err
	}
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if !seen[key] {
			return e, fmt.Errorf("weights: tensor %.80q has no %s", name, key)
		}
	}
	if len(offsets) != 2 {
		return e, fmt.Errorf("weights: tensor %.80q needs two data_offsets, it has %d", name, len(offsets))
	}
	e.begin, e.end = offsets[0], offsets[1]
	return e, nil
}

// numbers reads an array of at most limit integers.
func (w *walker) numbers(name, key string, limit int) ([]uint64, error) {
	if t, _ := w.Token(); t != json.Delim('[') {
		return nil, fmt.Errorf("weights: the %s of tensor %.80q is not an array", key, name)
	}
	var list []uint64
	for w.More() {
		t, _ := w.Token()
		number, _ := t.(json.Number)
		n, err := strconv.ParseUint(string(number), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("weights: the %s of tensor %.80q holds %.40q, which is not a whole number in range",
				key, name, fmt.Sprint(t))
		}
		if len(list) == limit {
			return nil, fmt.Errorf("weights: the %s of tensor %.80q has more than %d numbers", key, name, limit)
		}
		list = append(list, n)
	}
	_, err := w.Token()
	return list, err
}
