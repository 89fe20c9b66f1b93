package weights

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// raw is a file with the given header and n bytes of data 1, 2, 3, ….
func raw(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for i := range n {
		b = append(b, byte(i+1))
	}
	return b
}

// claim is a file whose first eight bytes say n.
func claim(n uint64, rest string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, n), rest...)
}

// malformed lists all kinds of files that Parse must refuse, with a part of the error. If a tensor is to blame, the
// error names it.
var malformed = []struct {
	name string
	file []byte
	want string
}{
	{"empty file", nil, "at least 8 bytes"},
	{"seven bytes", make([]byte, 7), "at least 8 bytes"},
	{"no header", claim(0, ""), "does not begin with {"},
	{"header beyond the limit", claim(MaxHeader+1, strings.Repeat(" ", MaxHeader+1)), "at most 1048576"},
	{"header of 2^64-1 bytes", claim(math.MaxUint64, "{}"), "at most 1048576"},
	{"header of 2^63 bytes", claim(1<<63, "{}"), "at most 1048576"},
	{"text file", []byte("this is not a safetensors file"), "is this a safetensors file?"},
	{"truncated header", claim(3, "{}"), "cut short: its header alone has 11 bytes, 10 are there"},
	{"header is an array", raw(`[]`, 0), "does not begin with {"},
	{"header begins with a space", raw(` {}`, 0), "does not begin with {"},
	{"header is not JSON", raw(`{"a"`, 0), "not valid JSON"},
	{"something after the header's object", raw(`{}{}`, 0), "not valid JSON"},
	{"trailing comma", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},}`, 1), "not valid JSON"},
	{"invalid UTF-8", raw("{\"\xff\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1), "UTF-8"},
	{"one name twice",
		raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},`+
			`"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2), `"a" stands twice`},
	{"one name twice, once escaped",
		raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},`+
			`"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2), `"a" stands twice`},
	{"metadata twice", raw(`{"__metadata__":{},"__metadata__":{}}`, 0), `"__metadata__" stands twice`},
	{"metadata key twice", raw(`{"__metadata__":{"k":"1","k":"2"}}`, 0), `"k" stands twice`},
	{"metadata value is a number", raw(`{"__metadata__":{"k":1}}`, 0), `"k" is not a string`},
	{"metadata value is an object", raw(`{"__metadata__":{"k":{}}}`, 0), `"k" is not a string`},
	{"metadata is a string", raw(`{"__metadata__":"x"}`, 0), "metadata is not a JSON object"},
	{"metadata is null", raw(`{"__metadata__":null}`, 0), "metadata is not a JSON object"},
	{"tensor without a name", raw(`{"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), "no name"},
	{"tensor is a number", raw(`{"a":1}`, 0), `tensor "a" is not a JSON object`},
	{"tensor is null", raw(`{"a":null}`, 0), `tensor "a" is not a JSON object`},
	{"no dtype", raw(`{"a":{"shape":[1],"data_offsets":[0,1]}}`, 1), `tensor "a" has no dtype`},
	{"no shape", raw(`{"a":{"dtype":"U8","data_offsets":[0,1]}}`, 1), `tensor "a" has no shape`},
	{"no offsets", raw(`{"a":{"dtype":"U8","shape":[1]}}`, 1), `tensor "a" has no data_offsets`},
	{"unknown field", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"strides":[1]}}`, 1),
		`tensor "a" has the unknown field "strides"`},
	{"field twice", raw(`{"a":{"dtype":"U8","shape":[1],"shape":[2],"data_offsets":[0,2]}}`, 2),
		`tensor "a" has two values for "shape"`},
	{"unknown dtype", raw(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 8),
		`tensor "a" has the unknown type "F64"; save the weights in 32 bits`},
	{"dtype in small letters", raw(`{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}`, 4), `unknown type "f32"`},
	{"dtype is a number", raw(`{"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}`, 4), `unknown type "4"`},
	{"dtype is an object", raw(`{"a":{"dtype":{},"shape":[1],"data_offsets":[0,4]}}`, 4),
		`tensor "a" has the unknown type`},
	{"shape is a number", raw(`{"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}`, 1),
		`shape of tensor "a" is not an array`},
	{"negative dimension", raw(`{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}`, 1),
		`shape of tensor "a" holds "-1"`},
	{"two negative dimensions", raw(`{"a":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}`, 1),
		`shape of tensor "a" holds "-1"`},
	{"fractional dimension", raw(`{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}`, 1), `holds "1.5"`},
	{"dimension with an exponent", raw(`{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}`, 1), `holds "1e0"`},
	{"dimension as a string", raw(`{"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}}`, 1),
		`shape of tensor "a" holds "1"`},
	{"dimension is null", raw(`{"a":{"dtype":"U8","shape":[null],"data_offsets":[0,1]}}`, 1),
		`shape of tensor "a" holds`},
	{"nested shape", raw(`{"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}}`, 1), `shape of tensor "a" holds`},
	{"dimension of 2^64", raw(`{"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,1]}}`, 1),
		`holds "18446744073709551616"`},
	{"dimension of 2^63", raw(`{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,1]}}`, 1),
		`tensor "a" has a dimension of 9223372036854775808`},
	{"product wraps to the right size", raw(`{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`,
		0), `tensor "a" has the shape [4294967296 4294967296]`},
	{"product wraps with the type's size",
		raw(`{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}`, 0), `tensor "a" has the shape`},
	{"product wraps to one", raw(`{"a":{"dtype":"U8","shape":[4294967297,4294967295,4294967297],"data_offsets":[0,1]}}`,
		1), `tensor "a" has the shape`},
	{"nine dimensions", raw(`{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}`, 1),
		`shape of tensor "a" has more than 8`},
	{"one offset", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1]}}`, 1), `tensor "a" needs two data_offsets`},
	{"three offsets", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}`, 1),
		`data_offsets of tensor "a" has more than 2`},
	{"no offset", raw(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[]}}`, 0), `tensor "a" needs two data_offsets`},
	{"negative offset", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}`, 1),
		`data_offsets of tensor "a" holds "-1"`},
	{"end before begin", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, 1), `tensor "a" ends at byte 0`},
	{"end before begin, wrapping", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[18446744073709551615,0]}}`, 1),
		`tensor "a" ends at byte 0`},
	{"end beyond the file", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 1),
		"cut short: 62 of 63 bytes are there"},
	{"end at 2^64-1", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,18446744073709551615]}}`, 2),
		"needs 2 bytes, the header gives it 18446744073709551615"},
	{"fewer bytes than the shape", raw(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4),
		`tensor "a" of shape [2] and type F32 needs 8 bytes`},
	{"more bytes than the shape", raw(`{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,4]}}`, 4),
		`tensor "a" of shape [1] and type F16 needs 2 bytes`},
	{"scalar of no bytes", raw(`{"a":{"dtype":"U8","shape":[],"data_offsets":[0,0]}}`, 0),
		`tensor "a" of shape [] and type U8 needs 1 bytes`},
	{"hole before the first", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2),
		`hole of 1 bytes lies before tensor "a"`},
	{"hole between two",
		raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},`+
			`"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 3), `before tensor "b"`},
	{"overlap",
		raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},`+
			`"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3), `tensor "b" begins at byte 1 inside`},
	{"two tensors on the same bytes",
		raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},`+
			`"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2), `tensor "b" begins at byte 0 inside`},
	{"bytes after the last", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 2),
		"1 bytes after the last tensor"},
	{"bytes but no tensor", raw(`{}`, 1), "1 bytes after the last tensor"},
	{"truncated data", raw(`{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}`, 2),
		"cut short: 63 of 64 bytes are there"},
}

