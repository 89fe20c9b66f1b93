package weights

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The metadata keys that Residua reads.
const (
	CardKey   = "residua.card"   // the model card, JSON of a Card
	ConfigKey = "residua.config" // the network's structure, JSON of a resnet.Config
)

// Card is a model card: what a program must know to use a network, in addition to its tensors.
type Card struct {
	Model string `json:"model"` // a short name for files and code, such as resnet50
	Title string `json:"title"` // the name for people

	// A picture is resized until its shorter side has ShortSide pixels and cut to the InputSize×InputSize in the
	// middle. Then each channel of each pixel becomes (pixel·Rescale − Mean) / Std with pixel in 0…255. Mean and Std
	// are in the order of the channels that the network expects.
	InputSize     int        `json:"inputSize"`
	ShortSide     int        `json:"shortSide"`
	Interpolation string     `json:"interpolation"` // "bilinear", antialiased
	ChannelOrder  string     `json:"channelOrder"`  // "RGB" or "BGR"
	Rescale       float32    `json:"rescale"`
	Mean          [3]float32 `json:"mean"`
	Std           [3]float32 `json:"std"`

	// Activation makes probabilities of logits: "" is the softmax, for classes of which one is right; Sigmoid gives
	// each class a probability of its own.
	Activation string `json:"activation,omitempty"`

	// Labels has one for each class, in order, or none. A network with one output may have two: what it says yes to,
	// and the opposite.
	Labels  []string `json:"labels"`
	License string   `json:"license"`
	Source  string   `json:"source"`
}

// Sigmoid is a Card's Activation.
const Sigmoid = "sigmoid"

// Limits of a card. Real networks stay far below them, and a hostile card cannot make a program allocate much.
const (
	maxSide   = 4096
	maxLabels = 100_000
	maxText   = 1000 // bytes of a title, a label, a licence or a source
)

// Encode returns the card as JSON, the value of CardKey. It returns an error if the card is not valid.
func (c Card) Encode() (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	if c.Labels == nil {
		c.Labels = []string{}
	}
	b, err := json.Marshal(c)
	return string(b), err
}

// CardFrom reads and checks the card in a file's metadata. It ignores unknown fields, so that later versions may add
// some.
func CardFrom(metadata map[string]string) (Card, error) {
	text, ok := metadata[CardKey]
	if !ok {
		return Card{}, fmt.Errorf("weights: the file has no model card: %s is not in its metadata", CardKey)
	}
	// encoding/json fills a short array with zeros and drops the tail of a long one. Slices that shadow the card's
	// arrays show the true lengths.
	type fields Card
	var read struct {
		fields
		Mean []float32 `json:"mean"`
		Std  []float32 `json:"std"`
	}
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return Card{}, fmt.Errorf("weights: the model card is not readable: %w", err)
	}
	if len(read.Mean) != 3 || len(read.Std) != 3 {
		return Card{}, fmt.Errorf("weights: the model card has %d means and %d standard deviations, both must be 3",
			len(read.Mean), len(read.Std))
	}
	c := Card(read.fields)
	c.Mean, c.Std = [3]float32(read.Mean), [3]float32(read.Std)
	if err := c.check(); err != nil {
		return Card{}, err
	}
	return c, nil
}

func (c Card) check() error {
	switch {
	case !isModelName(c.Model):
		return fmt.Errorf("weights: the model card's name %.80q must be of small letters, digits, dots and dashes",
			c.Model)
	case c.Title == "":
		return errors.New("weights: the model card has no title")
	case c.InputSize < 1 || c.InputSize > maxSide:
		return fmt.Errorf("weights: the model card's input size %d is not in 1…%d", c.InputSize, maxSide)
	case c.ShortSide < c.InputSize || c.ShortSide > maxSide:
		return fmt.Errorf("weights: the model card's short side %d is not in %d…%d, from the input size up",
			c.ShortSide, c.InputSize, maxSide)
	case c.Interpolation != "bilinear":
		return fmt.Errorf("weights: the model card wants %.40q interpolation; only bilinear is known", c.Interpolation)
	case c.ChannelOrder != "RGB" && c.ChannelOrder != "BGR":
		return fmt.Errorf("weights: the model card's channel order %.40q is neither RGB nor BGR", c.ChannelOrder)
	case !within(c.Rescale, 1e-6, 1e6):
		return fmt.Errorf("weights: the model card's rescale %v is not in 1e-6…1e6", c.Rescale)
	case c.Activation != "" && c.Activation != Sigmoid:
		return fmt.Errorf("weights: the model card's activation %.40q is not known; it is %q, or missing for the "+
			"softmax", c.Activation, Sigmoid)
	case len(c.Labels) > maxLabels:
		return fmt.Errorf("weights: the model card has %d labels, at most %d are allowed", len(c.Labels), maxLabels)
	}
	for i := range 3 {
		if !within(c.Mean[i], -1e6, 1e6) {
			return fmt.Errorf("weights: the model card's mean %v is not in -1e6…1e6", c.Mean[i])
		}
		if !within(c.Std[i], 1e-6, 1e6) {
			return fmt.Errorf("weights: the model card's standard deviation %v is not in 1e-6…1e6", c.Std[i])
		}
	}
	for i, label := range c.Labels {
		if label == "" || !isText(label) {
			return fmt.Errorf("weights: the model card's label %d, %.80q, is empty, too long or no plain text", i,
				label)
		}
	}
	for _, f := range []struct{ name, text string }{{"title", c.Title}, {"license", c.License}, {"source", c.Source}} {
		if !isText(f.text) {
			return fmt.Errorf("weights: the model card's %s %.80q is too long or no plain text", f.name, f.text)
		}
	}
	return nil
}

// within reports whether x is in low…high. It is false for NaN.
func within(x, low, high float32) bool {
	return x >= low && x <= high
}

// isModelName reports whether s may be a model's name. The name becomes part of file names and URLs, so all its
// characters must be safe there.
func isModelName(s string) bool {
	return isFileName(s) && len(s) <= 64 && s == strings.ToLower(s)
}

// isText reports whether s can be shown in one line.
func isText(s string) bool {
	if len(s) > maxText || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return false
		}
	}
	return true
}
