// Package resnet runs residual networks (He, Zhang, Ren and Sun, 2016): a Config says which, Load reads its weights,
// Forward gives the logits of one picture. A Record keeps the activations of one picture and answers questions about
// them: what a block adds, what happens without it, and where in the picture a class was seen.
//
// A picture is float32, H×W×3, prepared as the model's Card says (package imageio does it); the weights are
// safetensors under torchvision's names.
package resnet

import (
	"time"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// Model is a network with its weights, ready to run. It has one set of buffers, so one pass at a time.
type Model struct {
	Config Config
	Card   weights.Card

	file   *weights.File // for the gradients, and what else wants the weights as stored: the layers' own are packed
	stem   *op.Conv2D
	pool   *op.MaxPool2D // nil: none
	first  op.Shape      // of the first block's input
	blocks []block
	last   *affine // the norm, with ReLU, behind the last block; nil: none
	fc     *op.Linear
	space  workspace
	int8   bool                         // whether some convolutions compute in eight bits
	times  map[*op.Conv2D]time.Duration // nil: nobody wants them
}

// File is the file that the model was loaded from. It must not be changed.
func (m *Model) File() *weights.File { return m.file }

// block is a residual block: y = act(shortcut(x) ∘ F(x)), with the Config's join ∘ and ReLU; or, with pre-activation,
// y = shortcut ∘ F(h), where h = ReLU(norm(x)), and the shortcut is of x, but a projection of h.
type block struct {
	spec       BlockSpec
	norm       *affine // nil: no pre-activation
	residual   []*op.Conv2D
	projection *op.Conv2D      // nil: the shortcut is the identity, or pad
	pad        *op.PadShortcut // nil: the shortcut is the identity, or a projection
}

// affine is a norm by itself, folded.
type affine struct{ scale, bias []float32 }

// BlockInfo describes a residual block's place and output.
type BlockInfo struct {
	Name                    string // as in the weights: "layer1.0"
	Stage                   int    // from 1
	Height, Width, Channels int    // of its output
	Projection              bool   // its shortcut changes the shape, by a 1×1 convolution or ShortcutPad
}

// input is the shape of the picture that Forward takes.
func (m *Model) input() op.Shape { return op.Shape{H: m.Card.InputSize, W: m.Card.InputSize, C: 3} }

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

// changesShape tells whether the shortcut is not the identity.
func (b *block) changesShape() bool { return b.projection != nil || b.pad != nil }

// in is the block's input shape.
func (b *block) in() op.Shape { return b.residual[0].In }

// out is the block's output shape.
func (b *block) out() op.Shape { return b.residual[len(b.residual)-1].Out }

// InputLen is how many floats Forward takes.
func (m *Model) InputLen() int { return m.input().Len() }

// StemFilters gives the filters of the first convolution as they are in the model file, without the norm that follows
// it: Width×Size×Size×3 with the Size of the Config's StemConv, the three in the order R, G, B, whatever the network's
// is.
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
