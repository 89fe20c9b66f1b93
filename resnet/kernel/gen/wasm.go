package main

import "slices"

// This file has the assembler: modules, functions with named locals, and the binary encoding
// (WebAssembly Core Specification 2.0, chapter 5; relaxed SIMD from the proposal of that name).

// code is encoded instructions. An expression leaves one value on the stack, a statement none.
type code []byte

// valueType is the encoding of a value's type.
type valueType byte

const (
	i32  valueType = 0x7F
	i64  valueType = 0x7E
	v128 valueType = 0x7B
)

// module is a WebAssembly module under construction.
type module struct {
	header  string // the text of a custom section at the front
	imports [][]byte
	funcs   []*function
}

func newModule(header string) *module { return &module{header: header} }

// importMemory imports a memory of at least one page. A shared one has maxSharedPages at most, as wasm/sharemem has it.
func (m *module) importMemory(from, name string, shared bool) {
	limits := append([]byte{0}, uleb(1)...)
	if shared {
		limits = slices.Concat([]byte{3}, uleb(1), uleb(maxSharedPages))
	}
	m.imports = append(m.imports, slices.Concat(text(from), text(name), []byte{2}, limits))
}

const maxSharedPages = 1 << 14

// function is a function of i32 parameters, with one i32 as its result or none.
type function struct {
	index   uint32
	name    string // for profilers
	export  bool   // under its name
	params  int
	results int
	locals  []valueType // parameters first
	body    code
}

// local is a function's parameter or local variable.
type local uint32

// function starts a function without a result, and gives its parameters as locals.
func (m *module) function(name string, params int) (*function, []local) {
	f := &function{index: uint32(len(m.funcs)), name: name, params: params}
	m.funcs = append(m.funcs, f)
	return f, f.vars(i32, params)
}

// export is function for one that is exported.
func (m *module) export(name string, params int) (*function, []local) {
	f, p := m.function(name, params)
	f.export = true
	return f, p
}

// v is a new local variable.
func (f *function) v(t valueType) local {
	f.locals = append(f.locals, t)
	return local(len(f.locals) - 1)
}

// vars is n new local variables.
func (f *function) vars(t valueType, n int) []local {
	out := make([]local, n)
	for i := range out {
		out[i] = f.v(t)
	}
	return out
}

// emit appends statements to the function's body.
func (f *function) emit(statements ...code) {
	f.body = append(f.body, seq(statements...)...)
}

// bytes encodes the module.
func (m *module) bytes() []byte {
	var types, indices, exports, bodies, names [][]byte
	for i, f := range m.funcs {
		types = append(types, slices.Concat([]byte{0x60}, i32s(f.params), i32s(f.results)))
		indices = append(indices, uleb(uint32(i)))
		names = append(names, slices.Concat(uleb(uint32(i)), text(f.name)))
		if f.export {
			exports = append(exports, slices.Concat(text(f.name), []byte{0}, uleb(uint32(i))))
		}
		body := slices.Concat(runs(f.locals[f.params:]), f.body, []byte{0x0B})
		bodies = append(bodies, slices.Concat(uleb(uint32(len(body))), body))
	}
	return slices.Concat(
		[]byte("\x00asm\x01\x00\x00\x00"),
		section(0, slices.Concat(text("generated"), []byte(m.header))),
		section(1, vector(types)),
		section(2, vector(m.imports)),
		section(3, vector(indices)),
		section(7, vector(exports)),
		section(10, vector(bodies)),
		section(0, slices.Concat(text("name"), section(functionNames, vector(names)))),
	)
}

// functionNames is the part of the name section that has the functions' names.
const functionNames = 1

// i32s encodes n parameters or results.
func i32s(n int) []byte { return append(uleb(uint32(n)), slices.Repeat([]byte{byte(i32)}, n)...) }

// runs encodes local declarations: runs of equal types.
func runs(types []valueType) []byte {
	var out [][]byte
	for i := 0; i < len(types); {
		n := i
		for n < len(types) && types[n] == types[i] {
			n++
		}
		out = append(out, append(uleb(uint32(n-i)), byte(types[i])))
		i = n
	}
	return vector(out)
}

func section(id byte, content []byte) []byte {
	return slices.Concat([]byte{id}, uleb(uint32(len(content))), content)
}

func vector(items [][]byte) []byte {
	return append(uleb(uint32(len(items))), slices.Concat(items...)...)
}

func text(s string) []byte { return append(uleb(uint32(len(s))), s...) }

// uleb is unsigned LEB128.
func uleb(n uint32) []byte {
	var out []byte
	for n >= 0x80 {
		out = append(out, byte(n)|0x80)
		n >>= 7
	}
	return append(out, byte(n))
}

// sleb is signed LEB128.
func sleb[N int32 | int64](n N) []byte {
	var out []byte
	for n < -64 || n > 63 {
		out = append(out, byte(n)&0x7F|0x80)
		n >>= 7
	}
	return append(out, byte(n)&0x7F)
}
