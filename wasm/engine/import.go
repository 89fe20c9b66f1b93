//go:build js

package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// maxImport is the largest file that is opened, in bytes: twice ResNet-50 in float32.
const maxImport = 200 << 20

// importTaught opens a file with taught weights, and converts them to the form that Use takes. The first bytes
// determine the kind of file, whatever its name. Every part is checked, because the file may come from anywhere.
func (e *engine) importTaught(r request, _ proto.Import) (message any, out buffers, err error) {
	if n := r.sent.Get("file").Get("byteLength"); n.IsUndefined() || n.Int() > maxImport {
		e := badWeights(fmt.Errorf("there is no file, or one of more than %d MB", maxImport>>20))
		addReason(e, transfer.WhyTooLarge, map[string]string{"largest": fmt.Sprintf("%d MB", maxImport/1_000_000)})
		return nil, nil, e
	}
	file, err := received[byte](r, "file")
	if err != nil {
		return nil, nil, err
	}
	t, err := e.readTaught(file)
	if err != nil {
		return nil, nil, badWeights(err)
	}
	text, err := t.Encode()
	if err != nil {
		return nil, nil, badWeights(err)
	}
	return used(t), buffers{"weights": text}, nil
}

// readTaught reads a head, a head with its last block, or a whole network.
func (e *engine) readTaught(file []byte) (*transfer.Taught, error) {
	switch {
	case looksLikeSafetensors(file):
		f, err := weights.Parse(file)
		if err != nil {
			return nil, err
		}
		if _, ok := f.Metadata[weights.ConfigKey]; ok {
			return transfer.FromNetwork(f, e.model)
		}
		return transfer.DecodeTaught(file, e.model)
	case looksLikeONNX(file):
		n, err := onnx.Import(file)
		if err != nil {
			return nil, err
		}
		f, err := weights.NewFile(n.Metadata, n.Tensors)
		if err != nil {
			return nil, err
		}
		return transfer.FromNetwork(f, e.model)
	}
	return nil, &noWeightsError{fmt.Sprintf("% x", file[:min(len(file), 4)])}
}

// A noWeightsError says that a file is of no kind that may hold weights.
type noWeightsError struct{ bytes string }

func (e *noWeightsError) Error() string {
	return "it is neither a project of Residua's nor weights, for it begins with the bytes " + e.bytes
}

// looksLikeSafetensors reports whether a file begins with the length of a header, at most package weights' 1 MiB, and
// the header's brace.
func looksLikeSafetensors(file []byte) bool {
	return len(file) > 8 && bytes.Equal(file[3:8], make([]byte, 5)) && file[8] == '{'
}

// looksLikeONNX reports whether a file begins as an ONNX file does: with field 1, the format's version, as a number
// below 128.
func looksLikeONNX(file []byte) bool {
	return len(file) > 2 && file[0] == 0x08 && file[1] < 0x80 && file[2]&7 <= 2
}

func badWeights(err error) *proto.Error {
	reason := errtext.Clause(err)
	e := &proto.Error{
		Code:    proto.CodeBadWeights,
		Message: "The weights cannot be used: " + reason + ". Choose a file that Residua has saved.",
		Details: map[string]string{"reason": reason},
	}
	why, values := transfer.Unreadable(err)
	var none *noWeightsError
	if errors.As(err, &none) {
		why, values = transfer.WhyNoWeights, map[string]string{"bytes": none.bytes}
	}
	addReason(e, why, values)
	return e
}
