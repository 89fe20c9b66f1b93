package resnet

import (
	"time"

	"github.com/seed8935e608/residua/resnet/op"
)

// Result is the output of a forward pass.
type Result struct {
	Features []float32 // the last stage's channels, each its mean over all positions
	Logits   []float32 // one for each class, before the softmax or sigmoid: see Model.Probabilities
}

// workspace holds the buffers of a pass. They are allocated once.
type workspace struct {
	outer     [2][]float32 // a block reads one and writes the other
	shortcut  []float32    // output of a shortcut that is not the identity; zeros for one that is ablated
	inner     [2][]float32 // between a block's convolutions
	residual  []float32    // F, where a caller asks for it by itself; nil before the first time
	activated []float32    // input of F, or of the mean, with pre-activation; else nil
}

const badInput = "resnet: the input is not Height×Width×3, with the Shape of the model's card"

// Forward runs the network on one picture: x is Height×Width×3, which is the card's Shape, prepared as the card says.
// observe may be nil; a pass with an observer takes some 1.3 times as long. Forward panics if x has another length.
func (m *Model) Forward(x []float32, observe Observer) Result {
	return m.forward(x, pass{observe: observe})
}

// pass is the options of a forward pass.
type pass struct {
	keep    [][]float32  // if not nil, gets each block's input and, at the end, the last block's output
	observe Observer     // if not nil, is called with each block's parts
	cut     map[int]Part // the part that is ablated, by block
}

// forward runs the network from the picture on.
func (m *Model) forward(x []float32, p pass) Result {
	return m.forwardFrom(0, m.stemmed(x, p), p)
}

// stemmed runs the stem and returns the first block's input.
func (m *Model) stemmed(x []float32, p pass) []float32 {
	if len(x) != m.InputLen() {
		panic(badInput)
	}
	first, e := m.output(-1, p), op.Epilogue{ReLU: m.Config.StemReLU()}
	if m.pool == nil {
		m.conv(m.stem, first, x, e)
		return first
	}
	m.conv(m.stem, m.space.outer[0], x, e)
	m.pool.Forward(first, m.space.outer[0])
	return first
}

// forwardFrom runs the network from block first on, with x as its input.
func (m *Model) forwardFrom(first int, x []float32, p pass) Result {
	x = m.through(first, len(m.blocks), x, p)
	s := m.blocks[len(m.blocks)-1].out()
	r := Result{Features: make([]float32, s.C), Logits: make([]float32, m.Config.Classes)}
	op.GlobalMeanPool(r.Features, m.final(x), s)
	m.fc.Forward(r.Logits, r.Features)
	return r
}

// final gives the input of the mean over all positions: the last block's output y, or with pre-activation its norm and
// ReLU, in the workspace.
func (m *Model) final(y []float32) []float32 {
	y = y[:m.blocks[len(m.blocks)-1].out().Len()]
	if m.last == nil {
		return y
	}
	h := m.space.activated[:len(y)]
	op.AffineReLU(h, y, m.last.scale, m.last.bias)
	return h
}

// through runs the blocks first to end-1 and returns the last one's output.
func (m *Model) through(first, end int, x []float32, p pass) []float32 {
	for i := first; i < end; i++ {
		b, y := &m.blocks[i], m.output(i, p)
		if p.observe != nil {
			p.observe(i, m.traceBlock(b, y, x, p.cut[i]))
		} else {
			m.forwardBlock(b, y, x, p.cut[i])
		}
		x = y
	}
	return x
}

// output chooses the buffer of a block's output; block -1 is the stem. A buffer of the workspace is never the one that
// holds the block's input.
func (m *Model) output(block int, p pass) []float32 {
	if p.keep != nil {
		return p.keep[block+1]
	}
	return m.space.outer[block&1]
}

