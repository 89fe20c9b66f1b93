package resnet

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Block is a kind of residual block.
type Block string

// The residual functions of He, Zhang, Ren and Sun (2016), figure 5: two 3×3 convolutions, or 1×1, 3×3, 1×1.
const (
	Basic      Block = "basic"
	Bottleneck Block = "bottleneck"
)

// StrideIn says which convolution of a bottleneck shrinks the picture.
type StrideIn string

const (
	StrideIn1x1 StrideIn = "1x1" // the first: the paper's, "v1"
	StrideIn3x3 StrideIn = "3x3" // the middle one: torchvision's, "v1.5"
)

// Config is the structure of a residual network; every ResNet is one.
// As JSON it stands in the metadata of a model file, under weights.ConfigKey.
type Config struct {
	Block       Block    `json:"block"`
	Layers      []int    `json:"layers"`    // blocks in each stage; the width doubles and the picture halves from stage to stage
	Width       int      `json:"width"`     // channels of the stem, and of the 3×3 convolutions of the first stage
	Expansion   int      `json:"expansion"` // a block's output channels per channel of its 3×3 convolutions
	StrideIn    StrideIn `json:"strideIn,omitempty"`
	Stem        string   `json:"stem"` // "imagenet": 7×7 with stride 2, then 3×3 max pooling with stride 2
	NormEpsilon float64  `json:"normEpsilon"`
	Join        string   `json:"join"` // "add": y = ReLU(x + F(x))
	Classes     int      `json:"classes"`
}

// ResNet50 is ResNet-50 as Keras has it: stride in the first 1×1, ε = 1e-3.
var ResNet50 = Config{
	Block: Bottleneck, Layers: []int{3, 4, 6, 3}, Width: 64, Expansion: 4, StrideIn: StrideIn1x1,
	Stem: "imagenet", NormEpsilon: 1e-3, Join: "add", Classes: 1000,
}

// maxChannels bounds every layer's channels: four times the widest ResNet's.
const maxChannels = 1 << 14

// parseConfig reads a Config from JSON and checks it.
func parseConfig(text string) (Config, error) {
	var c Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return Config{}, fmt.Errorf("the network's configuration is not readable: %w", err)
	}
	if err := c.check(); err != nil {
		return Config{}, fmt.Errorf("the network's configuration: %w", err)
	}
	return c, nil
}

// check refuses what Load cannot build, before anything is allocated.
func (c Config) check() error {
	switch {
	case c.Block != Basic && c.Block != Bottleneck:
		return fmt.Errorf("unknown block %q", c.Block)
	case c.Block == Bottleneck && c.StrideIn != StrideIn1x1 && c.StrideIn != StrideIn3x3:
		return fmt.Errorf("unknown place of the stride %q", c.StrideIn)
	case c.Stem != "imagenet":
		return fmt.Errorf("unknown stem %q", c.Stem)
	case c.Join != "add":
		return fmt.Errorf("unknown join %q", c.Join)
	case !(c.NormEpsilon > 0 && c.NormEpsilon < 1):
		return fmt.Errorf("a norm epsilon of %v", c.NormEpsilon)
	case len(c.Layers) < 1 || len(c.Layers) > 6:
		return fmt.Errorf("%d stages", len(c.Layers))
	case c.Width < 1 || c.Expansion < 1 || c.Width > maxChannels || c.Expansion > maxChannels ||
		c.Width*c.Expansion<<(len(c.Layers)-1) > maxChannels:
		return fmt.Errorf("width %d with expansion %d", c.Width, c.Expansion)
	case c.Classes < 1 || c.Classes > 100_000:
		return fmt.Errorf("%d classes", c.Classes)
	}
	for _, n := range c.Layers {
		if n < 1 || n > 200 {
			return errors.New("a stage needs 1 to 200 blocks")
		}
	}
	return nil
}

// convSpec is one convolution with its norm: names as in torchvision, geometry, channels.
type convSpec struct {
	conv, norm   string
	in, out      int
	size, stride int
}

// blockSpec is one residual block.
type blockSpec struct {
	name       string // "layer1.0"
	stage      int    // from 0
	residual   []convSpec
	projection *convSpec // nil: the shortcut is the identity
}

// stemConv is the network's first convolution.
func (c Config) stemConv() convSpec {
	return convSpec{conv: "conv1", norm: "bn1", in: 3, out: c.Width, size: 7, stride: 2}
}

// features is how many channels the last stage has.
func (c Config) features() int { return c.Width << (len(c.Layers) - 1) * c.Expansion }

// blocks lists all residual blocks from input to output.
func (c Config) blocks() []blockSpec {
	var out []blockSpec
	in := c.Width
	for stage, n := range c.Layers {
		width := c.Width << stage
		for j := range n {
			stride := 1
			if stage > 0 && j == 0 {
				stride = 2
			}
			b := blockSpec{name: fmt.Sprintf("layer%d.%d", stage+1, j), stage: stage}
			b.residual = c.residual(b.name, in, width, stride)
			if stride != 1 || in != width*c.Expansion {
				b.projection = &convSpec{
					conv: b.name + ".downsample.0", norm: b.name + ".downsample.1",
					in: in, out: width * c.Expansion, size: 1, stride: stride,
				}
			}
			out = append(out, b)
			in = width * c.Expansion
		}
	}
	return out
}

// residual lists the convolutions of one block's F.
func (c Config) residual(block string, in, width, stride int) []convSpec {
	conv := func(i, in, out, size, stride int) convSpec {
		return convSpec{
			conv: fmt.Sprintf("%s.conv%d", block, i), norm: fmt.Sprintf("%s.bn%d", block, i),
			in: in, out: out, size: size, stride: stride,
		}
	}
	if c.Block == Basic {
		return []convSpec{conv(1, in, width, 3, stride), conv(2, width, width*c.Expansion, 3, 1)}
	}
	first, middle := stride, 1
	if c.StrideIn == StrideIn3x3 {
		first, middle = 1, stride
	}
	return []convSpec{conv(1, in, width, 1, first), conv(2, width, width, 3, middle), conv(3, width, width*c.Expansion, 1, 1)}
}
