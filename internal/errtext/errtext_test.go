package errtext

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestClause(t *testing.T) {
	type fields struct {
		Name  string
		Inner struct {
			Size   int
			Mean   []float32
			Scale  float32
			Labels map[string]string
		}
		On *bool
	}
	for text, want := range map[string]string{
		`{"Name": 1}`:              `its field "Name" is a number, and a text is expected`,
		`{"Inner": []}`:            `its field "Inner" is a list, and an object is expected`,
		`{"Inner": {"Size": 1.5}}`: `its field "Inner.Size" is the number 1.5, and a whole number is expected`,
		`{"Inner": {"Size": "1"}}`: `its field "Inner.Size" is a text, and a whole number is expected`,
		`{"Inner": {"Mean": {}}}`:  `its field "Inner.Mean" is an object, and a list is expected`,
		`{"Inner": {"Scale": 1e99}}`: `its field "Inner.Scale" is the number 1e99, and a number in range is ` +
			"expected",
		`{"Inner": {"Labels": {"a": []}}}`: `its field "Inner.Labels" is a list, and a text is expected`,
		`{"On": "yes"}`:                    `its field "On" is a text, and true or false is expected`,
		`true`:                             `it is true or false, and an object is expected`,
		`{"Name": "a"`:                     "it ends in the middle of its JSON",
		``:                                 "it ends in the middle of its JSON",
		`{"Name": nan}`:                    "it is no valid JSON after byte 11",
	} {
		err := json.Unmarshal([]byte(text), &fields{})
		if err == nil {
			t.Fatalf("%s is read", text)
		}
		if got := Clause(fmt.Errorf("weights: %q: %w", "a.json", err)); got != `"a.json": `+want {
			t.Errorf("%s gives\n%s, want\n%s", text, got, want)
		}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("onnx: weights: a sentence."), "a sentence"},
		{errors.New("a\nname \xff"), "a\uFFFDname \uFFFD"},
		{fmt.Errorf("the list: %w", io.ErrUnexpectedEOF), "the list: it is cut short"},
	} {
		if got := Clause(c.err); got != c.want {
			t.Errorf("%v gives %q, want %q", c.err, got, c.want)
		}
	}
}
