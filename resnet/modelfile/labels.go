package modelfile

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// labelList is the classes' names as one of the side files has them.
type labelList struct {
	file   string
	labels []string
	// certain: the file is a list of labels beyond doubt, so that it is an error if their number is not the network's.
	certain bool
}

// labelNames matches the names of files that are lists of labels.
var labelNames = regexp.MustCompile(`(?i)label|class|categor|synset|imagenet|\.names$|idx`)

// keep keeps a file's labels. isCertain says whether their form alone tells that they are labels.
func (a *about) keep(file string, labels []string, isCertain bool) {
	a.lists = append(a.lists, labelList{file, labels, isCertain || labelNames.MatchString(file)})
}

// labelsFor determines the labels of the classes. A list of labels goes before those in a config.json, which are often
// placeholders. The file of the labels that are not taken is named in a note.
//
// One output may have two names.
func (o *Opened) labelsFor(a *about) ([]string, error) {
	n := o.Config.Classes
	fits := func(labels []string) bool { return len(labels) == n || len(labels) == o.Config.Answers() }
	labels := a.labels
	isPlaceholder := true
	for i, label := range labels {
		isPlaceholder = isPlaceholder && label == fmt.Sprintf("LABEL_%d", i)
	}
	from := ""
	for _, list := range a.lists {
		switch {
		case !fits(list.labels) && list.certain:
			return nil, fmt.Errorf("%.80q names %d classes, and the model has %d: there are %[2]d labels for the "+
				"%[3]d classes of the file; they do not belong together", list.file, len(list.labels), n)
		case !fits(list.labels):
			o.noteFile(NoteSideUnread, list.file)
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
	if len(labels) != 0 && !fits(labels) {
		return nil, fmt.Errorf("there are %d labels for the %d classes of the file: they do not belong together",
			len(labels), n)
	}
	return labels, nil
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

// nestedLabels reads labels under a key of their own: Teachable Machine's metadata.json, PyTorch checkpoints' settings
// and the like.
func nestedLabels(fields map[string]json.RawMessage) ([]string, error) {
	for _, key := range []string{"labels", "classes", "names", "class_names", "classNames", "label_names", "categories",
		"id2label", "idx_to_class", "label2id", "class_to_idx", "class_indices"} {
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

var (
	numberFirst = regexp.MustCompile(`^(\d{1,6})\s*[:,;=.)\t ]\s*(.+)$`)
	numberLast  = regexp.MustCompile(`^(.+?)\s*[:,;=\t ]\s*(\d{1,6})$`)
	// wordNetID is the identifier of a class of ImageNet in WordNet, before its names.
	wordNetID = regexp.MustCompile(`^n\d{8}\s*[:,;\t ]\s*(.+)$`)
	quoted    = regexp.MustCompile(`^(?:'(.*)'|"(.*)"),?$`)
	// notLabels matches the endings of texts that are no lists, whatever is in them.
	notLabels = regexp.MustCompile(`(?i)\.(json|md|rst|ya?ml|toml|ini|cfg|conf|py|js|ts|ipynb|html?|xml|log|sh|bat|` +
		`pbtxt|prototxt|license|gitattributes|gitignore)$|(?i)^(readme|licen[cs]e|notice|requirements)`)
)

// textLabels reads labels from a text with one on each line, which may have its number before or behind it, or from a
// table. It gives nil for a text that is no such list.
func textLabels(file, text string) (labels []string, isCertain bool) {
	if notLabels.MatchString(path.Base(file)) {
		return nil, false
	}
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil, false
	}
	if len(lines) == 1 {
		fields := regexp.MustCompile(`\s*[,;\t]\s*`).Split(strings.Trim(lines[0], ",;\t "), -1)
		return unquoted(fields), false
	}
	if labels := numbered(lines); labels != nil {
		return labels, true
	}
	extension := strings.ToLower(path.Ext(file))
	if extension == ".csv" || extension == ".tsv" || len(lines) > 2 && header(lines[0]) {
		return table(lines), true
	}
	if names := matched(lines, wordNetID, 1); names != nil {
		return names, true
	}
	return unquoted(lines), false
}

// numbered reads lines that all begin, or all end, with their numbers from 0 or 1. The names "1 euro" and "2 euro" are
// no numbered lines, since without the numbers they are the same.
func numbered(lines []string) []string {
	for _, form := range []struct {
		pattern      *regexp.Regexp
		number, name int
	}{{numberFirst, 1, 2}, {numberLast, 2, 1}} {
		names, numbers := matched(lines, form.pattern, form.name), matched(lines, form.pattern, form.number)
		if names == nil {
			continue
		}
		names = unquoted(names)
		if plain := matched(names, wordNetID, 1); plain != nil {
			names = plain
		}
		if len(names) > 1 && len(slices.Compact(slices.Sorted(slices.Values(names)))) == 1 {
			continue
		}
		for base := range 2 {
			if sorted := ordered(names, numbers, base); sorted != nil {
				return sorted
			}
		}
	}
	return nil
}

// matched gives a group of a pattern that all lines match, or nil.
func matched(lines []string, pattern *regexp.Regexp, group int) []string {
	found := make([]string, len(lines))
	for i, line := range lines {
		m := pattern.FindStringSubmatch(line)
		if m == nil {
			return nil
		}
		found[i] = strings.TrimSpace(m[group])
	}
	return found
}

// unquoted takes the quotes off names that all have them.
func unquoted(names []string) []string {
	plain := make([]string, len(names))
	for i, name := range names {
		m := quoted.FindStringSubmatch(name)
		if m == nil {
			return names
		}
		plain[i] = m[1] + m[2]
	}
	return plain
}

// columnNames are the usual headings of the columns of names and of numbers.
var (
	nameColumns = []string{"name", "names", "label", "labels", "class_name", "classname", "class name", "label_name",
		"class", "category", "display_name", "description", "title", "word", "words", "species"}
	numberColumns = []string{"id", "index", "idx", "class_id", "classid", "class id", "label_id", "class_index",
		"class_idx", "number", "no", "target", "label", "class", ""}
)

// separator is what separates the columns of a table whose heading is line.
func separator(line string) rune {
	for _, r := range "\t;" {
		if strings.ContainsRune(line, r) {
			return r
		}
	}
	return ','
}

// header reports whether a line is a table's heading.
func header(line string) bool {
	fields := strings.Split(strings.ToLower(line), string(separator(line)))
	known := 0
	for i := range fields {
		fields[i] = strings.Trim(fields[i], ` "'`)
		if slices.Contains(nameColumns, fields[i]) || slices.Contains(numberColumns, fields[i]) {
			known++
		}
	}
	return len(fields) > 1 && known == len(fields)
}

// table reads a table of numbers and names, with or without a heading, or gives nil.
func table(lines []string) []string {
	r := csv.NewReader(strings.NewReader(strings.Join(lines, "\n")))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.TrimLeadingSpace = separator(lines[0]), true, -1, true
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil
	}
	column := func(from, at int) []string {
		values := make([]string, 0, len(rows))
		for _, row := range rows[from:] {
			if at >= len(row) {
				return nil
			}
			values = append(values, strings.TrimSpace(row[at]))
		}
		return values
	}
	for _, from := range []int{0, 1} { // without a heading, and with one
		for number := range rows[0] {
			at := nameColumn(rows, from, number)
			if from == len(rows) || at < 0 {
				continue
			}
			for base := range 2 {
				if sorted := ordered(column(from, at), column(from, number), base); sorted != nil {
					return sorted
				}
			}
		}
	}
	// No column has numbers: the order counts.
	from, at := 0, nameColumn(rows, 1, -1)
	if header(lines[0]) || len(rows[0]) == 1 && slices.Contains(nameColumns, strings.ToLower(rows[0][0])) {
		from = 1
	}
	if at < 0 || from == len(rows) || slices.Contains(column(from, at), "") {
		return nil
	}
	return column(from, at)
}

// nameColumn finds the column of names: the one with a heading that says so, or the first that is neither the one of
// the numbers nor of WordNet's identifiers.
func nameColumn(rows [][]string, from, number int) int {
	if from == 1 {
		for _, heading := range nameColumns {
			for at, field := range rows[0] {
				if at != number && strings.EqualFold(strings.TrimSpace(field), heading) {
					return at
				}
			}
		}
	}
	for at, field := range rows[len(rows)-1] {
		if at != number && !(wordNetID.MatchString(field+" x") && len(rows[0]) > 2) {
			return at
		}
	}
	return -1
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
	var out []byte
	for _, token := range literalTokens.FindAllString(text, -1) {
		switch last := len(out) - 1; {
		case token[0] == '\'' || token[0] == '"':
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
