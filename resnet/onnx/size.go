package onnx

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/weights"
)

// checkSize returns a weights.SizeError for a file that ends inside the model, or goes on with zeros after it.
func checkSize(b []byte) error {
	for at := 0; at < len(b); {
		number, kind, n := protowire.ConsumeTag(b[at:])
		if n < 0 {
			if len(bytes.Trim(b[at:], "\x00")) == 0 {
				return &weights.SizeError{Size: int64(len(b)), Want: int64(at)}
			}
			return nil // the reader says what is wrong
		}
		if kind == protowire.BytesType {
			length, m := protowire.ConsumeVarint(b[at+n:])
			known := number <= modelOpset || number == modelMetadata
			if rest := len(b) - at - n - m; m > 0 && known && length > uint64(max(0, rest)) && length < 1<<32 {
				return &weights.SizeError{Size: int64(len(b)), Want: int64(at+n+m) + int64(length)}
			}
		}
		m := protowire.ConsumeFieldValue(number, kind, b[at+n:])
		if m < 0 {
			return nil
		}
		at += n + m
	}
	return nil
}
