package web

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLabel is the longest name of a shared class, in characters.
const maxLabel = 64

// badLabel says why a class's name cannot be shared, or "" if it can.
//
// Pages show names as text, never as markup. These rules protect the people who read names, and pages that are less
// careful: a name has a visible character, does not change how the text around it reads, and has no tags.
func badLabel(label string) string {
	switch {
	case !utf8.ValidString(label):
		return "it is no text"
	case utf8.RuneCountInString(label) > maxLabel:
		return fmt.Sprintf("it has more than %d characters", maxLabel)
	case strings.ContainsAny(label, "<>"):
		return "it holds < or >"
	}
	visible := false
	for _, r := range label {
		switch {
		// unicode.Zl and Zp break lines. Characters that change the direction of writing can make one name look like
		// another (Unicode Technical Report 36).
		case unicode.IsControl(r), unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp):
			return fmt.Sprintf("it holds the control character %U", r)
		case r == utf8.RuneError:
			return "it holds a character that was lost on the way"
		}
		visible = visible || unicode.IsGraphic(r) && !unicode.IsSpace(r)
	}
	if !visible {
		return "there is nothing to see in it"
	}
	return ""
}
