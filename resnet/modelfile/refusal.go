package modelfile

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/weights"
)

// Refusal is the error of Open: a clause for people. Why, if it is not empty, says for programs what the file is, and
// Values holds the numbers and names in the clause.
type Refusal struct {
	Why    Why
	Values map[string]string
	text   string
	err    error
}

func (r *Refusal) Error() string { return r.text }

// Unwrap is the error that Open met, or nil.
func (r *Refusal) Unwrap() error { return r.err }

// Why says what a file is that is no network's.
type Why string

// The reasons, with the keys of their values. Sizes have their units.
const (
	WhyPointer    Why = "pointer"      // kind, size, command: a pointer of Git LFS or git-annex
	WhyWebPage    Why = "web-page"     // none
	WhyText       Why = "text"         // begins
	WhyEmpty      Why = "empty"        // none
	WhyZeros      Why = "zeros"        // none
	WhyCutShort   Why = "cut-short"    // size, whole, missing
	WhyCutEarly   Why = "cut-early"    // size: cut before the list of its tensors ends
	WhyCompressed Why = "compressed"   // format
	WhyFormat     Why = "other-format" // format
)

func refusal(why Why, values map[string]string, format string, args ...any) *Refusal {
	return &Refusal{Why: why, Values: values, text: fmt.Sprintf(format, args...)}
}

func cutEarly(size string) *Refusal {
	return refusal(WhyCutEarly, map[string]string{"size": size}, "this file is cut short: it ends after %s, before "+
		"the list of its tensors does; download it again", size)
}

// asRefusal makes any error one for people.
func asRefusal(err error) *Refusal {
	var known *Refusal
	if errors.As(err, &known) {
		return known
	}
	r := &Refusal{text: errtext.Clause(err)}
	var size *weights.SizeError
	if errors.As(err, &size) && size.Size < size.Want {
		have, want, missing := bytesText(size.Size), bytesText(size.Want), bytesText(size.Want-size.Size)
		if size.InHeader {
			r = cutEarly(have)
		} else {
			r = refusal(WhyCutShort, map[string]string{"size": have, "whole": want, "missing": missing},
				"this file is cut short: it has %s of %s, and %s are missing; download it again", have, want, missing)
		}
	}
	if size != nil && size.Size > size.Want {
		r = refusal("", nil, "this file goes on for %s after the network ends: it is damaged, or two files in one; "+
			"download it again", bytesText(size.Size-size.Want))
	}
	r.err = err
	return r
}

// bytesText writes a number of bytes with the unit that suits it.
func bytesText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1e6:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// headBytes is how much of a file is looked at to say what it is.
const headBytes = 4096

// notAModel is the error for a file whose first bytes are those of neither a network nor another program's network, or
// nil if Kind says it better.
func notAModel(file []byte, kind Kind, name string) *Refusal {
	head := file[:min(len(file), headBytes)]
	given := strings.ToLower(path.Ext(name))
	switch {
	case len(file) == 0:
		return refusal(WhyEmpty, nil, "this file is empty; copy or download it again")
	case len(bytes.Trim(head, "\x00")) == 0:
		return refusal(WhyZeros, nil, "this file holds zeros where a model begins: its download has not finished; "+
			"download it again")
	}
	for _, s := range signatures {
		if s.why == "" || len(head) < s.at || !bytes.HasPrefix(head[s.at:], []byte(s.bytes)) {
			continue
		}
		values := map[string]string{"format": s.format}
		if s.why == WhyCompressed {
			return refusal(s.why, values, "this file is packed with %s; unpack it, and open the file that is inside",
				s.format)
		}
		return refusal(s.why, values, "this is a %s file and no model that is read here; .safetensors and .onnx files "+
			"are", s.format)
	}
	if kind != Other && (kind != JSON || given == "" || given == ".json") {
		return nil
	}
	if text, ok := asText(head); ok {
		return ofText(text)
	}
	if given == ".safetensors" && len(file) <= 8 { // the length of the list
		return cutEarly(bytesText(int64(len(file))))
	}
	return refusal("", nil, "this is no file of a network that is known: it begins with the bytes % x; .safetensors "+
		"and .onnx files are known", head[:min(len(head), 8)])
}

// asText reports whether a file begins as a text, and gives it without white space round it.
func asText(head []byte) (string, bool) {
	for i := 1; i < utf8.UTFMax && len(head) > headBytes-utf8.UTFMax && !utf8.Valid(head); i++ {
		head = head[:len(head)-1] // the last character may be cut
	}
	text := string(head)
	control := func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, control) {
		return "", false
	}
	return strings.TrimSpace(strings.TrimPrefix(text, "\ufeff")), true
}

// pointerTo reports whether a text is a pointer to a file in another store, and to how many bytes.
func pointerTo(text string) (kind, command string, size int64, ok bool) {
	digits := ""
	if strings.HasPrefix(text, "version http") {
		kind, command = "Git LFS", "git lfs pull"
		for line := range strings.Lines(text) {
			if value, ok := strings.CutPrefix(line, "size "); ok {
				digits = strings.TrimSpace(value)
			}
		}
	} else if _, key, ok := strings.Cut(text, "annex/objects/"); ok && len(text) < 500 {
		kind, command = "git-annex", "git annex get"
		_, digits, _ = strings.Cut(key, "-s")
		digits, _, _ = strings.Cut(digits, "-")
	}
	size, err := strconv.ParseInt(digits, 10, 64)
	return kind, command, size, err == nil && size >= 0
}

// ofText says what a text is that was given for a model.
func ofText(text string) *Refusal {
	if kind, command, size, ok := pointerTo(text); ok {
		values := map[string]string{"kind": kind, "size": bytesText(size), "command": command}
		return refusal(WhyPointer, values, "this is a pointer of %s and not the file itself, which has %s; run %q, "+
			"or download the file itself", kind, values["size"], command)
	}
	small := strings.ToLower(text)
	for _, start := range []string{"<!doctype html", "<html", "<head", "<body", "<script", "<center"} {
		at := strings.Index(small, start)
		if at == 0 || at > 0 && strings.HasPrefix(small, "<") { // behind <?xml … ?> or a comment
			return refusal(WhyWebPage, nil, "this is a web page that was saved under a model's name; download the "+
				"file itself, with the page's download button")
		}
	}
	line, _, more := strings.Cut(text, "\n")
	begins := printable(line)
	if r := []rune(begins); len(r) > 60 || more {
		begins = string(r[:min(len(r), 60)]) + "…"
	}
	if begins == "" {
		return refusal(WhyEmpty, nil, "this file is empty; copy or download it again")
	}
	return refusal(WhyText, map[string]string{"begins": begins}, "this is a text that was saved under a model's name, "+
		"perhaps a web page's error message: it begins “%s”; download the file itself", begins)
}
