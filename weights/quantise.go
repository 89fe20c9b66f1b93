package weights

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// scaleSuffix names the scales of a tensor in eight bits: those of "fc.weight" are the tensor "fc.weight_scale", F32,
// with one value for each row. A row is what belongs to one index of the first dimension; in weights that is an output
// channel.
const scaleSuffix = "_scale"

// steps is the largest magnitude of a value in eight bits. −128 is not used, so that both signs have the same range.
const steps = 127

// Quantise encodes values, row-major, in eight bits each: value ≈ scale·q with integers q from −127 to 127. Each row
// has its own scale, with which its largest magnitude becomes 127. No value is off by more than half a scale. Quantise
// returns an error for values that are not finite. It panics if the shape has no dimension or does not fit the number
// of values.
func Quantise(name string, shape []int, values []float32) (Tensor, error) {
	if len(shape) == 0 || len(values) != product(shape) {
		panic(badShape)
	}
	t := Tensor{Name: name, DType: I8, Shape: slices.Clone(shape), Data: make([]byte, len(values)),
		Scale: make([]float32, shape[0])}
	for row, at := 0, 0; row < shape[0]; row++ {
		in := values[at : at+len(values)/shape[0]]
		var most float32
		for i, v := range in {
			if math.Float32bits(v)&signless32 >= inf32 {
				return Tensor{}, fmt.Errorf("weights: tensor %.80q holds %v at index %d; %w", name, v, at+i,
					ErrNotFinite)
			}
			most = max(most, v, -v)
		}
		scale := most / steps
		if scale == 0 { // a row of zeros, or of values too small for a scale
			scale = 1
		}
		t.Scale[row] = scale
		for i, v := range in {
			t.Data[at+i] = byte(int8(math.RoundToEven(float64(v) / float64(scale))))
		}
		at += len(in)
	}
	return t, nil
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// attachScales sets the Scale of each tensor in eight bits for which the file has scales, and removes the scales from
// the list of tensors. I8 tensors without scales remain bytes.
func attachScales(tensors []Tensor) ([]Tensor, error) {
	at := make(map[string]int, len(tensors))
	for i, t := range tensors {
		at[t.Name] = i
	}
	attached := map[string]bool{}
	for i := range tensors {
		t := &tensors[i]
		j, ok := at[t.Name+scaleSuffix]
		if !ok || t.DType != I8 || len(t.Shape) == 0 {
			continue
		}
		scale := tensors[j]
		if scale.DType != F32 || !slices.Equal(scale.Shape, t.Shape[:1]) {
			return nil, fmt.Errorf("weights: tensor %.80q must be F32 of shape %v, a scale for each row of %.80q; it "+
				"is %s of shape %v",
				scale.Name, t.Shape[:1], t.Name, scale.DType, scale.Shape)
		}
		t.Scale = make([]float32, t.Shape[0])
		for k := range t.Scale {
			t.Scale[k] = math.Float32frombits(binary.LittleEndian.Uint32(scale.Data[4*k:]))
		}
		if err := t.checkScale(); err != nil {
			return nil, err
		}
		attached[scale.Name] = true
	}
	return slices.DeleteFunc(tensors, func(t Tensor) bool { return attached[t.Name] }), nil
}

// checkScale returns an error if the scales do not fit the tensor or are not valid.
func (t Tensor) checkScale() error {
	if t.DType != I8 || len(t.Shape) == 0 || len(t.Scale) != t.Shape[0] {
		return fmt.Errorf("weights: tensor %.80q of type %s and shape %v cannot have %d scales", t.Name, t.DType,
			t.Shape, len(t.Scale))
	}
	for row, s := range t.Scale {
		if !(s >= 0 && s <= math.MaxFloat32/128) { // so that each product is finite
			return fmt.Errorf("weights: tensor %.80q has the scale %v for row %d", t.Name, s, row)
		}
	}
	return nil
}

// detachScales makes the scales tensors of their own, as in a file. They come where four-byte types do in a list with
// the wider types first.
func detachScales(tensors []Tensor) []Tensor {
	var scales []Tensor
	for _, t := range tensors {
		if t.Scale == nil {
			continue
		}
		data := make([]byte, 0, 4*len(t.Scale))
		for _, s := range t.Scale {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(s))
		}
		scales = append(scales, Tensor{Name: t.Name + scaleSuffix, DType: F32, Shape: []int{len(t.Scale)}, Data: data})
	}
	if scales == nil {
		return tensors
	}
	narrow := slices.IndexFunc(tensors, func(t Tensor) bool { return t.DType.Size() <= 4 })
	return slices.Insert(slices.Clone(tensors), narrow, scales...)
}

// decodeI8 multiplies the values of each row by the row's scale.
func decodeI8(dst []float32, src []byte, scale []float32) {
	if len(scale) == 0 {
		return
	}
	row := len(dst) / len(scale)
	for i, s := range scale {
		for j, q := range src[i*row : (i+1)*row] {
			dst[i*row+j] = s * float32(int8(q))
		}
	}
}
