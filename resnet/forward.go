package resnet

import (
	"time"

	"github.com/seed8935e608/residua/resnet/op"
)

// Result is the output of a forward pass.
type Result struct {
	Features []float32 // the last block's channels, or those of all HeadBlocks, each its mean over all positions
	Logits   []float32 // one for each class, before the softmax or sigmoid: see Model.Probabilities
}

// workspace holds the buffers of a pass.
type workspace struct {
	outer     [2][]float32 // a block reads one and writes the other
	shortcut  []float32    // output of a shortcut that is not the identity; zeros for one that is ablated
	inner     [2][]float32 // between a block's convolutions
	residual  []float32    // F, where a caller asks for it by itself; nil before the first time
	activated []float32    // input of F, or of the mean, with pre-activation; else empty
}

// pass is one computation: of a picture, or of a part of the network.
type pass struct {
	*Model
	space   *workspace                   // nobody else uses it before the end
	keep    [][]float32                  // if not nil, gets each block's input and, at the end, the last block's output
	observe Observer                     // if not nil, is called with each block's parts
	cut     map[int]Part                 // the part that is ablated, by block; see Model.without
	raw     [2][]float32                 // if not nil, get what the activations inside F read
	times   map[*op.Conv2D]time.Duration // if not nil, gets the time of each convolution

	means collector                                // of the blocks whose means the caller wants
	watch func(block int, y []float32, s op.Shape) // if not nil, is called with each block's output
	known [][]float32                              // the inputs of the blocks that are not computed; else nil
}

// pass begins a computation. Its end must be called.
func (m *Model) pass() *pass { return &pass{Model: m, space: m.spaces.Take()} }

// end gives the buffers back.
func (p *pass) end() {
	p.spaces.Give(p.space)
	p.space = nil
}

const badInput = "resnet: the input is not Height×Width×3, with the Shape of the model's card"

// Forward runs the network on one picture: x is Height×Width×3, which is the card's Shape, prepared as the card says
// (imageio.SpecFor). observe may be nil; a pass with an observer takes some 1.3 times as long. Forward panics if x has
// another length.
func (m *Model) Forward(x []float32, observe Observer) Result {
	p := m.pass()
	defer p.end()
	p.observe = observe
	return p.forward(x)
}

// forward runs the network from the picture on.
func (p *pass) forward(x []float32) Result {
	return p.forwardFrom(0, p.stemmed(x))
}

// stemmed runs the stem and returns the first block's input.
func (p *pass) stemmed(x []float32) []float32 {
	if len(x) != p.InputLen() {
		panic(badInput)
	}
	first := p.output(-1)
	y := first
	if p.pool != nil {
		y = p.space.outer[0]
	}
	if p.Config.StemReLU() {
		p.activatedConv(p.stem, y, x, nil)
	} else {
		p.conv(p.stem, y, x, op.Epilogue{})
	}
	if p.pool != nil {
		p.pool.Forward(first, y)
	}
	return first
}

// forwardFrom runs the network from block first on, with x as its input. If the linear layer reads blocks before that
// one, known must have their outputs.
func (p *pass) forwardFrom(first int, x []float32) Result {
	r := Result{Features: make([]float32, p.Config.Features()), Logits: make([]float32, p.Config.Classes)}
	heads := p.Config.HeadBlocks
	p.means = collector{heads, r.Features}
	for _, b := range heads {
		if b < first {
			p.means.take(b, p.known[b+1], p.blocks[b].out())
		}
	}
	x = p.through(first, len(p.blocks), x)
	if len(heads) == 0 {
		op.GlobalMeanPool(r.Features, p.final(x), p.blocks[len(p.blocks)-1].out())
	}
	p.fc.Forward(r.Logits, r.Features)
	return r
}

// final gives the input of the mean over all positions: the last block's output y, or with pre-activation its norm and
// activation, in the workspace.
func (p *pass) final(y []float32) []float32 {
	y = y[:p.blocks[len(p.blocks)-1].out().Len()]
	if !p.Config.lastActivates() {
		return y
	}
	return p.preActivated(p.last, y)
}

// through runs the blocks first to end-1 and returns the last one's output.
func (p *pass) through(first, end int, x []float32) []float32 {
	for i := first; i < end; i++ {
		b, y, cut := &p.blocks[i], p.output(i), p.without(p.cut, i)
		if p.observe != nil {
			p.observe(i, p.traceBlock(b, y, x, cut))
		} else {
			p.forwardBlock(b, y, x, cut)
		}
		p.means.take(i, y, b.out())
		if p.watch != nil {
			p.watch(i, y[:b.out().Len()], b.out())
		}
		x = y
	}
	return x
}

// without gives the part that block i computes without: the one in cut, or in a plain network always the shortcut.
func (m *Model) without(cut map[int]Part, i int) Part {
	if m.Config.Join == JoinNone {
		return Shortcut
	}
	return cut[i]
}

// output chooses the buffer of a block's output; block -1 is the stem. A buffer of the workspace is never the one that
// holds the block's input.
func (p *pass) output(block int) []float32 {
	if p.keep != nil {
		return p.keep[block+1]
	}
	return p.space.outer[block&1]
}

