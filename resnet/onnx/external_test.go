package onnx

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// moved is a tensor's reference to another file: keys and values in turn.
func (t *testTensor) moved(entries ...string) {
	t.raw = nil
	for i := 0; i < len(entries); i += 2 {
		var m message
		m.text(propertyKey, entries[i])
		m.text(propertyValue, entries[i+1])
		t.extra.bytes(tensorExternal, m)
	}
	t.extra.integer(tensorLocation, 1)
}

// inOneFile moves all tensors of the small network to x.onnx.data, as torch.onnx.export does. more are further entries
// of each reference.
func inOneFile(more ...string) (graph, data []byte) {
	g := small()
	for i := range g.tensors {
		x := &g.tensors[i]
		raw := x.raw
		x.moved(append([]string{"location", "x.onnx.data", "offset", fmt.Sprint(len(data)),
			"length", fmt.Sprint(len(raw))}, more...)...)
		data = append(data, raw...)
	}
	return g.bytes(), data
}

// given opens files of a map.
func given(files map[string][]byte) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) { return files[name], nil }
}

// TestImportExternal: the network is the same when its tensors are in other files.
func TestImportExternal(t *testing.T) {
	want, err := Import(small().bytes())
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	each := small() // one file a tensor
	for i := range each.tensors {
		x := &each.tensors[i]
		files[x.name] = x.raw
		x.moved("location", x.name)
	}
	one, data := inOneFile()
	// Alignment leaves gaps, and a graph without lengths means the bytes of the shape.
	aligned := small()
	var padded []byte
	for i := range aligned.tensors {
		x := &aligned.tensors[i]
		raw := x.raw
		x.moved("location", "x.onnx.data", "offset", fmt.Sprint(len(padded)))
		padded = append(append(padded, raw...), make([]byte, 64)...)
	}
	_, plain := inOneFile()
	checked, _ := inOneFile("checksum", fmt.Sprintf("%X", sha1.Sum(plain)))
	inside := small() // a small tensor stays in the graph
	bias := inside.tensor("fw")
	files["weights.pb"] = bias.raw
	bias.moved("location", "weights.pb")
	for name, c := range map[string]struct {
		graph []byte
		files map[string][]byte
	}{
		"one file":          {one, map[string][]byte{"x.onnx.data": data}},
		"one file a tensor": {each.bytes(), files},
		"no lengths":        {aligned.bytes(), map[string][]byte{"x.onnx.data": padded}},
		"a checksum":        {checked, map[string][]byte{"x.onnx.data": data}},
		"one tensor":        {inside.bytes(), files},
	} {
		t.Run(name, func(t *testing.T) {
			opened := map[string]int{}
			got, err := ImportWith(c.graph, func(name string) ([]byte, error) {
				opened[name]++
				return c.files[name], nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Tensors, want.Tensors) || !reflect.DeepEqual(got.Config, want.Config) {
				t.Error("the network is another one")
			}
			for name, n := range opened {
				if n != 1 {
					t.Errorf("%s is opened %d times", name, n)
				}
			}
		})
	}
}

func TestImportExternalRefuses(t *testing.T) {
	graph, data := inOneFile()
	at := func(entries ...string) []byte {
		return changed(func(g *testGraph) { g.tensor("w1").moved(entries...) })
	}
	wrong, _ := inOneFile("checksum", strings.Repeat("0", 40))
	files := map[string][]byte{"x.onnx.data": data, "../x": data, "sub/x": data, "": data}
	for _, c := range []struct {
		name  string
		graph []byte
		files map[string][]byte
		want  string
	}{
		{"a parent", at("location", "../x"), files, `"../x" is no plain name`},
		{"a folder", at("location", "sub/x"), files, `"sub/x" is no plain name`},
		{"an absolute path", at("location", "/etc/passwd"), files, "no plain name"},
		{"a path of Windows", at("location", `C:\x`), files, "no plain name"},
		{"the parent", at("location", ".."), files, "no plain name"},
		{"no location", at("offset", "0"), files, "no plain name"},
		{"cut off", graph, map[string][]byte{"x.onnx.data": data[:len(data)-1]}, `"x.onnx.data" is too short`},
		{"empty", graph, map[string][]byte{"x.onnx.data": {}}, "too short"},
		{"an offset beyond the file", at("location", "x.onnx.data", "offset", "9223372036854775807"), files,
			"too short"},
		{"a negative offset", at("location", "x.onnx.data", "offset", "-4"), files, "is no number"},
		{"a length that is not the shape's", at("location", "x.onnx.data", "length", "8"), files, "gives it 8"},
		{"another checksum", wrong, files, "its checksum"},
		{"no file", graph, nil, `"x.onnx.data" (external data)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := ImportWith(c.graph, given(c.files)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %s", err, c.want)
			}
		})
	}
}

// TestImportExternalMissing: the error lists every file that is missing, once.
func TestImportExternalMissing(t *testing.T) {
	g := small()
	g.tensor("w1").moved("location", "one")
	g.tensor("w2").moved("location", "two")
	g.tensor("fw").moved("location", "one")
	_, err := ImportWith(g.bytes(), given(nil))
	var missing *MissingFileError
	if !errors.As(err, &missing) || !reflect.DeepEqual(missing.Names, []string{"one", "two"}) {
		t.Errorf("the error is %v", err)
	}
	broken := errors.New("the disk is gone")
	if _, err := ImportWith(g.bytes(), func(string) ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("an error of reading came as %v", err)
	}
}
