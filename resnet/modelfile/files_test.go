package modelfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/weights"
)

// aFile makes a file that somebody gives.
func aFile(name string, content []byte) GivenFile {
	return GivenFile{name, int64(len(content)), bytes.NewReader(content)}
}

// halves saves a checkpoint in two files, and its index.
func halves(t testing.TB, name string) (first, second, index []byte) {
	t.Helper()
	f, err := weights.Parse(read(t, name))
	if err != nil {
		t.Fatal(err)
	}
	tensors := f.Tensors()
	half := len(tensors) / 2
	size := 0
	var entries []string
	for i, x := range tensors {
		size += len(x.Data)
		entries = append(entries, fmt.Sprintf(`%q: "model-0000%d-of-00002.safetensors"`, x.Name, min(1+i/half, 2)))
	}
	var parts [2]bytes.Buffer
	for i, some := range [][]weights.Tensor{tensors[:half], tensors[half:]} {
		part, err := weights.NewFile(f.Metadata, some)
		if err != nil {
			t.Fatal(err)
		}
		if err := part.Write(&parts[i]); err != nil {
			t.Fatal(err)
		}
	}
	index = fmt.Appendf(nil, `{"metadata": {"total_size": %d}, "weight_map": {%s}}`, size, strings.Join(entries, ", "))
	return parts[0].Bytes(), parts[1].Bytes(), index
}

// withExternalData moves the raw data of a graph's tensors to a file.
func withExternalData(graph []byte, file string) (rest, data []byte) {
	const modelGraph, graphInitializer, tensorRaw, tensorExternal, tensorLocation = 7, 5, 9, 13, 14
	rewrite := func(b []byte, field protowire.Number, change func([]byte) []byte) []byte {
		var out []byte
		for len(b) > 0 {
			number, kind, tag := protowire.ConsumeTag(b)
			n := protowire.ConsumeFieldValue(number, kind, b[tag:])
			if number == field {
				content, _ := protowire.ConsumeBytes(b[tag:])
				out = append(out, change(content)...)
			} else {
				out = append(out, b[:tag+n]...)
			}
			b = b[tag+n:]
		}
		return out
	}
	message := func(field protowire.Number, b []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), b)
	}
	entry := func(key, value string) []byte {
		return message(tensorExternal, append(message(1, []byte(key)), message(2, []byte(value))...))
	}
	rest = rewrite(graph, modelGraph, func(b []byte) []byte {
		return message(modelGraph, rewrite(b, graphInitializer, func(b []byte) []byte {
			return message(graphInitializer, rewrite(b, tensorRaw, func(raw []byte) []byte {
				place := slices.Concat(entry("location", file), entry("offset", fmt.Sprint(len(data))),
					entry("length", fmt.Sprint(len(raw))))
				data = append(data, raw...)
				return protowire.AppendVarint(protowire.AppendTag(place, tensorLocation, protowire.VarintType), 1)
			}))
		}))
	})
	return rest, data
}

const fiveLabels = "apple\nbanana\ncherry\ndate\nelderberry\n"

