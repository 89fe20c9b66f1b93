package main

import (
	"bytes"
	"strings"
	"testing"
)

// sections of a module: one import (function 0 of type 0 from "a" "b") and one memory of 7 pages, exported as "mem".
const (
	magic   = "\x00asm\x01\x00\x00\x00"
	types   = "\x01\x04\x01\x60\x00\x00"
	imports = "\x02\x07\x01\x01a\x01b\x00\x00"
	memory  = "\x05\x03\x01\x00\x07"
	exports = "\x07\x07\x01\x03mem\x02\x00"
)

func TestImportMemory(t *testing.T) {
	for _, c := range []struct {
		shared bool
		want   string
	}{
		{false, magic + types + "\x02\x12\x02\x01a\x01b\x00\x00\x03env\x03mem\x02\x00\x07" + exports +
			"\x00\x14\x06memory" + `{"initial":7}`},
		{true, magic + types + "\x02\x15\x02\x01a\x01b\x00\x00\x03env\x03mem\x02\x03\x07\x80\x80\x01" + exports +
			"\x00\x32\x06memory" + `{"initial":7,"maximum":16384,"shared":true}`},
	} {
		got, err := importMemory([]byte(magic+types+imports+memory+exports), c.shared)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != c.want {
			t.Errorf("shared %v:\n got %q\nwant %q", c.shared, got, c.want)
		}
	}
}

func TestImportMemoryRefuses(t *testing.T) {
	for what, c := range map[string]struct{ module, want string }{
		"empty":         {"", "not a WebAssembly module"},
		"text":          {"hello, world", "not a WebAssembly module"},
		"cut":           {magic + types + imports[:5], "cut short"},
		"length only":   {magic + "\x01", "cut short"},
		"no memory":     {magic + types + imports + exports, "exactly one memory"},
		"no imports":    {magic + types + memory + exports, "exactly one memory"},
		"two memories":  {magic + types + imports + "\x05\x05\x02\x00\x07\x00\x07" + exports, "exactly one memory"},
		"twice section": {magic + types + imports + memory + memory, "exactly one memory"},
	} {
		if _, err := importMemory([]byte(c.module), false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", what, err, c.want)
		}
	}
}

func FuzzImportMemory(f *testing.F) {
	f.Add([]byte(magic+types+imports+memory+exports), true)
	f.Fuzz(func(t *testing.T, module []byte, shared bool) {
		out, err := importMemory(module, shared)
		if err != nil {
			return
		}
		if !bytes.Contains(out, []byte("\x03env\x03mem\x02")) {
			t.Error("no memory import in the result")
		}
		if _, err := importMemory(out, shared); err == nil {
			t.Error("the result defines a memory still")
		}
	})
}
