package weights

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"
)

// TestFloatFile: the file is the one that Write writes, in pieces that are small, and its size is known before.
func TestFloatFile(t *testing.T) {
	large := make([]float32, 3*5000) // more than a piece
	for i := range large {
		large[i] = float32(i) - 0.5
	}
	values := map[string][]float32{"b": large, "a": {1, -2}, "none": {}, "one": {float32(math.Copysign(0, -1))}}
	shapes := map[string][]int{"b": {3, 5000}, "a": {2}, "none": {0, 4}, "one": nil}
	metadata := map[string]string{"k": "<v>"}
	var tensors []Tensor
	var floats []Floats
	for _, name := range []string{"b", "none", "a", "one"} {
		tensor, err := NewTensor(name, F32, shapes[name], values[name])
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, tensor)
		floats = append(floats, Floats{name, shapes[name], func() []float32 { return values[name] }})
	}
	var want, got bytes.Buffer
	if err := Write(&want, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	f, err := NewFloatFile(metadata, floats)
	if err != nil {
		t.Fatal(err)
	}
	n, err := f.WriteTo(&got)
	if err != nil || n != f.Size() || !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Errorf("%d of %d bytes are written, %d are right: %v", n, f.Size(), want.Len(), err)
	}
	if n, err := f.WriteTo(&limited{left: 30_000}); !errors.Is(err, io.ErrShortWrite) || n != 30_000 {
		t.Errorf("where there is room for 30000 bytes %d are written: %v", n, err)
	}
	values["b"][14_000] = float32(math.Inf(1))
	if _, err := f.WriteTo(io.Discard); !errors.Is(err, ErrNotFinite) {
		t.Errorf("an infinite value: %v", err)
	}
	for what, floats := range map[string][]Floats{
		"no name": {{"", nil, nil}}, "the metadata's name": {{metadataName, nil, nil}},
		"a negative dimension": {{"a", []int{-1}, nil}}, "one name twice": {{"a", nil, nil}, {"a", nil, nil}},
	} {
		if _, err := NewFloatFile(nil, floats); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	defer func() {
		if recover() != badShape {
			t.Error("values that do not fit their shape are written")
		}
	}()
	wrong, err := NewFloatFile(nil, []Floats{{"a", []int{2}, func() []float32 { return []float32{1} }}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = wrong.WriteTo(io.Discard)
}

// limited takes so many bytes.
type limited struct{ left int }

func (l *limited) Write(p []byte) (int, error) {
	n := min(l.left, len(p))
	l.left -= n
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}
