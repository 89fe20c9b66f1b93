package weights

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// DType is the type of a tensor's elements, by its name in safetensors files.
type DType string

// The element types that Parse supports. Integers are kept as bytes: some files have counters and token tables beside
// their weights.
const (
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I8   DType = "I8"
	U8   DType = "U8"
	I32  DType = "I32"
	I64  DType = "I64"
)

// Size is the number of bytes of an element, or 0 for an unknown type.
func (d DType) Size() int {
	switch d {
	case I8, U8:
		return 1
	case F16, BF16:
		return 2
	case F32, I32:
		return 4
	case I64:
		return 8
	}
	return 0
}

// Tensor is a named array of a file, row-major and little-endian. Data aliases the bytes that were parsed.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	Data  []byte

	// Scale converts an I8 tensor to floating-point values: each element of row i, of Shape[0] rows, stands for itself
	// times Scale[i]. It is nil for all other tensors, and for I8 tensors that are plain bytes.
	Scale []float32
}

// NewTensor encodes values, row-major, as F32, F16 or BF16. It returns an error for values that are not finite, or not
// finite as dtype. It panics if the number of values does not fit the shape.
func NewTensor(name string, dtype DType, shape []int, values []float32) (Tensor, error) {
	if product(shape) != len(values) {
		panic(badShape)
	}
	t := Tensor{Name: name, DType: dtype, Shape: slices.Clone(shape)}
	switch dtype {
	case F32, F16, BF16:
	default:
		return Tensor{}, fmt.Errorf("weights: tensor %.80q cannot hold floating-point values as %s", name, dtype)
	}
	t.Data = make([]byte, 0, len(values)*dtype.Size())
	for i, v := range values {
		var finite bool
		switch dtype {
		case F32:
			bits := math.Float32bits(v)
			finite = bits&signless32 < inf32
			t.Data = binary.LittleEndian.AppendUint32(t.Data, bits)
		case F16:
			bits := Float16bits(v)
			finite = bits&signless16 < inf16
			t.Data = binary.LittleEndian.AppendUint16(t.Data, bits)
		case BF16:
			bits := bfloat16bits(v)
			finite = bits&signless16 < infB16
			t.Data = binary.LittleEndian.AppendUint16(t.Data, bits)
		}
		if !finite {
			return Tensor{}, fmt.Errorf("weights: tensor %.80q holds %v at index %d, which is not finite as %s", name,
				v, i, dtype)
		}
	}
	return t, nil
}

const badShape = "weights: shape does not match the number of values"

// Len is the number of elements.
func (t Tensor) Len() int {
	size := t.DType.Size()
	if size == 0 {
		return 0
	}
	return len(t.Data) / size
}

// Part gives n elements of a row, from element first on, as a tensor of 1×n that shares t's data. A row is what belongs
// to one index of the first dimension. Part panics if the row does not have these elements.
func (t Tensor) Part(row, first, n int) Tensor {
	size := t.DType.Size()
	length := t.Len() / t.Shape[0]
	if row < 0 || row >= t.Shape[0] || first < 0 || n < 0 || first+n > length {
		panic(badPart)
	}
	at := (row*length + first) * size
	t.Shape, t.Data = []int{1, n}, t.Data[at:at+n*size]
	if t.Scale != nil {
		t.Scale = t.Scale[row : row+1]
	}
	return t
}

const badPart = "weights: part of a tensor out of range"

// AppendFloat32 appends the tensor's elements to dst and returns the extended slice. It returns an error for tensors of
// integers without scales, and for values that are not finite: one NaN would turn all answers of a network into NaN.
// After an error the elements of dst are unchanged.
func (t Tensor) AppendFloat32(dst []float32) ([]float32, error) {
	n := t.Len()
	dst = slices.Grow(dst, n)
	out := dst[len(dst) : len(dst)+n]
	finite := true
	switch {
	case t.DType == F32:
		finite = decodeF32(out, t.Data)
	case t.DType == F16:
		finite = decodeF16(out, t.Data)
	case t.DType == BF16:
		finite = decodeBF16(out, t.Data)
	case t.Scale != nil:
		if n != product(t.Shape) || len(t.Scale) != t.Shape[0] {
			panic(badShape) // the data were cut without the scales; Part cuts both
		}
		decodeI8(out, t.Data, t.Scale)
	default:
		return dst, t.notFloats()
	}
	if !finite {
		return dst, t.notFinite(out, 0)
	}
	return dst[:len(dst)+n], nil
}

// CheckFinite returns the error that AppendFloat32 would return, and allocates nothing.
func (t Tensor) CheckFinite() error {
	size := t.DType.Size()
	switch {
	case t.DType == F32, t.DType == F16, t.DType == BF16:
	case t.Scale != nil:
		return nil // scales have been checked, and integers are finite
	default:
		return t.notFloats()
	}
	var part [512]float32
	for at := 0; at < len(t.Data); at += len(part) * size {
		piece := Tensor{DType: t.DType, Data: t.Data[at:min(at+len(part)*size, len(t.Data))]}
		if _, err := piece.AppendFloat32(part[:0]); err != nil {
			return t.notFinite(part[:piece.Len()], at/size)
		}
	}
	return nil
}

// ErrNotFinite is in the error for a tensor with an infinite value, or one that is no number.
var ErrNotFinite = errors.New("every value must be finite")

// notFinite is the error for the first of values that is not finite; values begin at index from.
func (t Tensor) notFinite(values []float32, from int) error {
	i := slices.IndexFunc(values, func(v float32) bool { return math.Float32bits(v)&signless32 >= inf32 })
	return fmt.Errorf("weights: tensor %.80q holds %v at index %d; %w", t.Name, values[i], from+i, ErrNotFinite)
}

func (t Tensor) notFloats() error {
	return fmt.Errorf("weights: tensor %.80q holds %s, not floating-point values", t.Name, t.DType)
}
