package modelfile

import (
	"encoding/csv"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	numberFirst = regexp.MustCompile(`^(\d{1,6})\s*[:,;=.)\t ]\s*(.+)$`)
	numberLast  = regexp.MustCompile(`^(.+?)\s*[:,;=\t ]\s*(\d{1,6})$`)
	// wordNetID is the identifier of a class of ImageNet in WordNet, before its names.
	wordNetID  = regexp.MustCompile(`^n\d{8}\s*[:,;\t ]\s*(.+)$`)
	quoted     = regexp.MustCompile(`^(?:'(.*)'|"(.*)"),?$`)
	separators = regexp.MustCompile(`\s*[,;\t]\s*`)
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
		return unquoted(separators.Split(strings.Trim(lines[0], ",;\t "), -1)), false
	}
	rest := lines
	if header(strings.Join(strings.Fields(lines[0]), "\t")) {
		rest = lines[1:]
	}
	if labels := numbered(rest); labels != nil {
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
