package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// Taught is what was learnt: all that it takes, beside the network that was taught, to tell the classes apart.
type Taught struct {
	Model   string   // the network's name, as its card has it
	Classes []string // their names
	Head    *Head
	// Blocks are those whose means the head classifies, one block after the other, in ascending order; nil: the
	// network's own features. See resnet.Model.BlockMeans. With them, Tuned is nil.
	Blocks []int
	// Tuned are the network's last blocks, from input to output, if they were trained as well: those of the last stage
	// at most, see resnet.Config.MaxDepth.
	Tuned []resnet.BlockWeights
	// Norms are the statistics of the network's norms that the head goes with, where they are not the network's own.
	// There are either Norms or Tuned blocks.
	Norms resnet.Norms
	// Mirrored says that the head goes by the mean of the features of a picture and of its mirror image. With the
	// features of the picture alone it is right a little less often.
	Mirrored bool
}

// TaughtKey is the key of the metadata by which a safetensors file is known to hold a Taught.
const TaughtKey = "residua.taught"

// Limits of a file. They are far from what anybody teaches, and keep a hostile file from allocating without bounds.
const (
	maxClasses = 1000
	maxName    = 256 // bytes of a class's name
)

// taughtCard is the JSON under TaughtKey: what is no tensor.
type taughtCard struct {
	// Version is 2 with Blocks and 1 without, so that a program which does not know them refuses the file. One that
	// does not know Depth and Norms refuses these files for the tensors in them.
	Version     int      `json:"version"`
	Model       string   `json:"model"`
	Classes     []string `json:"classes"`
	L2          float64  `json:"strength"`
	Temperature float64  `json:"temperature"`
	// Limit, Keep and N are the threshold's, whose means are a tensor. No limit, no threshold.
	Limit *float64 `json:"limit"`
	Keep  float64  `json:"keep"`
	N     int      `json:"n"`
	// Mirrored is Taught's. A file from before there was such a thing says nothing.
	Mirrored bool  `json:"mirrored,omitempty"`
	Blocks   []int `json:"blocks,omitempty"` // Taught's
	// Depth is how many trained blocks there are in the file; one or none where it says nothing. Norms says that it has
	// statistics of all norms.
	Depth int  `json:"depth,omitempty"`
	Norms bool `json:"norms,omitempty"`
}

// The names of the tensors, beside those of blocks and norms, which are torchvision's.
const (
	tensorMean   = "head.mean"
	tensorStd    = "head.std"
	tensorWeight = "head.weight"
	tensorBias   = "head.bias"
	tensorMeans  = "threshold.means"
)

// Encode gives a safetensors file. The same Taught gives the same bytes.
func (t *Taught) Encode() ([]byte, error) {
	h := t.Head
	h.mustFit()
	card := taughtCard{
		Version: 1, Model: t.Model, Classes: t.Classes, L2: h.L2, Temperature: h.temperature(), Mirrored: t.Mirrored,
		Blocks: t.Blocks,
	}
	if len(t.Tuned) > 1 {
		card.Depth = len(t.Tuned)
	}
	card.Norms = t.Norms != nil
	if len(t.Blocks) > 0 {
		card.Version = 2
	}
	if len(t.Blocks) > 0 && len(t.Tuned) > 0 {
		return nil, errBlocksAndBlock
	}
	if err := card.check(); err != nil {
		return nil, err
	}
	var tensors []weights.Tensor
	add := func(name string, values []float32, shape ...int) error {
		tensor, err := weights.NewTensor(name, weights.F32, shape, values)
		tensors = append(tensors, tensor)
		return err
	}
	err := errors.Join(
		add(tensorMean, h.Mean, h.D), add(tensorStd, h.Std, h.D),
		add(tensorWeight, h.W, h.Classes, h.D), add(tensorBias, h.B, h.Classes),
	)
	if th := h.Threshold; th != nil {
		card.Limit, card.Keep, card.N = &th.Limit, th.Keep, th.N
		err = errors.Join(err, add(tensorMeans, th.Means, len(th.Means)/th.D, th.D))
	}
	of, failed := t.network()
	tensors, err = append(tensors, of...), errors.Join(err, failed)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(card)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = weights.Write(&b, map[string]string{TaughtKey: string(text)}, tensors)
	return b.Bytes(), err
}

