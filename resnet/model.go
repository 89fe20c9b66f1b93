// Package resnet runs residual networks (He, Zhang, Ren and Sun, 2016): a Config says which, Load reads its weights,
// Forward gives the logits of one picture.
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

	stem   *op.Conv2D
	pool   *op.MaxPool2D
	blocks []block
	fc     *op.Linear
	space  workspace
	times  map[*op.Conv2D]time.Duration // nil: nobody wants them
}

// block is a residual block: y = ReLU(shortcut(x) + F(x)).
type block struct {
	name       string
	stage      int // from 1
	residual   []*op.Conv2D
	projection *op.Conv2D // nil: the shortcut is the identity
}

// BlockInfo describes a residual block's place and output.
type BlockInfo struct {
	Name                    string // as in the weights: "layer1.0"
	Stage                   int    // from 1
	Height, Width, Channels int    // of its output
	Projection              bool   // whether its shortcut is a 1×1 convolution instead of the identity
}

// input is the shape of the picture that Forward takes.
func (m *Model) input() op.Shape { return op.Shape{H: m.Card.InputSize, W: m.Card.InputSize, C: 3} }

// Blocks describes the residual blocks from input to output.
func (m *Model) Blocks() []BlockInfo {
	infos := make([]BlockInfo, len(m.blocks))
	for i := range m.blocks {
		b := &m.blocks[i]
		out := b.out()
		infos[i] = BlockInfo{b.name, b.stage, out.H, out.W, out.C, b.projection != nil}
	}
	return infos
}

// out is the block's output shape.
func (b *block) out() op.Shape { return b.residual[len(b.residual)-1].Out }

// InputLen is how many floats Forward takes.
func (m *Model) InputLen() int { return m.input().Len() }
