package modelfile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/weights"
)

// exceptions is what only a program's own errors say: of encoding/json, io, protowire, strconv, fmt and the runtime.
var exceptions = regexp.MustCompile(`json:|cannot unmarshal|invalid character|unexpected end|EOF|proto:|strconv|` +
	`runtime error|out of range \[|nil pointer|interface conversion|undefined|%!|<nil>|weights:|onnx:|map\[|\{\w+\}|` +
	`\*?\w+\.\w+\{|Go (struct|value)`)

// fromFile is what an error quotes from the file, which may be any text.
var fromFile = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|“[^”]*”`)

// checkRefusal opens a bad input. It must open or be refused in words for people, without a panic.
func checkRefusal(t *testing.T, what string, file []byte, o Options) (refused bool) {
	t.Helper()
	defer func() {
		if fault := recover(); fault != nil {
			t.Errorf("%s: a panic: %v", what, fault)
		}
	}()
	_, err := Open(file, o)
	if err == nil {
		return false
	}
	var known *Refusal
	text := err.Error()
	switch sentence := "This file cannot be used as a model: " + text + "."; {
	case !errors.As(err, &known):
		t.Errorf("%s: the error is no Refusal: %v", what, err)
	case known.Why == "":
		t.Errorf("%s: the refusal has no reason for programs: %v", what, err)
	case text == "" || exceptions.MatchString(fromFile.ReplaceAllString(text, `""`)):
		t.Errorf("%s: the error is not for people: %s", what, text)
	case strings.HasSuffix(sentence, "..") || strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text):
		t.Errorf("%s: the sentence does not end well: %s", what, sentence)
	}
	return true
}

// badValues are JSON of each type, and numbers that no field takes.
var badValues = []string{`null`, `true`, `"a text"`, `""`, `[]`, `{}`, `["a", 1]`, `{"a": 1}`, `-1`, `1.5`, `0`,
	`1e999`, `99999999999999999999`, `[1, 2, 3, 4]`, `[[1]]`, `[null]`}

// sideFields are side files with every field that is read, each with a good value.
var sideFields = []struct {
	name   string
	fields map[string]string
}{
	{"config.json", map[string]string{"model_type": `"resnet"`, "layer_type": `"bottleneck"`, "hidden_act": `"relu"`,
		"downsample_in_first_stage": `false`, "downsample_in_bottleneck": `false`, "_name_or_path": `"x"`,
		"id2label": `{"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}`, "architectures": `["ResNet"]`}},
	{"config.json", map[string]string{"architecture": `"resnet50"`, "label_names": `["a", "b", "c", "d", "e"]`,
		"label_descriptions": `{"a": "b"}`, "global_pool": `"avg"`, "num_classes": `5`,
		"pretrained_cfg": `{"input_size": [3, 64, 64]}`}},
	{"config.json", map[string]string{"architecture": `"resnet50"`, "input_size": `[3, 64, 64]`, "crop_pct": `0.9`,
		"crop_mode": `"center"`, "interpolation": `"bilinear"`, "mean": `[0, 0, 0]`, "std": `[1, 1, 1]`,
		"hf_hub_id": `"x"`}},
	{"preprocessor_config.json", map[string]string{"image_processor_type": `"ConvNextImageProcessor"`,
		"feature_extractor_type": `"ConvNextFeatureExtractor"`, "size": `{"shortest_edge": 64}`,
		"crop_size": `{"height": 64, "width": 64}`, "do_center_crop": `true`, "crop_pct": `0.9`, "resample": `2`,
		"do_rescale": `true`, "rescale_factor": `0.5`, "do_normalize": `true`, "image_mean": `[0, 0, 0]`,
		"image_std": `[1, 1, 1]`}},
	{"labels.json", map[string]string{"0": `"a"`, "1": `"b"`, "2": `["n1", "c"]`, "3": `"d"`, "4": `"e"`}},
}

