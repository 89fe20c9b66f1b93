package modelfile

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strings"
)

// zipHeader and zipListed begin the header of a file in a zip archive, and its record in the archive's directory.
const (
	zipHeader = "PK\x03\x04"
	zipListed = "PK\x01\x02"
)

// sniffZip tells zip archives apart by the names of the files in them. Pieces of an archive are enough, such as its
// first and its last bytes, if they have those names.
func sniffZip(b []byte) Kind {
	names := append(zipNames(b, zipListed, 46, 28), zipNames(b, zipHeader, 30, 26)...)
	has := func(file string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			return name == file || strings.HasSuffix(name, "/"+file)
		})
	}
	hasExtension := func(extensions ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			return slices.Contains(extensions, strings.ToLower(path.Ext(name)))
		})
	}
	switch {
	case has("data.pkl"), has("constants.pkl"):
		return Pickle
	case has("model.weights.h5"), has("metadata.json") && has("config.json"):
		return HDF5
	case hasExtension(".safetensors", ".onnx"):
		return ZippedModel
	case hasExtension(".pt", ".pth", ".ckpt"):
		return Pickle
	case hasExtension(".h5", ".hdf5", ".keras"):
		return HDF5
	case hasExtension(".tflite"):
		return TFLite
	case hasExtension(".pb"), has("model.json"):
		return TensorFlow
	case hasExtension(".npy"):
		return NumPy
	}
	return Archive
}

// maxZipTail is how much of a zip archive's end is read, in bytes: the names of a thousand files.
const maxZipTail = 64 << 10

// withZipTail adds the end of a zip archive, which lists all files in it, to its first bytes.
func (f GivenFile) withZipTail(head []byte) ([]byte, error) {
	rest := f.Size - int64(len(head))
	if rest <= 0 || !bytes.HasPrefix(head, []byte(zipHeader)) {
		return head, nil
	}
	tail := make([]byte, min(rest, maxZipTail))
	if k, err := f.Data.ReadAt(tail, f.Size-int64(len(tail))); k < len(tail) {
		return nil, f.unreadable(err)
	}
	return append(head, tail...), nil
}

// zipNames finds the names in records of a zip archive. A record begins with a signature and has fixed fields, among
// them the name's length; the name follows. What only looks like a record in compressed data gives a name that no
// caller asks for.
func zipNames(b []byte, signature string, fixed, lengthAt int) []string {
	var names []string
	for {
		i := bytes.Index(b, []byte(signature))
		if i < 0 || len(b)-i < fixed {
			return names
		}
		b = b[i:]
		end := fixed + int(binary.LittleEndian.Uint16(b[lengthAt:]))
		if end > len(b) {
			return names
		}
		names = append(names, string(b[fixed:end]))
		b = b[end:]
	}
}

// signatures are the first bytes of files that Open cannot take. The kind is what Sniff says; the reason and the
// format's name are for the refusal, where the kind alone does not say it best.
var signatures = []struct {
	kind   Kind
	why    Why
	at     int
	bytes  string
	format string
}{
	{kind: Pickle, bytes: "\x80\x02"}, {kind: Pickle, bytes: "\x80\x03"}, {kind: Pickle, bytes: "\x80\x04"},
	{kind: Pickle, bytes: "\x80\x05"},
	{kind: HDF5, bytes: "\x89HDF"},
	{kind: TFLite, at: 4, bytes: "TFL3"},
	{kind: Archive, bytes: "PK\x05\x06"}, // an empty zip archive

	{GGUF, WhyFormat, 0, "GGUF", "GGUF"},
	{NumPy, WhyFormat, 0, "\x93NUMPY", "NumPy (.npy)"},
	{Archive, WhyCompressed, 0, "7z\xbc\xaf\x27\x1c", "7-Zip"},
	{Archive, WhyCompressed, 0, "Rar!\x1a\x07", "RAR"},
	{Archive, WhyCompressed, 257, "ustar", "tar"},

	{Other, WhyCompressed, 0, "\x1f\x8b", "gzip"}, {Other, WhyCompressed, 0, "\x28\xb5\x2f\xfd", "zstd"},
	{Other, WhyCompressed, 0, "\xfd7zXZ\x00", "xz"}, {Other, WhyCompressed, 0, "BZh", "bzip2"},
	{Other, WhyCompressed, 0, "\x04\x22\x4d\x18", "LZ4"},
	{Other, WhyFormat, 0, "%PDF", "PDF"}, {Other, WhyFormat, 0, "\x89PNG", "PNG"},
	{Other, WhyFormat, 0, "\xff\xd8\xff", "JPEG"}, {Other, WhyFormat, 0, "GIF8", "GIF"},
	{Other, WhyFormat, 8, "WEBP", "WebP"}, {Other, WhyFormat, 0, "II*\x00", "TIFF"},
	{Other, WhyFormat, 0, "MM\x00*", "TIFF"}, {Other, WhyFormat, 4, "ftyp", "MP4, HEIC or AVIF"},
	{Other, WhyFormat, 0, "lmgg", "GGML"}, {Other, WhyFormat, 4, "ORTM", "ONNX Runtime (.ort)"},
	{Other, WhyFormat, 0, "MATLAB 5", "MATLAB (.mat)"}, {Other, WhyFormat, 0, "SQLite format 3", "SQLite"},
}

// sniffForeign recognises files of other programs, or returns Other.
func sniffForeign(b []byte) Kind {
	if bytes.HasPrefix(b, []byte(zipHeader)) {
		return sniffZip(b)
	}
	for _, s := range signatures {
		if s.kind != Other && len(b) > s.at && bytes.HasPrefix(b[s.at:], []byte(s.bytes)) {
			return s.kind
		}
	}
	return Other
}

// refusals say what a file is that Open cannot take, and what to do.
var refusals = map[Kind]string{
	Pickle: "this is a PyTorch file (.pt, .pth, .bin), which is a program that runs when it is opened; " +
		"save the state dict as .safetensors instead, or export the model by torch.onnx.export",
	HDF5:       "this is a Keras file; export the model as ONNX, by tf2onnx",
	TFLite:     "this is a TensorFlow Lite model; export the model that it was made from as ONNX, by tf2onnx",
	TensorFlow: "this is a TensorFlow model; export it as ONNX, by tf2onnx",
	NumPy:      "this is a file of NumPy arrays; save them as .safetensors, under the model's names",
	ZippedModel: "this is a zip archive with a model in it; unpack it, then give the .safetensors or .onnx file and " +
		"what lies beside it",
	Archive: "this is an archive; unpack it, then give the .safetensors or .onnx file in it",
	JSON: "this is a JSON file, which has no weights; give it together with the .safetensors or " +
		".onnx file",
}
