//go:build js

package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// maxImport is the size of the largest file that is opened, in bytes: twice ResNet-50 in float32.
const maxImport = 200 << 20

// importTaught opens a file with weights that somebody has taught, and gives them in the one form that Use takes. What the file is, its
// first bytes tell, whatever its name is. It is checked as a stranger's.
func (e *engine) importTaught(r request) (message any, out buffers, err error) {
	if n := r.sent.Get("file").Get("byteLength"); n.IsUndefined() || n.Int() > maxImport {
		return nil, nil, badWeights(fmt.Errorf("there is no file, or one of more than %d MB", maxImport>>20))
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
			return taughtOf(f, e.model)
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
		return taughtOf(f, e.model)
	}
	return nil, fmt.Errorf("it is neither a project of Residua's nor weights: it begins with the bytes % x", file[:min(len(file), 4)])
}

// looksLikeSafetensors says whether a file begins with the length of a header, of at most 1 MiB as package weights has it, and the header's
// brace.
func looksLikeSafetensors(file []byte) bool {
	return len(file) > 8 && bytes.Equal(file[3:8], make([]byte, 5)) && file[8] == '{'
}

// looksLikeONNX says whether a file begins as a protocol buffer of ONNX does: field 1, a number, the version of the format, is below 128.
func looksLikeONNX(file []byte) bool {
	return len(file) > 2 && file[0] == 0x08 && file[1] < 0x80 && file[2]&7 <= 2
}

// taughtOf is what a whole network, as Export writes it, has learnt beside the model: its last layer, and its last block if that is
// another one. A network that differs from the model before that is refused, for it would answer otherwise than it does elsewhere.
func taughtOf(f *weights.File, m *resnet.Model) (*transfer.Taught, error) {
	config, card, err := resnet.Describe(f)
	if err != nil {
		return nil, err
	}
	if card.Model != m.Card.Model || len(card.Labels) != config.Classes {
		return nil, fmt.Errorf("it is the network %q with %d names for %d classes; %q is here", card.Model, len(card.Labels), config.Classes, m.Card.Model)
	}
	d := m.Config.Features()
	w, err1 := floats(f, "fc.weight", config.Classes, d)
	b, err2 := floats(f, "fc.bias", config.Classes)
	block, err3 := m.ReadLastBlock(f)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	_, mirrored := f.Metadata[transfer.OnePassKey]
	taught := &transfer.Taught{Model: card.Model, Classes: card.Labels, Head: transfer.NewHead(w, b, d), Mirrored: mirrored}
	learnt := map[string]bool{"fc.weight": true, "fc.bias": true}
	for _, c := range block.Convs() {
		for _, name := range []string{c.Spec.Conv + ".weight", c.Spec.Norm + ".weight", c.Spec.Norm + ".bias", c.Spec.Norm + ".running_mean", c.Spec.Norm + ".running_var"} {
			learnt[name] = true
			if !sameTensor(f, m.File(), name) {
				taught.Block = &block
			}
		}
	}
	if n, want := len(f.Tensors()), len(m.File().Tensors()); n != want {
		return nil, fmt.Errorf("it has %d tensors, and the network here has %d", n, want)
	}
	for _, t := range m.File().Tensors() {
		if !learnt[t.Name] && !sameTensor(f, m.File(), t.Name) {
			return nil, fmt.Errorf("its %s is not that of the network here: it was not taught on this one, or deeper than Residua teaches", t.Name)
		}
	}
	return taught, nil
}

// floats reads a tensor of one shape.
func floats(f *weights.File, name string, shape ...int) ([]float32, error) {
	t, ok := f.Tensor(name)
	if !ok || !slices.Equal(t.Shape, shape) {
		return nil, fmt.Errorf("its tensor %s is %v, want %v", name, t.Shape, shape)
	}
	return t.AppendFloat32(nil)
}

// sameTensor says whether two files have the same numbers under a name, in whatever form each keeps them.
func sameTensor(a, b *weights.File, name string) bool {
	x, ok1 := a.Tensor(name)
	y, ok2 := b.Tensor(name)
	if !ok1 || !ok2 || !slices.Equal(x.Shape, y.Shape) {
		return false
	}
	u, err1 := x.AppendFloat32(nil)
	v, err2 := y.AppendFloat32(nil)
	return err1 == nil && err2 == nil && slices.Equal(u, v)
}

func badWeights(err error) *proto.Error {
	return &proto.Error{
		Code:    proto.CodeBadWeights,
		Message: "The weights cannot be used: " + err.Error() + ". Choose a file that Residua has saved.",
		Details: map[string]string{"reason": err.Error()},
	}
}