func TestParseRefuses(t *testing.T) {
	for _, c := range malformed {
		t.Run(c.name, func(t *testing.T) {
			f, err := Parse(c.file)
			if err == nil {
				t.Fatalf("accepted as %v", f.Tensors())
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nand does not say\n%s", err, c.want)
			}
		})
	}
}

// wellFormed lists unusual files that Parse must accept.
var wellFormed = []struct {
	name   string
	file   []byte
	names  []string
	shapes [][]int
}{
	{"nothing at all", raw(`{}`, 0), nil, nil},
	{"padding", raw("{}   \n\t ", 0), nil, nil},
	{"scalar", raw(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4), []string{"a"}, [][]int{{}}},
	{"empty tensor at the end",
		raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},`+
			`"b":{"dtype":"F32","shape":[0,3],"data_offsets":[1,1]}}`, 1), []string{"a", "b"}, [][]int{{1}, {0, 3}}},
	{"empty tensor before a full one",
		raw(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},`+
			`"a":{"dtype":"I64","shape":[0],"data_offsets":[0,0]}}`, 1), []string{"a", "b"}, [][]int{{0}, {1}}},
	{"header in another order than the data",
		raw(`{"b":{"shape":[1],"data_offsets":[2,4],"dtype":"F16"},`+
			`"a":{"dtype":"BF16","shape":[1,1],"data_offsets":[0,2]}}`, 4), []string{"a", "b"}, [][]int{{1, 1}, {1}}},
	{"a tensor named like a field", raw(`{"dtype":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, 1),
		[]string{"dtype"}, [][]int{{1}}},
	{"metadata last", raw(`{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"__metadata__":{"k":"v"}}`, 4),
		[]string{"a"}, [][]int{{1}}},
}

func TestParseAccepts(t *testing.T) {
	for _, c := range wellFormed {
		t.Run(c.name, func(t *testing.T) {
			f, err := Parse(c.file)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			var shapes [][]int
			for _, x := range f.Tensors() {
				names, shapes = append(names, x.Name), append(shapes, x.Shape)
				if found, ok := f.Tensor(x.Name); !ok || !reflect.DeepEqual(found, x) {
					t.Errorf("Tensor(%q) = %v, %v", x.Name, found, ok)
				}
			}
			if !slices.Equal(names, c.names) || !reflect.DeepEqual(shapes, c.shapes) {
				t.Errorf("got %q %v, want %q %v", names, shapes, c.names, c.shapes)
			}
			if _, ok := f.Tensor("absent"); ok {
				t.Error("a tensor that is not there was found")
			}
		})
	}
}

func TestParseAliasesTheFile(t *testing.T) {
	b := raw(
		`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 3)
	f, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := f.Tensor("a")
	if &a.Data[0] != &b[len(b)-3] {
		t.Error("the data were copied")
	}
	if cap(a.Data) != 2 {
		t.Error("an append to one tensor would write into the next")
	}
}

