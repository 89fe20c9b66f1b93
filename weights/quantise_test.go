package weights

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestQuantise: every value is off by at most half a step of its row, and the largest of each row is exact but for
// rounding.
func TestQuantise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	shape := []int{5, 3, 7, 7}
	values := make([]float32, product(shape))
	row := len(values) / 5
	for i := range values {
		values[i] = float32(r.NormFloat64() * math.Pow(10, float64(i/row-3)))
	}
	clear(values[3*row : 4*row])
	x, err := Quantise("w", shape, values)
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.AppendFloat32([]float32{7})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1+len(values) || got[0] != 7 {
		t.Fatalf("%d values were appended to one", len(got)-1)
	}
	for i, v := range got[1:] {
		// Half a step, and the float32 rounding of a quotient and a product.
		if d := math.Abs(float64(v - values[i])); d > float64(x.Scale[i/row])*(0.5+1e-5) {
			t.Fatalf("number %d, %v, became %v, further than half of %v", i, values[i], v, x.Scale[i/row])
		}
	}
	for i, s := range x.Scale {
		most := int8(0)
		for _, q := range x.Data[i*row : (i+1)*row] {
			if int8(q) == -128 {
				t.Fatalf("row %d holds −128", i)
			}
			most = max(most, int8(q), -int8(q))
		}
		if want := int8(127); i != 3 && most != want || i == 3 && (most != 0 || s != 1) {
			t.Errorf("row %d reaches %d with the scale %v", i, most, s)
		}
	}
}

// TestPart: a part of a tensor has the values that it has in the whole, for every type.
func TestPart(t *testing.T) {
	values := make([]float32, 2*3*4)
	for i := range values {
		values[i] = float32(i*i) - 100
	}
	eight, err := Quantise("w", []int{2, 3, 4}, values)
	if err != nil {
		t.Fatal(err)
	}
	tensors := []Tensor{eight}
	for _, d := range []DType{F32, F16, BF16} {
		x, err := NewTensor("w", d, []int{2, 3, 4}, values)
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, x)
	}
	for _, x := range tensors {
		whole, err := x.AppendFloat32(nil)
		if err != nil {
			t.Fatal(err)
		}
		for row := range 2 {
			for first := range 12 {
				for n := range 12 - first + 1 {
					got, err := x.Part(row, first, n).AppendFloat32(nil)
					if err != nil || !slices.Equal(got, whole[row*12+first:][:n]) {
						t.Fatalf("%s: %d elements from %d on of row %d are %v (%v)", x.DType, n, first, row, got, err)
					}
				}
			}
		}
	}
	for _, c := range [][3]int{{2, 0, 1}, {-1, 0, 1}, {0, 12, 1}, {0, -1, 1}, {0, 0, -1}} {
		func() {
			defer func() {
				if recover() != badPart {
					t.Errorf("the part %v was given", c)
				}
			}()
			eight.Part(c[0], c[1], c[2])
		}()
	}
}

func TestQuantiseRefuses(t *testing.T) {
	for _, v := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		if _, err := Quantise("w", []int{1, 2}, []float32{0, v}); err == nil || !strings.Contains(err.Error(), `"w"`) ||
			!strings.Contains(err.Error(), "index 1") {
			t.Errorf("%v: %v", v, err)
		}
	}
}