// TestOpenFiles: a network in several files is the one that is in a single file, whatever lies beside it.
func TestOpenFiles(t *testing.T) {
	const safetensors, graph = "torchvision-basic.safetensors", "basic-folded.onnx"
	one, two, index := halves(t, safetensors)
	rest, data := withExternalData(read(t, graph), "net.onnx.data")
	first, second := "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
	labels := aFile("labels.txt", []byte(fiveLabels))
	whole := read(t, safetensors)
	for _, c := range []struct {
		name  string
		files []GivenFile
		same  string
		note  Note // one of the notes
	}{
		{"one file", []GivenFile{aFile("m.safetensors", whole), labels}, safetensors, Note{}},
		{"parts with an index", []GivenFile{labels, aFile("model.safetensors.index.json", index),
			aFile(second, two), aFile(first, one)}, safetensors, Note{}},
		{"parts without an index", []GivenFile{aFile(second, two), labels, aFile(first, one)}, safetensors, Note{}},
		{"parts with other names", []GivenFile{aFile("a.safetensors", two), labels,
			aFile("b.safetensors", one), aFile("model.safetensors.index.json", index)}, safetensors, Note{}},
		{"a part that a browser renamed", []GivenFile{aFile("model-00002-of-00002 (1).safetensors", two), labels,
			aFile(first, one)}, safetensors, Note{}},
		{"one file whose name says that it is a part", []GivenFile{aFile("fold-1-of-5.safetensors", whole), labels},
			safetensors, Note{}},
		{"one file with an old index", []GivenFile{aFile("model.safetensors", whole), labels,
			aFile("model.safetensors.index.json", index)}, safetensors, Note{}},
		{"a graph with its data", []GivenFile{aFile("net.onnx.data", data), labels, aFile("net.onnx", rest)}, graph,
			Note{}},
		{"a graph with its data, renamed itself", []GivenFile{aFile("net (1).onnx", rest), labels,
			aFile("net.onnx.data", data)}, graph, Note{}},
		{"a graph with data that it does not need", []GivenFile{aFile("net.onnx", read(t, graph)), labels,
			aFile("net.onnx.data", data)}, graph, Note{NoteFileUnused, "net.onnx.data"}},
		{"a whole repository", []GivenFile{aFile("README.md", []byte("# A model\n\nof mine")), labels,
			aFile("model.safetensors", whole), aFile("pytorch_model.bin", []byte("PK\x03\x04\x00\xff")),
			aFile("tf_model.h5", []byte("\x89HDF\r\n\x1a\n")), aFile(".gitattributes", []byte("*.bin lfs"))},
			safetensors, Note{NoteFileUnused, "pytorch_model.bin, tf_model.h5"}},
		{"with files that are not understood", []GivenFile{aFile("README.md", []byte("# A model\n\nof mine")), labels,
			aFile("model.safetensors", whole), aFile("args.json", []byte(`{"lr": 0.1}`))},
			safetensors, Note{NoteSideUnread, "README.md, args.json"}},
		{"an index of other files", []GivenFile{aFile("pytorch_model.bin.index.json",
			bytes.ReplaceAll(index, []byte(".safetensors"), []byte(".bin"))), labels,
			aFile("model.safetensors", whole)}, safetensors, Note{NoteSideUnread, "pytorch_model.bin.index.json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := OpenFiles(c.files, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			want := open(t, c.same)
			for _, x := range want.File.Tensors() {
				if got, _ := o.File.Tensor(x.Name); !reflect.DeepEqual(got, x) {
					t.Errorf("%s is another tensor", x.Name)
				}
			}
			if !reflect.DeepEqual(o.Config, want.Config) || len(o.File.Tensors()) != len(want.File.Tensors()) {
				t.Errorf("the structure is %+v, want %+v", o.Config, want.Config)
			}
			if strings.Contains(o.Card.Title, "of-00002") {
				t.Errorf("the network is called %q", o.Card.Title)
			}
			m := loaded(t, o)
			if m.Label(0) != "apple" || m.Label(4) != "elderberry" {
				t.Errorf("the labels are %q … %q", m.Label(0), m.Label(4))
			}
			if c.note.Code != "" && !slices.Contains(o.Notes, c.note) {
				t.Errorf("the notes are %v, without %v", o.Notes, c.note)
			}
			isFile := func(n Note) bool { return n.Code == NoteFileUnused || n.Code == NoteSideUnread }
			if c.note.Code == "" && slices.ContainsFunc(o.Notes, isFile) {
				t.Errorf("the notes are %v", o.Notes)
			}
		})
	}
}

