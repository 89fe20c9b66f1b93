package weights

import (
	"cmp"
	"io"
	"maps"
	"slices"
)

// With gives a file like f, with some metadata and some tensors in place of those of the same names, or besides. It shares the others'
// data with f. Wider types come first, as Write wants it.
func (f *File) With(metadata map[string]string, tensors []Tensor) *File {
	g := &File{Metadata: map[string]string{}, index: map[string]int{}}
	maps.Copy(g.Metadata, f.Metadata)
	maps.Copy(g.Metadata, metadata)
	replaced := map[string]bool{}
	for _, t := range tensors {
		replaced[t.Name] = true
	}
	for _, t := range f.tensors {
		if !replaced[t.Name] {
			g.tensors = append(g.tensors, t)
		}
	}
	g.tensors = append(g.tensors, tensors...)
	slices.SortStableFunc(g.tensors, func(a, b Tensor) int { return cmp.Compare(b.DType.Size(), a.DType.Size()) })
	for i, t := range g.tensors {
		g.index[t.Name] = i
	}
	return g
}

// Write writes the file's bytes.
func (f *File) Write(w io.Writer) error { return Write(w, f.Metadata, f.tensors) }
