// Package settingsdoc holds tests of settings to the table that users read, docs/configurations.md.
package settingsdoc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Check fails the test unless the section of the document has a row for each setting, with its answer, and no other
// rows. The package that is tested lies two folders below the module's.
func Check(t *testing.T, section string, answers map[string]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "configurations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "\n## "+section+"\n")
	if !ok {
		t.Fatalf("there is no section %q", section)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	rows := map[string]string{}
	for line := range strings.Lines(rest) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && strings.Contains(cells[1], "`") {
			rows[strings.Trim(cells[1], " `")] = strings.TrimSpace(cells[2])
		}
	}
	for setting, answer := range answers {
		if rows[setting] != answer {
			t.Errorf("%s: `%s` is %q in the document, and %q here", section, setting, rows[setting], answer)
		}
	}
	for setting := range rows {
		if _, ok := answers[setting]; !ok {
			t.Errorf("%s: no case tests `%s`", section, setting)
		}
	}
}
