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

// Observer is told each residual block's output, H×W×C, as soon as it is there. It must not keep or change y.
type Observer func(block int, y []float32)

// workspace is the buffers of a pass, made once. A block reads x and writes y; then they change places.
type workspace struct {
	x, y     []float32
	shortcut []float32    // a projection's output
	inner    [2][]float32 // between a block's convolutions
}

const badInput = "resnet: the input is not Size×Size×3, with the Size of the model's card"

// Forward runs the network on one picture, Size×Size×3 with the card's InputSize, prepared as the card says.
// observe may be nil. It panics if x has another length.
func (m *Model) Forward(x []float32, observe Observer) Result {
	if len(x) != m.InputLen() {
		panic(badInput)
	}
	w := &m.space
	m.conv(m.stem, w.y, x, op.Epilogue{ReLU: true})
	m.pool.Forward(w.x, w.y)
	for i := range m.blocks {
		b := &m.blocks[i]
		m.forwardBlock(b)
		w.x, w.y = w.y, w.x
		if observe != nil {
			observe(i, w.x[:b.out().Len()])
		}
	}

	s := m.blocks[len(m.blocks)-1].out()
	r := Result{Features: make([]float32, s.C), Logits: make([]float32, m.Config.Classes)}
	op.GlobalMeanPool(r.Features, w.x, s)
	m.fc.Forward(r.Logits, r.Features)
	return r
}

// forwardBlock computes y = ReLU(shortcut(x) + F(x)), of the workspace's x and y.
// The sum and the last ReLU are the epilogue of F's last convolution.
func (m *Model) forwardBlock(b *block) {
	w := &m.space
	shortcut := w.x
	if b.projection != nil {
		shortcut = w.shortcut
		m.conv(b.projection, shortcut, w.x, op.Epilogue{})
	}
	last := len(b.residual) - 1
	from := w.x
	for i, c := range b.residual[:last] {
		m.conv(c, w.inner[i], from, op.Epilogue{ReLU: true})
		from = w.inner[i]
	}
	m.conv(b.residual[last], w.y, from, op.Epilogue{Residual: shortcut, ReLU: true})
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
		outer = max(outer, b.out().Len())
		if b.projection != nil {
			shortcut = max(shortcut, b.out().Len())
		}
		for j, c := range b.residual[:len(b.residual)-1] {
			inner[j] = max(inner[j], c.Out.Len())
		}
	}
	m.space = workspace{
		x:        make([]float32, outer),
		y:        make([]float32, outer),
		shortcut: make([]float32, shortcut),
		inner:    [2][]float32{make([]float32, inner[0]), make([]float32, inner[1])},
	}
}