// object writes a JSON object.
func object(fields map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, fmt.Sprintf("%q: %s", name, fields[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// TestErrorsOfSides gives each field of the side files a value of each wrong type, and cuts the files everywhere.
func TestErrorsOfSides(t *testing.T) {
	file := read(t, "transformers-bottleneck.safetensors")
	inputs, refused := 0, 0
	try := func(what, name, text string) {
		inputs++
		if checkRefusal(t, what+" in "+text, file, Options{Sides: []Side{{name, []byte(text)}}}) {
			refused++
		}
	}
	for _, s := range sideFields {
		whole := object(s.fields)
		for name := range s.fields {
			for _, value := range badValues {
				fields := maps.Clone(s.fields)
				fields[name] = value
				try(name, s.name, object(fields))
			}
			fields := maps.Clone(s.fields)
			delete(fields, name)
			try("without "+name, s.name, object(fields))
		}
		for at := range len(whole) {
			try("cut", s.name, whole[:at])
		}
	}
	for _, inner := range []string{"size", "crop_size"} {
		for _, edge := range []string{"shortest_edge", "height", "width", "longest_edge"} {
			for _, value := range badValues {
				try(inner, "preprocessor_config.json",
					fmt.Sprintf(`{"do_normalize": true, %q: {%q: %s}}`, inner, edge, value))
			}
		}
	}
	for _, value := range badValues {
		try("a list", "labels.json", fmt.Sprintf(`["a", "b", "c", "d", %s]`, value))
		try("alone", "labels.json", value)
	}
	if inputs < 1000 || refused < inputs/4 { // a file that is cut is left out with a note
		t.Errorf("%d inputs, of which %d are refused", inputs, refused)
	}
}

// withHeader replaces a safetensors file's header.
func withHeader(header string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

// spoiltHeaders are changes of a safetensors file's header.
func spoiltHeaders(header string) []string {
	var all []string
	swap := func(old, new string) { all = append(all, strings.Replace(header, old, new, 1)) }
	for _, value := range badValues {
		swap(`"dtype":"F32"`, `"dtype":`+value)
		swap(`"shape":[2,3,7,7]`, `"shape":`+value)
		swap(`"data_offsets":[`, `"data_offsets":`+value+`,"x":[`)
		swap(`{"`, `{"__metadata__":`+value+`,"`)
		swap(`{"`, `{"__metadata__":{"a":`+value+`},"`)
		swap(`{"`, `{"residua":`+value+`,"`)
		swap(`{"`, `{"__metadata__":{"residua.config":`+quotedText(value)+`},"`)
		swap(`{"`, `{"__metadata__":{"residua.config":`+quotedText(`{"layers": `+value+`}`)+`},"`)
	}
	for at := 0; at < len(header); at += 97 {
		all = append(all, header[:at], header[:at]+"\xff"+header[at+1:], header[:at]+"}"+header[at+1:])
	}
	return all
}

func quotedText(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// TestErrorsOfWeights damages a safetensors file: header, shapes, values, names, and its end.
func TestErrorsOfWeights(t *testing.T) {
	whole := read(t, "torchvision-basic.safetensors")
	n := 8 + binary.LittleEndian.Uint64(whole)
	header, data := string(whole[8:n]), whole[n:]
	inputs, refused := 0, 0
	try := func(what string, file []byte) {
		inputs++
		if checkRefusal(t, what, file, Options{Name: "net.safetensors"}) {
			refused++
		}
	}
	for i, spoilt := range spoiltHeaders(header) {
		try(fmt.Sprintf("header %d", i), withHeader(spoilt, data))
	}
	for at := 0; at < len(whole); at += 1 + len(whole)/150 {
		try(fmt.Sprintf("cut at %d", at), whole[:at])
	}
	f, err := weights.Parse(whole)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range f.Tensors() {
		change := func(what string, edit func(*weights.Tensor)) {
			tensors := slices.Clone(f.Tensors())
			tensors[i].Data = slices.Clone(x.Data)
			edit(&tensors[i])
			var b bytes.Buffer
			if weights.Write(&b, nil, tensors) == nil {
				try(what+" "+x.Name, b.Bytes())
			}
		}
		change("NaN in", func(x *weights.Tensor) { binary.LittleEndian.PutUint32(x.Data, 0x7fc00000) })
		change("infinity in", func(x *weights.Tensor) { binary.LittleEndian.PutUint32(x.Data, 0xff800000) })
		change("below zero in", func(x *weights.Tensor) { binary.LittleEndian.PutUint32(x.Data, 0xbf800000) })
		change("integers in", func(x *weights.Tensor) { x.DType = weights.I32 })
		change("flat", func(x *weights.Tensor) { x.Shape = []int{x.Len()} })
		change("deep", func(x *weights.Tensor) { x.Shape = append([]int{1}, x.Shape...) })
		change("empty", func(x *weights.Tensor) { x.Shape, x.Data = []int{0}, nil })
		change("another name for", func(x *weights.Tensor) { x.Name = "x." + x.Name })
		change("a text's name for", func(x *weights.Tensor) { x.Name = "{reason} .." })
		var b bytes.Buffer
		if err := weights.Write(&b, nil, slices.Delete(slices.Clone(f.Tensors()), i, i+1)); err != nil {
			t.Fatal(err)
		}
		try("without "+x.Name, b.Bytes())
	}
	if inputs < 500 || refused < inputs*2/3 {
		t.Errorf("%d inputs, of which %d are refused", inputs, refused)
	}
}

// fieldsOf lists where the fields of a protocol buffer and of its first messages inside lie, for which all bytes fields
// are taken that can be read as messages.
func fieldsOf(b []byte, from, depth int) (at [][3]int) {
	for i := 0; i < len(b); {
		number, kind, n := protowire.ConsumeTag(b[i:])
		m := 0
		if n > 0 {
			m = protowire.ConsumeFieldValue(number, kind, b[i+n:])
		}
		if n < 0 || m < 0 {
			return nil
		}
		at = append(at, [3]int{from + i, from + i + n, from + i + n + m})
		if kind == protowire.BytesType && depth > 0 {
			inner, k := protowire.ConsumeBytes(b[i+n:])
			at = append(at, fieldsOf(inner, from+i+n+k-len(inner), depth-1)...)
		}
		i += n + m
	}
	return at
}

// TestErrorsOfGraphs damages an ONNX file's fields one by one: their kinds, their lengths, their values.
func TestErrorsOfGraphs(t *testing.T) {
	for _, name := range []string{"basic-folded.onnx", "v2-norms.onnx"} {
		whole := read(t, name)
		inputs, refused := 0, 0
		try := func(what string, file []byte) {
			inputs++
			if checkRefusal(t, name+" "+what, file, Options{Name: name}) {
				refused++
			}
		}
		for at := 0; at < len(whole); at += 1 + len(whole)/100 {
			try(fmt.Sprintf("cut at %d", at), whole[:at])
		}
		fields := fieldsOf(whole, 0, 3)
		step := 1 + len(fields)/400
		for i := 0; i < len(fields); i += step {
			f := fields[i]
			edit := func(what string, change func(b []byte)) {
				b := slices.Clone(whole)
				change(b)
				try(fmt.Sprintf("%s at %d", what, f[0]), b)
			}
			edit("another kind", func(b []byte) { b[f[0]] ^= 7 })
			edit("another field", func(b []byte) { b[f[0]] ^= 8 })
			edit("a longer value", func(b []byte) { b[f[1]] ^= 0x7f })
			edit("bits", func(b []byte) { b[(f[1]+f[2])/2] ^= 0xff })
			edit("zeros", func(b []byte) { clear(b[f[0]:f[2]]) })
		}
		if inputs < 500 || refused < inputs/2 {
			t.Errorf("%s: %d inputs, of which %d are refused", name, inputs, refused)
		}
	}
}

// TestNoModel: what is no model is said by name, with the numbers that the file gives.
func TestNoModel(t *testing.T) {
	whole, graph := read(t, "torchvision-basic.safetensors"), read(t, "basic-folded.onnx")
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:9c2e\nsize 102531760\n"
	const lfs = "git lfs pull"
	for _, c := range []struct {
		name, file string
		why        Why
		want       []string // in the clause and, if they are numbers or names, in the values
	}{
		{"m.safetensors", "\xd8\x18\x00\x00\x00\x00\x00\x00", WhyCutEarly, []string{"ends after 8 B"}},
		{"m.safetensors", pointer, WhyPointer, []string{"Git LFS", "102.5 MB", lfs}},
		{"m.onnx", strings.ReplaceAll(pointer, "\n", "\r\n"), WhyPointer, []string{"Git LFS", "102.5 MB", lfs}},
		{"m.onnx", "\ufeff" + pointer, WhyPointer, []string{"Git LFS"}},
		{"m.onnx", "/annex/objects/SHA256E-s2048--9c2e.onnx\n", WhyPointer, []string{"git-annex", "2.0 kB"}},
		{"m.onnx", "version https://git-lfs.github.com/spec/v1\noid", WhyText, []string{"version https://git-lfs"}},
		{"m.safetensors", "<!DOCTYPE html>\n<html><title>x</title>", WhyWebPage, []string{"web page"}},
		{"m.safetensors", "\n\n  <html lang=\"en\">", WhyWebPage, []string{"web page"}},
		{"m.safetensors", "<?xml version=\"1.0\"?>\n<html xmlns=\"x\">", WhyWebPage, []string{"web page"}},
		{"m.safetensors", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", WhyText,
			[]string{"<?xml version=", "web page"}},
		{"m.onnx", "Entry not found", WhyText, []string{"“Entry not found”"}},
		{"m.safetensors", `{"error":"Repository not found"}`, WhyText, []string{`{"error":"Repository not found"}`}},
		{"m.onnx", `{"error":{"code":429}}`, WhyText, []string{`{"error":{"code":429}}`}},
		{"m.onnx", strings.Repeat("错误 ", 2000), WhyText, []string{"错误"}},
		{"m.onnx", "ir_version: 7\ngraph {\n", WhyText, []string{"ir_version: 7…"}},
		{"m.onnx", "", WhyEmpty, []string{"empty"}},
		{"m.onnx", " \r\n ", WhyEmpty, []string{"empty"}},
		{"m.safetensors", strings.Repeat("\x00", 9000), WhyZeros, []string{"zeros"}},
		{"m.safetensors", string(whole[:len(whole)-100]), WhyCutShort, []string{"100 B", "kB"}},
		{"m.safetensors", string(whole[:60]), WhyCutEarly, []string{"60 B", "list of its tensors"}},
		{"m.onnx", string(graph[:len(graph)/2]), WhyCutShort, []string{"kB"}},
		{"m.safetensors", "\x1f\x8b\x08\x00\x00", WhyCompressed, []string{"gzip"}},
		{"m.safetensors", "\x28\xb5\x2f\xfd\x04", WhyCompressed, []string{"zstd"}},
		{"m.onnx", "\xfd7zXZ\x00\x00", WhyCompressed, []string{"xz"}},
		{"m.onnx", "BZh91AY", WhyCompressed, []string{"bzip2"}},
		{"m.onnx", strings.Repeat("a", 257) + "ustar\x0000", WhyCompressed, []string{"tar"}},
		{"m.safetensors", "%PDF-1.7", WhyFormat, []string{"PDF"}},
		{"m.safetensors", "\x89PNG\r\n\x1a\n", WhyFormat, []string{"PNG"}},
		{"m.onnx", "\xff\xd8\xff\xe0", WhyFormat, []string{"JPEG"}},
		{"m.onnx", "RIFF\x10\x00\x00\x00WEBPVP8 ", WhyFormat, []string{"WebP"}},
		{"m.safetensors", "GGUF\x03\x00\x00\x00", WhyFormat, []string{"GGUF"}},
		{"m.safetensors", "\x93NUMPY\x01\x00", WhyFormat, []string{"NumPy"}},
		{"m.bin", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09", WhyUnknown, []string{"00 01 02 03 04 05 06 07"}},
	} {
		checkRefusal(t, c.file[:min(len(c.file), 40)], []byte(c.file), Options{Name: c.name})
		_, err := Open([]byte(c.file), Options{Name: c.name})
		var r *Refusal
		if !errors.As(err, &r) || r.Why != c.why {
			t.Errorf("%.40q is refused as %+v, want %q", c.file, r, c.why)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(r.Error(), want) {
				t.Errorf("%.40q is refused with\n%s\nwithout %s", c.file, r, want)
			}
		}
		for name, value := range r.Values {
			if !strings.Contains(r.Error(), value) {
				t.Errorf("%.40q: the value %s, %s, is not in\n%s", c.file, name, value, r)
			}
		}
	}
}

// TestPadding: zeros behind a network change nothing, and a note counts them; anything else there is refused.
func TestPadding(t *testing.T) {
	for _, name := range []string{"torchvision-basic.safetensors", "basic-folded.onnx"} {
		file := read(t, name)
		o, err := Open(slices.Concat(file, make([]byte, 512)), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Contains(o.Notes, Note{NotePadding, "512"}) {
			t.Errorf("%s: the notes are %v", name, o.Notes)
		}
		_, err = Open(slices.Concat(file, []byte("\x00\x00and more")), Options{})
		if err == nil || name == "torchvision-basic.safetensors" && !strings.Contains(err.Error(), "goes on for 10 B") {
			t.Errorf("%s with a text behind it: %v", name, err)
		}
	}
}

// TestZeros: a file whose end holds zeros in place of weights opens, and a note says so.
func TestZeros(t *testing.T) {
	whole := read(t, "torchvision-basic.safetensors")
	notes := func(zeros int) []Note {
		file := slices.Clone(whole)
		clear(file[len(file)-zeros:])
		o, err := Open(file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return o.Notes
	}
	has := func(n Note) bool { return n.Code == NoteZeros }
	if all := notes(100); slices.ContainsFunc(all, has) {
		t.Errorf("with a few zeros the notes are %v", all)
	}
	if all := notes(6000); !slices.ContainsFunc(all, has) {
		t.Errorf("with 6000 bytes of zeros the notes are %v", all)
	}
}

// TestSizes are written with the unit that suits them.
func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 102531760: "102.5 MB",
		3 << 30: "3.2 GB", math.MaxInt32: "2.1 GB"} {
		if got := bytesText(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
