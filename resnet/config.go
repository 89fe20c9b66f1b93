package resnet

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed8935e608/residua/resnet/op"
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

// Stem is what stands before the first block.
type Stem string

const (
	StemImageNet Stem = "imagenet" // 7×7 with stride 2, then 3×3 max pooling with stride 2
	StemCIFAR    Stem = "cifar"    // 3×3 with stride 1, no pooling (He and others 2016, section 4.2)
)

// ShortcutKind is the shortcut of blocks that change the shape. All other shortcuts are the identity.
type ShortcutKind string

const (
	ShortcutProjection ShortcutKind = ""    // a 1×1 convolution with the block's stride: the paper's option B
	ShortcutPad        ShortcutKind = "pad" // every stride-th pixel, and zeros for the new channels, the last: option A
)

// Join is the operation that combines a block's shortcut and F.
type Join = op.Join

const (
	JoinAdd     = op.JoinAdd
	JoinProduct = op.JoinProduct
	JoinMaximum = op.JoinMaximum
	JoinGate    = op.JoinGate
	JoinNone    = op.JoinNone // F alone: a plain network, without shortcuts
)

// The functions that may follow the network's layers. Where these comments say ReLU, the Config's Activation is meant.
const (
	ActivationReLU      = op.ActivationReLU
	ActivationLeakyReLU = op.ActivationLeakyReLU
	ActivationTanh      = op.ActivationTanh
	ActivationSiLU      = op.ActivationSiLU

	LeakyReLUSlope = op.LeakyReLUSlope // below 0
)

// Config is the structure of a residual network. As JSON it is part of a model file's metadata, under
// weights.ConfigKey. Fields that are missing there have the values of the networks in He, Zhang, Ren and Sun (2016).
type Config struct {
	Block       Block    `json:"block"`
	Layers      []int    `json:"layers"`    // blocks in each stage; each stage doubles the channels and halves the side
	Width       int      `json:"width"`     // channels of the stem, and of the 3×3 convolutions of the first stage
	Expansion   int      `json:"expansion"` // output channels for each channel of a block's 3×3s (see GroupWidth)
	StrideIn    StrideIn `json:"strideIn,omitempty"`
	Stem        Stem     `json:"stem"`
	NormEpsilon float64  `json:"normEpsilon"`
	Join        Join     `json:"join"`
	Classes     int      `json:"classes"` // outputs of the linear layer; see Answers for one

	// HeadBlocks are the blocks whose means the linear layer reads, one block after the other: ascending indices over
	// all stages, the last block among them. Empty, as in networks of the papers: the last block alone, behind the last
	// norm and activation of a pre-activation network, which there are none of with HeadBlocks.
	HeadBlocks []int `json:"headBlocks,omitempty"`

	// The 3×3 of a bottleneck in stage s has int(Width·2ˢ·GroupWidth/64)·Groups channels, as in torchvision (its
	// width_per_group). Each channel sees only those of its group: ResNeXt (Xie and others 2017), Wide ResNet
	// (Zagoruyko and Komodakis 2016).
	Groups     int `json:"groups,omitempty"`     // 0 is 1
	GroupWidth int `json:"groupWidth,omitempty"` // 0 is 64

	LinearStem    bool         `json:"linearStem,omitempty"`    // no ReLU behind the stem's norm
	NoLastNorm    bool         `json:"noLastNorm,omitempty"`    // no norm behind F's last convolution
	Shortcut      ShortcutKind `json:"shortcut,omitempty"`      // where the shape changes
	PreActivation bool         `json:"preActivation,omitempty"` // "v2", see BlockSpec.Norm; a stem without a norm

	NoNorm     bool          `json:"noNorm,omitempty"`     // no norms: the convolutions have biases (see ConvSpec.Bias)
	Activation op.Activation `json:"activation,omitempty"` // "" is ReLU
}

// ResNet50 is ResNet-50 as in Keras: the stride is in the first 1×1, ε = 1e-3. PyTorch's is Preset("resnet50").
var ResNet50 = Config{
	Block: Bottleneck, Layers: []int{3, 4, 6, 3}, Width: 64, Expansion: 4, StrideIn: StrideIn1x1,
	Stem: StemImageNet, NormEpsilon: 1e-3, Join: JoinAdd, Classes: 1000,
}

// maxChannels limits the channels of every layer to four times those of the widest ResNet.
const maxChannels = 1 << 14

// parseConfig reads a Config from JSON and checks it.
func parseConfig(text string) (Config, error) {
	var c Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return Config{}, fmt.Errorf("the network's configuration is not readable: %w", err)
	}
	if err := c.Check(); err != nil {
		return Config{}, fmt.Errorf("the network's configuration: %w", err)
	}
	return c, nil
}

