package modelfile

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// inUTF16 encodes a text as Windows' Editor and PowerShell do.
func inUTF16(text string, isBig bool) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		if isBig {
			b.WriteByte(byte(unit >> 8))
		}
		b.WriteByte(byte(unit))
		if !isBig {
			b.WriteByte(byte(unit >> 8))
		}
	}
	return b.String()
}

// TestLabelForms: the forms in which people have the names of five classes.
func TestLabelForms(t *testing.T) {
	fruit := []string{"apple", "banana", "cherry", "date", "elderberry"}
	for _, c := range []struct{ name, file, text string }{
		{"a name on each line", "labels.txt", fiveLabels},
		{"without an end of the last line", "labels.txt", strings.TrimSpace(fiveLabels)},
		{"with empty lines at the end", "labels.txt", fiveLabels + "\n \n"},
		{"lines of Windows", "labels.txt", "\ufeff" + strings.ReplaceAll(fiveLabels, "\n", "\r\n")},
		{"lines of old Macs", "labels.txt", strings.ReplaceAll(fiveLabels, "\n", "\r")},
		{"UTF-16", "labels.txt", inUTF16(fiveLabels, false)},
		{"UTF-16, big-endian", "labels.txt", inUTF16(fiveLabels, true)},
		{"Darknet", "fruit.names", fiveLabels},
		{"a file whose name says nothing", "fruit.txt", fiveLabels},
		{"numbers, as in Teachable Machine", "labels.txt", "0 apple\n1 banana\n2 cherry\n3 date\n4 elderberry"},
		{"numbers and colons", "x.txt", "0: apple\n1: banana\n2: cherry\n3: date\n4: elderberry"},
		{"numbers and commas", "x.txt", "0,apple\n1,banana\n2,cherry\n3,date\n4,elderberry"},
		{"numbers and tabs", "x.txt", "0\tapple\n1\tbanana\n2\tcherry\n3\tdate\n4\telderberry"},
		{"numbers from one", "x.txt", "1. apple\n2. banana\n3. cherry\n4. date\n5. elderberry"},
		{"numbers in another order", "x.txt", "4 elderberry\n0 apple\n2 cherry\n1 banana\n3 date"},
		{"numbers at the end", "x.txt", "apple 0\nbanana 1\ncherry 2\ndate 3\nelderberry 4"},
		{"WordNet", "synset.txt",
			"n00000001 apple\nn00000002 banana\nn00000003 cherry\nn00000004 date\nn00000005 elderberry"},
		{"numbers and WordNet", "x.txt",
			"0 n00000001 apple\n1 n00000002 banana\n2 n00000003 cherry\n3 n00000004 date\n4 n00000005 elderberry"},
		{"one line", "labels.txt", "apple, banana, cherry, date, elderberry\n"},
		{"quotes", "labels.txt", "\"apple\"\n\"banana\"\n\"cherry\"\n\"date\"\n\"elderberry\""},
		{"a list of JSON", "labels.json", `["apple", "banana", "cherry", "date", "elderberry"]`},
		{"JSON in a text", "labels.txt", `["apple", "banana", "cherry", "date", "elderberry"]`},
		{"class_to_idx", "class_to_idx.json", `{"apple": 0, "cherry": 2, "banana": 1, "elderberry": 4, "date": 3}`},
		{"class_indices", "x.json", `{"apple": 0, "banana": 1, "cherry": 2, "date": 3, "elderberry": 4}`},
		{"numbered JSON", "x.json", `{"0": "apple", "1": "banana", "2": "cherry", "3": "date", "4": "elderberry"}`},
		{"numbered YAML", "data.yaml", "path: ../fruit\nnc: 5\nnames:\n  0: apple\n  # yellow\n  1: banana\n" +
			"  2: 'cherry'\n  3: date\n  4: elderberry\ndownload: no\n"},
		{"a list of YAML", "data.yml", "names:\n- apple\n- banana\n- \"cherry\"\n- date\n- elderberry\nnc: 5\n"},
		{"YAML in brackets", "data.yaml", "train: ../train\r\nnames: ['apple', 'banana', 'cherry',\r\n" +
			"  'date', 'elderberry']\r\nnc: 5\r\n"},
		{"YAML without quotes", "data.yaml", "names: [apple, 'banana', cherry, \"date\", elderberry]\nnc: 5\n"},
		{"imagenet_class_index", "x.json", `{"0": ["n1", "apple"], "1": ["n2", "banana"], "2": ["n3", "cherry"],
			"3": ["n4", "date"], "4": ["n5", "elderberry"]}`},
		{"Teachable Machine", "metadata.json", `{"tfjsVersion": "1.3.1", "packageName": "@teachablemachine/image",
			"labels": ["apple", "banana", "cherry", "date", "elderberry"], "imageSize": 224}`},
		{"a checkpoint's settings", "meta.json", `{"epoch": 9, "class_to_idx":
			{"apple": 0, "banana": 1, "cherry": 2, "date": 3, "elderberry": 4}}`},
		{"objects", "x.json", `[{"id": 1, "name": "banana"}, {"id": 0, "name": "apple"}, {"id": 2, "name": "cherry"},
			{"id": 4, "name": "elderberry"}, {"id": 3, "name": "date"}]`},
		{"objects without numbers", "x.json", `[{"name": "apple"}, {"name": "banana"}, {"name": "cherry"},
			{"name": "date"}, {"name": "elderberry"}]`},
		{"label2id", "config.json", `{"model_type": "resnet", "label2id":
			{"apple": 0, "banana": 1, "cherry": 2, "date": 3, "elderberry": 4}}`},
		{"Python's dictionary", "x.txt", "{'apple': 0, 'banana': 1, 'cherry': 2, 'date': 3, 'elderberry': 4}"},
		{"Python's dictionary by numbers", "x.txt",
			"{0: 'apple',\n 1: 'banana',\n 2: 'cherry',\n 3: \"date\",\n 4: 'elderberry',}"},
		{"Python's list", "x.txt", "['apple', 'banana', 'cherry', 'date', 'elderberry']"},
		{"a table", "x.csv", "index,name\n0,apple\n1,banana\n2,cherry\n3,date\n4,elderberry"},
		{"a table with quotes", "x.csv", "\"id\",\"label\"\n0,\"apple\"\n1,\"banana\"\n2,\"cherry\"\n3,\"date\"\n" +
			"4,\"elderberry\"\n"},
		{"a table of Excel", "x.csv", "id;name\r\n0;apple\r\n1;banana\r\n2;cherry\r\n3;date\r\n4;elderberry\r\n"},
		{"numbers and names, some with quotes", "x.txt", "0,\"apple\"\n1,banana\n2,cherry\n3,date\n4,elderberry"},
		{"names with spaces inside", "x.json", `["apple", "banana", " cherry", "date\t", "elderberry"]`},
		{"a table with the numbers last", "x.csv", "name,id\napple,0\nbanana,1\ncherry,2\ndate,3\nelderberry,4"},
		{"a table without a heading", "x.csv", "0,apple\n1,banana\n2,cherry\n3,date\n4,elderberry"},
		{"a table of one column", "x.csv", "name\napple\nbanana\ncherry\ndate\nelderberry"},
		{"a table of names", "x.csv", fiveLabels},
		{"a table with more columns", "x.tsv", "id\twnid\tname\n0\tn00000001\tapple\n1\tn00000002\tbanana\n" +
			"2\tn00000003\tcherry\n3\tn00000004\tdate\n4\tn00000005\telderberry"},
		{"a heading in a text", "x.txt", "index name\n0 apple\n1 banana\n2 cherry\n3 date\n4 elderberry"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := Open(read(t, "torchvision-basic.safetensors"), Options{Sides: []Side{{c.file, []byte(c.text)}}})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(o.Card.Labels, fruit) {
				t.Errorf("the labels are %q with %v", o.Card.Labels, o.Notes)
			}
		})
	}
}