// TestParseAllocates: what Parse allocates depends on the bytes that are there, not on the sizes that they claim.
func TestParseAllocates(t *testing.T) {
	huge := raw(`{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}`, 0)
	var before, after runtime.MemStats
	const runs = 100
	runtime.ReadMemStats(&before)
	for range runs {
		if _, err := Parse(huge); err == nil {
			t.Fatal("accepted")
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / runs; got > 1<<16 {
		t.Errorf("refusing a file of %d bytes allocated %d", len(huge), got)
	}
}

func TestWriteRoundTrip(t *testing.T) {
	values := []float32{0, 1, -2, 0.5, 65504, 0x1p-24}
	metadata := map[string]string{"format": "pt", "b": "<&>\"\n", "a": "ünïcode", CardKey: "{}"}
	var tensors []Tensor
	for i, dtype := range []DType{F32, F16} {
		x, err := NewTensor(string(dtype), dtype, []int{2, 3}, values)
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, x)
		tensors = append(tensors, Tensor{"bytes <&> \" " + string(dtype), U8, []int{4}, []byte{1, 2, 3, byte(i)}, nil})
	}
	tensors = append(tensors, Tensor{"scalar", I64, []int{}, make([]byte, 8), nil},
		Tensor{"empty", F32, []int{3, 0}, []byte{}, nil})
	slices.SortStableFunc(tensors, func(x, y Tensor) int { return y.DType.Size() - x.DType.Size() })

	var file bytes.Buffer
	if err := Write(&file, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	f, err := Parse(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Metadata, metadata) {
		t.Errorf("metadata %q, want %q", f.Metadata, metadata)
	}
	if !reflect.DeepEqual(f.Tensors(), tensors) {
		t.Errorf("tensors %v, want %v", f.Tensors(), tensors)
	}
	for _, name := range []string{"F32", "F16"} {
		x, _ := f.Tensor(name)
		got, err := x.AppendFloat32([]float32{7})
		if err != nil || !slices.Equal(got, append([]float32{7}, values...)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if n := binary.LittleEndian.Uint64(file.Bytes()); n%8 != 0 {
		t.Errorf("the header has %d bytes, not a multiple of 8", n)
	}
	var again bytes.Buffer
	if err := Write(&again, metadata, tensors); err != nil || !bytes.Equal(again.Bytes(), file.Bytes()) {
		t.Errorf("a second Write gives other bytes (%v)", err)
	}
}

// TestWriteBytes pins the file format, which other programs read.
func TestWriteBytes(t *testing.T) {
	x, err := NewTensor("w", F16, []int{2}, []float32{1, -2})
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := Write(&got, map[string]string{"z": "2", "y": "1"}, []Tensor{x}); err != nil {
		t.Fatal(err)
	}
	header := `{"__metadata__":{"y":"1","z":"2"},"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := append(claim(uint64(len(header)), header), 0x00, 0x3c, 0x00, 0xc0)
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got\n%q, want\n%q", got.Bytes(), want)
	}
}

func TestWriteRefuses(t *testing.T) {
	one := []byte{1}
	for _, c := range []struct {
		name     string
		metadata map[string]string
		tensors  []Tensor
		want     string
	}{
		{"no name", nil, []Tensor{{"", U8, []int{1}, one, nil}}, "no name"},
		{"the metadata's name", nil, []Tensor{{"__metadata__", U8, []int{1}, one, nil}}, `"__metadata__" cannot be`},
		{"name is not UTF-8", nil, []Tensor{{"\xff", U8, []int{1}, one, nil}}, "cannot be the name"},
		{"name twice", nil, []Tensor{{"a", U8, []int{1}, one, nil}, {"a", U8, []int{1}, one, nil}}, `the name "a"`},
		{"unknown type", nil, []Tensor{{"a", "F64", []int{1}, make([]byte, 8), nil}},
			`tensor "a" has the unknown type "F64"`},
		{"negative dimension", nil, []Tensor{{"a", U8, []int{-1}, one, nil}}, `tensor "a" has the negative dimension`},
		{"too many dimensions", nil, []Tensor{{"a", U8, make([]int, 9), nil, nil}}, `tensor "a" has more than 8`},
		{"too few bytes", nil, []Tensor{{"a", F32, []int{1}, one, nil}},
			`tensor "a" of shape [1] and type F32 needs 4 bytes`},
		{"wraps", nil, []Tensor{{"a", U8, []int{math.MaxInt, 2}, nil, nil}}, `tensor "a" has the shape`},
		{"unaligned", nil, []Tensor{{"a", U8, []int{1}, one, nil}, {"b", F16, []int{1}, make([]byte, 2), nil}},
			`tensor "b" of type F16 would begin at byte 1`},
		{"metadata is not UTF-8", map[string]string{"k": "\xff"}, nil, `metadata's "k"`},
		{"header too long", map[string]string{"k": strings.Repeat("x", MaxHeader)}, nil, "at most 1048576"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			err := Write(&b, c.metadata, c.tensors)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if b.Len() > 0 {
				t.Errorf("%d bytes were written before the refusal", b.Len())
			}
		})
	}
}
