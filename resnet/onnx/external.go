package onnx

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed8935e608/residua/weights"
)

// A MissingFileError says that tensors of a graph are in files which were not given.
type MissingFileError struct {
	Names []string // of the files, each once, as the graph has them
}

func (e *MissingFileError) Error() string {
	if len(e.Names) == 1 {
		return fmt.Sprintf("onnx: the weights are in another file, %.200q (external data); give it together with the "+
			".onnx file, under exactly that name", e.Names[0])
	}
	return fmt.Sprintf("onnx: some weights are in %d other files (external data), and %.200q is missing; give all of "+
		"them together with the .onnx file, under exactly their names", len(e.Names), e.Names[0])
}

// maxFiles is the largest number of files that a graph may name: one for each tensor.
const maxFiles = maxTensors

// externalData finds the values of tensors that are in other files than the graph.
type externalData struct {
	open     func(name string) ([]byte, error) // gives nil for a file that does not exist
	files    map[string][]byte
	verified map[string]string // the SHA-1 of files that have one in the graph
	missing  []string
}

// reference is where a tensor's values are: TensorProto.external_data.
type reference struct {
	location, checksum string
	offset, length     string // decimal; empty: 0, and as many bytes as the shape needs
}

// read takes one key with its value.
func (r *reference) read(b []byte) error {
	var key, value string
	err := walk(b, "a reference to another file", func(f wireField) error {
		switch f.number {
		case propertyKey:
			key = string(f.bytes)
		case propertyValue:
			value = string(f.bytes)
		}
		return nil
	})
	switch key {
	case "location":
		r.location = value
	case "offset":
		r.offset = value
	case "length":
		r.length = value
	case "checksum":
		r.checksum = value
	}
	return err
}

// values returns the bytes of a tensor that needs size bytes. They alias the file. It returns nil if the file was not
// given, which missing records.
func (x *externalData) values(t weights.Tensor, r *reference, size uint64) ([]byte, error) {
	// The format allows paths relative to the graph. Files that are given together have names only.
	if r.location == "" || r.location == "." || r.location == ".." || strings.ContainsAny(r.location, "/\\\x00") {
		return nil, fmt.Errorf("onnx: the values of tensor %.80q are in another file (external data), and %.200q is "+
			"no plain name of a file beside the graph; export the model as one file", t.Name, r.location)
	}
	file, err := x.file(r)
	if file == nil || err != nil {
		return nil, err
	}
	offset, err1 := number(r.offset, 0)
	length, err2 := number(r.length, size)
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("onnx: the place of tensor %.80q in %.200q, %.40q and %.40q bytes, is no number", t.Name,
			r.location, r.offset, r.length)
	}
	if length != size {
		return nil, fmt.Errorf("onnx: tensor %.80q of shape %v and type %s needs %d bytes, the graph gives it %d of "+
			"%.200q", t.Name, t.Shape, t.DType, size, length, r.location)
	}
	if n := uint64(len(file)); offset > n || length > n-offset {
		return nil, fmt.Errorf("onnx: %.200q is too short: tensor %.80q takes %d bytes from byte %d on, and the file "+
			"has %d; it may be cut off, or belong to another model", r.location, t.Name, length, offset, n)
	}
	return file[offset : offset+length : offset+length], nil
}

// file returns a file's bytes, or nil if it is missing.
func (x *externalData) file(r *reference) ([]byte, error) {
	file, seen := x.files[r.location]
	if !seen {
		if len(x.files) == maxFiles {
			return nil, fmt.Errorf("onnx: the tensors are in more than %d files", maxFiles)
		}
		var err error
		if x.open != nil {
			if file, err = x.open(r.location); err != nil {
				return nil, err
			}
		}
		x.files[r.location] = file
		if file == nil {
			x.missing = append(x.missing, r.location)
		}
	}
	return file, x.verify(file, r)
}

// verify compares a file's SHA-1 with the one that the graph may have. Each tensor of a file repeats it.
func (x *externalData) verify(file []byte, r *reference) error {
	if file == nil || r.checksum == "" || strings.EqualFold(r.checksum, x.verified[r.location]) {
		return nil
	}
	if x.verified[r.location] == "" {
		sum := sha1.Sum(file)
		x.verified[r.location] = hex.EncodeToString(sum[:])
		return x.verify(file, r)
	}
	return fmt.Errorf("onnx: %.200q is damaged or belongs to another model: its checksum (SHA-1) is not the one in "+
		"the graph", r.location)
}

// err reports the files that are missing.
func (x *externalData) err() error {
	if len(x.missing) == 0 {
		return nil
	}
	return &MissingFileError{slices.Clone(x.missing)}
}

// number parses a decimal number that may be absent.
func number(text string, otherwise uint64) (uint64, error) {
	if text == "" {
		return otherwise, nil
	}
	return strconv.ParseUint(text, 10, 63)
}