// TestLabelsKept: names that only look numbered stay as they are.
func TestLabelsKept(t *testing.T) {
	for _, lines := range []string{"1 euro\n2 euro\n5 euro\n10 euro\n20 euro",
		"class 0\nclass 1\nclass 2\nclass 3\nclass 4", "apple, red\napple, green\npear\nplum\nfig",
		"7 up\ncola\nwater\nmilk\ntea", "1 euro\n2 euro\n3 euro\n4 euro\n5 euro",
		"n1\nn2\nn3\nn4\nn5", "don't\nwon't\ncan't\nshan't\nain't"} {
		o, err := Open(read(t, "torchvision-basic.safetensors"), Options{Sides: []Side{{"labels.txt", []byte(lines)}}})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(o.Card.Labels, strings.Split(lines, "\n")) {
			t.Errorf("%q became %q", lines, o.Card.Labels)
		}
	}
}

// TestLabelFiles: what becomes of labels that do not fit, and of more than one list.
func TestLabelFiles(t *testing.T) {
	config := Side{"config.json", []byte(`{"model_type": "resnet", "id2label":
		{"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}}`)}
	placeholders := Side{"config.json", []byte(`{"model_type": "resnet", "id2label":
		{"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2", "3": "LABEL_3", "4": "LABEL_4"}}`)}
	labels := Side{"labels.txt", []byte(fiveLabels)}
	file := func(code string) func(Note) bool { return func(n Note) bool { return n.Code == code } }
	for _, c := range []struct {
		name  string
		sides []Side
		first string // label
		code  string // of a note about a file
		value string
	}{
		{"a list goes before config.json", []Side{config, labels}, "apple", NoteLabelsUnused, "config.json"},
		{"placeholders are no names", []Side{labels, placeholders}, "apple", "", ""},
		{"two lists", []Side{labels, {"classes.txt", []byte("a\nb\nc\nd\ne")}}, "apple", NoteLabelsUnused,
			"classes.txt"},
		{"the same list twice", []Side{labels, {"classes.txt", []byte(fiveLabels)}}, "apple", "", ""},
		{"a text that is no list", []Side{labels, {"notes.txt", []byte("trained\non\nTuesday")}}, "apple",
			NoteSideUnread, "notes.txt (3 ≠ 5)"},
		{"the challenge's numbers", []Side{{"map_clsloc.txt", []byte("n00000001 2 a\nn00000002 1 b\nn00000003 3 c\n" +
			"n00000004 4 d\nn00000005 5 e")}}, "", NoteSideUnread, "map_clsloc.txt"},
		{"lines that are no names", []Side{{"labels.txt", []byte(strings.Repeat(strings.Repeat("x", 1001)+"\n", 5))}},
			"", NoteSideUnread, "labels.txt"},
		{"an empty list", []Side{{"labels.txt", []byte("\r\n\n")}}, "", NoteSideUnread, "labels.txt"},
		{"a list in a foreign encoding", []Side{{"labels.txt", []byte("\xe4pfel\nb\nc\nd\ne")}}, "", NoteSideUnread,
			"labels.txt"},
		{"broken JSON", []Side{{"labels.json", []byte(`["a", "b"`)}}, "", NoteSideUnread, "labels.json"},
		{"JSON with an open string", []Side{{"config.json", []byte(`{"model_type": resnet", "a": 'b}`)}}, "",
			NoteSideUnread, "config.json"},
		{"other JSON", []Side{{"x.json", []byte(`{"a": 1}`)}, {"y.json", []byte(`{}`)}, {"z.json", []byte(`[]`)}}, "",
			NoteSideUnread, "x.json, y.json, z.json"},
		{"a huge file", []Side{{"labels.txt", make([]byte, maxSide+1)}}, "", NoteSideUnread, "labels.txt"},
		{"flowers that are numbered by folder", []Side{{"cat_to_name.json",
			[]byte(`{"21": "fire lily", "3": "rose", "45": "fern", "1": "primrose", "34": "peony"}`)}}, "",
			NoteSideUnread, "cat_to_name.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := Open(read(t, "torchvision-basic.safetensors"), Options{Sides: c.sides})
			if err != nil {
				t.Fatal(err)
			}
			if c.first != "" && (len(o.Card.Labels) != 5 || o.Card.Labels[0] != c.first) {
				t.Errorf("the labels are %q", o.Card.Labels)
			}
			if c.first == "" && !slices.Contains(o.Notes, Note{NoteLabels, "numbers"}) {
				t.Errorf("the labels are %q with %v", o.Card.Labels, o.Notes)
			}
			var want []Note
			if c.code != "" {
				want = []Note{{c.code, c.value}}
			}
			var got []Note
			for _, code := range []string{NoteSideUnread, NoteLabelsUnused, NoteFileUnused} {
				if i := slices.IndexFunc(o.Notes, file(code)); i >= 0 {
					got = append(got, o.Notes[i])
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("the notes are %v, want %v", got, want)
			}
		})
	}
}

