package weights

import (
	"io"
	"maps"
	"slices"
)

// With gives a file like f, with some metadata and some tensors in place of those of the same names, or besides. It
// shares the others' data with f. Wider types come first, as Write wants it.
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
