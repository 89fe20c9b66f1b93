package weights

import (
	"bytes"
	"slices"
	"testing"
)

func TestWith(t *testing.T) {
	tensor := func(name string, dtype DType, values ...float32) Tensor {
		x, err := NewTensor(name, dtype, []int{len(values)}, values)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	var b bytes.Buffer
	if err := Write(&b, map[string]string{"kept": "1", "changed": "2"},
		[]Tensor{tensor("a", F16, 1), tensor("b", F16, 2), tensor("c", F16, 3)}); err != nil {
		t.Fatal(err)
	}
	f, err := Parse(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(b.Bytes())
	// A wider tensor replaces a narrower one that comes after three of odd sizes.
	var c bytes.Buffer
	if err := f.With(map[string]string{"changed": "3", "new": "4"},
		[]Tensor{tensor("b", F32, 5, 6), tensor("d", F16, 7)}).Write(&c); err != nil {
		t.Fatal(err)
	}
	g, err := Parse(c.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]float32{"a": {1}, "b": {5, 6}, "c": {3}, "d": {7}} {
		x, ok := g.Tensor(name)
		if !ok {
			t.Errorf("%s is lost", name)
			continue
		}
		if got, err := x.AppendFloat32(nil); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is %v (%v), want %v", name, got, err, want)
		}
	}
	if n := len(g.Tensors()); n != 4 {
		t.Errorf("%d tensors, want 4", n)
	}
	if g.Metadata["kept"] != "1" || g.Metadata["changed"] != "3" || g.Metadata["new"] != "4" {
		t.Errorf("the metadata are %v", g.Metadata)
	}
	if x, _ := f.Tensor("b"); x.DType != F16 || f.Metadata["changed"] != "2" || !bytes.Equal(b.Bytes(), before) {
		t.Error("the first file was changed")
	}
}
