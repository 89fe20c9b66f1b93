package modelfile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// labelList is the classes' names as one of the side files has them.
type labelList struct {
	file    string
	labels  []string
	certain bool // the file is a list of labels beyond doubt, even if their number is not the network's
}

// labelNames matches the names of files that are lists of labels.
var labelNames = regexp.MustCompile(`(?i)label|class|categor|synset|imagenet|\.names$|idx`)

// maxLabel limits a label, in bytes, as a model card does.
const maxLabel = 1000

// keep keeps a file's labels. isCertain says whether their form alone tells that they are labels. It returns false for
// some that no card takes, such as the lines of a novel.
func (a *about) keep(file string, labels []string, isCertain bool) bool {
	for i, label := range labels { // no tabs and line ends, which a card refuses
		labels[i] = strings.Join(strings.Fields(label), " ")
		if len(labels[i]) > maxLabel || strings.ContainsFunc(labels[i], unicode.IsControl) {
			return false
		}
	}
	a.lists = append(a.lists, labelList{file, labels, isCertain || labelNames.MatchString(file)})
	return true
}

// labelsFor determines the labels of the classes. A list of labels goes before those in a config.json, which are often
// placeholders. Labels of another number than the network's classes are not taken. The files of labels that are not
// taken are named in notes.
//
// One output may have two names.
func (o *Opened) labelsFor(a *about) []string {
	n := o.Config.Classes
	fits := func(labels []string) bool { return len(labels) == n || len(labels) == o.Config.Answers() }
	counted := func(file string, labels []string) string { return fmt.Sprintf("%s (%d ≠ %d)", file, len(labels), n) }
	labels := a.labels
	if len(labels) > 0 && !fits(labels) {
		o.noteFile(NoteLabelsCount, counted(a.labelsFrom, labels))
		labels = nil
	}
	isPlaceholder := true
	for i, label := range labels {
		isPlaceholder = isPlaceholder && label == fmt.Sprintf("LABEL_%d", i)
	}
	from := ""
	for _, list := range a.lists {
		switch {
		case !fits(list.labels) && list.certain:
			o.noteFile(NoteLabelsCount, counted(list.file, list.labels))
		case !fits(list.labels):
			o.noteFile(NoteSideUnread, counted(list.file, list.labels))
		case from != "":
			if !slices.Equal(list.labels, labels) {
				o.noteFile(NoteLabelsUnused, list.file)
			}
		default:
			if !isPlaceholder && !slices.Equal(list.labels, labels) {
				o.noteFile(NoteLabelsUnused, a.labelsFrom)
			}
			labels, from = list.labels, list.file
		}
	}
	return labels
}

// jsonLabels reads labels from the forms of JSON in which people keep them, or gives nil:
//
//	["tench", "goldfish"]
//	{"0": "tench"} and {"0": ["n01440764", "tench"]}, Keras's imagenet_class_index.json
//	{"tench": 0}, torchvision's class_to_idx and Keras's class_indices
//	[{"id": 0, "name": "tench"}]
//
// The error is for a list that is one beyond doubt, and has a gap.
func jsonLabels(text []byte) (labels []string, isCertain bool, err error) {
	if json.Unmarshal(text, &labels) == nil && len(labels) > 0 {
		return labels, true, nil
	}
	var objects []map[string]any
	if json.Unmarshal(text, &objects) == nil && len(objects) > 0 {
		return objectLabels(objects), false, nil
	}
	var indices map[string]json.Number
	if json.Unmarshal(text, &indices) == nil && len(indices) > 0 {
		names, numbers := make([]string, 0, len(indices)), make([]string, 0, len(indices))
		for name, number := range indices {
			names, numbers = append(names, name), append(numbers, number.String())
		}
		return ordered(names, numbers, 0), false, nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) == nil && fields["0"] != nil {
		labels, err = classIndex(fields)
		return labels, true, err
	}
	return nil, false, nil
}

// labelKeys are the keys under which labels are found.
var labelKeys = []string{"labels", "classes", "names", "class_names", "classNames", "label_names", "categories",
	"id2label", "idx_to_class", "label2id", "class_to_idx", "class_indices"}

