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
	"github.com/seed8935e608/residua/resnet/statedict"
	"github.com/seed8935e608/residua/weights"
)

// Refusal is the error of Open: a clause for people. Why says for programs what is wrong, and Values holds the numbers
// and names in the clause. Where one reason stands for many faults, such as those of a network's structure, the value
// "detail" is the whole clause, which names the tensor, the node or the setting.
type Refusal struct {
	Why    Why
	Values map[string]string
	text   string
	err    error
}

func (r *Refusal) Error() string { return r.text }

// Unwrap is the error that Open met, or nil.
func (r *Refusal) Unwrap() error { return r.err }

// Why says why a file cannot be used as a network.
type Why string

// The reasons, with the keys of their values. Sizes have their units. Those for other programs' files are called as
// their kinds.
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
	WhyUnknown    Why = "unknown"      // bytes: the first ones

	WhyPickle      Why = "pickle"     // none
	WhyHDF5        Why = "hdf5"       // none
	WhyTFLite      Why = "tflite"     // none
	WhyTensorFlow  Why = "tensorflow" // none
	WhyNumPy       Why = "numpy"      // none
	WhyZippedModel Why = "zip-model"  // none
	WhyArchive     Why = "archive"    // none
	WhyJSON        Why = "json"       // none

	WhyNoFile       Why = "no-file"       // none: there are no files at all
	WhyNoNetwork    Why = "no-network"    // none: the files only describe one
	WhyUnreadable   Why = "unreadable"    // file
	WhyTooLarge     Why = "too-large"     // size, limit
	WhyTwoModels    Why = "two-models"    // first, second
	WhyDataAlone    Why = "data-alone"    // file: an ONNX network's weights, without its graph
	WhyMissingData  Why = "missing-data"  // file: that an ONNX graph needs
	WhyRenamedData  Why = "renamed-data"  // file, given: as before, and what was given in its place
	WhyMissingParts Why = "missing-parts" // file, total: the first of those that are missing
	WhyGoesOn       Why = "goes-on"       // size: of what follows the network

	WhyDamaged      Why = "damaged"       // detail
	WhyNotFinite    Why = "not-finite"    // detail
	WhyNoResidual   Why = "no-residual"   // detail: no network of a known kind
	WhyNoClassifier Why = "no-classifier" // detail
	WhyStructure    Why = "structure"     // detail
	WhyGraph        Why = "graph"         // detail: the same for an ONNX graph
	WhyApart        Why = "apart"         // detail: the files belong to two networks
	WhySettings     Why = "settings"      // file, detail: of a file beside the weights
	WhyPreparation  Why = "preparation"   // detail: how pictures are prepared
)

func refusal(why Why, values map[string]string, format string, args ...any) *Refusal {
	return &Refusal{Why: why, Values: values, text: fmt.Sprintf(format, args...)}
}

func cutEarly(size string) *Refusal {
	return refusal(WhyCutEarly, map[string]string{"size": size}, "this file is cut short: it ends after %s, before "+
		"the list of its tensors does; download it again", size)
}

// because gives an error a reason, unless it has one.
func because(why Why, err error) error {
	if err == nil {
		return nil
	}
	return withValues(why, map[string]string{"detail": errtext.Clause(err)}, err)
}

// withValues is because for a reason with other values.
func withValues(why Why, values map[string]string, err error) error {
	r := asRefusal(err)
	if r.Why == "" {
		r.Why, r.Values = why, values
	}
	return r
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
		more := bytesText(size.Size - size.Want)
		r = refusal(WhyGoesOn, map[string]string{"size": more}, "this file goes on for %s after the network ends: it "+
			"is damaged, or two files in one; download it again", more)
	}
	for _, known := range reasons {
		if r.Why == "" && errors.Is(err, known.err) {
			r.Why, r.Values = known.why, map[string]string{"detail": r.text}
		}
	}
	var parts *weights.MissingPartsError
	if errors.As(err, &parts) {
		r.Why = WhyMissingParts
		r.Values = map[string]string{"file": printable(parts.Missing[0]), "total": strconv.Itoa(parts.Total)}
	}
	r.err = err
	return r
}

// reasons are those of errors that other packages give.
var reasons = []struct {
	err error
	why Why
}{
	{weights.ErrNotFinite, WhyNotFinite},
	{statedict.ErrUnknown, WhyNoResidual},
	{statedict.ErrNoClassifier, WhyNoClassifier},
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
	first := fmt.Sprintf("% x", head[:min(len(head), 8)])
	return refusal(WhyUnknown, map[string]string{"bytes": first}, "this is no file of a network that is known: it "+
		"begins with the bytes %s; .safetensors and .onnx files are known", first)
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