// TestLabelsCount: names of more or fewer classes than the network has are not taken, whatever file they are in, and
// the note has both numbers. Names that fit are taken from another file.
func TestLabelsCount(t *testing.T) {
	for name, text := range map[string]string{
		"labels.txt": fiveLabels + "fig\n", "x.txt": "0 a\n1 b\n2 c\n3 d\n4 e\n5 f",
		"x.json":             `["a", "b", "c", "d", "e", "f"]`,
		"class_indices.json": `{"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5}`,
		"id2label.json":      `{"0": "a", "1": "b", "2": "c", "3": "d", "4": "e", "5": "f"}`,
		"nested.json":        `{"labels": ["a", "b", "c", "d", "e", "f"]}`,
		"data.yaml":          "names: [a, b, c, d, e, f]\n",
		"config.json": `{"model_type": "resnet", "label2id":
			{"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5}}`,
	} {
		o := open(t, "torchvision-basic.safetensors")
		for _, file := range [][]byte{read(t, "torchvision-basic.safetensors"), written(t, o)} {
			o, err := Open(file, Options{Sides: []Side{{name, []byte(text)}}})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			want := Note{NoteLabelsCount, name + " (6 ≠ 5)"}
			if isOurs := o.Names == "residua"; isOurs && name == "config.json" {
				want = Note{NoteFileUnused, name} // the network has a card
			}
			if !slices.Contains(o.Notes, want) || len(o.Card.Labels) != 0 {
				t.Errorf("%s: the notes are %v, and the labels %q", name, o.Notes, o.Card.Labels)
			}
		}
		o, err := Open(read(t, "torchvision-basic.safetensors"),
			Options{Sides: []Side{{name, []byte(text)}, {"classes.txt", []byte("a\nb\nc\nd\ne")}}})
		if err != nil || len(o.Card.Labels) != 5 {
			t.Errorf("%s beside labels that fit: %+v, %v", name, o, err)
		}
	}
}

// written is a file that Open has made.
func written(t *testing.T, o *Opened) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := o.File.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
