package resnet

import (
	"time"

	"github.com/seed8935e608/residua/resnet/op"
)

// Result is what a pass computes.
type Result struct {
	Features []float32 // the last stage's channels, each its mean over all positions
	Logits   []float32 // one a class, before softmax
}

// workspace is the buffers of a pass, made once.
type workspace struct {
	outer    [2][]float32 // a block reads one and writes the other
	shortcut []float32    // a projection's output, or zeros for a shortcut that is cut
	inner    [2][]float32 // between a block's convolutions
	residual []float32    // F, where it is wanted by itself; nil before the first time
}

const badInput = "resnet: the input is not Size×Size×3, with the Size of the model's card"

// Forward runs the network on one picture, Size×Size×3 with the card's InputSize, prepared as the card says.
// observe may be nil; with one a pass takes some 1.3 times as long. It panics if x has another length.
func (m *Model) Forward(x []float32, observe Observer) Result {
	return m.forward(x, pass{observe: observe})
}

// pass says what a pass does besides computing logits.
type pass struct {
	keep    [][]float32  // if not nil, where each block's input goes, and at its end the last one's output
	observe Observer     // if not nil, is told each block's parts
	cut     map[int]Part // by block: what is left out
}

// forward runs the network from the picture on.
func (m *Model) forward(x []float32, p pass) Result {
	return m.forwardFrom(0, m.stemmed(x, p), p)
}

// stemmed runs the stem, and gives the first block's input.
func (m *Model) stemmed(x []float32, p pass) []float32 {
	if len(x) != m.InputLen() {
		panic(badInput)
	}
	m.conv(m.stem, m.space.outer[0], x, op.Epilogue{ReLU: true})
	first := m.output(-1, p)
	m.pool.Forward(first, m.space.outer[0])
	return first
}

// forwardFrom runs the network from a block on, whose input is x.
func (m *Model) forwardFrom(first int, x []float32, p pass) Result {
	x = m.through(first, len(m.blocks), x, p)
	s := m.blocks[len(m.blocks)-1].out()
	r := Result{Features: make([]float32, s.C), Logits: make([]float32, m.Config.Classes)}
	op.GlobalMeanPool(r.Features, x, s)
	m.fc.Forward(r.Logits, r.Features)
	return r
}

// through runs the blocks from first to before end, and gives the last one's output.
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

// output is where a block's output goes; -1 is the stem. Of the workspace it is never the buffer that holds the block's input.
func (m *Model) output(block int, p pass) []float32 {
	if p.keep != nil {
		return p.keep[block+1]
	}
	return m.space.outer[block&1]
}

// forwardBlock computes y = ReLU(shortcut(x) + F(x)), or what is left of it when a part is cut.
// The sum and the last ReLU are the epilogue of F's last convolution.
func (m *Model) forwardBlock(b *block, y, x []float32, cut Part) {
	switch cut {
	case Residual:
		op.ReLU(y, m.shortcut(b, x)[:b.out().Len()])
	case Shortcut:
		m.residual(b, y, x, op.Epilogue{ReLU: true})
	default:
		m.residual(b, y, x, op.Epilogue{Residual: m.shortcut(b, x), ReLU: true})
	}
}

// shortcut is x as it enters the block's sum: x itself, or its projection.
func (m *Model) shortcut(b *block, x []float32) []float32 {
	if b.projection == nil {
		return x
	}
	m.conv(b.projection, m.space.shortcut, x, op.Epilogue{})
	return m.space.shortcut
}

// residual computes dst = epilogue(F(x)).
func (m *Model) residual(b *block, dst, x []float32, e op.Epilogue) {
	m.conv(b.residual[len(b.residual)-1], dst, m.innerBlock(b, x), e)
}

// innerBlock computes the inside of F into the workspace, and gives the input of F's last convolution.
func (m *Model) innerBlock(b *block, x []float32) []float32 {
	for i, c := range b.residual[:len(b.residual)-1] {
		m.conv(c, m.space.inner[i], x, op.Epilogue{ReLU: true})
		x = m.space.inner[i]
	}
	return x
}

// conv runs a convolution, and takes its time if Profile wants it.
func (m *Model) conv(c *op.Conv2D, dst, src []float32, e op.Epilogue) {
	if m.times == nil {
		c.Forward(dst, src, e)
		return
	}
	start := time.Now()
	c.Forward(dst, src, e)
	m.times[c] += time.Since(start)
}

// reserve makes the workspace large enough for every layer.
func (m *Model) reserve() {
	outer, shortcut := m.stem.Out.Len(), 0
	var inner [2]int
	for i := range m.blocks {
		b := &m.blocks[i]
		outer, shortcut = max(outer, b.out().Len()), max(shortcut, b.out().Len())
		for j, c := range b.residual[:len(b.residual)-1] {
			inner[j] = max(inner[j], c.Out.Len())
		}
	}
	m.space = workspace{
		outer:    [2][]float32{make([]float32, outer), make([]float32, outer)},
		shortcut: make([]float32, shortcut),
		inner:    [2][]float32{make([]float32, inner[0]), make([]float32, inner[1])},
	}
}
