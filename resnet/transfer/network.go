package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// Network gives the whole network that was taught: m's file with the new classifier in place of its own and, if there
// are some, the trained last blocks or the statistics of the norms. resnet.Load takes it, and onnx.Export. Its logits
// are those of the head divided by the temperature, so that softmax gives the calibrated probabilities. Of a head on
// chosen blocks it is the shorter network that ends with them, see resnet.Config.Until. A network knows its classes
// only, and never answers "none of these". It is one pass, so it leaves out the mirror image of a Mirrored head:
// OnePassKey in the metadata then says how to add it.
func (t *Taught) Network(m *resnet.Model) (*weights.File, error) {
	d, err := headFeatures(m.Config, t.Blocks)
	if err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	if err := t.checkBlock(m.Config); err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	if t.Head.D != d || t.Model != m.Card.Model {
		return nil, fmt.Errorf("transfer: what was taught on the network %q does not fit %q", t.Model, m.Card.Model)
	}
	w, b := t.Head.calibrated()
	weight, err1 := weights.NewTensor("fc.weight", weights.F32, []int{t.Head.Classes, t.Head.D}, w)
	bias, err2 := weights.NewTensor("fc.bias", weights.F32, []int{t.Head.Classes}, b)
	changed, err3 := t.network()
	tensors := append([]weights.Tensor{weight, bias}, changed...)
	config, card := m.Config, m.Card
	if len(t.Blocks) > 0 {
		config = config.Until(t.Blocks)
	}
	config.Classes, card.Labels, card.Activation = t.Head.Classes, t.Classes, "" // heads have a softmax
	card.Title += titled(m.Config, t.Blocks)
	text, err4 := json.Marshal(config)
	description, err5 := card.Encode()
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	metadata := map[string]string{weights.ConfigKey: string(text), weights.CardKey: description}
	if t.Mirrored {
		metadata[OnePassKey] = "One pass. Residua's own answer is " +
			"the softmax of the mean of y for the picture and y for its mirror image."
	}
	network := m.File().With(metadata, tensors)
	if len(t.Blocks) > 0 {
		return shortened(network, config)
	}
	return network, nil
}

// OnePassKey is the key of the metadata, of safetensors and ONNX alike, that says what a program should do to answer as
// a Mirrored head does. The logits are linear in the features, so their mean is the logits of the mean.
const OnePassKey = "residua.onepass"

// FromNetwork is the way back of Network: what a whole network has learnt beyond m, which it was taught on. That is its
// last layer, and those of its last blocks that are not m's, or the statistics of its norms. A shorter network, or one
// whose last layer reads several blocks, gives a head on these blocks. A network that differs from m in anything else
// is refused: it would answer otherwise here than it does elsewhere. What Network leaves out, the threshold, is not
// there.
func FromNetwork(f *weights.File, m *resnet.Model) (*Taught, error) {
	config, card, err := resnet.Describe(f)
	if err != nil {
		return nil, err
	}
	if card.Model != m.Card.Model {
		return nil, &OtherNetworkError{Model: card.Model, Here: m.Card.Model}
	}
	if len(card.Labels) != config.Classes {
		return nil, fmt.Errorf("it has %d names for %d classes", len(card.Labels), config.Classes)
	}
	blocks, err := blocksOf(config, m.Config)
	if err != nil {
		return nil, err
	}
	d := config.Features()
	w, err1 := tensorOf(f, "fc.weight", config.Classes, d)
	b, err2 := tensorOf(f, "fc.bias", config.Classes)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	_, mirrored := f.Metadata[OnePassKey]
	taught := &Taught{
		Model: card.Model, Classes: card.Labels, Head: NewHead(w, b, d), Blocks: blocks, Mirrored: mirrored,
	}
	if err := taught.readChanges(f, m, config); err != nil {
		return nil, err
	}
	if err := taught.checkBlock(m.Config); err != nil {
		return nil, err
	}
	return taught, nil
}

// tensorOf reads a tensor of one shape.
func tensorOf(f *weights.File, name string, shape ...int) ([]float32, error) {
	t, ok := f.Tensor(name)
	if !ok || !slices.Equal(t.Shape, shape) {
		return nil, fmt.Errorf("its tensor %s is %v, want %v", name, t.Shape, shape)
	}
	return t.AppendFloat32(nil)
}

// sameTensor tells whether two files have the same numbers under a name, whatever type each stores them as.
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