// Check returns an error if Load cannot build the network. Load calls it before it allocates anything.
func (c Config) Check() error {
	switch {
	case c.Block != Basic && c.Block != Bottleneck:
		return fmt.Errorf("unknown block %q", c.Block)
	case c.Block == Bottleneck && c.StrideIn != StrideIn1x1 && c.StrideIn != StrideIn3x3:
		return fmt.Errorf("unknown place of the stride %q", c.StrideIn)
	case c.Stem != StemImageNet && c.Stem != StemCIFAR:
		return fmt.Errorf("unknown stem %q", c.Stem)
	case !c.Join.Known():
		return fmt.Errorf("unknown join %q", c.Join)
	case c.Shortcut != ShortcutProjection && c.Shortcut != ShortcutPad:
		return fmt.Errorf("unknown shortcut %q", c.Shortcut)
	case c.Join == JoinNone && c.Shortcut != ShortcutProjection:
		return fmt.Errorf("a network without shortcuts cannot have the shortcut %q", c.Shortcut)
	case !c.Activation.Known():
		return fmt.Errorf("unknown activation %q", c.Activation)
	case !c.NoNorm && !(c.NormEpsilon > 0 && c.NormEpsilon < 1):
		return fmt.Errorf("a norm epsilon of %v", c.NormEpsilon)
	case len(c.Layers) < 1 || len(c.Layers) > 6:
		return fmt.Errorf("%d stages", len(c.Layers))
	case c.Width < 1 || c.Expansion < 1 || c.Width > maxChannels || c.Expansion > maxChannels ||
		c.Width*c.Expansion<<(len(c.Layers)-1) > maxChannels:
		return fmt.Errorf("width %d with expansion %d", c.Width, c.Expansion)
	case c.Groups < 0 || c.Groups > maxChannels || c.GroupWidth < 0 || c.GroupWidth > maxChannels ||
		c.inner(0) < 1 || c.inner(len(c.Layers)-1) > maxChannels:
		return fmt.Errorf("%d groups of width %d", c.Groups, c.GroupWidth)
	case c.Block == Basic && (c.groups() != 1 || c.groupWidth() != 64):
		return fmt.Errorf("basic blocks with %d groups of width %d; only bottlenecks have them",
			c.groups(), c.groupWidth())
	case c.Classes < 1 || c.Classes > 100_000:
		return fmt.Errorf("%d classes", c.Classes)
	}
	for _, n := range c.Layers {
		if n < 1 || n > 200 {
			return errors.New("a stage needs 1 to 200 blocks")
		}
	}
	return c.checkHeadBlocks()
}

func (c Config) groups() int { return max(1, c.Groups) }

func (c Config) groupWidth() int {
	if c.GroupWidth == 0 {
		return 64
	}
	return c.GroupWidth
}

// inner gives the number of channels of the 3×3 convolutions in a stage.
func (c Config) inner(stage int) int { return c.Width << stage * c.groupWidth() / 64 * c.groups() }

// Features gives the number of inputs of the linear layer: the channels of the last stage, or of all HeadBlocks.
func (c Config) Features() int {
	if len(c.HeadBlocks) > 0 {
		return c.MeansLen(c.HeadBlocks)
	}
	return c.Width << (len(c.Layers) - 1) * c.Expansion
}

// InputSize is the side in pixels of the pictures that networks with this stem are usually trained on.
func (c Config) InputSize() int {
	if c.Stem == StemCIFAR {
		return 32
	}
	return 224
}

// ConvSpec is a convolution and the norm after it. Its padding is Size/2 on each side.
type ConvSpec struct {
	Conv, Norm   string // names in the file: "layer1.0.conv1", "layer1.0.bn1"; "" is no norm
	In, Out      int    // channels
	Size, Stride int
	Groups       int // each output channel sees In/Groups channels; 0 is 1

	// Bias says that the convolution has a bias, the tensor Conv + ".bias". In a network without norms all have one but
	// projections; in others none has.
	Bias bool
}

// Shape is the shape of the weights: Out × In/Groups × Size × Size.
func (s ConvSpec) Shape() []int { return []int{s.Out, s.In / max(1, s.Groups), s.Size, s.Size} }

func (s ConvSpec) window() op.Window {
	return op.Window{Size: s.Size, Stride: s.Stride, Pad: s.Size / 2}
}

// BlockSpec is a residual block, or with JoinNone a plain one. A ReLU follows each convolution of F but the last.
type BlockSpec struct {
	Name            string // "layer1.0"
	Stage           int    // from 1
	In, Out, Stride int    // the whole block's
	// Norm is the first norm of a pre-activation block (He, Zhang, Ren and Sun 2016, "Identity mappings in deep
	// residual networks"), else "". In such a block F and the projection read ReLU(norm(x)), and no ReLU follows the
	// join. F's other norms come before a convolution each, so they belong to the ConvSpec of the convolution before:
	// bn2 follows conv1. Without norms, F and the projection of a pre-activation block read ReLU(x).
	Norm       string
	Residual   []ConvSpec
	Projection *ConvSpec // nil: the shortcut has no weights and is the identity or Pad, or there is none
	Pad        bool      // the shortcut is ShortcutPad, applied to the block's input itself
}

