package weights

import (
	"io"
	"maps"
	"slices"
)

// With returns a copy of f with some metadata and tensors replaced or added, by name. It shares the others' data with
// f. Wider types come first, as Write requires.
func (f *File) With(metadata map[string]string, tensors []Tensor) *File {
	all := map[string]string{}
	maps.Copy(all, f.Metadata)
	maps.Copy(all, metadata)
	replaced := map[string]bool{}
	for _, t := range tensors {
		replaced[t.Name] = true
	}
	kept := slices.DeleteFunc(slices.Clone(f.tensors), func(t Tensor) bool { return replaced[t.Name] })
	return newFile(all, widestFirst(append(kept, tensors...)))
}

// Write writes the file's bytes.
func (f *File) Write(w io.Writer) error { return Write(w, f.Metadata, f.tensors) }