// readMetadata reads labels from the metadata of the model's own file, as Ultralytics and others write them, unless a
// file beside it has some.
func (a *about) readMetadata(metadata map[string]string) {
	if len(a.lists) > 0 || len(a.labels) > 0 {
		return
	}
	for _, key := range labelKeys {
		var labels []string
		if text, isJSON := jsonOf(metadata[key]); isJSON {
			labels, _, _ = jsonLabels(text)
		} else {
			labels, _ = textLabels(key, metadata[key])
		}
		if len(labels) > 1 && a.keep(key, labels, false) {
			return
		}
	}
}

// nestedLabels reads labels under a key of their own: Teachable Machine's metadata.json, PyTorch checkpoints' settings
// and the like.
func nestedLabels(fields map[string]json.RawMessage) ([]string, error) {
	for _, key := range labelKeys {
		if raw, ok := fields[key]; ok {
			if labels, _, err := jsonLabels(raw); labels != nil || err != nil {
				return labels, err
			}
		}
	}
	return nil, nil
}

// objectLabels reads [{"id": 0, "name": "tench"}]. Without numbers, the order counts.
func objectLabels(objects []map[string]any) []string {
	first := func(object map[string]any, keys ...string) string {
		for _, key := range keys {
			if v, ok := object[key]; ok {
				return fmt.Sprint(v)
			}
		}
		return ""
	}
	var names, numbers []string
	for _, o := range objects {
		name := first(o, "name", "label", "class_name", "className", "class", "display_name")
		number := first(o, "id", "index", "idx", "class_id", "label_id")
		if name == "" {
			return nil
		}
		names = append(names, name)
		if number != "" {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) == 0 {
		return names
	}
	return ordered(names, numbers, 0)
}

// ordered sorts names by their numbers, which must be base, base + 1 and so on, each once. Otherwise it gives nil.
func ordered(names, numbers []string, base int) []string {
	if len(names) != len(numbers) {
		return nil
	}
	sorted := make([]string, len(names))
	for i, number := range numbers {
		n, err := strconv.Atoi(number)
		if n -= base; err != nil || n < 0 || n >= len(names) || sorted[n] != "" || names[i] == "" {
			return nil
		}
		sorted[n] = names[i]
	}
	return sorted
}

// jsonOf gives a JSON object or list. A dictionary or list as Python prints it becomes JSON: 'single quotes', keys that
// are numbers, a comma before the end. It returns false for anything else.
func jsonOf(text string) ([]byte, bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return nil, false
	}
	if json.Valid([]byte(text)) {
		return []byte(text), true
	}
	if len(text) > maxLiteral {
		return nil, false
	}
	var out []byte
	for _, token := range literalTokens.FindAllString(text, -1) {
		switch last := len(out) - 1; {
		case len(token) > 1 && (token[0] == '\'' || token[0] == '"'):
			inside := strings.NewReplacer(`\'`, "'", `\"`, `"`, `\\`, `\`).Replace(token[1 : len(token)-1])
			quotes, err := json.Marshal(inside)
			if err != nil {
				return nil, false
			}
			out = append(out, quotes...)
		case (token == "}" || token == "]") && last > 0 && out[last] == ',':
			out = append(out[:last], token...)
		case strings.HasSuffix(token, ":") && len(token) > 1:
			out = append(append(append(out, '"'), strings.TrimRight(token, ": \t")...), '"', ':')
		default:
			out = append(out, strings.TrimSpace(token)...)
		}
	}
	return out, json.Valid(out)
}

// maxLiteral limits Python's texts, in bytes: each of their characters may become a string of its own.
const maxLiteral = 1 << 20

// literalTokens are strings, keys that are numbers, and any other character.
var literalTokens = regexp.MustCompile(`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\d+\s*:|\s+|.`)

// decoded gives a text file as UTF-8, and false for a file that is no text. Windows writes UTF-16.
func decoded(b []byte) (string, bool) {
	var text string
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		order = binary.BigEndian
		fallthrough
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = order.Uint16(b[2*i:])
		}
		text = string(utf16.Decode(units))
	default:
		text = string(b)
	}
	return strings.TrimPrefix(text, "\ufeff"), utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}