// DecodeTaught reads a file of Encode's that was made for a model. Every part is checked, since the file may come from
// anywhere. A threshold that too few pictures have placed, as in files from before LearnThreshold asked for more, is
// left out.
func DecodeTaught(file []byte, m *resnet.Model) (*Taught, error) {
	f, err := weights.Parse(file)
	if err != nil {
		return nil, err
	}
	text, ok := f.Metadata[TaughtKey]
	if !ok {
		return nil, errNotTaught
	}
	var card taughtCard
	if err := json.Unmarshal([]byte(text), &card); err != nil {
		return nil, fmt.Errorf("the file's description cannot be read: %w", err)
	}
	if err := card.check(); err != nil {
		return nil, err
	}
	if card.Model != m.Card.Model {
		return nil, &OtherNetworkError{Model: card.Model, Here: m.Card.Model}
	}
	d, err := headFeatures(m.Config, card.Blocks)
	if err != nil {
		return nil, err
	}
	classes := len(card.Classes)
	r := reader{file: f, known: map[string]bool{}}
	t := &Taught{Model: card.Model, Classes: card.Classes, Mirrored: card.Mirrored, Blocks: card.Blocks, Head: &Head{
		Classes: classes, D: d, L2: card.L2, Temperature: card.Temperature,
		Mean: r.floats(tensorMean, d), Std: r.floats(tensorStd, d),
		W: r.floats(tensorWeight, classes, d), B: r.floats(tensorBias, classes),
	}}
	if card.Limit != nil {
		means, _ := f.Tensor(tensorMeans)
		n := 0
		if len(means.Shape) > 0 {
			n = means.Shape[0]
		}
		threshold := &Threshold{
			D: d, Means: r.floats(tensorMeans, n, d), Limit: *card.Limit, Keep: card.Keep, N: card.N,
		}
		// Older programs placed thresholds by any number of pictures, without a margin. Such a one is no evidence.
		if threshold.Confidence(keptPart) >= thresholdConfidence {
			t.Head.Threshold = threshold
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	for _, s := range t.Head.Std {
		if !(s > 0) {
			return nil, errors.New("the file's standardisation has a deviation that is not above 0")
		}
	}
	if err := t.readNetwork(&r, &card, m); err != nil {
		return nil, err
	}
	for _, tensor := range f.Tensors() {
		if !r.known[tensor.Name] {
			return nil, fmt.Errorf("the file has a tensor %q, which nothing wants", tensor.Name)
		}
	}
	return t, nil
}

// reader takes tensors out of a file. After its first error it does nothing more.
type reader struct {
	file  *weights.File
	known map[string]bool
	err   error
}

func (r *reader) floats(name string, shape ...int) []float32 {
	if r.err != nil {
		return nil
	}
	tensor, ok := r.file.Tensor(name)
	if !ok {
		r.err = fmt.Errorf("the file lacks the tensor %q", name)
		return nil
	}
	if fmt.Sprint(tensor.Shape) != fmt.Sprint(shape) {
		r.err = fmt.Errorf("the tensor %q is %v, want %v", name, tensor.Shape, shape)
		return nil
	}
	r.known[name] = true
	var values []float32
	values, r.err = tensor.AppendFloat32(nil)
	return values
}

// check holds what a card says to what can be.
func (c *taughtCard) check() error {
	if c.Version != 1 && c.Version != 2 || (c.Version == 2) != (len(c.Blocks) > 0) {
		return fmt.Errorf("the file's version is %d, with %d blocks; this program knows 1, without any, and 2",
			c.Version, len(c.Blocks))
	}
	if err := checkBlocks(c.Blocks); err != nil {
		return fmt.Errorf("the file lists the blocks %v: %w", c.Blocks[:min(len(c.Blocks), 20)], err)
	}
	if n := len(c.Classes); n < 2 || n > maxClasses {
		return fmt.Errorf("there are %d classes; it takes 2 to %d", n, maxClasses)
	}
	for i, name := range c.Classes {
		if name == "" || len(name) > maxName || !utf8.ValidString(name) {
			return fmt.Errorf("the name of class %d is empty, longer than %d bytes, or no text", i, maxName)
		}
	}
	for name, x := range map[string]float64{"temperature": c.Temperature, "strength": c.L2, "part to keep": c.Keep} {
		if !(x >= 0) || math.IsInf(x, 0) {
			return fmt.Errorf("the file's %s is %v", name, x)
		}
	}
	if c.Temperature == 0 {
		return errors.New("the file's temperature is 0")
	}
	if c.Limit != nil && !(*c.Limit >= 0 && *c.Limit <= 2) {
		return fmt.Errorf("the file's limit is %v; distances are from 0 to 2", *c.Limit)
	}
	return nil
}