// quantisedFile is a file with a tensor in eight bits and wider ones.
func quantisedFile(t testing.TB) []byte {
	t.Helper()
	x, err := Quantise("w", []int{3, 2}, []float32{1, -0.5, 3, 4, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewFile(map[string]string{"k": "v"}, []Tensor{
		x,
		{Name: "count", DType: I64, Shape: []int{}, Data: make([]byte, 8)},
		{Name: "half", DType: F16, Shape: []int{1}, Data: make([]byte, 2)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestScalesInAFile: in a file scales are a tensor of their own, and in the program they are part of the tensor that
// they belong to.
func TestScalesInAFile(t *testing.T) {
	b := quantisedFile(t)
	if !bytes.Contains(b, []byte(`"w_scale":{"dtype":"F32","shape":[3],"data_offsets":[8,20]}`)) {
		t.Errorf("the header is %q", b[8:b[0]])
	}
	f, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range f.Tensors() {
		names = append(names, x.Name)
	}
	if want := []string{"count", "half", "w"}; !slices.Equal(names, want) {
		t.Errorf("the tensors are %q, want %q", names, want)
	}
	x, _ := f.Tensor("w")
	if want := []float32{1. / 127, 4. / 127, 1}; !slices.Equal(x.Scale, want) {
		t.Errorf("the scales are %v, want %v", x.Scale, want)
	}
	// A tensor that replaces it brings its own scales, or none.
	other, err := NewTensor("w", F32, []int{1}, []float32{2})
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := f.With(nil, []Tensor{other}).Write(&again); err != nil {
		t.Fatal(err)
	}
	g, err := Parse(again.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if y, _ := g.Tensor("w"); !reflect.DeepEqual(y, other) {
		t.Errorf("%v came back as %v", other, y)
	}
	if _, ok := g.Tensor("w_scale"); ok {
		t.Error("the scales outlived their tensor")
	}
}

var badScales = []struct {
	name string
	file []byte
	want string
}{
	{"too few scales",
		raw(`{"a_scale":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},`+
			`"a":{"dtype":"I8","shape":[2],"data_offsets":[4,6]}}`, 6),
		`"a_scale" must be F32 of shape [2]`},
	{"scales in float16",
		raw(`{"a_scale":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},`+
			`"a":{"dtype":"I8","shape":[2],"data_offsets":[4,6]}}`, 6),
		`it is F16 of shape [2]`},
	{"a negative scale",
		append(raw(`{"a":{"dtype":"I8","shape":[1,1],"data_offsets":[0,1]},`+
			`"a_scale":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}`, 1), 0, 0, 0, 0xbf),
		`scale -0.5 for row 0`},
	{"a scale that is no number",
		append(raw(`{"a":{"dtype":"I8","shape":[1,1],"data_offsets":[0,1]},`+
			`"a_scale":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}`, 1), 0, 0, 0xc0, 0x7f),
		`scale NaN for row 0`},
	{"a scale that overflows",
		append(raw(`{"a":{"dtype":"I8","shape":[1,1],"data_offsets":[0,1]},`+
			`"a_scale":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}`, 1), 0, 0, 0x7f, 0x7f),
		`for row 0`},
}

func TestParseRefusesScales(t *testing.T) {
	for _, c := range badScales {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Parse(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	// An I8 tensor without scales is bytes, not values.
	f, err := Parse(raw(`{"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}`, 2))
	if err != nil {
		t.Fatal(err)
	}
	x, _ := f.Tensor("a")
	if _, err := x.AppendFloat32(nil); err == nil || x.CheckFinite() == nil {
		t.Error("bytes were taken for numbers")
	}
	x.Scale = []float32{1}
	if err := Write(&bytes.Buffer{}, nil, []Tensor{x}); err == nil ||
		!strings.Contains(err.Error(), "cannot have 1 scales") {
		t.Errorf("a wrong number of scales was written: %v", err)
	}
}

func TestCheckFinite(t *testing.T) {
	values := make([]float32, 1025) // two pieces of the check and one value
	for _, d := range []DType{F32, F16, BF16} {
		x, err := NewTensor("w", d, []int{1025}, values)
		if err != nil {
			t.Fatal(err)
		}
		if err := x.CheckFinite(); err != nil {
			t.Errorf("%s: %v", d, err)
		}
		for i := range d.Size() {
			x.Data[len(x.Data)-1-i] = 0xff
		}
		if err := x.CheckFinite(); err == nil || !strings.Contains(err.Error(), "index 1024") {
			t.Errorf("%s: the NaN at 1024 gives %v", d, err)
		}
	}
}
