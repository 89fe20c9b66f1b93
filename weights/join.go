package weights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Part is one file of a checkpoint that is saved in several.
type Part struct {
	Name string
	File *File
}

// Index is the model.safetensors.index.json of a checkpoint in several files, as Hugging Face's libraries write it.
type Index struct {
	Files     map[string]string // tensor → name of the file that has it
	TotalSize int64             // bytes of all tensors; 0: not given
}

// ParseIndex reads an index.
func ParseIndex(text []byte) (*Index, error) {
	var raw struct {
		Metadata map[string]any    `json:"metadata"`
		Files    map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &raw); err != nil || len(raw.Files) == 0 {
		return nil, errors.New("weights: the index has no weight_map that says which file has which tensor")
	}
	x := &Index{Files: raw.Files}
	if size, ok := raw.Metadata["total_size"].(float64); ok && size >= 1 && size < 1<<53 {
		x.TotalSize = int64(size)
	}
	return x, nil
}

// Names lists the names of the files, sorted.
func (x *Index) Names() []string {
	return slices.Compact(slices.Sorted(maps.Values(x.Files)))
}

// Join makes one file of the parts of a checkpoint, without copying their data. The metadata are the first part's.
// index may be nil. If it is not, the parts must have exactly its tensors; files are told by their tensors, so that
// they may have other names than in the index.
//
// Errors name the parts to blame.
func Join(parts []Part, index *Index) (*File, error) {
	if len(parts) == 0 {
		return nil, errors.New("weights: there are no parts to join")
	}
	from := map[string]string{}
	var tensors []Tensor
	for _, p := range parts {
		for _, t := range p.File.Tensors() {
			if other, twice := from[t.Name]; twice {
				return nil, fmt.Errorf("weights: %.80q and %.80q both have the tensor %.80q, so they are two models "+
					"or two copies of a part; give the parts of one model", other, p.Name, t.Name)
			}
			from[t.Name] = p.Name
			tensors = append(tensors, t)
		}
	}
	if index != nil {
		if err := index.verify(from, tensors); err != nil {
			return nil, err
		}
	}
	return NewFile(parts[0].File.Metadata, tensors)
}

// verify compares the index with the tensors that are there. from says in which part each of them is.
func (x *Index) verify(from map[string]string, tensors []Tensor) error {
	there, stored := map[string]bool{}, int64(0)
	for _, t := range detachScales(tensors) {
		if _, listed := x.Files[t.Name]; !listed {
			return fmt.Errorf("weights: the index does not list the tensor %.80q of %.80q; they do not belong together",
				t.Name, from[t.Name])
		}
		there[t.Name] = true
		stored += int64(len(t.Data))
	}
	given := slices.Collect(maps.Values(from))
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(x.Files)) {
		file := x.Files[name]
		if there[name] || slices.Contains(missing, file) {
			continue
		}
		if slices.Contains(given, file) {
			return fmt.Errorf("weights: %.80q has no tensor %.80q, which the index says it has; they do not belong "+
				"together", file, name)
		}
		missing = append(missing, file)
	}
	if len(missing) > 0 {
		return &MissingPartsError{len(x.Names()), missing}
	}
	if x.TotalSize != 0 && x.TotalSize != stored {
		return fmt.Errorf("weights: the tensors have %d bytes together, and the index says %d; they do not belong "+
			"together", stored, x.TotalSize)
	}
	return nil
}

// A MissingPartsError is the error for a checkpoint in Total files of which some were not given.
type MissingPartsError struct {
	Total   int
	Missing []string // the names of those files, at least one
}

func (e *MissingPartsError) Error() string {
	missing := e.Missing
	names := fmt.Sprintf("%.120q is", missing[0])
	switch more := len(missing) - 1; {
	case more == 1:
		names = fmt.Sprintf("%.120q and %.120q are", missing[0], missing[1])
	case more > 1:
		names = fmt.Sprintf("%.120q and %d more are", missing[0], more)
	}
	return fmt.Sprintf("weights: the model is in %d files (shards), and %s missing; give all of them together", e.Total,
		names)
}
