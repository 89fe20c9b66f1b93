package web

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights"
)

const testD = 2048 // the features of ResNet-50

// upload is a file as Teach writes it, before a test changes it.
type upload struct {
	metadata map[string]string
	tensors  []weights.Tensor
}

// soundUpload is a head with a threshold, with values by a formula.
func soundUpload(t testing.TB, labels ...string) *upload {
	t.Helper()
	limit := 0.4
	u := &upload{metadata: map[string]string{headKey: cardText(t, headCard{
		Version: 1, Model: "resnet50", Classes: labels, Strength: 0.1, Temperature: 2.5, Limit: &limit, Keep: 0.95,
		N: 30,
	})}}
	n := len(labels)
	u.add(t, "head.mean", testD)
	u.add(t, "head.std", testD)
	u.add(t, "head.weight", n, testD)
	u.add(t, "head.bias", n)
	u.add(t, "threshold.means", n, testD)
	return u
}

func cardText(t testing.TB, card headCard) string {
	t.Helper()
	text, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// add appends a tensor of positive numbers.
func (u *upload) add(t testing.TB, name string, shape ...int) {
	t.Helper()
	n := 1
	for _, d := range shape {
		n *= d
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = 0.25 + float32(i%97)/64
	}
	tensor, err := weights.NewTensor(name, weights.F32, shape, values)
	if err != nil {
		t.Fatal(err)
	}
	u.tensors = append(u.tensors, tensor)
}

// at is a tensor's index.
func (u *upload) at(name string) int {
	return slices.IndexFunc(u.tensors, func(t weights.Tensor) bool { return t.Name == name })
}

// set sets the bits of one value of a tensor.
func (u *upload) set(name string, i int, bits uint32) {
	binary.LittleEndian.PutUint32(u.tensors[u.at(name)].Data[4*i:], bits)
}

// card changes the description.
func (u *upload) card(t testing.TB, change func(map[string]any)) {
	t.Helper()
	var card map[string]any
	if err := json.Unmarshal([]byte(u.metadata[headKey]), &card); err != nil {
		t.Fatal(err)
	}
	change(card)
	text, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	u.metadata[headKey] = string(text)
}

func (u *upload) file(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := weights.Write(&b, u.metadata, u.tensors); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// badUploads lists the faults that an upload of the classes cat and dog can have, with the refusal's code and a part of
// its message.
var badUploads = []struct {
	name       string
	change     func(t testing.TB, u *upload)
	code, want string
}{
	{"no metadata", func(_ testing.TB, u *upload) { u.metadata = nil }, "not-a-head", "none that Residua"},
	{"another key", func(_ testing.TB, u *upload) { u.metadata["format"] = "pt" }, "not-a-head", "nothing else"},
	{"description is no JSON", func(_ testing.TB, u *upload) { u.metadata[headKey] = "{" }, "not-a-head",
		"not readable"},
	{"description goes on", func(_ testing.TB, u *upload) { u.metadata[headKey] += "{}" }, "not-a-head",
		"not readable"},
	{"description of another kind", func(_ testing.TB, u *upload) { u.metadata[headKey] = "[1]" }, "not-a-head",
		"not readable"},
	{"description is null", func(_ testing.TB, u *upload) { u.metadata[headKey] = "null" }, "not-a-head",
		"version is 0"},
	{"unknown field", cardWith("script", "alert(1)"), "not-a-head", "not readable"},
	{"version of tomorrow", cardWith("version", 3), "not-a-head", "version is 3"},
	{"version of heads on blocks", cardWith("version", 2), "not-a-head", "version is 2, with 0 blocks"},
	{"blocks in the first version", cardWith("blocks", []int{13}), "not-a-head", "version is 1, with 1 blocks"},
	{"a block too far", onBlocks(0, 16), "not-a-head", "the host takes some of 0 to 15"},
	{"a block before the first", onBlocks(-1), "not-a-head", "stands on the blocks [-1]"},
	{"blocks in another order", onBlocks(13, 12), "not-a-head", "in ascending order"},
	{"a block twice", onBlocks(13, 13), "not-a-head", "once each"},
	{"trained blocks", cardWith("depth", 2), "not-a-head", "goes with blocks that were trained"},
	{"statistics of norms", cardWith("norms", true), "not-a-head", "statistics of its own for the norms"},
	{"half a block", cardWith("blocks", []float64{0.5}), "not-a-head", "not readable"},
	{"blocks with other features", onBlocks(12), "not-a-head", "head.mean has the shape [2048]"},
	{"more blocks than features", onBlocks(12, 13), "not-a-head", "it must be [3072]"},
	{"another network", cardWith("model", "resnet18"), "not-a-head", `"resnet18"`},
	{"a network with a long name", cardWith("model", strings.Repeat("x", 1000)), "not-a-head", "does not know"},
	{"one class", cardWith("classes", []string{"cat"}), "not-a-head", "at least two"},
	{"no classes", cardWith("classes", nil), "not-a-head", "at least two"},
	{"more classes than weights", cardWith("classes", []string{"cat", "dog", "cow"}), "not-a-head",
		"with 3 classes it must be [3 2048]"},
	{"negative strength", cardWith("strength", -1), "not-a-head", "out of range"},
	{"infinite temperature", cardWith("temperature", json.RawMessage("1e999")), "not-a-head", "not readable"},
	{"temperature 0", cardWith("temperature", 0), "not-a-head", "out of range"},
	{"part above 1", cardWith("keep", 1.5), "not-a-head", "out of range"},
	{"negative count", cardWith("n", -1), "not-a-head", "out of range"},
	{"fractional count", cardWith("n", 0.5), "not-a-head", "not readable"},
	{"limit of no distance", cardWith("limit", 2.5), "not-a-head", "limit is 2.5"},
	{"negative limit", cardWith("limit", -0.5), "not-a-head", "limit is -0.5"},

	{"label too long", labelled(strings.Repeat("ü", maxLabel+1)), "bad-label", "more than 64"},
	{"empty label", labelled(""), "bad-label", "nothing to see"},
	{"label of spaces", labelled(" \u3000"), "bad-label", "nothing to see"},
	{"label of a zero-width space", labelled("\u200b"), "bad-label", "nothing to see"},
	{"label with a line break", labelled("cat\ndog"), "bad-label", "U+000A"},
	{"label with a zero byte", labelled("cat\x00"), "bad-label", "U+0000"},
	{"label with an escape", labelled("\x1b[31mcat"), "bad-label", "U+001B"},
	{"label with a C1 control", labelled("cat\u0085"), "bad-label", "U+0085"},
	{"label with a line separator", labelled("cat\u2028dog"), "bad-label", "U+2028"},
	{"label with a right-to-left override", labelled("cat\u202egod"), "bad-label", "U+202E"},
	{"label with an isolate", labelled("cat\u2066"), "bad-label", "U+2066"},
	{"label with a mark of direction", labelled("cat\u200f"), "bad-label", "U+200F"},
	{"label with a script", labelled("<script>alert(1)</script>"), "bad-label", "<"},
	{"label with an image", labelled("<img src=x onerror=alert(1)>"), "bad-label", "<"},
	{"label that was lost", labelled("c\ufffdt"), "bad-label", "lost"},

	{"no mean", without("head.mean"), "not-a-head", "head.mean is missing"},
	{"no deviation", without("head.std"), "not-a-head", "head.std is missing"},
	{"no weights", without("head.weight"), "not-a-head", "head.weight is missing"},
	{"no bias", without("head.bias"), "not-a-head", "head.bias is missing"},
	{"a limit but no means", without("threshold.means"), "not-a-head", "threshold.means is missing"},
	{"means but no limit", cardWith("limit", nil), "not-a-head", "has 5 tensors; a head has 4"},
	{"another tensor", func(t testing.TB, u *upload) { u.add(t, "layer4.2.conv1.weight", 4) }, "not-a-head",
		"has 6 tensors; a head has 5"},
	{"too few weights", reshaped("head.weight", 1, testD), "not-a-head", "head.weight has the shape [1 2048]"},
	{"weights the other way", reshaped("head.weight", testD, 2), "not-a-head", "head.weight has the shape [2048 2]"},
	{"too long a mean", reshaped("head.mean", testD+1), "not-a-head", "head.mean has the shape [2049]"},
	{"a mean of two dimensions", reshaped("head.mean", 1, testD), "not-a-head", "head.mean has the shape [1 2048]"},
	{"more rows of means than classes", reshaped("threshold.means", 3, testD), "not-a-head",
		"threshold.means has the shape [3 2048]"},
	{"no row of means", reshaped("threshold.means", 0, testD), "not-a-head", "threshold.means has the shape [0 2048]"},
	{"means without dimensions", reshaped("threshold.means"), "not-a-head", "threshold.means has the shape []"},
	{"weights as halves", func(_ testing.TB, u *upload) {
		at := u.at("head.weight")
		u.tensors[at] = weights.Tensor{Name: "head.weight", DType: weights.F16, Shape: []int{2, testD},
			Data: make([]byte, 2*2*testD)}
	}, "not-a-head", "head.weight is F16"},
	{"weights as integers", func(_ testing.TB, u *upload) { u.tensors[u.at("head.weight")].DType = weights.I32 },
		"not-a-head", "head.weight is I32"},

	{"a mean that is not a number", value("head.mean", testD-1, math.Float32bits(float32(math.NaN()))), "not-finite",
		"head.mean"},
	{"a signalling NaN", value("head.weight", 0, 0xff800001), "not-finite", "head.weight"},
	{"an infinite weight", value("head.weight", 2*testD-1, 0x7f800000), "not-finite", "head.weight"},
	{"an infinite bias", value("head.bias", 1, 0xff800000), "not-finite", "head.bias"},
	{"NaN in the means", value("threshold.means", 7, 0x7fffffff), "not-finite", "threshold.means"},
	{"a deviation of 0", value("head.std", 3, 0), "not-a-head", "not above 0"},
	{"a deviation of -0", value("head.std", 3, 0x80000000), "not-a-head", "not above 0"},
	{"a negative deviation", value("head.std", 0, math.Float32bits(-1)), "not-a-head", "not above 0"},

	{"a long header", func(_ testing.TB, u *upload) { u.metadata["padding"] = strings.Repeat("x", maxHeader) },
		"not-a-head", "at most 16384"},
}

func cardWith(field string, to any) func(testing.TB, *upload) {
	return func(t testing.TB, u *upload) {
		if raw, ok := to.(json.RawMessage); ok { // a number that Marshal would refuse
			u.metadata[headKey] = strings.Replace(u.metadata[headKey], `"`+field+`":2.5`, `"`+field+`":`+string(raw), 1)
			return
		}
		u.card(t, func(card map[string]any) { card[field] = to })
	}
}

func onBlocks(blocks ...int) func(testing.TB, *upload) {
	return func(t testing.TB, u *upload) {
		u.card(t, func(card map[string]any) { card["version"], card["blocks"] = 2, blocks })
	}
}

func labelled(label string) func(testing.TB, *upload) {
	return cardWith("classes", []string{"cat", label})
}

func without(name string) func(testing.TB, *upload) {
	return func(_ testing.TB, u *upload) { u.tensors = slices.Delete(u.tensors, u.at(name), u.at(name)+1) }
}

func reshaped(name string, shape ...int) func(testing.TB, *upload) {
	return func(t testing.TB, u *upload) {
		u.add(t, name, shape...)
		last := len(u.tensors) - 1
		u.tensors[u.at(name)], u.tensors = u.tensors[last], u.tensors[:last]
	}
}

func value(name string, i int, bits uint32) func(testing.TB, *upload) {
	return func(_ testing.TB, u *upload) { u.set(name, i, bits) }
}

// badFiles are files that are not valid safetensors. The tests of Parse have more.
func badFiles(t testing.TB) map[string][]byte {
	sound := soundUpload(t, "cat", "dog").file(t)
	claim := slices.Clone(sound)
	binary.LittleEndian.PutUint64(claim, 1<<40)
	twice := bytes.Replace(sound, []byte(`"head.std"`), []byte(`"head.mean"`), 1)
	twice = append(binary.LittleEndian.AppendUint64(nil, binary.LittleEndian.Uint64(sound)+1), twice[8:]...)
	return map[string][]byte{
		"nothing":               nil,
		"a few bytes":           []byte("PK\x03\x04"),
		"a page":                []byte("<!doctype html><script>alert(1)</script>"),
		"cut":                   sound[:len(sound)-1],
		"cut in the header":     sound[:100],
		"a byte too many":       append(slices.Clone(sound), 0),
		"a claim of a terabyte": claim,
		"one name twice":        twice,
	}
}

func TestBadUploads(t *testing.T) {
	for _, c := range badUploads {
		t.Run(c.name, func(t *testing.T) {
			u := soundUpload(t, "cat", "dog")
			c.change(t, u)
			_, no := readHead(u.file(t))
			if no == nil {
				t.Fatal("accepted")
			}
			if no.status != 422 || no.code != c.code || !strings.Contains(no.message, c.want) {
				t.Errorf("refused with %d %s %q, want %s %q", no.status, no.code, no.message, c.code, c.want)
			}
			if len(no.message) > 400 {
				t.Errorf("the refusal is a novel: %q", no.message)
			}
		})
	}
	for name, file := range badFiles(t) {
		if _, no := readHead(file); no == nil || no.status != 422 || no.code != "not-safetensors" &&
			no.code != "not-a-head" {
			t.Errorf("%s: %+v", name, no)
		}
	}
}

// goodLabels are names that users may give.
var goodLabels = []string{
	"cat", "小鸟", "Ärger", "naïve café", "It's 5 o'clock & more", `quotes "here" \ there`, "שלום", "مرحبا", "हिन्दी",
	"👨‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 England", "C++ / C#", "-1",
	strings.Repeat("字", maxLabel), " padded ", "{{7*7}}", "javascript:alert(1)",
}

func TestGoodUploads(t *testing.T) {
	sound := soundUpload(t, goodLabels...)
	for name, change := range map[string]func(*upload){
		"as it is":              func(*upload) {},
		"without a threshold":   func(u *upload) { cardWith("limit", nil)(t, u); without("threshold.means")(t, u) },
		"a class without means": func(u *upload) { reshaped("threshold.means", len(goodLabels)-1, testD)(t, u) },
		"extreme values": func(u *upload) {
			u.set("head.weight", 0, 0x7f7fffff)
			u.set("head.weight", 1, 1)
			u.set("head.std", 0, 1)
		},
		"limit 0": func(u *upload) { cardWith("limit", 0)(t, u) },
	} {
		u := &upload{metadata: map[string]string{headKey: sound.metadata[headKey]}}
		for _, x := range sound.tensors {
			x.Data = slices.Clone(x.Data)
			u.tensors = append(u.tensors, x)
		}
		change(u)
		h, no := readHead(u.file(t))
		if no != nil {
			t.Errorf("%s: refused: %s", name, no.message)
			continue
		}
		if !slices.Equal(h.card.Classes, goodLabels) {
			t.Errorf("%s: the classes are %q", name, h.card.Classes)
		}
	}
}

// Equal heads have the same bytes, whatever file they came in.
func TestCanonicalForm(t *testing.T) {
	u := soundUpload(t, "cat", "dog & cow")
	canonical := encoded(t, u.file(t))
	slices.Reverse(u.tensors)
	u.metadata[headKey] = strings.Replace(u.metadata[headKey], `"version":1`, "\n \"VERSION\" : 1.0e0, \"version\":1",
		1)
	other := u.file(t)
	if bytes.Equal(other, canonical) {
		t.Fatal("the files do not differ")
	}
	if _, no := readHead(other); no == nil {
		t.Error("a version of 1.0e0 is a whole number only in other languages")
	}
	u.metadata[headKey] = strings.Replace(u.metadata[headKey], "1.0e0", "1", 1)
	if !bytes.Equal(encoded(t, u.file(t)), canonical) {
		t.Error("another order gives another file")
	}
	if !bytes.Equal(encoded(t, canonical), canonical) {
		t.Error("the canonical form of a canonical form is another")
	}
	// A head that averages a picture and its mirror image is another head, and stays one.
	u.metadata[headKey] = strings.Replace(u.metadata[headKey], `"version":1`, `"version":1,"mirrored":true`, 1)
	if both := encoded(t, u.file(t)); bytes.Equal(both, canonical) ||
		!bytes.Contains(both, []byte(`mirrored\":true`)) || !bytes.Equal(encoded(t, both), both) {
		t.Error("that a head is mirrored gets lost")
	}
}

// encoded is the canonical form of a file.
func encoded(t testing.TB, file []byte) []byte {
	t.Helper()
	h, no := readHead(file)
	if no != nil {
		t.Fatal(no.message)
	}
	b, err := h.encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// FuzzReadHead: a head that is accepted has a canonical form, which is accepted and is its own canonical form. Its
// labels break no rule.
func FuzzReadHead(f *testing.F) {
	for _, c := range badUploads {
		u := soundUpload(f, "cat", "dog")
		c.change(f, u)
		f.Add(u.file(f))
	}
	for _, file := range badFiles(f) {
		f.Add(file)
	}
	f.Add(soundUpload(f, goodLabels...).file(f))
	f.Fuzz(func(t *testing.T, file []byte) {
		h, no := readHead(file)
		if no != nil {
			if no.status != 422 || no.message == "" {
				t.Fatalf("%+v", no)
			}
			return
		}
		for _, label := range h.card.Classes {
			if why := badLabel(label); why != "" {
				t.Fatalf("%q: %s", label, why)
			}
		}
		canonical := encoded(t, file)
		if again := encoded(t, canonical); !bytes.Equal(again, canonical) {
			t.Fatal("the canonical form is not its own")
		}
	})
}
