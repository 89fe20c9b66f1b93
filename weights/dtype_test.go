package weights

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestAppendFloat32RefusesWhatIsNotFinite(t *testing.T) {
	for _, c := range []struct {
		dtype DType
		bits  uint32
		want  string
	}{
		{F32, 0x7f800000, "+Inf"}, {F32, 0xff800000, "-Inf"}, {F32, 0x7fc00000, "NaN"}, {F32, 0xffffffff, "NaN"},
		{F32, 0x7f800001, "NaN"},
		{F16, 0x7c00, "+Inf"}, {F16, 0xfc00, "-Inf"}, {F16, 0x7e00, "NaN"}, {F16, 0xffff, "NaN"}, {F16, 0x7c01, "NaN"},
		{BF16, 0x7f80, "+Inf"}, {BF16, 0xff80, "-Inf"}, {BF16, 0x7fc0, "NaN"}, {BF16, 0xffff, "NaN"},
		{BF16, 0x7f81, "NaN"},
	} {
		const n = 9
		for bad := range n {
			size := c.dtype.Size()
			x := Tensor{"layer.weight", c.dtype, []int{n}, make([]byte, n*size), nil}
			if size == 4 {
				binary.LittleEndian.PutUint32(x.Data[bad*size:], c.bits)
			} else {
				binary.LittleEndian.PutUint16(x.Data[bad*size:], uint16(c.bits))
			}
			got, err := x.AppendFloat32([]float32{5})
			if err == nil {
				t.Fatalf("%s %#x at %d was accepted", c.dtype, c.bits, bad)
			}
			for _, part := range []string{`"layer.weight"`, c.want, "index " + string(rune('0'+bad))} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s %#x at %d: %q does not say %s", c.dtype, c.bits, bad, err, part)
				}
			}
			if !slices.Equal(got, []float32{5}) {
				t.Errorf("after the error dst is %v", got)
			}
		}
	}
}

func TestAppendFloat32RefusesIntegers(t *testing.T) {
	for _, dtype := range []DType{I8, U8, I32, I64} {
		x := Tensor{"count", dtype, []int{1}, make([]byte, dtype.Size()), nil}
		if _, err := x.AppendFloat32(nil); err == nil ||
			!strings.Contains(err.Error(), `"count" holds `+string(dtype)) {
			t.Errorf("%s: %v", dtype, err)
		}
	}
}

// TestAppendFloat32Values decodes every float16 and every upper half of a float32, at lengths round the loop's end.
func TestAppendFloat32Values(t *testing.T) {
	for _, dtype := range []DType{F16, BF16} {
		x := Tensor{Name: "x", DType: dtype}
		var want []float32
		for i := range 1 << 16 {
			f := Float16(uint16(i))
			if dtype == BF16 {
				f = math.Float32frombits(uint32(i) << 16)
			}
			if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
				continue
			}
			x.Data = binary.LittleEndian.AppendUint16(x.Data, uint16(i))
			want = append(want, f)
		}
		for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, len(want)} {
			part := x
			part.Data = x.Data[:2*n]
			got, err := part.AppendFloat32(nil)
			if err != nil || !slices.Equal(got, want[:n]) {
				t.Fatalf("%s, %d values: %v", dtype, n, err)
			}
		}
	}
}

// TestAppendFloat32Bounds: with a larger buffer, nothing beyond the tensor's own elements is written.
func TestAppendFloat32Bounds(t *testing.T) {
	x, err := NewTensor("x", F16, []int{3}, []float32{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	buffer := []float32{9, 9, 9, 9, 9}
	got, err := x.AppendFloat32(buffer[:1])
	if err != nil || !slices.Equal(got, []float32{9, 1, 2, 3}) || !slices.Equal(buffer, []float32{9, 1, 2, 3, 9}) {
		t.Errorf("%v in %v, %v", got, buffer, err)
	}
}

func TestNewTensorRefuses(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		dtype DType
		value float32
		ok    bool
	}{
		{F16, 65504, true}, {F16, 65519.996, true}, {F16, 65520, false}, {F16, -65520, false}, {F16, inf, false},
		{F16, nan, false},
		{BF16, math.Float32frombits(0x7f7f7fff), true}, {BF16, math.Float32frombits(0x7f7f8000), false},
		{BF16, nan, false},
		{F32, math.MaxFloat32, true}, {F32, inf, false}, {F32, nan, false},
		{I8, 1, false}, {U8, 1, false}, {I64, 1, false}, {"F64", 1, false},
	} {
		_, err := NewTensor("layer.bias", c.dtype, []int{2}, []float32{0, c.value})
		if (err == nil) != c.ok {
			t.Errorf("%v as %s: %v", c.value, c.dtype, err)
		}
		if err != nil && !strings.Contains(err.Error(), `"layer.bias"`) {
			t.Errorf("%q does not name the tensor", err)
		}
	}
}

func TestNewTensorPanicsOnAWrongShape(t *testing.T) {
	defer func() {
		if got := recover(); got != badShape {
			t.Errorf("recovered %v", got)
		}
	}()
	NewTensor("x", F32, []int{2, 2}, make([]float32, 3))
}