// forwardBlock computes y = act(shortcut(x) ∘ F(x)) without the ablated part. The epilogue of F's last convolution does
// the sum and the last ReLU.
func (p *pass) forwardBlock(b *block, y, x []float32, cut Part) {
	h := p.activated(b, x)
	y = y[:b.out().Len()]
	switch {
	case cut == Residual:
		p.activate(y, p.shortcut(b, x, h))
	case cut == Shortcut:
		p.residual(b, y, h, op.Epilogue{ReLU: p.blockReLU()})
		p.activateUnlessReLU(y)
	case p.Config.Join == JoinAdd:
		p.residual(b, y, h, op.Epilogue{Residual: p.shortcut(b, x, h), ReLU: p.blockReLU()})
		p.activateUnlessReLU(y)
	default:
		f := p.residualSpace()[:len(y)]
		p.residual(b, f, h, op.Epilogue{})
		p.join(y, p.shortcut(b, x, h), f)
	}
}

// blockActivates reports whether an activation follows the join.
func (m *Model) blockActivates() bool { return !m.Config.PreActivation }

// blockReLU reports whether a ReLU follows the join.
func (m *Model) blockReLU() bool { return m.blockActivates() && m.Config.Activation == ActivationReLU }

// activate computes y = act(x), the end of a block.
func (p *pass) activate(y, x []float32) {
	if p.blockActivates() {
		p.Config.Activation.Forward(y, x[:len(y)])
	} else {
		copy(y, x)
	}
}

// activateUnlessReLU computes y = act(y), the end of a block whose last convolution has done a ReLU already.
func (p *pass) activateUnlessReLU(y []float32) {
	if p.blockActivates() && !p.blockReLU() {
		p.Config.Activation.Forward(y, y)
	}
}

// join computes y = act(x ∘ f).
func (p *pass) join(y, x, f []float32) {
	p.Config.Join.Forward(y, x, f)
	if p.blockActivates() {
		p.Config.Activation.Forward(y, y)
	}
}

// activated gives the input of F: the block's input x, or with pre-activation its norm and activation, in the
// workspace.
func (p *pass) activated(b *block, x []float32) []float32 {
	return p.preActivated(b.norm, x[:b.in().Len()])
}

// preActivated gives x, or in a pre-activation network h = act(norm(x)), in the workspace. norm is nil in a network
// without norms.
func (p *pass) preActivated(norm *affine, x []float32) []float32 {
	if !p.Config.PreActivation {
		return x
	}
	h, act := p.space.activated[:len(x)], p.Config.Activation
	switch {
	case norm == nil:
		act.Forward(h, x)
	case act == ActivationReLU:
		op.AffineReLU(h, x, norm.scale, norm.bias)
	default:
		op.Affine(h, x, norm.scale, norm.bias)
		act.Forward(h, h)
	}
	return h
}

// shortcut gives the shortcut's operand of the join, where h is activated(x).
func (p *pass) shortcut(b *block, x, h []float32) []float32 {
	switch {
	case b.projection != nil:
		p.conv(b.projection, p.space.shortcut, h, op.Epilogue{})
	case b.pad != nil:
		b.pad.Forward(p.space.shortcut, x)
	default:
		return x
	}
	return p.space.shortcut
}

// residual computes dst = epilogue(F), where h is F's input.
func (p *pass) residual(b *block, dst, h []float32, e op.Epilogue) {
	p.conv(b.residual[len(b.residual)-1], dst, p.innerBlock(b, h), e)
}

// residualSpace gives the workspace's buffer for F.
func (p *pass) residualSpace() []float32 {
	if p.space.residual == nil {
		p.space.residual = make([]float32, len(p.space.outer[0]))
	}
	return p.space.residual
}

// innerBlock runs all of F but its last convolution, and returns that one's input, in the workspace.
func (p *pass) innerBlock(b *block, x []float32) []float32 {
	for i, c := range b.residual[:len(b.residual)-1] {
		p.activatedConv(c, p.space.inner[i], x, p.raw[i])
		x = p.space.inner[i]
	}
	return x
}

// activatedConv runs a convolution and the activation after it. raw, if it is not nil, gets what the activation reads.
func (p *pass) activatedConv(c *op.Conv2D, dst, src, raw []float32) {
	act := p.Config.Activation
	if act == ActivationReLU && raw == nil {
		p.conv(c, dst, src, op.Epilogue{ReLU: true})
		return
	}
	p.conv(c, dst, src, op.Epilogue{})
	dst = dst[:c.Out.Len()]
	if raw != nil {
		copy(raw, dst)
	}
	act.Forward(dst, dst)
}

// conv runs a convolution, and measures its time for Profile.
func (p *pass) conv(c *op.Conv2D, dst, src []float32, e op.Epilogue) {
	if p.times == nil {
		c.Forward(dst, src, e)
		return
	}
	start := time.Now()
	c.Forward(dst, src, e)
	p.times[c] += time.Since(start)
}

// newWorkspace makes buffers that are large enough for every layer.
func (m *Model) newWorkspace() *workspace {
	outer, shortcut, activated := m.stem.Out.Len(), 0, 0
	var inner [2]int
	for i := range m.blocks {
		b := &m.blocks[i]
		outer, shortcut = max(outer, b.out().Len()), max(shortcut, b.out().Len())
		if m.Config.PreActivation {
			activated = max(activated, b.in().Len(), b.out().Len())
		}
		for j, c := range b.residual[:len(b.residual)-1] {
			inner[j] = max(inner[j], c.Out.Len())
		}
	}
	return &workspace{
		outer:     [2][]float32{make([]float32, outer), make([]float32, outer)},
		shortcut:  make([]float32, shortcut),
		inner:     [2][]float32{make([]float32, inner[0]), make([]float32, inner[1])},
		activated: make([]float32, activated),
	}
}
