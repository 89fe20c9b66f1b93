package transfer

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// Network gives the whole network that was taught: m's file with the new classifier in place of its own and, if it was trained, the
// new last block. resnet.Load takes it, and onnx.Export. Its logits are those of the head divided by the temperature, so that softmax
// gives the calibrated probabilities. A network knows its classes only: "none of these" is not in it. Nor is the mirror image, if the head
// was Mirrored: the network is one pass, and OnePassKey in the metadata then says what the other one would be.
func (t *Taught) Network(m *resnet.Model) (*weights.File, error) {
	if t.Head.D != m.Config.Features() || t.Model != m.Card.Model {
		return nil, fmt.Errorf("transfer: what was taught on the network %q does not fit %q", t.Model, m.Card.Model)
	}
	w, b := t.Head.Fold()
	for _, values := range [][]float32{w, b} {
		for i := range values {
			values[i] /= float32(t.Head.temperature())
		}
	}
	weight, err1 := weights.NewTensor("fc.weight", weights.F32, []int{t.Head.Classes, t.Head.D}, w)
	bias, err2 := weights.NewTensor("fc.bias", weights.F32, []int{t.Head.Classes}, b)
	tensors := []weights.Tensor{weight, bias}
	var err3 error
	if t.Block != nil {
		var block []weights.Tensor
		block, err3 = t.Block.Tensors(weights.F32)
		tensors = append(tensors, block...)
	}
	config, card := m.Config, m.Card
	config.Classes, card.Labels = t.Head.Classes, t.Classes
	card.Title += ", taught"
	text, err4 := json.Marshal(config)
	description, err5 := card.Encode()
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	metadata := map[string]string{weights.ConfigKey: string(text), weights.CardKey: description}
	if t.Mirrored {
		metadata[OnePassKey] = "One pass. Residua's own answer is the softmax of the mean of y for the picture and y for its mirror image."
	}
	return m.File().With(metadata, tensors), nil
}

// OnePassKey is the key of the metadata, of safetensors and ONNX alike, that says what a program should do to answer as a Mirrored head does.
// The logits are linear in the features, so their mean is the logits of the mean.
const OnePassKey = "residua.onepass"