// convs lists the block's convolutions: F's, then the projection if there is one.
func (b *BlockSpec) convs() []ConvSpec {
	if b.Projection == nil {
		return b.Residual
	}
	return append(b.Residual[:len(b.Residual):len(b.Residual)], *b.Projection)
}

// StemConv is the network's first convolution. A ReLU follows it if StemReLU is true, and max pooling if the stem is
// ImageNet's.
func (c Config) StemConv() ConvSpec {
	s := ConvSpec{Conv: "conv1", Norm: "bn1", In: 3, Out: c.Width, Size: 7, Stride: 2, Groups: 1}
	if c.Stem == StemCIFAR {
		s.Size, s.Stride = 3, 1
	}
	if c.PreActivation {
		s.Norm = ""
	}
	if c.NoNorm {
		s.Norm, s.Bias = "", true
	}
	return s
}

// StemReLU reports whether a ReLU follows the first convolution and its norm.
func (c Config) StemReLU() bool { return !c.LinearStem && !c.PreActivation }

// LastNorm is the name of the norm after the last block of a pre-activation network, which a ReLU follows; else "".
// Without norms, the ReLU alone follows the last block of a pre-activation network. With HeadBlocks neither does.
func (c Config) LastNorm() string {
	if c.lastActivates() && !c.NoNorm {
		return "norm"
	}
	return ""
}

// lastActivates reports whether an activation, and a norm before it, stand between the last block and the mean.
func (c Config) lastActivates() bool { return c.PreActivation && len(c.HeadBlocks) == 0 }

// Blocks lists the residual blocks from input to output.
func (c Config) Blocks() []BlockSpec {
	var out []BlockSpec
	in := c.Width
	for stage, n := range c.Layers {
		for j := range n {
			name := fmt.Sprintf("layer%d.%d", stage+1, j)
			b := BlockSpec{Name: name, Stage: stage + 1, In: in, Out: c.Width << stage * c.Expansion, Stride: 1}
			if stage > 0 && j == 0 {
				b.Stride = 2
			}
			b.Residual = c.residual(&b, stage)
			switch {
			case c.Join == JoinNone || b.Stride == 1 && b.In == b.Out:
			case c.Shortcut == ShortcutPad:
				b.Pad = true
			default:
				b.Projection = &ConvSpec{
					Conv: b.Name + ".downsample.0", Norm: b.Name + ".downsample.1", In: b.In, Out: b.Out, Size: 1,
					Stride: b.Stride, Groups: 1,
				}
			}
			if c.PreActivation {
				b.preActivate()
			}
			if last := &b.Residual[len(b.Residual)-1]; c.NoLastNorm {
				last.Norm = ""
			}
			if c.NoNorm {
				b.replaceNorms()
			}
			out = append(out, b)
			in = b.Out
		}
	}
	return out
}

// residual lists the convolutions of a block's F.
func (c Config) residual(b *BlockSpec, stage int) []ConvSpec {
	conv := func(i, in, out, size, stride int) ConvSpec {
		return ConvSpec{
			Conv: fmt.Sprintf("%s.conv%d", b.Name, i), Norm: fmt.Sprintf("%s.bn%d", b.Name, i),
			In: in, Out: out, Size: size, Stride: stride, Groups: 1,
		}
	}
	width := c.inner(stage)
	if c.Block == Basic {
		return []ConvSpec{conv(1, b.In, width, 3, b.Stride), conv(2, width, b.Out, 3, 1)}
	}
	first, middle := b.Stride, 1
	if c.StrideIn == StrideIn3x3 {
		first, middle = 1, b.Stride
	}
	convs := []ConvSpec{conv(1, b.In, width, 1, first), conv(2, width, width, 3, middle), conv(3, width, b.Out, 1, 1)}
	convs[1].Groups = c.groups()
	return convs
}

// replaceNorms gives F's convolutions biases instead of norms.
func (b *BlockSpec) replaceNorms() {
	b.Norm = ""
	for i := range b.Residual {
		b.Residual[i].Norm, b.Residual[i].Bias = "", true
	}
	if b.Projection != nil {
		b.Projection.Norm = ""
	}
}

// preActivate moves each norm of F before its convolution, and removes the projection's.
func (b *BlockSpec) preActivate() {
	b.Norm = b.Residual[0].Norm
	for i := 1; i < len(b.Residual); i++ {
		b.Residual[i-1].Norm = b.Residual[i].Norm
	}
	b.Residual[len(b.Residual)-1].Norm = ""
	if b.Projection != nil {
		b.Projection.Norm = ""
	}
}
