// Package errtext turns errors into words for people, who neither know the names of Go's packages nor its types.
package errtext

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
)

// Clause is what an error says, as a clause that can stand in a sentence: without the names of packages, with plain words
// for what encoding/json says, without control characters, and without a full stop.
func Clause(err error) string {
	text := err.Error()
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		text = strings.ReplaceAll(text, kind.Error(), wrongType(kind))
	case errors.As(err, &syntax):
		words := fmt.Sprintf("it is no valid JSON after byte %d", syntax.Offset)
		if strings.HasPrefix(syntax.Error(), "unexpected end") {
			words = "it ends in the middle of its JSON"
		}
		text = strings.ReplaceAll(text, syntax.Error(), words)
	case errors.Is(err, io.ErrUnexpectedEOF):
		text = strings.ReplaceAll(text, io.ErrUnexpectedEOF.Error(), "it is cut short")
	}
	for _, name := range []string{"weights: ", "onnx: ", "transfer: "} {
		text = strings.ReplaceAll(text, name, "")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.TrimRight(text, ".。 ")
}

// wrongType says which field of a JSON text has a value of another type than is expected.
func wrongType(e *json.UnmarshalTypeError) string {
	found, detail, _ := strings.Cut(e.Value, " ")
	found = map[string]string{"string": "a text", "object": "an object", "array": "a list", "bool": "true or false",
		"number": "a number"}[found]
	if detail != "" {
		found = "the number " + detail
	}
	where := "it"
	if e.Field != "" {
		where = fmt.Sprintf("its field %.80q", e.Field)
	}
	return fmt.Sprintf("%s is %s, and %s is expected", where, found, expected(e.Type))
}

// expected names the JSON value for a Go type.
func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number in range"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	}
	return "a whole number"
}