func TestOpenFilesRefuses(t *testing.T) {
	one, two, index := halves(t, "torchvision-basic.safetensors")
	rest, data := withExternalData(read(t, "basic-folded.onnx"), "net.onnx.data")
	outside, _ := withExternalData(read(t, "basic-folded.onnx"), "../net.onnx.data")
	whole, other := read(t, "torchvision-basic.safetensors"), read(t, "cifar-pad.safetensors")
	first, second := "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
	labels := aFile("labels.txt", []byte(fiveLabels))
	for _, c := range []struct {
		name  string
		files []GivenFile
		why   Why
		want  string
	}{
		{"nothing", nil, WhyNoFile, "no file"},
		{"an empty file", []GivenFile{aFile("m.onnx", nil)}, WhyEmpty, "this file is empty"},
		{"labels alone", []GivenFile{labels}, WhyNoNetwork, "no file of a network"},
		{"a graph alone", []GivenFile{aFile("net.onnx", rest)},
			WhyMissingData, `"net.onnx.data" (external data); give it together`},
		{"data alone", []GivenFile{aFile("net.onnx.data", data)},
			WhyDataAlone, `"net.onnx.data" has only the weights`},
		{"data that a browser renamed", []GivenFile{aFile("net.onnx", rest), aFile("net.onnx (1).data", data), labels},
			WhyRenamedData, `"net.onnx (1).data"; if that is it, rename it to "net.onnx.data"`},
		{"data that are cut", []GivenFile{aFile("net.onnx", rest), aFile("net.onnx.data", data[:len(data)-4])},
			WhyGraph, `"net.onnx.data" is too short`},
		{"data outside", []GivenFile{aFile("net.onnx", outside), aFile("../net.onnx.data", data)},
			WhyGraph, "no plain name"},
		{"two models", []GivenFile{aFile("a.safetensors", whole), aFile("b.safetensors", other)},
			WhyTwoModels, `"a.safetensors" and "b.safetensors" are two models; give one at a time`},
		{"two models of two kinds", []GivenFile{aFile("a.safetensors", whole), aFile("b.onnx", rest)},
			WhyTwoModels, "are two models; give one at a time"},
		{"parts of two models", []GivenFile{aFile(first, one), aFile("x-00002-of-00002.safetensors", two)},
			WhyTwoModels, "are two models"},
		{"a model beside one in parts", []GivenFile{aFile(first, one), aFile(second, two),
			aFile("x.safetensors", other), aFile("model.safetensors.index.json", index)},
			WhyTwoModels, "are two models"},
		{"a model twice, by the names of parts", []GivenFile{aFile("fold-1-of-2.safetensors", whole),
			aFile("fold-2-of-2.safetensors", whole)}, WhyApart, "both have the tensor"},
		{"only the first part", []GivenFile{aFile(first, one)},
			WhyMissingParts, `2 files (shards), and "` + second + `" is missing`},
		{"only the second part", []GivenFile{aFile(second, two), labels},
			WhyMissingParts, `"` + first + `" is missing`},
		{"a part is missing, says the index", []GivenFile{aFile(first, one),
			aFile("model.safetensors.index.json", index)}, WhyMissingParts, `"` + second + `" is missing`},
		{"one of three parts", []GivenFile{aFile("m-00001-of-00003.safetensors", one),
			aFile("m-00003-of-00003.safetensors", two)},
			WhyMissingParts, `"m-00002-of-00003.safetensors" is missing`},
		{"a part that is cut", []GivenFile{aFile(first, one), aFile(second, two[:len(two)-4])},
			WhyDamaged, `"` + second + `": `},
		{"too much", []GivenFile{aFile(first, one), aFile(second, make([]byte, 1<<20)), labels},
			WhyMissingParts, "is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := OpenFiles(c.files, 1<<20)
			var r *Refusal
			if !errors.As(err, &r) || r.Why != c.why || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %+v, want %s: %s", r, c.why, c.want)
			}
		})
	}
	if _, err := OpenFiles([]GivenFile{aFile(first, one), aFile(second, two)}, int64(len(one))); !errors.Is(err,
		ErrTooLarge) {
		t.Errorf("parts above the limit: %v", err)
	}
}

// brokenFile cannot be read.
type brokenFile struct{}

func (brokenFile) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

// TestOpenFilesReads: files that are not the network's are not read, and an error of reading comes back.
func TestOpenFilesReads(t *testing.T) {
	head := func(b []byte, at int64) (int, error) {
		if len(b) > headBytes {
			return 0, errors.New("a file that is not needed was read")
		}
		return len(b), nil
	}
	files := []GivenFile{aFile("m.safetensors", read(t, "torchvision-basic.safetensors")),
		{"pytorch_model.bin", 1 << 30, readerFunc(head)}}
	if _, err := OpenFiles(files, 1<<20); err != nil {
		t.Error(err)
	}
	if _, err := OpenFiles([]GivenFile{{"m.onnx", 9, brokenFile{}}}, 1<<20); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the error is %v", err)
	}
}

type readerFunc func(b []byte, at int64) (int, error)

func (f readerFunc) ReadAt(b []byte, at int64) (int, error) { return f(b, at) }

// TestNoteFile: many files make one note of a bounded length.
func TestNoteFile(t *testing.T) {
	var o Opened
	for i := range 9 {
		o.noteFile(NoteFileUnused, fmt.Sprint(i))
	}
	if want := []Note{{NoteFileUnused, "0, 1, 2, 3, 4, …"}}; !reflect.DeepEqual(o.Notes, want) {
		t.Errorf("the notes are %v, want %v", o.Notes, want)
	}
}
