package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
)

// maxSharedPages limits a shared memory to 1 GiB. Browsers reserve its addresses at once, and a larger one does not fit
// phones.
const maxSharedPages = 1 << 14

// Section numbers of the WebAssembly binary format.
const (
	customSection = 0
	importSection = 2
	memorySection = 5
)

// memoryNeeds is the content of the custom section "memory".
type memoryNeeds struct {
	Initial uint64 `json:"initial"`
	Maximum uint64 `json:"maximum,omitempty"`
	Shared  bool   `json:"shared,omitempty"`
}

var (
	errNotWasm  = errors.New("not a WebAssembly module")
	errShort    = errors.New("the module is cut short")
	errMemories = errors.New("the module must define exactly one memory and import something, as Go's linker has it")
)

// importMemory turns the module's one memory into an import. It stays memory 0, because imports come first.
func importMemory(module []byte, shared bool) ([]byte, error) {
	rest, ok := bytes.CutPrefix(module, []byte("\x00asm\x01\x00\x00\x00"))
	if !ok {
		return nil, errNotWasm
	}
	type section struct {
		id   byte
		body []byte
	}
	var sections []section
	for len(rest) > 0 {
		id := rest[0]
		size, at := binary.Uvarint(rest[1:])
		if at <= 0 || size > uint64(len(rest)-1-at) {
			return nil, errShort
		}
		sections = append(sections, section{id, rest[1+at : 1+at+int(size)]})
		rest = rest[1+at+int(size):]
	}

	var needs memoryNeeds
	imports := -1
	for i, s := range sections {
		switch s.id {
		case importSection:
			imports = i
		case memorySection: // a count of 1, flags, the initial size in pages
			if len(s.body) < 3 || s.body[0] != 1 || needs.Initial != 0 {
				return nil, errMemories
			}
			needs.Initial, _ = binary.Uvarint(s.body[2:])
		}
	}
	if imports < 0 || needs.Initial == 0 {
		return nil, errMemories
	}

	memory := slices.Concat(name("env"), name("mem"), []byte{2})
	if shared {
		needs.Maximum, needs.Shared = maxSharedPages, true
		memory = append(memory, 3)
		memory = binary.AppendUvarint(memory, needs.Initial)
		memory = binary.AppendUvarint(memory, needs.Maximum)
	} else {
		memory = append(memory, 0)
		memory = binary.AppendUvarint(memory, needs.Initial)
	}
	count, at := binary.Uvarint(sections[imports].body)
	if at <= 0 {
		return nil, errShort
	}
	sections[imports].body = slices.Concat(binary.AppendUvarint(nil, count+1), sections[imports].body[at:], memory)

	note, err := json.Marshal(needs)
	if err != nil {
		return nil, err
	}
	sections = append(sections, section{customSection, append(name("memory"), note...)})

	out := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range sections {
		if s.id == memorySection {
			continue
		}
		out = append(out, s.id)
		out = binary.AppendUvarint(out, uint64(len(s.body)))
		out = append(out, s.body...)
	}
	return out, nil
}

// name encodes a name of the binary format.
func name(s string) []byte { return append(binary.AppendUvarint(nil, uint64(len(s))), s...) }
