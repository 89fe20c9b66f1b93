package weights

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// small makes a file of vectors that are all 4 bytes.
func small(t *testing.T, names ...string) *File {
	t.Helper()
	var tensors []Tensor
	for i, name := range names {
		x, err := NewTensor(name, F32, []int{1}, []float32{float32(i)})
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, x)
	}
	f, err := NewFile(map[string]string{"format": "pt"}, tensors)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func index(t *testing.T, text string) *Index {
	t.Helper()
	x, err := ParseIndex([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestJoin(t *testing.T) {
	one, two := Part{"m-1-of-2.safetensors", small(t, "a", "b")}, Part{"m-2-of-2.safetensors", small(t, "c")}
	const all = `{"metadata": {"total_size": 12}, "weight_map": {"a": "m-1-of-2.safetensors",
		"b": "m-1-of-2.safetensors", "c": "m-2-of-2.safetensors"}}`
	renamed := Part{"m-2-of-2 (1).safetensors", two.File}
	for name, parts := range map[string][]Part{"as they are": {one, two}, "in another order": {two, one},
		"renamed": {one, renamed}, "already one": {{"m.safetensors", small(t, "a", "b", "c")}}} {
		for _, x := range []*Index{nil, index(t, all), index(t, "\ufeff"+strings.Replace(all, "12", "0", 1))} {
			f, err := Join(parts, x)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var b bytes.Buffer
			if err := f.Write(&b); err != nil {
				t.Fatal(err)
			}
			again, err := Parse(b.Bytes())
			if err != nil || len(again.Tensors()) != 3 || !reflect.DeepEqual(again.Metadata, one.File.Metadata) {
				t.Errorf("%s: it came back as %+v with %v", name, again, err)
			}
		}
	}
	for _, c := range []struct {
		name  string
		parts []Part
		index string
		want  string
	}{
		{"no parts", nil, "", "no parts"},
		{"a tensor in two parts", []Part{one, two, {"copy", small(t, "c")}}, "",
			`"m-2-of-2.safetensors" and "copy" both have the tensor "c"`},
		{"a part is missing", []Part{one}, all, `in 2 files (shards), and "m-2-of-2.safetensors" is missing`},
		{"two parts are missing", []Part{one},
			strings.Replace(all, `"c":`, `"d": "m-3", "c":`, 1), `"m-2-of-2.safetensors" and "m-3" are missing`},
		{"an older part", []Part{{one.Name, small(t, "a")}, two}, all, `"m-1-of-2.safetensors" has no tensor "b"`},
		{"a part of another model", []Part{one, {two.Name, small(t, "d")}}, all, `does not list the tensor "d"`},
		{"another size", []Part{one, two}, strings.Replace(all, "12", "24", 1),
			"12 bytes together, and the index says 24"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var x *Index
			if c.index != "" {
				x = index(t, c.index)
			}
			if _, err := Join(c.parts, x); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %s", err, c.want)
			}
		})
	}
	for _, text := range []string{"", "{", "[]", "{}", `{"weight_map": {}}`, `{"weight_map": {"a": 1}}`} {
		if _, err := ParseIndex([]byte(text)); err == nil || !strings.Contains(err.Error(), "weight_map") {
			t.Errorf("%q gives %v", text, err)
		}
	}
}
