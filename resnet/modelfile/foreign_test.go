package modelfile

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"
)

// zipOf writes an archive of empty files, or of a kilobyte of each if full.
func zipOf(t *testing.T, full bool, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if full {
			if _, err := f.Write(make([]byte, 1024)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSniffZip: an archive is known by what is in it, by its first and last bytes alone too, and the refusal says what
// to do.
func TestSniffZip(t *testing.T) {
	for _, c := range []struct {
		names string
		want  Kind
		says  string
	}{
		{"archive/data.pkl archive/data/0 archive/version", Pickle, "PyTorch"},
		{"net/code/net.py net/constants.pkl", Pickle, "PyTorch"},
		{"metadata.json config.json model.weights.h5", HDF5, "Keras"},
		{"keras_model.h5 labels.txt", HDF5, "Keras"},
		{"model.savedmodel/saved_model.pb labels.txt", TensorFlow, "TensorFlow model"},
		{"model.json weights.bin metadata.json", TensorFlow, "TensorFlow model"},
		{"model_unquant.tflite labels.txt", TFLite, "Lite"},
		{"labels.txt model.onnx", ZippedModel, "unpack it"},
		{"repo/pytorch_model.bin repo/config.json repo/model.safetensors", ZippedModel, "unpack it"},
		{"runs/weights/best.pt", Pickle, "PyTorch"},
		{"fc.weight.npy fc.bias.npy", NumPy, "NumPy"},
		{"birds/1.jpg birds/2.jpg", Archive, "unpack it"},
		{"", Archive, "unpack it"},
	} {
		for _, full := range []bool{false, true} {
			b := zipOf(t, full, strings.Fields(c.names)...)
			ends := append(bytes.Clone(b[:min(64, len(b))]), b[max(0, len(b)-500):]...)
			for _, b := range [][]byte{b, ends} {
				if got := Sniff(b); got != c.want {
					t.Errorf("%s is %s, want %s", c.names, got, c.want)
				}
			}
		}
		if _, err := Open(zipOf(t, true, strings.Fields(c.names)...), Options{}); err == nil ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%s gives %v, want %s", c.names, err, c.says)
		}
	}
}

// TestSniffForeign: files of other programs by their first bytes, and cut ones.
func TestSniffForeign(t *testing.T) {
	tar := append(bytes.Repeat([]byte{'a'}, 257), "ustar\x0000"...)
	for head, want := range map[string]Kind{
		"\x1c\x00\x00\x00TFL3": TFLite, "GGUF\x03\x00\x00\x00": GGUF, "\x93NUMPY\x01\x00": NumPy,
		"Rar!\x1a\x07\x01\x00": Archive, "7z\xbc\xaf\x27\x1c": Archive, string(tar): Archive,
		"\x80\x05\x95": Pickle, "PK\x03\x04\xff\xff": Archive, "PK\x01\x02": Other, "GG": Other, "": Other,
	} {
		if got := Sniff([]byte(head)); got != want {
			t.Errorf("%.20q is %s, want %s", head, got, want)
		}
	}
}

// TestOpenFilesZip: the list at an archive's end tells what it is, however far that is.
func TestOpenFilesZip(t *testing.T) {
	names := append(slices.Repeat([]string{"a"}, 20), "checkpoint/data.pkl")
	b := zipOf(t, true, names...)
	_, err := OpenFiles([]GivenFile{
		{"labels.txt", 3, strings.NewReader("cat")},
		{"renamed.safetensors", int64(len(b)), bytes.NewReader(b)},
	}, 1<<30)
	if err == nil || !strings.Contains(err.Error(), "PyTorch") {
		t.Errorf("a checkpoint of %d bytes gives %v", len(b), err)
	}
}
