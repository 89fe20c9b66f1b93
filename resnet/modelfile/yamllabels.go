package modelfile

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	yamlNames = regexp.MustCompile(`^names:\s*(.*)$`)
	yamlItem  = regexp.MustCompile(`^-\s+(.+)$`)
	yamlEntry = regexp.MustCompile(`^(\d{1,6}):\s+(.+)$`)
)

// yamlLabels reads the classes' names of a data set's description, such as Ultralytics' and Roboflow's data.yaml, or
// gives nil. It knows the forms in which such files have their names, and not YAML:
//
//	names: ['tench', 'goldfish']
//	names: [tench, goldfish]
//	names:                        or        names:
//	  0: tench                              - tench
//	  1: goldfish                           - goldfish
func yamlLabels(file, text string) []string {
	if extension := strings.ToLower(path.Ext(file)); extension != ".yaml" && extension != ".yml" {
		return nil
	}
	lines := strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
	at := slices.IndexFunc(lines, yamlNames.MatchString)
	if at < 0 {
		return nil
	}
	if first := strings.TrimSpace(yamlNames.FindStringSubmatch(lines[at])[1]); strings.HasPrefix(first, "[") {
		return yamlList(first + " " + strings.Join(lines[at+1:], " "))
	}
	var below []string
	for _, line := range lines[at+1:] {
		plain := strings.TrimSpace(line)
		if plain == "" || plain[0] == '#' {
			continue
		}
		if !yamlItem.MatchString(plain) && (plain == line || !yamlEntry.MatchString(plain)) {
			break
		}
		below = append(below, plain)
	}
	if names := matched(below, yamlItem, 1); names != nil {
		return plainScalars(names)
	}
	if names := matched(below, yamlEntry, 2); names != nil {
		return ordered(plainScalars(names), matched(below, yamlEntry, 1), 0)
	}
	return nil
}

// plainScalars takes the quotes off the names that have some, in place.
func plainScalars(names []string) []string {
	for i, name := range names {
		if m := quoted.FindStringSubmatch(name); m != nil {
			names[i] = m[1] + m[2]
		}
	}
	return names
}

// yamlList reads a list in brackets, whose names may have quotes.
func yamlList(text string) (labels []string) {
	end := strings.IndexByte(text, ']')
	if end < 0 {
		return nil
	}
	if list, ok := jsonOf(text[:end+1]); ok && json.Unmarshal(list, &labels) == nil {
		return labels
	}
	return plainScalars(separators.Split(strings.Trim(text[1:end], ", "), -1))
}
