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

// ConvSpec is one convolution, without bias, and the norm behind it. Its border is Size/2.
type ConvSpec struct {
	Conv, Norm   string // their names in the weights, as torchvision has them: "layer1.0.conv1", "layer1.0.bn1"
	In, Out      int    // channels
	Size, Stride int
}

// BlockSpec is one residual block. Between the convolutions of F stands ReLU.
type BlockSpec struct {
	Name       string // "layer1.0"
	Stage      int    // from 1
	Residual   []ConvSpec
	Projection *ConvSpec // nil: the shortcut is the identity
}

// StemConv is the network's first convolution; ReLU and max pooling follow.
func (c Config) StemConv() ConvSpec {
	return ConvSpec{Conv: "conv1", Norm: "bn1", In: 3, Out: c.Width, Size: 7, Stride: 2}
}

// Features is how many channels the last stage has.
func (c Config) Features() int { return c.Width << (len(c.Layers) - 1) * c.Expansion }

// Blocks lists all residual blocks from input to output.
func (c Config) Blocks() []BlockSpec {
	var out []BlockSpec
	in := c.Width
	for stage, n := range c.Layers {
		width := c.Width << stage
		for j := range n {
			stride := 1
			if stage > 0 && j == 0 {
				stride = 2
			}
			b := BlockSpec{Name: fmt.Sprintf("layer%d.%d", stage+1, j), Stage: stage + 1}
			b.Residual = c.residual(b.Name, in, width, stride)
			if stride != 1 || in != width*c.Expansion {
				b.Projection = &ConvSpec{
					Conv: b.Name + ".downsample.0", Norm: b.Name + ".downsample.1",
					In: in, Out: width * c.Expansion, Size: 1, Stride: stride,
				}
			}
			out = append(out, b)
			in = width * c.Expansion
		}
	}
	return out
}

// residual lists the convolutions of one block's F.
func (c Config) residual(block string, in, width, stride int) []ConvSpec {
	conv := func(i, in, out, size, stride int) ConvSpec {
		return ConvSpec{
			Conv: fmt.Sprintf("%s.conv%d", block, i), Norm: fmt.Sprintf("%s.bn%d", block, i),
			In: in, Out: out, Size: size, Stride: stride,
		}
	}
	if c.Block == Basic {
		return []ConvSpec{conv(1, in, width, 3, stride), conv(2, width, width*c.Expansion, 3, 1)}
	}
	first, middle := stride, 1
	if c.StrideIn == StrideIn3x3 {
		first, middle = 1, stride
	}
	return []ConvSpec{conv(1, in, width, 1, first), conv(2, width, width, 3, middle), conv(3, width, width*c.Expansion, 1, 1)}
}
