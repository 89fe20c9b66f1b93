package web

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// apply gives the headers of a path on a platform with a _headers file. Each matching rule first removes headers, then
// sets some; a header that an earlier rule has set gets the value appended.
func apply(t *testing.T, rules, path string) map[string]string {
	t.Helper()
	headers := map[string]string{}
	matches := false
	for line := range strings.Lines(rules) {
		line = strings.TrimSuffix(line, "\n")
		rule, indented := strings.CutPrefix(line, "  ")
		name, value, isHeader := strings.Cut(rule, ": ")
		switch taken, isTaken := strings.CutPrefix(rule, "! "); {
		case !indented:
			matches = regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(line), `\*`, ".*") +
				"$").MatchString(path)
		case !matches:
		case isTaken:
			delete(headers, taken)
		case isHeader && headers[name] != "":
			headers[name] += ", " + value
		case isHeader:
			headers[name] = value
		default:
			t.Fatalf("the line %q is none", line)
		}
	}
	return headers
}

// Files get the same headers from a platform with a _headers file as from Handler.
func TestHeadersFile(t *testing.T) {
	files := site()
	delete(files, "static/LARGE.PNG") // rules are case-sensitive
	rules, err := HeadersFile(files)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(rules)) {
		if len(line) > 2000 { // the platform's limit
			t.Errorf("a line of %d characters", len(line))
		}
		if !strings.HasPrefix(line, " ") {
			if seen[line] {
				t.Errorf("two rules for %s, of which the platform knows the last", line)
			}
			seen[line] = true
		}
	}
	if len(seen) > 100 { // the platform's limit
		t.Errorf("%d rules", len(seen))
	}
	h := Handler(files, Shares{})
	for name := range files {
		path := "/" + strings.TrimPrefix(name, "index.html")
		if _, ok := fileName(path); !ok || strings.Contains(path, " ") {
			continue // hidden, or written differently in a request
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		want := map[string]string{}
		for name := range w.Header() {
			switch name {
			case "Etag", "Vary", "Accept-Ranges", "Content-Length": // the platform's own
			default:
				want[name] = w.Header().Get(name)
			}
		}
		got := apply(t, string(rules), path)
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s is %q, want %q", path, name, got[name], value)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d headers, want %d", path, len(got), len(want))
		}
	}
}
