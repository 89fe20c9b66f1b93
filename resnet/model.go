// Package resnet runs residual networks (He, Zhang, Ren and Sun 2016). A Config describes the structure, Load reads the
// weights, and Forward computes the logits of one picture. A Record keeps the activations of one picture and answers
// questions about them: what a block adds, what happens without it, and where in the picture the network sees a class.
//
// A picture is float32, H×W×3, prepared as the model's Card says; package imageio does that. Weights are safetensors
// under torchvision's names.
package resnet

import (
	"github.com/seed8935e608/residua/internal/freelist"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// Model is a network with its weights. A Model is safe for concurrent use by multiple goroutines: all share the
// weights, and each pass has buffers of its own, which the model keeps for later ones. A picture's activations are in a
// Record.
//
// A pass uses several cores where it can, so that several at a time are little faster than one after the other.
type Model struct {
	Config Config
	Card   weights.Card

	file   *weights.File // the weights as stored, for gradients; the layers' own are packed
	stem   *op.Conv2D
	pool   *op.MaxPool2D // nil: none
	first  op.Shape      // of the first block's input
	blocks []block
	last   *affine // the norm after the last block of a pre-activation network; nil: none
	fc     *op.Linear
	spaces *freelist.List[*workspace] // those that no pass uses
	int8   bool                       // whether some convolutions compute in eight bits
}

// File is the file that the model was loaded from. It must not be changed.
func (m *Model) File() *weights.File { return m.file }

// block is a residual block: y = act(shortcut(x) ∘ F(x)), where ∘ is the Config's join and act its activation. With
// pre-activation it is y = shortcut ∘ F(h), where h = act(norm(x)); a projection reads h, any other shortcut reads x. A
// plain network's block is y = act(F(x)).
type block struct {
	spec       BlockSpec
	norm       *affine // nil: no pre-activation, or no norms
	residual   []*op.Conv2D
	projection *op.Conv2D      // nil: the shortcut is the identity, or pad
	pad        *op.PadShortcut // nil: the shortcut is the identity, or a projection
}

// affine is a separate norm as a factor and a summand for each channel.
type affine struct{ scale, bias []float32 }

// BlockInfo describes a residual block and its output.
type BlockInfo struct {
	Name                    string // as in the weights: "layer1.0"
	Stage                   int    // from 1
	Height, Width, Channels int    // of its output
	Projection              bool   // its shortcut changes the shape, by a 1×1 convolution or ShortcutPad
}

// input is the shape of Forward's input.
func (m *Model) input() op.Shape {
	height, width := m.Card.Shape()
	return op.Shape{H: height, W: width, C: 3}
}

// Blocks describes the residual blocks from input to output.
func (m *Model) Blocks() []BlockInfo {
	infos := make([]BlockInfo, len(m.blocks))
	for i := range m.blocks {
		b := &m.blocks[i]
		out := b.out()
		infos[i] = BlockInfo{b.spec.Name, b.spec.Stage, out.H, out.W, out.C, b.changesShape()}
	}
	return infos
}

// changesShape reports whether the shortcut is not the identity.
func (b *block) changesShape() bool { return b.projection != nil || b.pad != nil }

// in is the block's input shape.
func (b *block) in() op.Shape { return b.residual[0].In }

// out is the block's output shape.
func (b *block) out() op.Shape { return b.residual[len(b.residual)-1].Out }

// InputLen is the length of Forward's input, in floats.
func (m *Model) InputLen() int { return m.input().Len() }

// StemFilters gives the filters of the first convolution as they are in the model file, without the norm after it:
// Width×Size×Size×3 with the Size of the Config's StemConv. The three are in the order R, G, B, whatever order the
// network reads.
func (m *Model) StemFilters() []float32 {
	spec := m.Config.StemConv()
	t, _ := m.file.Tensor(spec.Conv + ".weight")
	w := floatsOf(t)
	out := make([]float32, 0, len(w))
	area := spec.Size * spec.Size
	for filter := range spec.Out {
		for at := range area {
			for channel := range 3 {
				if m.Card.ChannelOrder == "BGR" {
					channel = 2 - channel
				}
				out = append(out, w[(filter*3+channel)*area+at])
			}
		}
	}
	return out
}