// forwardBlock computes y = act(shortcut(x) ∘ F(x)) without the ablated part. The epilogue of F's last convolution does
// the sum and the last ReLU.
func (m *Model) forwardBlock(b *block, y, x []float32, cut Part) {
	h, act := m.activated(b, x), m.blockReLU()
	switch {
	case cut == Residual:
		m.activate(y[:b.out().Len()], m.shortcut(b, x, h))
	case cut == Shortcut:
		m.residual(b, y, h, op.Epilogue{ReLU: act})
	case m.Config.Join == JoinAdd:
		m.residual(b, y, h, op.Epilogue{Residual: m.shortcut(b, x, h), ReLU: act})
	default:
		f := m.residualSpace()[:b.out().Len()]
		m.residual(b, f, h, op.Epilogue{})
		m.join(y[:len(f)], m.shortcut(b, x, h), f)
	}
}

// blockReLU reports whether a ReLU follows the join.
func (m *Model) blockReLU() bool { return !m.Config.PreActivation }

// activate computes y = act(x).
func (m *Model) activate(y, x []float32) {
	if m.blockReLU() {
		op.ReLU(y, x[:len(y)])
	} else {
		copy(y, x)
	}
}

// join computes y = act(x ∘ f).
func (m *Model) join(y, x, f []float32) {
	m.Config.Join.Forward(y, x, f)
	if m.blockReLU() {
		op.ReLU(y, y)
	}
}

// activated gives the input of F: the block's input x, or with pre-activation its norm and ReLU, in the workspace.
func (m *Model) activated(b *block, x []float32) []float32 {
	if b.norm == nil {
		return x
	}
	h := m.space.activated[:b.in().Len()]
	op.AffineReLU(h, x[:len(h)], b.norm.scale, b.norm.bias)
	return h
}

// shortcut gives the shortcut's operand of the join, where h is activated(x).
func (m *Model) shortcut(b *block, x, h []float32) []float32 {
	switch {
	case b.projection != nil:
		m.conv(b.projection, m.space.shortcut, h, op.Epilogue{})
	case b.pad != nil:
		b.pad.Forward(m.space.shortcut, x)
	default:
		return x
	}
	return m.space.shortcut
}

// residual computes dst = epilogue(F), where h is F's input.
func (m *Model) residual(b *block, dst, h []float32, e op.Epilogue) {
	m.conv(b.residual[len(b.residual)-1], dst, m.innerBlock(b, h), e)
}

// residualSpace gives the workspace's buffer for F.
func (m *Model) residualSpace() []float32 {
	if m.space.residual == nil {
		m.space.residual = make([]float32, len(m.space.outer[0]))
	}
	return m.space.residual
}

// innerBlock runs all of F but its last convolution, and returns that one's input, in the workspace.
func (m *Model) innerBlock(b *block, x []float32) []float32 {
	for i, c := range b.residual[:len(b.residual)-1] {
		m.conv(c, m.space.inner[i], x, op.Epilogue{ReLU: true})
		x = m.space.inner[i]
	}
	return x
}

// conv runs a convolution, and measures its time for Profile.
func (m *Model) conv(c *op.Conv2D, dst, src []float32, e op.Epilogue) {
	if m.times == nil {
		c.Forward(dst, src, e)
		return
	}
	start := time.Now()
	c.Forward(dst, src, e)
	m.times[c] += time.Since(start)
}

// reserve makes the workspace's buffers large enough for every layer.
func (m *Model) reserve() {
	outer, shortcut, activated := m.stem.Out.Len(), 0, 0
	var inner [2]int
	for i := range m.blocks {
		b := &m.blocks[i]
		outer, shortcut = max(outer, b.out().Len()), max(shortcut, b.out().Len())
		if b.norm != nil {
			activated = max(activated, b.in().Len(), b.out().Len())
		}
		for j, c := range b.residual[:len(b.residual)-1] {
			inner[j] = max(inner[j], c.Out.Len())
		}
	}
	m.space = workspace{
		outer:     [2][]float32{make([]float32, outer), make([]float32, outer)},
		shortcut:  make([]float32, shortcut),
		inner:     [2][]float32{make([]float32, inner[0]), make([]float32, inner[1])},
		activated: make([]float32, activated),
	}
}
