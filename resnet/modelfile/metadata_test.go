package modelfile

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/weights"
)

// TestLabelsInMetadata has labels in the model's own file, as Ultralytics' exporter and others write them.
func TestLabelsInMetadata(t *testing.T) {
	fruit := []string{"apple", "banana", "cherry", "date", "elder berry"}
	side := []Side{{Name: "labels.txt", Data: []byte("oak\nfir\nelm\nash\nyew\n")}}
	for _, test := range []struct {
		key, value string
		sides      []Side
		want       []string
		note       Note
	}{
		{"names", "{0: 'apple', 1: 'banana', 2: 'cherry', 3: 'date', 4: 'elder berry'}", nil, fruit, Note{}},
		{"classes", `["apple", "banana", "cherry", "date", "elder berry"]`, nil, fruit, Note{}},
		{"labels", "apple,banana,cherry,date,elder berry", nil, fruit, Note{}},
		{"class_names", "apple\nbanana\ncherry\ndate\nelder berry", nil, fruit, Note{}},
		{"names", "apple,banana,cherry,date,elder berry", side, []string{"oak", "fir", "elm", "ash", "yew"}, Note{}},
		{"labels", `["apple", "banana"]`, nil, nil, Note{NoteLabelsCount, "labels (2 ≠ 5)"}},
		{"task", "apple,banana,cherry,date,elder berry", nil, nil, Note{NoteLabels, "numbers"}},
	} {
		for name, file := range map[string][]byte{
			"basic-folded.onnx":             withONNXMetadata(t, test.key, test.value),
			"torchvision-basic.safetensors": withMetadata(t, test.key, test.value),
		} {
			opened, err := Open(file, Options{Name: name, Sides: test.sides})
			if err != nil {
				t.Errorf("%s, %s: %v", name, test.key, err)
				continue
			}
			if !slices.Equal(opened.Card.Labels, test.want) {
				t.Errorf("%s, %s: the labels are %q, want %q", name, test.key, opened.Card.Labels, test.want)
			}
			if test.note != (Note{}) && !slices.Contains(opened.Notes, test.note) {
				t.Errorf("%s, %s: the notes are %v, without %v", name, test.key, opened.Notes, test.note)
			}
		}
	}
}

func testFile(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// withONNXMetadata appends an entry of metadata_props, which is field 14 of a model.
func withONNXMetadata(t *testing.T, key, value string) []byte {
	t.Helper()
	var entry []byte
	for i, text := range []string{key, value} {
		entry = protowire.AppendTag(entry, protowire.Number(i+1), protowire.BytesType)
		entry = protowire.AppendString(entry, text)
	}
	file := protowire.AppendTag(testFile(t, "basic-folded.onnx"), 14, protowire.BytesType)
	return protowire.AppendBytes(file, entry)
}

// withMetadata writes a safetensors file anew.
func withMetadata(t *testing.T, key, value string) []byte {
	t.Helper()
	f, err := weights.Parse(testFile(t, "torchvision-basic.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := weights.Write(&file, map[string]string{key: value}, f.Tensors()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
